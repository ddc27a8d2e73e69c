/*
 * Checks the promises of oncilla.h from C: right use, wrong use, and any bytes that a peer may send. Prints each check
 * that fails, and returns 1 if any did.
 */
#include "checks.h"

int checks_under_valgrind;
static int failures;

void check_holds(int holds, const char *what, int line)
{
    if (!holds) {
        printf("line %d: %s\n", line, what);
        failures++;
    }
}

void check_status(oncilla_status got, oncilla_status expected, const char *what, int line)
{
    if (got != expected) {
        printf("line %d: %s: %s instead of %s\n", line, what, oncilla_status_name(got), oncilla_status_name(expected));
        failures++;
    }
}

/* unsigned twice(unsigned) = 1 */
oncilla_status twice(void *context, const oncilla_request *request, oncilla_reader *arguments, oncilla_writer *results)
{
    counts *self = context;
    uint32_t number;
    oncilla_get_u32(arguments, &number);
    if (oncilla_get_end(arguments) != ONCILLA_OK)
        return ONCILLA_GARBAGE_ARGS;
    self->executed++;
    self->request = *request;
    /* During its own call, the server can be neither used nor initialised. */
    if (self->server != NULL) {
        CHECK_STATUS(oncilla_server_serve_next(self->server, 0), ONCILLA_BUSY);
        CHECK_STATUS(oncilla_server_over_record(self->server, NULL, NULL, NULL, NULL, NULL), ONCILLA_BUSY);
    }
    return oncilla_put_u32(results, 2 * number);
}

/* Writes more than its results_max. */
static oncilla_status boasts(void *context, const oncilla_request *request, oncilla_reader *arguments,
                             oncilla_writer *results)
{
    (void)context, (void)request, (void)arguments;
    oncilla_put_u64(results, 1);
    oncilla_put_u64(results, 1);
    return ONCILLA_OK;
}

static oncilla_status silent(void *context, const oncilla_request *request, oncilla_reader *arguments,
                             oncilla_writer *results)
{
    (void)context, (void)request, (void)arguments, (void)results;
    return ONCILLA_NO_REPLY;
}

const oncilla_procedure procedures[3] = {{1, 0, 4, twice}, {2, ONCILLA_IDEMPOTENT, 8, boasts}, {3, 0, 0, silent}};
const oncilla_program programs[2] = {{100, 1, procedures, 3}, {100, 3, procedures, 1}};

static uint64_t loop_now(void *context)
{
    return ((loop *)context)->now;
}

static int32_t loop_receive(void *context, uint8_t *into, size_t size, uint64_t deadline)
{
    loop *self = context;
    size_t given = size < self->length ? size : self->length;
    if (self->failure != 0)
        return self->failure;
    if (given == 0) {
        self->now = deadline;
        return ONCILLA_IO_TIME_UP;
    }
    memcpy(into, self->bytes, given);
    memmove(self->bytes, self->bytes + given, self->length - given);
    self->length -= given;
    return (int32_t)given;
}

int32_t loop_send(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    loop *self = context;
    (void)deadline;
    self->sent++;
    if (!self->lossy && size <= sizeof self->bytes - self->length) {
        memcpy(self->bytes + self->length, from, size);
        self->length += size;
    }
    return (int32_t)size;
}

oncilla_io loop_io(loop *self)
{
    oncilla_io io = {0};
    io.context = self;
    io.now = loop_now;
    io.receive = loop_receive;
    io.send = loop_send;
    return io;
}

static void every_status_has_a_name(void)
{
    CHECK(strcmp(oncilla_status_name(ONCILLA_TIMED_OUT), "ONCILLA_TIMED_OUT") == 0);
    CHECK(strcmp(oncilla_strerror(ONCILLA_OK), "success") == 0);
    CHECK(strcmp(oncilla_strerror(-77), "an unknown status") == 0);
    CHECK(strcmp(oncilla_status_name(INT32_MAX), "unknown") == 0);
}

int main(int argc, char **argv)
{
    checks_under_valgrind = argc > 1 && strcmp(argv[1], "valgrind") == 0;
    check_xdr();
    check_tables();
    check_links();
    check_lines();
    check_flight();
    check_memory();
    check_busy();
    check_nested();
    every_status_has_a_name();
    printf("%d failures\n", failures);
    return failures != 0;
}
