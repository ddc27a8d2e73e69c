/* Objects in use cannot be initialised from their own callbacks; rooms for results contain no old bytes. */
#include "checks.h"

typedef struct site {
    loop line;
    oncilla_replay replay;
    oncilla_server server;
    oncilla_endpoint endpoint;
    uint8_t replies[ONCILLA_REPLAY_BYTES(1, 64)];
    uint8_t rx[128], tx[128];
    unsigned looks;
} site;

static site here;

/* What serves `here.line`, if anything does. */
static oncilla_server *serving;
static oncilla_endpoint *calling;

static void nothing_in_use_can_be_used(void)
{
    here.looks++;
    if (serving != NULL) {
        CHECK_STATUS(oncilla_server_serve_next(serving, 0), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_server_over_record(serving, NULL, NULL, NULL, NULL, NULL), ONCILLA_BUSY);
    }
    if (calling != NULL) {
        CHECK_STATUS(oncilla_endpoint_serve_next(calling, 0), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_client_call(&calling->client, 1, 1, 1, NULL, NULL), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_client_set_timeout(&calling->client, 1), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_endpoint_over_record(calling, NULL, NULL, NULL, NULL, NULL, 1), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_client_over_record(&calling->client, NULL, NULL, 1), ONCILLA_BUSY);
    }
}

static const oncilla_table asking;

static oncilla_status looks(void *context, const oncilla_request *request, oncilla_reader *arguments,
                            oncilla_writer *results)
{
    static const char again[] = HEADER("efgh", "\1", "\0");
    uint8_t reply[64];
    size_t length;
    (void)context, (void)request, (void)arguments, (void)results;
    nothing_in_use_can_be_used();
    /* A procedure can use its table again. */
    CHECK_STATUS(oncilla_answer(&asking, NULL, NULL, NULL, (const uint8_t *)again, sizeof again - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    nothing_in_use_can_be_used();
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
    nothing_in_use_can_be_used();
    return 0;
}

static const oncilla_table asking = {&program, 1, authorize}, table = {&program, 1, NULL};

static int32_t watched_send(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    nothing_in_use_can_be_used();
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

    CHECK_STATUS(oncilla_replay_init(&here.replay, 64, here.replies, sizeof here.replies), ONCILLA_OK);
    CHECK_STATUS(oncilla_answer(&asking, NULL, &here.replay, NULL, (const uint8_t *)call, sizeof call - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    CHECK(length == 24 && here.looks == 4);

    here.looks = 0;
    CHECK_STATUS(oncilla_replay_forget(&here.replay), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_over_datagram(&here.server, &table, NULL, &here.replay, &io, &buffers), ONCILLA_OK);
    loop_send(&here.line, (const uint8_t *)call, sizeof call - 1, 0);
    serving = &here.server;
    CHECK_STATUS(oncilla_server_serve_next(&here.server, 50), ONCILLA_OK);
    serving = NULL;
    CHECK(here.looks == 4 && here.line.length == 24);
    here.line.length = 0;
    /* After the call, it can be initialised again. */
    CHECK_STATUS(oncilla_server_over_datagram(&here.server, &table, NULL, &here.replay, &io, &buffers), ONCILLA_OK);

    /* An endpoint also serves while it calls: its own call comes back to it. */
    here.looks = 0;
    CHECK_STATUS(oncilla_endpoint_over_serial(&here.endpoint, &asking, NULL, &here.replay, &io, &buffers, 1, 0),
                 ONCILLA_OK);
    CHECK_STATUS(oncilla_client_set_timeout(&here.endpoint.client, 1), ONCILLA_OK);
    calling = &here.endpoint;
    (void)oncilla_client_call(&here.endpoint.client, 100, 1, 7, NULL, NULL);
    CHECK(here.looks > 0);
    (void)oncilla_endpoint_serve_next(&here.endpoint, 50);
    calling = NULL;
    CHECK_STATUS(oncilla_client_over_record(&here.endpoint.client, &io, &buffers, 1), ONCILLA_OK);
    here.line.length = 0;
}

/* Results that were not written are zeros, whatever the memory held before. */
static void no_old_bytes_are_sent(void)
{
    static const char claiming[] = HEADER("abcd", "\1", "\2"), halving[] = HEADER("abcd", "\1", "\3");
    uint8_t reply[64], zeros[32] = {0};
    size_t length;
    memset(reply, 's', sizeof reply);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, (const uint8_t *)claiming, sizeof claiming - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    CHECK(length == 24 + 32 && memcmp(reply + 24, zeros, 32) == 0);
    memset(reply, 's', sizeof reply);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, (const uint8_t *)halving, sizeof halving - 1, reply,
                                sizeof reply, &length), ONCILLA_OK);
    CHECK(length == 24 + 8 && memcmp(reply + 24, "full\0\0\0\0", 8) == 0);
}

/* A wrong place for results is reported before the call is made. */
static void wrong_places_are_reported_first(void)
{
    static oncilla_client client;
    static oncilla_calls calls;
    static uint8_t memory[ONCILLA_CALLS_BYTES(1, 8)];
    const oncilla_buffers buffers = {here.rx, sizeof here.rx, here.tx, sizeof here.tx};
    const oncilla_slots slots = {memory, sizeof memory, 8};
    const oncilla_io io = loop_io(&here.line);
    oncilla_reader *unaligned = (oncilla_reader *)(void *)(here.replies + 1);
    oncilla_ticket ticket;
    memset(&here.line, 0, sizeof here.line);
    CHECK_STATUS(oncilla_client_over_datagram(&client, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, unaligned), ONCILLA_UNALIGNED);
    CHECK(here.line.sent == 0);
    CHECK_STATUS(oncilla_endpoint_over_record(&here.endpoint, &table, NULL, NULL, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&here.endpoint.client, 1, 1, 1, NULL, unaligned), ONCILLA_UNALIGNED);
    CHECK(here.line.sent == 0);
    CHECK_STATUS(oncilla_calls_over_datagram(&calls, &io, &buffers, &slots, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_set_timeout(&calls, 1), ONCILLA_OK);
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
