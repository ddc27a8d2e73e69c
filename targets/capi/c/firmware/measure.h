/*
 * Measures a server or a client in memory: prints the instructions of its calls, and their bytes on the wire. QEMU must
 * count a nanosecond for each instruction. Included by measure_*.c, which define
 *
 * - BEGIN_SERVER(io, buffers) and BEGIN_CLIENT(io, buffers), which initialise `server` and `client`;
 * - MEASURES_CLIENT, if the client is measured.
 *
 * First the client calls the server, and the frames are kept. Then the kept frame is received again and again.
 */
#include "board.h"
#include "three.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CONTROL REGISTER(0xe000e010u)
#define SYSTICK_RELOAD REGISTER(0xe000e014u)
#define SYSTICK_COUNT REGISTER(0xe000e018u)
#define SYSTICK_COUNTS 5u /* the processor's clock, no interrupt */
#define MOST 0x00ffffffu
#define INSTRUCTIONS_PER_TICK 80u
#define RUNS 1000u

/* At the start of a word, as in the programs in Rust: words are copied faster. */
#define ALIGNED __attribute__((aligned(4)))

#define CALL_BUFFER ONCILLA_SERIAL_BUFFER(THREE_CALL_MAX)
#define REPLY_BUFFER ONCILLA_SERIAL_BUFFER(THREE_REPLY_MAX)

typedef struct frame {
    uint8_t bytes[256];
    size_t length, taken;
} frame;

/* What is on its way, and the last frames of a call and of a reply. */
static frame to_server, to_client, call_frame, reply_frame;
/* How often the kept frame is still received. */
static uint32_t left;
static int is_measured, is_connected = 1;
static uint64_t now;

static oncilla_server server;
static oncilla_client client;

static uint64_t clock_now(void *context)
{
    (void)context;
    return now;
}

static int32_t take(frame *from, uint8_t *into, size_t size)
{
    size_t length = from->length - from->taken;
    if (length > size)
        length = size;
    memcpy(into, from->bytes + from->taken, length);
    from->taken += length;
    return (int32_t)length;
}

/* Receives the kept frame `left` times, then the end. */
static int32_t receive_kept(frame *kept, uint8_t *into, size_t size)
{
    if (kept->taken == kept->length) {
        if (left == 0)
            return 0;
        left--;
        kept->taken = 0;
    }
    return take(kept, into, size);
}

static int32_t put(frame *into, const uint8_t *from, size_t size)
{
    if (into->taken == into->length)
        into->length = into->taken = 0;
    if (size > sizeof into->bytes - into->length)
        return -1;
    memcpy(into->bytes + into->length, from, size);
    into->length += size;
    return (int32_t)size;
}

static void keep(frame *kept, const uint8_t *from, size_t size)
{
    kept->length = 0;
    kept->taken = 0;
    (void)put(kept, from, size);
    kept->taken = kept->length;
}

static int32_t server_receive(void *context, uint8_t *into, size_t size, uint64_t deadline)
{
    (void)context;
    (void)deadline;
    if (is_measured)
        return receive_kept(&call_frame, into, size);
    return to_server.taken == to_server.length ? ONCILLA_IO_TIME_UP : take(&to_server, into, size);
}

static int32_t server_send(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    (void)context;
    (void)deadline;
    if (is_measured)
        return (int32_t)size;
    keep(&reply_frame, from, size);
    return put(&to_client, from, size);
}

static int32_t client_receive(void *context, uint8_t *into, size_t size, uint64_t deadline)
{
    (void)context;
    if (is_measured)
        return receive_kept(&reply_frame, into, size);
    if (to_client.taken == to_client.length)
        (void)oncilla_server_serve_next(&server, 0);
    if (to_client.taken == to_client.length) {
        now = deadline;
        return ONCILLA_IO_TIME_UP;
    }
    return take(&to_client, into, size);
}

static int32_t client_send(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    (void)context;
    (void)deadline;
    if (is_measured)
        return (int32_t)size;
    keep(&call_frame, from, size);
    return put(&to_server, from, size);
}

/* Semihosting: prints a text, and ends QEMU. */
static void semihost(uint32_t operation, const void *argument)
{
    register uint32_t number __asm__("r0") = operation;
    register const void *value __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(number) : "r"(value) : "memory");
}

static void print(const char *text)
{
    semihost(0x04u, text);
}

static void figure(const char *prefix, const char *name, uint32_t number)
{
    char digits[12];
    size_t place = sizeof digits - 2;
    digits[place] = '\n';
    digits[place + 1] = 0;
    do
        digits[--place] = (char)('0' + number % 10u);
    while ((number /= 10u) != 0);
    print(prefix);
    print(name);
    print(" ");
    print(digits + place);
}

static oncilla_buffers server_buffers(void)
{
    static uint8_t rx[CALL_BUFFER] ALIGNED, tx[REPLY_BUFFER] ALIGNED;
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    return buffers;
}

static oncilla_buffers client_buffers(void)
{
    static uint8_t rx[REPLY_BUFFER] ALIGNED, tx[CALL_BUFFER] ALIGNED;
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    return buffers;
}

static oncilla_status begin_server(void)
{
    const oncilla_buffers buffers = server_buffers();
    oncilla_io io = {0};
    io.now = clock_now;
    io.receive = server_receive;
    io.send = server_send;
    return BEGIN_SERVER(&io, &buffers);
}

static oncilla_status begin_client(void)
{
    const oncilla_buffers buffers = client_buffers();
    oncilla_io io = {0};
    io.now = clock_now;
    io.receive = client_receive;
    io.send = client_send;
    return BEGIN_CLIENT(&io, &buffers);
}

static oncilla_status call(uint32_t procedure)
{
    static const uint8_t data[ECHO_MAX];
    uint8_t memory[4 + ECHO_MAX];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    if (procedure == THREE_ADD) {
        oncilla_put_i32(&arguments, 64);
        oncilla_put_i32(&arguments, 64);
    } else if (procedure == THREE_ECHO) {
        oncilla_put_opaque(&arguments, data, sizeof data);
    }
    return oncilla_client_call(&client, THREE_PROGRAM, THREE_VERSION, procedure, &arguments, &results);
}

static uint32_t ticks(void)
{
    return MOST - SYSTICK_COUNT;
}

#ifdef MEASURES_CLIENT
/* Every call needs a client of its own, since the kept reply has one xid. Its beginning is subtracted. */
static uint32_t measured(uint32_t procedure, uint32_t calls)
{
    const uint32_t before = ticks();
    uint32_t run;
    for (run = 0; run < RUNS; run++) {
        left = calls;
        reply_frame.taken = reply_frame.length;
        if (begin_client() != ONCILLA_OK || (calls > 0 && call(procedure) != ONCILLA_OK))
            is_connected = 0;
    }
    return (ticks() - before) & MOST;
}
#else
static uint32_t measured(uint32_t procedure, uint32_t calls)
{
    const uint32_t before = ticks();
    (void)procedure;
    left = calls * RUNS;
    call_frame.taken = call_frame.length;
    if (oncilla_server_serve(&server) != ONCILLA_OK)
        is_connected = 0;
    return (ticks() - before) & MOST;
}
#endif

int main(void)
{
    static const char *const names[] = {"null", "add", "echo64"};
    uint32_t procedure;
    SYSTICK_RELOAD = MOST;
    SYSTICK_COUNT = 0;
    SYSTICK_CONTROL = SYSTICK_COUNTS;
    for (procedure = 0; procedure < 3u; procedure++) {
        uint32_t begun, all;
        is_measured = 0;
        /* The second call is measured: the first of a session begins with hellos. */
        if (begin_server() != ONCILLA_OK || begin_client() != ONCILLA_OK || call(0) != ONCILLA_OK ||
            call(procedure) != ONCILLA_OK)
            is_connected = 0;
        figure("wire_", names[procedure], (uint32_t)(call_frame.length + reply_frame.length));
#ifdef MEASURES_CLIENT
        /* The first call of a new client. */
        if (begin_client() != ONCILLA_OK || call(procedure) != ONCILLA_OK)
            is_connected = 0;
#endif
        is_measured = 1;
        begun = measured(procedure, 0);
        all = measured(procedure, 1);
        figure("", names[procedure], (all - begun) * INSTRUCTIONS_PER_TICK / RUNS);
    }
    if (!is_connected)
        print("a call went wrong\n");
    semihost(0x18u, (const void *)(uintptr_t)(is_connected ? 0x20026u : 0x20023u));
    return 1;
}
