/* Several calls in flight, on a carrier that does not lose messages. */
#include "checks.h"

/* Answers each call that is sent, as a server of `twice` would, and appends the reply to the received bytes. */
typedef struct answering {
    loop line;
    const oncilla_table *table;
    counts counts;
    int silent;
} answering;

static int32_t answer_sent(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    answering *self = context;
    uint8_t reply[64];
    size_t length = 0;
    if (self->silent)
        return (int32_t)size;
    CHECK_STATUS(oncilla_answer(self->table, &self->counts, NULL, NULL, from + 4, size - 4, reply + 4, 60, &length),
                 ONCILLA_OK);
    reply[0] = 0x80, reply[1] = reply[2] = 0, reply[3] = (uint8_t)length;
    (void)loop_send(&self->line, reply, length + 4, deadline);
    return (int32_t)size;
}

static oncilla_status start(oncilla_calls *calls, uint32_t number, oncilla_ticket *ticket)
{
    uint8_t memory[4];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_put_u32(&arguments, number);
    return oncilla_calls_start(calls, 100, 1, 1, &arguments, ticket);
}

static uint32_t finish(oncilla_calls *calls, const oncilla_ticket *ticket)
{
    oncilla_reader results;
    uint32_t twice = 0;
    CHECK_STATUS(oncilla_calls_finish(calls, ticket, &results), ONCILLA_OK);
    oncilla_get_u32(&results, &twice);
    CHECK_STATUS(oncilla_get_end(&results), ONCILLA_OK);
    return twice;
}

#define SLOTS 5
#define RESULTS 8

/* The size of the memory determines the number of slots, wherever the memory begins. */
static void memory_determines_the_slots(void)
{
    static loop line;
    static uint8_t rx[128], tx[128], memory[ONCILLA_CALLS_BYTES(3, RESULTS) + 8];
    static oncilla_calls calls;
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    const oncilla_io io = loop_io(&line);
    size_t offset;
    line.lossy = 1;
    for (offset = 0; offset < 8; offset++) {
        oncilla_slots slots = {memory + offset, ONCILLA_CALLS_BYTES(3, RESULTS), RESULTS};
        oncilla_ticket ticket;
        unsigned started = 0;
        CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_OK);
        while (start(&calls, 1, &ticket) == ONCILLA_OK)
            started++;
        CHECK(started == 3);
        slots.size = ONCILLA_CALLS_HEAD / 2;
        CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_TOO_SMALL);
        CHECK_STATUS(start(&calls, 1, &ticket), ONCILLA_UNINITIALIZED);
        slots.size = ONCILLA_CALLS_BYTES(3, RESULTS), slots.bytes = slots.size;
        CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_TOO_SMALL);
        slots.bytes = IMPOSSIBLE;
        CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_TOO_SMALL);
        slots.bytes = RESULTS, slots.size = IMPOSSIBLE;
        CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_IMPOSSIBLE_LENGTH);
        slots.size = ONCILLA_CALLS_BYTES(3, RESULTS), slots.memory = NULL;
        CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_NULL);
        CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, NULL, 1), ONCILLA_NULL);
    }
}

/* Results that do not fit the slot, and arguments that do not fit it where they are kept. */
static void slots_bound_results_and_arguments(void)
{
    static answering self;
    static uint8_t rx[128], tx[128], memory[ONCILLA_CALLS_BYTES(1, 3)];
    static const oncilla_table table = {programs, 2, NULL};
    static oncilla_calls calls;
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    const oncilla_slots slots = {memory, sizeof memory, 3};
    oncilla_io io = loop_io(&self.line);
    oncilla_ticket ticket;

    self.table = &table;
    CHECK_STATUS(oncilla_calls_over_cobs(&calls, &io, &buffers, &slots, 1), ONCILLA_OK);
    CHECK_STATUS(start(&calls, 1, &ticket), ONCILLA_NO_ROOM);
    io.send = answer_sent;
    CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_OK);
    CHECK_STATUS(start(&calls, 1, &ticket), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_finish(&calls, &ticket, NULL), ONCILLA_REPLY_TOO_LARGE);
}

void check_flight(void)
{
    static answering self;
    static uint8_t rx[128], tx[128], memory[ONCILLA_CALLS_BYTES(SLOTS, RESULTS)];
    static const oncilla_table table = {programs, 2, NULL};
    static oncilla_calls calls;
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    const oncilla_slots slots = {memory, sizeof memory, RESULTS};
    oncilla_io io = loop_io(&self.line);
    oncilla_ticket tickets[SLOTS + 1];
    oncilla_tally tally;
    oncilla_details details;
    oncilla_writer within = oncilla_writer_on(tx, 4);
    uint32_t i;

    self.table = &table;
    io.send = answer_sent;
    CHECK_STATUS(start(&calls, 1, tickets), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, &slots, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_set_timeout(&calls, 1), ONCILLA_OK);

    for (i = 0; i < SLOTS; i++)
        CHECK_STATUS(start(&calls, i + 10, &tickets[i]), ONCILLA_OK);
    CHECK_STATUS(start(&calls, 99, &tickets[i]), ONCILLA_NO_SLOT);
    CHECK_STATUS(oncilla_calls_details(&calls, &details), ONCILLA_OK);
    CHECK(details.status == ONCILLA_NO_SLOT && self.counts.executed == SLOTS);
    CHECK_STATUS(oncilla_calls_poll(&calls, 0, &tally), ONCILLA_OK);
    CHECK(tally.in_flight == 0 && tally.done == SLOTS && tally.closed == 0 && tally.restarted == 0);
    /* In reverse order. */
    for (i = SLOTS; i > 0; i--)
        CHECK(finish(&calls, &tickets[i - 1]) == 2 * (i - 1 + 10));
    CHECK_STATUS(oncilla_calls_finish(&calls, &tickets[0], NULL), ONCILLA_UNKNOWN_TICKET);

    /* A cancelled call frees its slot; its reply is dropped. */
    CHECK_STATUS(start(&calls, 1, &tickets[0]), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_cancel(&calls, &tickets[0]), ONCILLA_OK);
    CHECK_STATUS(start(&calls, 2, &tickets[1]), ONCILLA_OK);
    CHECK(finish(&calls, &tickets[1]) == 4);
    CHECK_STATUS(oncilla_calls_finish(&calls, &tickets[0], NULL), ONCILLA_UNKNOWN_TICKET);
    /* A ticket with another procedure is unknown. */
    CHECK_STATUS(start(&calls, 3, &tickets[0]), ONCILLA_OK);
    tickets[1] = tickets[0], tickets[1].procedure++;
    CHECK_STATUS(oncilla_calls_finish(&calls, &tickets[1], NULL), ONCILLA_UNKNOWN_TICKET);
    CHECK_STATUS(oncilla_calls_finish(&calls, &tickets[0], NULL), ONCILLA_LEFT_OVER);

    self.silent = 1;
    CHECK_STATUS(start(&calls, 4, &tickets[0]), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_finish(&calls, &tickets[0], NULL), ONCILLA_TIMED_OUT);
    CHECK_STATUS(oncilla_calls_start(&calls, 100, 1, 1, NULL, NULL), ONCILLA_NULL);
    CHECK_STATUS(oncilla_calls_finish(&calls, NULL, NULL), ONCILLA_NULL);
    CHECK_STATUS(oncilla_calls_cancel(NULL, &tickets[0]), ONCILLA_NULL);
    oncilla_put_u32(&within, 1);
    CHECK_STATUS(oncilla_calls_start(&calls, 100, 1, 1, &within, &tickets[0]), ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_calls_poll(&calls, 0, NULL), ONCILLA_OK);
    memory_determines_the_slots();
    slots_bound_results_and_arguments();
}
