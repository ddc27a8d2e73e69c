/*
 * Overlap: memory that a function writes, now or later, must not share bytes with other memory lent to it. Each written
 * argument is laid over each other memory in turn. The function must return ONCILLA_OVERLAP and change no byte.
 */
#include "checks.h"

#define WORDS 24

/* All memories, so that one comparison finds any change. */
typedef struct site {
    oncilla_table table;
    oncilla_program program;
    oncilla_procedure procedure;
    oncilla_replay replay;
    uint64_t replies[WORDS];
    oncilla_server server;
    oncilla_client client;
    oncilla_endpoint endpoint;
    oncilla_calls calls;
    uint64_t in_flight[WORDS];
    oncilla_slots slots;
    uint64_t rx[WORDS], tx[WORDS];
    oncilla_io io;
    oncilla_buffers buffers;
    oncilla_writer arguments;
    uint64_t argument_bytes[2];
    uint64_t call[WORDS];
    oncilla_address peer;
    oncilla_auth_sys user;
    uint64_t credential[WORDS];
    char machine[8];
    oncilla_reader reader;
} site;

static site here, before;
static loop line;

typedef struct place {
    const char *name;
    void *start;
    size_t size;
} place;

#define PLACE(name) {#name, &here.name, sizeof here.name}

/* What a server needs besides its buffers. */
static const place served[] = {PLACE(table), PLACE(program), PLACE(procedure), PLACE(replay),
                               PLACE(replies)};
static const place of_answer[] = {PLACE(call), PLACE(peer)};
/* Arguments of an initialisation besides the object and its buffers. */
static const place of_link[] = {PLACE(io), PLACE(buffers)};
static const place slots_itself[] = {PLACE(slots)};
static const place buffers_[] = {PLACE(rx), PLACE(tx)};
static const place of_call[] = {PLACE(arguments), PLACE(argument_bytes)};
#define COUNT(places) (sizeof(places) / sizeof *(places))

/* Calls a function with one of its arguments moved. */
typedef oncilla_status (*tried)(void *there);

/* Not compared under valgrind, which reports the padding between the members of objects. */
static int is_unchanged(void)
{
    return checks_under_valgrind || memcmp(&before, &here, sizeof here) == 0;
}

/* `what` is the argument and `size` its bytes. It is laid over the start, and a byte array also over the last byte. */
static void overlaps(tried function, const char *what, int bytes, const place *places, size_t count, int line_number)
{
    size_t i, end;
    for (i = 0; i < count; i++)
        for (end = 0; end < (bytes ? 2u : 1u); end++) {
            char text[128];
            oncilla_status status;
            uint8_t *there = (uint8_t *)places[i].start + (end ? places[i].size - 1 : 0);
            before = here;
            status = function(there);
            sprintf(text, "%s over %s of %s", what, end ? "the end" : "the front", places[i].name);
            check_status(status, ONCILLA_OVERLAP, text, line_number);
            strcat(text, " changes nothing");
            check_holds(is_unchanged(), text, line_number);
            here = before;
        }
}
#define OVERLAPS(function, places) overlaps(function, #function, 0, places, COUNT(places), __LINE__)
#define BYTES_OVERLAP(function, places) overlaps(function, #function, 1, places, COUNT(places), __LINE__)

/* Initialises everything again, each in its own place. */
static void begin(void)
{
    static const oncilla_procedure procedure = {1, 0, 4, twice};
    memset(&here, 0, sizeof here);
    here.procedure = procedure;
    here.program.number = 100, here.program.version = 1;
    here.program.procedures = &here.procedure, here.program.procedure_count = 1;
    here.io = loop_io(&line);
    here.buffers.rx = (uint8_t *)here.rx, here.buffers.rx_size = sizeof here.rx;
    here.buffers.tx = (uint8_t *)here.tx, here.buffers.tx_size = sizeof here.tx;
    here.slots.memory = (uint8_t *)here.in_flight, here.slots.size = sizeof here.in_flight, here.slots.bytes = 8;
    here.arguments = oncilla_writer_on((uint8_t *)here.argument_bytes, sizeof here.argument_bytes);
    oncilla_put_u32(&here.arguments, 1);
    here.reader = oncilla_reader_of((uint8_t *)here.call, sizeof here.call);
    memcpy(here.machine, "machine", sizeof here.machine);
    here.table.programs = &here.program, here.table.program_count = 1;
    CHECK_STATUS(oncilla_table_check(&here.table), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_init(&here.replay, 32, (uint8_t *)here.replies, sizeof here.replies), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_over_record(&here.server, &here.table, NULL, &here.replay, &here.io, &here.buffers),
                 ONCILLA_OK);
    CHECK_STATUS(oncilla_client_over_record(&here.client, &here.io, &here.buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_endpoint_over_record(&here.endpoint, &here.table, NULL, &here.replay, &here.io, &here.buffers, 1),
                 ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_over_record(&here.calls, &here.io, &here.buffers, &here.slots, 1), ONCILLA_OK);
}

/* Replay caches. */
static oncilla_status replay_memory(void *there)
{
    return oncilla_replay_init(&here.replay, 32, there, 64);
}

static oncilla_status replay_slots(void *there)
{
    return oncilla_replay_slots(&here.replay, there);
}

/* The server as a function. */
static oncilla_status answer(uint8_t *reply, size_t *length, oncilla_replay *replay)
{
    return oncilla_answer(&here.table, NULL, replay, &here.peer, (uint8_t *)here.call, sizeof here.call, reply, 64, length);
}

static oncilla_status answer_reply(void *there)
{
    size_t length;
    return answer(there, &length, &here.replay);
}

static oncilla_status answer_length(void *there)
{
    return answer((uint8_t *)here.rx, there, &here.replay);
}

/* A call in the memory of the replay cache would change while it is read. */
static oncilla_status answer_call(void *there)
{
    size_t length;
    return oncilla_answer(&here.table, NULL, &here.replay, NULL, there, 8, (uint8_t *)here.rx, 64, &length);
}

/* The initialisations of objects with a link, with each framing: `kind` is the index in this list. */
static unsigned kind;
#define KINDS 16
#define FIRST_CLIENT 7
#define FIRST_CALLS 11
static oncilla_status over(void *object, const oncilla_buffers *buffers)
{
    static const oncilla_table *const table = &here.table;
    const oncilla_io *io = &here.io;
    oncilla_replay *replay = &here.replay;
    const oncilla_slots *slots = &here.slots;
    switch (kind) {
    case 0: return oncilla_server_over_record(object, table, NULL, replay, io, buffers);
    case 1: return oncilla_server_over_datagram(object, table, NULL, replay, io, buffers);
    case 2: return oncilla_server_over_serial(object, table, NULL, replay, io, buffers, 1);
    case 3: return oncilla_server_over_serial_with_log(object, table, NULL, replay, io, buffers, 1);
    case 4: return oncilla_endpoint_over_record(object, table, NULL, replay, io, buffers, 1);
    case 5: return oncilla_endpoint_over_serial(object, table, NULL, replay, io, buffers, 1, 1);
    case 6: return oncilla_endpoint_over_serial_with_log(object, table, NULL, replay, io, buffers, 1, 1);
    case 7: return oncilla_client_over_record(object, io, buffers, 1);
    case 8: return oncilla_client_over_datagram(object, io, buffers, 1);
    case 9: return oncilla_client_over_serial(object, io, buffers, 1, 1);
    case 10: return oncilla_client_over_serial_with_log(object, io, buffers, 1, 1);
    case 11: return oncilla_calls_over_record(object, io, buffers, slots, 1);
    case 12: return oncilla_calls_over_datagram(object, io, buffers, slots, 1);
    case 13: return oncilla_calls_over_cobs(object, io, buffers, slots, 1);
    case 14: return oncilla_calls_over_serial_with_log(object, io, buffers, slots, 1, 1);
    default: return oncilla_calls_over_serial(object, io, buffers, slots, 1, 1);
    }
}

static void *object(void)
{
    return kind < 4 ? (void *)&here.server : kind < FIRST_CLIENT ? (void *)&here.endpoint
         : kind < FIRST_CALLS ? (void *)&here.client : (void *)&here.calls;
}

static oncilla_status over_object(void *there)
{
    return over(there, &here.buffers);
}

static oncilla_status over_rx(void *there)
{
    oncilla_buffers buffers = here.buffers;
    buffers.rx = there, buffers.rx_size = 64;
    return over(object(), &buffers);
}

static oncilla_status over_tx(void *there)
{
    oncilla_buffers buffers = here.buffers;
    buffers.tx = there, buffers.tx_size = 64;
    return over(object(), &buffers);
}

/* The memory of the slots. */
static oncilla_status over_slots(void *there)
{
    const oncilla_slots kept = here.slots;
    oncilla_status status;
    here.slots.memory = there, here.slots.size = ONCILLA_CALLS_BYTES(1, 8);
    status = over(object(), &here.buffers);
    here.slots = kept;
    return status;
}

static void links_compare_their_memory(void)
{
    for (kind = 0; kind < KINDS; kind++) {
        place own[1] = {{"the object", NULL, 8}}, rx[1] = {PLACE(rx)}, tx[1] = {PLACE(tx)}, io[1] = {PLACE(io)};
        oncilla_buffers within;
        begin();
        own[0].start = object();
        OVERLAPS(over_object, of_link);
        OVERLAPS(over_object, buffers_);
        BYTES_OVERLAP(over_rx, own);
        BYTES_OVERLAP(over_rx, tx);
        BYTES_OVERLAP(over_rx, io);
        BYTES_OVERLAP(over_tx, own);
        BYTES_OVERLAP(over_tx, rx);
        BYTES_OVERLAP(over_tx, io);
        /* The structure with the buffers. */
        within = here.buffers;
        within.rx = (uint8_t *)&within, within.rx_size = sizeof within;
        CHECK_STATUS(over(object(), &within), ONCILLA_OVERLAP);
        within = here.buffers;
        within.tx = (uint8_t *)&within, within.tx_size = sizeof within;
        CHECK_STATUS(over(object(), &within), ONCILLA_OVERLAP);
        if (kind >= FIRST_CALLS) {
            const place slots[] = {PLACE(slots), PLACE(in_flight)};
            OVERLAPS(over_object, slots);
            BYTES_OVERLAP(over_rx, slots);
            BYTES_OVERLAP(over_tx, slots);
            BYTES_OVERLAP(over_slots, own);
            BYTES_OVERLAP(over_slots, rx);
            BYTES_OVERLAP(over_slots, tx);
            BYTES_OVERLAP(over_slots, io);
            BYTES_OVERLAP(over_slots, slots_itself);
        }
        if (kind >= FIRST_CLIENT)
            continue;
        OVERLAPS(over_object, served);
        BYTES_OVERLAP(over_rx, served);
        BYTES_OVERLAP(over_tx, served);
    }
}

/* The functions of these objects: places for results, and memory that is sent. */
static oncilla_writer at(void *bytes)
{
    oncilla_writer writer = here.arguments;
    writer.bytes = bytes, writer.length = 4;
    return writer;
}

static oncilla_status server_details(void *there) { return oncilla_server_details(&here.server, there); }
static oncilla_status client_details(void *there) { return oncilla_client_details(&here.client, there); }
static oncilla_status endpoint_details(void *there) { return oncilla_client_details(&here.endpoint.client, there); }
static oncilla_status calls_details(void *there) { return oncilla_calls_details(&here.calls, there); }

static oncilla_status client_results(void *there)
{
    return oncilla_client_call(&here.client, 100, 1, 1, &here.arguments, there);
}

static oncilla_status client_arguments(void *there)
{
    oncilla_writer writer = at(there);
    return oncilla_client_call(&here.client, 100, 1, 1, &writer, NULL);
}

static oncilla_status client_cast(void *there)
{
    oncilla_writer writer = at(there);
    return oncilla_client_cast(&here.client, 100, 1, 1, &writer);
}

static oncilla_status client_credential(void *there)
{
    return oncilla_client_set_credential(&here.client, 1, there, 4);
}

static oncilla_status endpoint_results(void *there)
{
    return oncilla_client_call(&here.endpoint.client, 100, 1, 1, &here.arguments, there);
}

static oncilla_status endpoint_arguments(void *there)
{
    oncilla_writer writer = at(there);
    return oncilla_client_call(&here.endpoint.client, 100, 1, 1, &writer, NULL);
}

static oncilla_status endpoint_cast(void *there)
{
    oncilla_writer writer = at(there);
    return oncilla_client_cast(&here.endpoint.client, 100, 1, 1, &writer);
}

static oncilla_status endpoint_credential(void *there)
{
    return oncilla_client_set_credential(&here.endpoint.client, 1, there, 4);
}

static oncilla_status calls_ticket(void *there)
{
    return oncilla_calls_start(&here.calls, 100, 1, 1, &here.arguments, there);
}

static oncilla_status calls_arguments(void *there)
{
    oncilla_writer writer = at(there);
    oncilla_ticket ticket;
    return oncilla_calls_start(&here.calls, 100, 1, 1, &writer, &ticket);
}

static oncilla_status calls_tally(void *there) { return oncilla_calls_poll(&here.calls, 0, there); }

static oncilla_status calls_results(void *there)
{
    const oncilla_ticket ticket = {1, 100, 1, 1};
    return oncilla_calls_finish(&here.calls, &ticket, there);
}

static void uses_compare_their_memory(void)
{
    const place server[] = {PLACE(server), PLACE(rx), PLACE(tx)}, client[] = {PLACE(client), PLACE(rx), PLACE(tx)};
    const place endpoint[] = {PLACE(endpoint), PLACE(rx), PLACE(tx)}, calls[] = {PLACE(calls), PLACE(rx), PLACE(tx), PLACE(in_flight)};
    /* Memory that a call of an endpoint may read, since nothing writes to it. */
    const place written[] = {PLACE(endpoint), PLACE(rx), PLACE(tx), PLACE(replay), PLACE(replies)};
    begin();
    OVERLAPS(server_details, server);
    OVERLAPS(server_details, served);
    OVERLAPS(client_details, client);
    OVERLAPS(endpoint_details, endpoint);
    OVERLAPS(endpoint_details, served);
    OVERLAPS(calls_details, calls);

    OVERLAPS(client_results, client);
    OVERLAPS(client_results, of_call);
    BYTES_OVERLAP(client_arguments, client);
    BYTES_OVERLAP(client_cast, client);
    BYTES_OVERLAP(client_credential, client);
    OVERLAPS(endpoint_results, endpoint);
    OVERLAPS(endpoint_results, served);
    OVERLAPS(endpoint_results, of_call);
    BYTES_OVERLAP(endpoint_arguments, written);
    BYTES_OVERLAP(endpoint_cast, written);
    BYTES_OVERLAP(endpoint_credential, written);
    OVERLAPS(calls_ticket, calls);
    OVERLAPS(calls_ticket, of_call);
    BYTES_OVERLAP(calls_arguments, calls);
    OVERLAPS(calls_tally, calls);
    OVERLAPS(calls_results, calls);
}

/* Values. */
static oncilla_status get_number(void *there) { return oncilla_get_u32(&here.reader, there); }
static oncilla_status get_count(void *there) { return oncilla_get_count(&here.reader, there, 4); }
static oncilla_status get_fixed(void *there) { return oncilla_get_fixed(&here.reader, there, 4); }
static oncilla_status get_string(void *there) { return oncilla_get_string(&here.reader, there, 4); }

static oncilla_status get_opaque(void *there)
{
    size_t length;
    return oncilla_get_opaque(&here.reader, there, &length, 4);
}

static oncilla_status get_length(void *there)
{
    const uint8_t *bytes;
    return oncilla_get_opaque(&here.reader, &bytes, there, 4);
}

static oncilla_status user_body(void *there)
{
    size_t length;
    return oncilla_auth_sys_write(&here.user, here.machine, there, 40, &length);
}

static oncilla_status user_length(void *there)
{
    return oncilla_auth_sys_write(&here.user, here.machine, (uint8_t *)here.credential, 100, there);
}

static oncilla_status log_memory(void *there)
{
    return oncilla_log(&here.io, (uint8_t *)here.call, sizeof here.call, there, 64, 0);
}

/* A reader keeps its first error; its memory is otherwise unchanged. */
static void reading(tried function, const char *what, int bytes)
{
    const place places[] = {{"the reader", &here.reader, sizeof here.reader}, PLACE(call)};
    size_t i, end;
    for (i = 0; i < COUNT(places); i++)
        for (end = 0; end < (bytes ? 2u : 1u); end++) {
            begin();
            before = here;
            before.reader.status = ONCILLA_OVERLAP;
            check_status(function((uint8_t *)places[i].start + (end ? places[i].size - 1 : 0)), ONCILLA_OVERLAP, what, 0);
            check_holds(is_unchanged(), what, 0);
        }
}

static void values_compare_their_memory(void)
{
    const place user[] = {PLACE(user), PLACE(machine)}, user_and_body[] = {PLACE(user), PLACE(machine), PLACE(credential)};
    const place logged[] = {PLACE(io), PLACE(call)};
    oncilla_status status;
    const uint8_t *bytes;
    reading(get_number, "get_u32", 0);
    reading(get_count, "get_count", 0);
    reading(get_opaque, "get_opaque", 0);
    reading(get_length, "the length of get_opaque", 0);
    reading(get_fixed, "get_fixed", 1);
    reading(get_string, "get_string", 1);
    begin();
    /* Both results in one place. */
    status = oncilla_get_opaque(&here.reader, &bytes, (size_t *)(void *)&bytes, 4);
    CHECK_STATUS(status, ONCILLA_OVERLAP);
    begin();
    BYTES_OVERLAP(user_body, user);
    OVERLAPS(user_length, user_and_body);
    BYTES_OVERLAP(log_memory, logged);
}

void check_memory(void)
{
    const place replay[] = {PLACE(replay)}, of_slots[] = {PLACE(replay), PLACE(replies)};
    const place reply[] = {PLACE(rx)}, remembering[] = {PLACE(replay), PLACE(replies)};
    begin();
    BYTES_OVERLAP(replay_memory, replay);
    OVERLAPS(replay_slots, of_slots);
    BYTES_OVERLAP(answer_reply, served);
    BYTES_OVERLAP(answer_reply, of_answer);
    OVERLAPS(answer_length, served);
    OVERLAPS(answer_length, of_answer);
    OVERLAPS(answer_length, reply);
    BYTES_OVERLAP(answer_call, remembering);
    links_compare_their_memory();
    uses_compare_their_memory();
    values_compare_their_memory();
}
