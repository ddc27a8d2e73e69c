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

void check_flight(void)
{
    static answering self;
    static uint64_t table_memory[TABLE_WORDS];
    static uint8_t rx[128], tx[128];
    static oncilla_table table;
    static oncilla_calls calls;
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    oncilla_io io = loop_io(&self.line);
    oncilla_ticket tickets[ONCILLA_CALLS_SLOTS + 1];
    oncilla_tally tally;
    oncilla_details details;
    oncilla_writer within = oncilla_writer_on(tx, 4);
    uint32_t i;

    CHECK_STATUS(oncilla_table_init(&table, programs, 2, NULL, table_memory, sizeof table_memory), ONCILLA_OK);
    self.table = &table;
    io.send = answer_sent;
    CHECK_STATUS(start(&calls, 1, tickets), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_calls_over_record(&calls, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_calls_set_timeout(&calls, 1000), ONCILLA_OK);

    for (i = 0; i < ONCILLA_CALLS_SLOTS; i++)
        CHECK_STATUS(start(&calls, i + 10, &tickets[i]), ONCILLA_OK);
    CHECK_STATUS(start(&calls, 99, &tickets[i]), ONCILLA_NO_SLOT);
    CHECK_STATUS(oncilla_calls_details(&calls, &details), ONCILLA_OK);
    CHECK(details.status == ONCILLA_NO_SLOT && self.counts.executed == ONCILLA_CALLS_SLOTS);
    CHECK_STATUS(oncilla_calls_poll(&calls, 0, &tally), ONCILLA_OK);
    CHECK(tally.in_flight == 0 && tally.done == ONCILLA_CALLS_SLOTS && tally.closed == 0 && tally.restarted == 0);
    /* In reverse order. */
    for (i = ONCILLA_CALLS_SLOTS; i > 0; i--)
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
}
