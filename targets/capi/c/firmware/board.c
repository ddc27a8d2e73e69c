#include "board.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))

/* The UART is Arm's PL011. */
#define UART_DATA REGISTER(0x4000d000u)
#define UART_FLAGS REGISTER(0x4000d018u)
#define UART_LINE_CONTROL REGISTER(0x4000d02cu)
#define UART_INTERRUPTS REGISTER(0x4000d038u)
#define RECEIVE_EMPTY (1u << 4)
#define TRANSMIT_FULL (1u << 5)
#define EIGHT_BITS_AND_FIFOS (7u << 4)
/* The FIFO is filling, or it is not empty and the line is quiet. */
#define RECEIVED (1u << 4 | 1u << 6)

#define SYSTICK_CONTROL REGISTER(0xe000e010u)
#define SYSTICK_RELOAD REGISTER(0xe000e014u)
#define SYSTICK_COUNT REGISTER(0xe000e018u)
#define SYSTICK_ON 7u /* the processor's clock, an interrupt, enabled */
#define INTERRUPT_ENABLE REGISTER(0xe000e100u)
#define UART1_INTERRUPT (1u << 6)

/* The processor's clock after reset, in QEMU. */
#define CLOCK_HZ 12500000u
#define TICKS 1000u

static volatile uint64_t ticks;

/* Counts resets: the start-up does not clear it. After power-on its value is arbitrary. */
static uint32_t boots __attribute__((section(".noinit")));

/* Symbols of layout.ld; only their addresses are used. */
extern uint32_t stack_top, data_load, data_start, data_end, bss_start, bss_end;

void reset(void);
static void stop(void);
static void tick(void);
static void uart_received(void);

typedef union {
    void (*handler)(void);
    void *stack;
} vector;

__attribute__((section(".vectors"), used)) static const vector vectors[] = {
    {.stack = &stack_top}, {reset}, {stop},     {stop}, {stop}, {stop}, {stop},          {NULL},
    {NULL},                {NULL},  {NULL},     {stop}, {stop}, {NULL}, {stop},          {tick},
    {stop},                {stop},  {stop},     {stop}, {stop}, {stop}, {uart_received},
};

void reset(void)
{
    const uint32_t *from = &data_load;
    uint32_t *to;
    for (to = &data_start; to < &data_end; to++)
        *to = *from++;
    for (to = &bss_start; to < &bss_end; to++)
        *to = 0;
    ++boots;
    main();
    stop();
}

/* What a C library has otherwise. They take words where places and size allow it. The compiler must not make calls of
 * themselves of their loops. */
#define AS_WRITTEN __attribute__((optimize("no-tree-loop-distribute-patterns"), used))

AS_WRITTEN void *memcpy(void *to, const void *from, size_t size)
{
    uint8_t *into = to;
    const uint8_t *next = from, *const end = next + size;
    if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0)
        for (; (size_t)(end - next) >= 4; into += 4, next += 4)
            *(uint32_t *)(void *)into = *(const uint32_t *)(const void *)next;
    while (next != end)
        *into++ = *next++;
    return to;
}

static inline __attribute__((always_inline)) void fill(void *to, uint32_t byte, size_t size)
{
    uint8_t *next = to, *const end = next + size;
    if (((uintptr_t)to & 3u) == 0)
        for (; (size_t)(end - next) >= 4; next += 4)
            *(uint32_t *)(void *)next = byte * 0x01010101u;
    while (next != end)
        *next++ = (uint8_t)byte;
}

AS_WRITTEN void *memset(void *to, int value, size_t size)
{
    fill(to, (uint8_t)value, size);
    return to;
}

/* The same by the names of Arm's run-time ABI, which the library uses. */
/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */
void *__aeabi_memcpy(void *to, const void *from, size_t size) __attribute__((alias("memcpy")));
void *__aeabi_memcpy4(void *to, const void *from, size_t size) __attribute__((alias("memcpy")));
void *__aeabi_memcpy8(void *to, const void *from, size_t size) __attribute__((alias("memcpy")));
void __aeabi_memclr(void *to, size_t size);
void __aeabi_memclr4(void *to, size_t size) __attribute__((alias("__aeabi_memclr")));
void __aeabi_memclr8(void *to, size_t size) __attribute__((alias("__aeabi_memclr")));

AS_WRITTEN void __aeabi_memclr(void *to, size_t size)
{
    fill(to, 0, size);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void stop(void)
{
    for (;;)
        board_sleep();
}

static void tick(void)
{
    ++ticks;
}

/* The interrupt only ends the sleep. It is turned off because it would repeat at once as long as bytes wait. */
static void uart_received(void)
{
    UART_INTERRUPTS = 0;
}

void board_sleep(void)
{
    __asm__ volatile("wfi");
}

uint32_t board_boot_number(void)
{
    return boots != 0 ? boots : 1;
}

uint64_t board_now(void *context)
{
    uint64_t now;
    (void)context;
    /* The handler must not run between the reads of the two halves. */
    __asm__ volatile("cpsid i" ::: "memory");
    now = ticks;
    __asm__ volatile("cpsie i" ::: "memory");
    return now * (1000000u / TICKS);
}

static int32_t receive(void *context, uint8_t *into, size_t size, uint64_t deadline)
{
    size_t count = 0;
    while (UART_FLAGS & RECEIVE_EMPTY) {
        if (board_now(context) >= deadline)
            return ONCILLA_IO_TIME_UP;
        /* A byte that arrives between the check and the sleep ends the sleep, although interrupts are masked. */
        UART_INTERRUPTS = RECEIVED;
        __asm__ volatile("cpsid i" ::: "memory");
        if (UART_FLAGS & RECEIVE_EMPTY)
            board_sleep();
        __asm__ volatile("cpsie i" ::: "memory");
    }
    while (count < size && !(UART_FLAGS & RECEIVE_EMPTY))
        into[count++] = (uint8_t)UART_DATA;
    return (int32_t)count;
}

/* The line takes every byte in a known time, so the deadline is not checked. */
static int32_t transmit(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    const uint8_t *const end = from + size;
    (void)context;
    (void)deadline;
    while (from != end) {
        while (UART_FLAGS & TRANSMIT_FULL)
            ;
        UART_DATA = *from++;
    }
    return (int32_t)size;
}

oncilla_io board_line(void)
{
    oncilla_io io;
    SYSTICK_RELOAD = CLOCK_HZ / TICKS - 1;
    SYSTICK_COUNT = 0;
    SYSTICK_CONTROL = SYSTICK_ON;
    UART_LINE_CONTROL = EIGHT_BITS_AND_FIFOS;
    INTERRUPT_ENABLE = UART1_INTERRUPT;
    /* One by one: an initialiser would call memset for the members that are NULL. */
    io.context = NULL;
    io.now = board_now;
    io.receive = receive;
    io.send = transmit;
    io.beside = NULL;
    io.peer = NULL;
    return io;
}
