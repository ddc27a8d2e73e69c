#include <string.h>

#include "world.h"

world_side sides[OBJECTS];
oncilla_reader readers[OBJECTS];
oncilla_writer writers[OBJECTS];
uint8_t arena[ARENA];
const oncilla_key world_keys[2] = {{1, "sixteen bytes !"}, {2, "and sixteen mor"}};

static const uint8_t *input;
static size_t left;
static uint64_t clock_;
static unsigned depth;

/* What was sent and not yet received. */
static uint8_t wire[2048];
static size_t on_wire;

void world_begin(const uint8_t *bytes, size_t size)
{
    input = bytes;
    left = size;
    clock_ = 0;
    depth = 0;
    on_wire = 0;
    memset(sides, 0, sizeof sides);
    memset(readers, 0, sizeof readers);
    memset(writers, 0, sizeof writers);
    memset(arena, 0, sizeof arena);
}

int world_is_over(void)
{
    return left == 0;
}

uint8_t choice(void)
{
    if (left == 0)
        return 0;
    left--;
    return *input++;
}

uint32_t word(void)
{
    static const uint32_t edges[8] = {0, 1, 2, 4, 0x7fffffff, 0x80000000, 0xffffffff, 0x20000055};
    const uint8_t byte = choice();
    return byte < 128 ? edges[byte % 8] : (uint32_t)byte << 8 | choice();
}

size_t length_to(size_t most)
{
    const uint8_t byte = choice();
    if (byte == 255)
        return SIZE_MAX;
    if (byte == 254)
        return (size_t)PTRDIFF_MAX + 1;
    return byte < 64 ? most : (size_t)byte * 8 % (most + 1);
}

void *pointer(void *to)
{
    switch (choice() % 32) {
    case 0:
        return NULL;
    case 1:
        return (uint8_t *)to + 1;
    default:
        return to;
    }
}

uint8_t *place(size_t *room)
{
    const size_t at = (size_t)choice() * 4;
    *room = ARENA - at;
    return arena + at;
}

uint64_t deadline(void)
{
    const uint8_t byte = choice();
    return byte < 32 ? ONCILLA_NEVER : byte < 64 ? 0 : clock_ + (uint64_t)byte * 1000;
}

static uint64_t now(void *context)
{
    (void)context;
    /* Time passes, so that whatever waits comes to its end. */
    clock_ += 50000;
    return clock_;
}

static int32_t receive(void *context, uint8_t *into, size_t size, uint64_t until)
{
    const uint8_t what = choice();
    size_t count = (size_t)choice() + 1;
    (void)context;
    if (left == 0)
        return 0;
    if (what < 8)
        return what == 0 ? (int32_t)size + 1 : what < 4 ? -5 : 0;
    if (what < 48 && until != ONCILLA_NEVER) {
        clock_ = until > clock_ ? until : clock_;
        return ONCILLA_IO_TIME_UP;
    }
    count = count < size ? count : size;
    if (what < 160 && on_wire > 0) {
        count = on_wire < size ? on_wire : size;
        memcpy(into, wire, count);
        on_wire -= count;
        memmove(wire, wire + count, on_wire);
    } else {
        for (size_t i = 0; i < count; i++)
            into[i] = choice();
    }
    return (int32_t)count;
}

static int32_t send_(void *context, const uint8_t *from, size_t size, uint64_t until)
{
    const uint8_t what = choice();
    (void)context;
    (void)until;
    if (what < 4)
        return what == 0 ? -1 : what == 1 ? (int32_t)size + 1 : (int32_t)(size / 2);
    if (size <= sizeof wire - on_wire) {
        memcpy(wire + on_wire, from, size);
        on_wire += size;
    }
    return (int32_t)size;
}

static int32_t peer(void *context, oncilla_address *address)
{
    (void)context;
    memset(address, 0, sizeof *address);
    address->ip_length = choice() % 5;
    address->port = word();
    return choice() % 4 != 0;
}

static void beside(void *context, uint32_t what, const uint8_t *bytes, size_t length)
{
    (void)context;
    (void)what;
    /* All of it is there to be read. */
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < length; i++)
        sum = (uint8_t)(sum + bytes[i]);
}

oncilla_io world_io(void)
{
    oncilla_io io = {NULL, now, receive, send_, NULL, beside};
    switch (choice() % 16) {
    case 0:
        io.now = NULL;
        break;
    case 1:
        io.receive = NULL;
        break;
    case 2:
        io.send = NULL;
        break;
    case 3:
    case 4:
    case 5:
        io.peer = peer;
        break;
    case 6:
        io.beside = NULL;
        break;
    default:
        break;
    }
    return io;
}

oncilla_buffers world_buffers(uint8_t *rx, uint8_t *tx)
{
    oncilla_buffers buffers = {rx, BUFFER, tx, BUFFER};
    switch (choice() % 16) {
    case 0:
        buffers.rx = NULL;
        break;
    case 1:
        buffers.tx = rx + 8;
        buffers.tx_size = BUFFER - 8;
        break;
    case 2:
        buffers.rx_size = length_to(BUFFER);
        break;
    case 3:
        buffers.tx_size = length_to(BUFFER);
        break;
    default:
        break;
    }
    return buffers;
}

/* A procedure that calls any function, also with the object that runs it, and writes any results. */
static oncilla_status wild(void *context, const oncilla_request *request, oncilla_reader *arguments,
                           oncilla_writer *results)
{
    const oncilla_credential credential = oncilla_request_credential(request);
    oncilla_auth_sys user;
    uint32_t value;
    const uint8_t *bytes;
    size_t length, i;
    volatile uint8_t sum = 0;
    (void)context;
    for (i = 0; i < credential.length; i++)
        sum = (uint8_t)(sum + credential.body[i]);
    (void)oncilla_auth_sys_of(request, &user);
    (void)oncilla_request_peer(request);
    (void)oncilla_request_key(request);
    (void)oncilla_get_u32(arguments, &value);
    (void)oncilla_get_opaque(arguments, &bytes, &length, 64);
    for (i = 0; i < length; i++)
        sum = (uint8_t)(sum + bytes[i]);
    if (depth < 3) {
        depth++;
        for (i = choice() % 3; i > 0; i--)
            one_call();
        depth--;
    }
    for (i = choice() % 4; i > 0; i--)
        (void)oncilla_put_u32(results, value);
    return choice() < 128 ? ONCILLA_OK : (oncilla_status)word();
}

static const oncilla_procedure procedures[] = {{1, 0, 8, wild}, {2, ONCILLA_IDEMPOTENT, 64, wild}};
static const oncilla_procedure wrong[] = {{0, 0, 8, wild}, {2, 7, 64, wild}, {2, 0, SIZE_MAX, wild}, {3, 0, 0, NULL}};
static const oncilla_program programs[] = {{0x20000055, 1, procedures, 2}, {2, 1, procedures, 1}, {3, 1, NULL, 0}};
static const oncilla_program wrong_programs[] = {{1, 1, wrong, 4}, {1, 1, procedures, 2}, {2, 2, NULL, 3}};

static uint32_t authorize(void *context, const oncilla_request *request)
{
    (void)context;
    (void)request;
    return choice() % 8 == 0 ? word() : 0;
}

const oncilla_table *world_table(void)
{
    static const oncilla_table good = {programs, 3, NULL}, with_authorize = {programs, 3, authorize};
    static const oncilla_table bad[] = {{wrong_programs, 3, NULL}, {NULL, 2, NULL}, {programs, SIZE_MAX, NULL}};
    const uint8_t byte = choice();
    return byte < 8 ? NULL : byte < 24 ? &bad[byte % 3] : byte < 96 ? &with_authorize : &good;
}
