/* Nested endpoints: the levels, and the errors. */
#include "checks.h"

#define LEVELS 3
#define CALL_MAX ONCILLA_CALL_MAX(4)
#define REPLY_MAX ONCILLA_REPLY_MAX(4)

typedef struct site {
    loop line;
    oncilla_replay replay;
    oncilla_nested nested;
    uint8_t replies[ONCILLA_REPLAY_BYTES(8, REPLY_MAX)];
    uint8_t rx[128], tx[128];
    uint8_t memory[3 * LEVELS][CALL_MAX];
    uint32_t runs, too_deep;
} site;

static site here;

static oncilla_level level(unsigned index)
{
    oncilla_level level = {0};
    level.call = here.memory[3 * index];
    level.reply = here.memory[3 * index + 1];
    level.early = here.memory[3 * index + 2];
    level.call_size = CALL_MAX;
    level.reply_size = level.early_size = REPLY_MAX;
    return level;
}

/* Below: its procedure calls. */
static const oncilla_procedure procedure;
static const oncilla_program program;
static const oncilla_table table;

static oncilla_status begin(const oncilla_level *levels, size_t count)
{
    const oncilla_buffers buffers = {here.rx, sizeof here.rx, here.tx, sizeof here.tx};
    oncilla_io io = loop_io(&here.line);
    return oncilla_nested_over_record(&here.nested, &table, &here, &here.replay, &io, &buffers, levels, count, 1);
}

/* Calls itself over a line on which sent bytes come back. */
static oncilla_status deeper(uint32_t number, uint32_t *answer)
{
    uint8_t memory[4];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    oncilla_status status;
    oncilla_put_u32(&arguments, number);
    status = oncilla_client_call(&here.nested.client, 100, 1, 1, &arguments, &results);
    if (status != ONCILLA_OK)
        return status;
    oncilla_get_u32(&results, answer);
    return oncilla_get_end(&results);
}

/* unsigned counts(unsigned) = 1: the number of procedures that run within each other. */
static oncilla_status counts_(void *context, const oncilla_request *request, oncilla_reader *arguments,
                              oncilla_writer *results)
{
    uint32_t number, answer = 0;
    oncilla_status status;
    (void)context, (void)request;
    here.runs++;
    status = deeper(number = here.runs, &answer);
    if (status == ONCILLA_TOO_DEEP) {
        oncilla_details details;
        here.too_deep++;
        CHECK_STATUS(oncilla_client_details(&here.nested.client, &details), ONCILLA_OK);
        CHECK(details.status == ONCILLA_TOO_DEEP);
        CHECK_STATUS(oncilla_nested_serve_next(&here.nested, 5), ONCILLA_TIME_UP);
        CHECK_STATUS(begin(NULL, 0), ONCILLA_BUSY);
    } else {
        CHECK_STATUS(status, ONCILLA_OK);
    }
    /* The arguments have not moved. */
    oncilla_get_u32(arguments, &number);
    CHECK(number < 10);
    return oncilla_put_u32(results, answer + 1);
}

static const oncilla_procedure procedure = {1, 0, 4, counts_};
static const oncilla_program program = {100, 1, &procedure, 1};
static const oncilla_table table = {&program, 1, NULL};

static void refused(void)
{
    oncilla_level levels[5];
    unsigned i;
    for (i = 0; i < 5; i++)
        levels[i] = level(i % LEVELS);
    CHECK_STATUS(oncilla_nested_serve_next(&here.nested, 0), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_client_set_timeout(&here.nested.client, 0), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_client_call(NULL, 100, 1, 1, NULL, NULL), ONCILLA_NULL);
    CHECK_STATUS(begin(levels, 0), ONCILLA_INVALID);
    CHECK_STATUS(begin(levels, 5), ONCILLA_INVALID);
    CHECK_STATUS(begin(NULL, 1), ONCILLA_NULL);
    CHECK_STATUS(begin(levels, 4), ONCILLA_OVERLAP);
    levels[1].early = here.rx + 127;
    CHECK_STATUS(begin(levels, 2), ONCILLA_OVERLAP);
    levels[1].early = NULL;
    CHECK_STATUS(begin(levels, 2), ONCILLA_NULL);
    levels[1].early_size = 0;
    levels[1].call_size = ONCILLA_CALL_HEADER - 1;
    CHECK_STATUS(begin(levels, 2), ONCILLA_TOO_SMALL);
    levels[1].call_size = CALL_MAX;
    levels[1].reply_size = REPLY_MAX - 1;
    CHECK_STATUS(begin(levels, 2), ONCILLA_TOO_SMALL);
    levels[1].reply_size = REPLY_MAX;
    CHECK_STATUS(begin(levels, 2), ONCILLA_OK);
    /* Written memory must not overlap lent memory. */
    CHECK_STATUS(oncilla_client_call(&here.nested.client, 100, 1, 1, NULL, (oncilla_reader *)(void *)&here.nested),
                 ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_client_details(&here.nested.client, (oncilla_details *)(void *)&here.replies), ONCILLA_OVERLAP);
}

void check_nested(void)
{
    oncilla_level levels[LEVELS];
    uint32_t answer = 0;
    unsigned i;

    CHECK_STATUS(oncilla_replay_init(&here.replay, REPLY_MAX, here.replies, sizeof here.replies), ONCILLA_OK);
    refused();
    for (i = 0; i < LEVELS; i++)
        levels[i] = level(i);
    for (i = 1; i <= LEVELS; i++) {
        here.runs = here.too_deep = 0;
        CHECK_STATUS(begin(levels, i), ONCILLA_OK);
        CHECK_STATUS(oncilla_replay_forget(&here.replay), ONCILLA_OK);
        CHECK_STATUS(oncilla_client_set_retry(&here.nested.client, ONCILLA_FOREVER, 0), ONCILLA_OK);
        CHECK_STATUS(deeper(0, &answer), ONCILLA_OK);
        CHECK(answer == i && here.runs == i && here.too_deep == 1);
        /* A one-way call outside any procedure. */
        CHECK_STATUS(oncilla_client_cast(&here.nested.client, 100, 2, 1, NULL), ONCILLA_OK);
        CHECK_STATUS(oncilla_nested_serve_next(&here.nested, ONCILLA_NEVER), ONCILLA_OK);
        here.line.length = 0;
    }
}
