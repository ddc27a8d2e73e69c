/* Objects in use cannot be initialised from their own callbacks; rooms for results contain no old bytes. */
#include "checks.h"

typedef struct site {
    loop line;
    oncilla_table table;
    oncilla_replay replay;
    oncilla_server server;
    oncilla_endpoint endpoint;
    uint64_t table_memory[ONCILLA_TABLE_WORDS(1, 3)];
    uint8_t replies[ONCILLA_REPLAY_BYTES(1, 64)];
    uint8_t rx[128], tx[128];
    unsigned looks;
} site;

static site here;

/* A table is in use while an object serves it; `in_call` is set when one of its procedures runs. */
static void nothing_is_initialised_again(int in_call)
{
    static const oncilla_program program = {1, 1, NULL, 0};
    size_t slots;
    here.looks++;
    CHECK_STATUS(oncilla_table_init(&here.table, &program, 1, NULL, here.table_memory, sizeof here.table_memory),
                 ONCILLA_BUSY);
    if (in_call) {
        CHECK_STATUS(oncilla_replay_init(&here.replay, 64, here.replies, sizeof here.replies), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_replay_slots(&here.replay, &slots), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_replay_forget(&here.replay), ONCILLA_BUSY);
    }
}

static oncilla_status looks(void *context, const oncilla_request *request, oncilla_reader *arguments,
                            oncilla_writer *results)
{
    static const char again[] = HEADER("efgh", "\1", "\0");
    uint8_t reply[64];
    size_t length;
    (void)context, (void)request, (void)arguments, (void)results;
    nothing_is_initialised_again(1);
    /* A procedure can use its table again, which stays in use afterwards. */
    CHECK_STATUS(oncilla_answer(&here.table, NULL, NULL, NULL, (const uint8_t *)again, sizeof again - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    nothing_is_initialised_again(1);
    return ONCILLA_OK;
}

/* Reports results and writes none. */
static oncilla_status claims(void *context, const oncilla_request *request, oncilla_reader *arguments,
                             oncilla_writer *results)
{
    (void)context, (void)request, (void)arguments;
    results->length = 32;
    return ONCILLA_OK;
}

/* Writes the first word itself, which is allowed. */
static oncilla_status half(void *context, const oncilla_request *request, oncilla_reader *arguments,
                           oncilla_writer *results)
{
    (void)context, (void)request, (void)arguments;
    memcpy(results->bytes, "full", 4);
    results->length = 8;
    return ONCILLA_OK;
}

static const oncilla_procedure own[3] = {{1, 0, 4, looks}, {2, 0, 32, claims}, {3, 0, 8, half}};
static const oncilla_program program = {100, 1, own, 3};

static uint32_t authorize(void *context, const oncilla_request *request)
{
    (void)context, (void)request;
    nothing_is_initialised_again(1);
    return 0;
}

static oncilla_status table(oncilla_authorize authorize_)
{
    return oncilla_table_init(&here.table, &program, 1, authorize_, here.table_memory, sizeof here.table_memory);
}

static int32_t watched_send(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    nothing_is_initialised_again(0);
    return loop_send(context, from, size, deadline);
}

static void objects_in_use_are_busy(void)
{
    static const char call[] = HEADER("abcd", "\1", "\1");
    const oncilla_buffers buffers = {here.rx, sizeof here.rx, here.tx, sizeof here.tx};
    oncilla_io io = loop_io(&here.line);
    uint8_t reply[64];
    size_t length;
    io.send = watched_send;

    CHECK_STATUS(table(authorize), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_init(&here.replay, 64, here.replies, sizeof here.replies), ONCILLA_OK);
    CHECK_STATUS(oncilla_answer(&here.table, NULL, &here.replay, NULL, (const uint8_t *)call, sizeof call - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    CHECK(length == 24 && here.looks == 4);
    /* After the call, both can be initialised again. */
    CHECK_STATUS(table(NULL), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_init(&here.replay, 64, here.replies, sizeof here.replies), ONCILLA_OK);

    here.looks = 0;
    CHECK_STATUS(oncilla_server_over_datagram(&here.server, &here.table, NULL, &here.replay, &io, &buffers), ONCILLA_OK);
    loop_send(&here.line, (const uint8_t *)call, sizeof call - 1, 0);
    CHECK_STATUS(oncilla_server_serve_next(&here.server, 50), ONCILLA_OK);
    CHECK(here.looks == 3 && here.line.length == 24);
    here.line.length = 0;
    CHECK_STATUS(table(NULL), ONCILLA_OK);

    /* An endpoint also serves while it calls: its own call comes back to it. */
    here.looks = 0;
    CHECK_STATUS(oncilla_endpoint_over_serial(&here.endpoint, &here.table, NULL, &here.replay, &io, &buffers, 1, 0),
                 ONCILLA_OK);
    CHECK_STATUS(oncilla_endpoint_set_timeout(&here.endpoint, 1000), ONCILLA_OK);
    (void)oncilla_endpoint_call(&here.endpoint, 100, 1, 7, NULL, NULL);
    CHECK(here.looks > 0);
    (void)oncilla_endpoint_serve_next(&here.endpoint, 50);
    CHECK_STATUS(table(NULL), ONCILLA_OK);
}

/* Results that were not written are zeros, whatever the memory held before. */
static void no_old_bytes_are_sent(void)
{
    static const char claiming[] = HEADER("abcd", "\1", "\2"), halving[] = HEADER("abcd", "\1", "\3");
    uint8_t reply[64], zeros[32] = {0};
    size_t length;
    CHECK_STATUS(table(NULL), ONCILLA_OK);
    memset(reply, 's', sizeof reply);
    CHECK_STATUS(oncilla_answer(&here.table, NULL, NULL, NULL, (const uint8_t *)claiming, sizeof claiming - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    CHECK(length == 24 + 32 && memcmp(reply + 24, zeros, 32) == 0);
    memset(reply, 's', sizeof reply);
    CHECK_STATUS(oncilla_answer(&here.table, NULL, NULL, NULL, (const uint8_t *)halving, sizeof halving - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    CHECK(length == 24 + 8 && memcmp(reply + 24, "full\0\0\0\0", 8) == 0);
}

/* A wrong place for results is reported before the call is made. */
static void wrong_places_are_reported_first(void)
{
    static oncilla_client client;
    static oncilla_calls calls;
    const oncilla_buffers buffers = {here.rx, sizeof here.rx, here.tx, sizeof here.tx};
    const oncilla_io io = loop_io(&here.line);
    oncilla_reader *unaligned = (oncilla_reader *)(void *)((uint8_t *)&here.table_memory + 1);
    oncilla_ticket ticket;
    memset(&here.line, 0, sizeof here.line);
    CHECK_STATUS(oncilla_client_over_datagram(&client, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, unaligned), ONCILLA_UNALIGNED);
    CHECK(here.line.sent == 0);
    CHECK_STATUS(oncilla_endpoint_over_record(&here.endpoint, &here.table, NULL, NULL, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_endpoint_call(&here.endpoint, 1, 1, 1, NULL, unaligned), ONCILLA_UNALIGNED);
    CHECK(here.line.sent == 0);
    CHECK_STATUS(oncilla_calls_over_datagram(&calls, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_set_timeout(&calls, 1000), ONCILLA_OK);
    here.line.lossy = 1;
    CHECK_STATUS(oncilla_calls_start(&calls, 1, 1, 1, NULL, &ticket), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_poll(&calls, 0, (oncilla_tally *)(void *)unaligned), ONCILLA_UNALIGNED);
    /* The ticket can still be finished. */
    CHECK_STATUS(oncilla_calls_finish(&calls, &ticket, unaligned), ONCILLA_UNALIGNED);
    CHECK_STATUS(oncilla_calls_finish(&calls, &ticket, NULL), ONCILLA_TIMED_OUT);
}

void check_busy(void)
{
    objects_in_use_are_busy();
    no_old_bytes_are_sent();
    wrong_places_are_reported_first();
}
