/*
 * What oncilla.h promises, checked from C: right use, wrong use, and what a peer may send. It prints each check that
 * fails and ends with 1 then.
 */
#include <stdio.h>
#include <string.h>

#include <oncilla.h>

static int failures;

static void check_(int holds, const char *what, int line)
{
    if (!holds) {
        printf("line %d: %s\n", line, what);
        failures++;
    }
}
#define CHECK(condition) check_((condition), #condition, __LINE__)
#define CHECK_STATUS(expression, expected) \
    do { \
        oncilla_status got_ = (expression); \
        if (got_ != (expected)) { \
            printf("line %d: %s: %s instead of %s\n", __LINE__, #expression, oncilla_status_name(got_), #expected); \
            failures++; \
        } \
    } while (0)

/* Not aligned for anything, whatever the machine. */
static uint64_t words[16];
#define UNALIGNED(type) ((type *)(void *)((char *)words + 1))
/* No object is as large. */
#define IMPOSSIBLE ((size_t)-1)

static void values_come_back(void)
{
    uint8_t memory[128], fixed[5];
    char text[8];
    const uint8_t *lent;
    size_t lent_length;
    int32_t i32;
    uint32_t u32, boolean, count;
    int64_t i64;
    uint64_t u64;
    float f32;
    double f64;
    oncilla_writer writer = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader reader;

    oncilla_put_i32(&writer, INT32_MIN);
    oncilla_put_u32(&writer, UINT32_MAX);
    oncilla_put_i64(&writer, INT64_MIN);
    oncilla_put_u64(&writer, UINT64_MAX);
    oncilla_put_f32(&writer, -0.5f);
    oncilla_put_f64(&writer, 1e300);
    oncilla_put_bool(&writer, 17);
    oncilla_put_string(&writer, "sieben!", 7);
    oncilla_put_opaque(&writer, (const uint8_t *)"\0\1\2\3\4", 5);
    oncilla_put_fixed(&writer, (const uint8_t *)"\5\6\7\10\11", 5);
    oncilla_put_u32(&writer, 0);
    CHECK_STATUS(writer.status, ONCILLA_OK);
    CHECK(writer.length == 4 + 4 + 8 + 8 + 4 + 8 + 4 + 12 + 12 + 8 + 4);
    CHECK(memcmp(memory, "\200\0\0\0\377\377\377\377\200\0\0\0\0\0\0\0", 16) == 0);

    reader = oncilla_reader_of(memory, writer.length);
    oncilla_get_i32(&reader, &i32);
    oncilla_get_u32(&reader, &u32);
    oncilla_get_i64(&reader, &i64);
    oncilla_get_u64(&reader, &u64);
    oncilla_get_f32(&reader, &f32);
    oncilla_get_f64(&reader, &f64);
    oncilla_get_bool(&reader, &boolean);
    oncilla_get_string(&reader, text, sizeof text);
    oncilla_get_opaque(&reader, &lent, &lent_length, 5);
    oncilla_get_fixed(&reader, fixed, sizeof fixed);
    oncilla_get_count(&reader, &count, 3);
    CHECK_STATUS(oncilla_get_end(&reader), ONCILLA_OK);
    CHECK(i32 == INT32_MIN && u32 == UINT32_MAX && i64 == INT64_MIN && u64 == UINT64_MAX);
    CHECK(f32 == -0.5f && f64 == 1e300 && boolean == 1 && count == 0);
    CHECK(strcmp(text, "sieben!") == 0);
    CHECK(lent_length == 5 && memcmp(lent, "\0\1\2\3\4", 5) == 0);
    CHECK(memcmp(fixed, "\5\6\7\10\11", 5) == 0);
}

static oncilla_status read_as(const char *bytes, size_t length, char kind)
{
    oncilla_reader reader = oncilla_reader_of((const uint8_t *)bytes, length);
    uint32_t u32 = 9;
    uint64_t u64 = 9;
    char text[4] = "xyz";
    uint8_t fixed[3];
    const uint8_t *lent = (const uint8_t *)bytes;
    size_t lent_length = 9;
    oncilla_status status, end;
    switch (kind) {
    case 'u': status = oncilla_get_u32(&reader, &u32); break;
    case 'h': status = oncilla_get_u64(&reader, &u64); break;
    case 'b': status = oncilla_get_bool(&reader, &u32); break;
    case 'c': status = oncilla_get_count(&reader, &u32, 2); break;
    case 's': status = oncilla_get_string(&reader, text, sizeof text); break;
    case 'f': status = oncilla_get_fixed(&reader, fixed, sizeof fixed); break;
    default: status = oncilla_get_opaque(&reader, &lent, &lent_length, 3); break;
    }
    if (status != ONCILLA_OK) {
        /* Nothing of what came is left in the places, and the fault stays. */
        CHECK(u32 == 0 || u32 == 9);
        CHECK(kind != 's' || memcmp(text, "\0\0\0", 4) == 0);
        CHECK(kind != 'o' || (lent == NULL && lent_length == 0));
        CHECK_STATUS(oncilla_get_u32(&reader, &u32), status);
        CHECK(u32 == 0);
    }
    end = oncilla_get_end(&reader);
    CHECK(end == status || status == ONCILLA_OK);
    return end;
}

static void bad_bytes_are_refused(void)
{
    CHECK_STATUS(read_as("\0\0\0", 3, 'u'), ONCILLA_END);
    CHECK_STATUS(read_as("\0\0\0\0\0\0\0", 7, 'h'), ONCILLA_END);
    CHECK_STATUS(read_as("\0\0\0\1\0", 5, 'u'), ONCILLA_LEFT_OVER);
    CHECK_STATUS(read_as("\0\0\0\2", 4, 'b'), ONCILLA_BOOL);
    CHECK_STATUS(read_as("\0\0\0\2\0", 5, 'c'), ONCILLA_LENGTH);
    CHECK_STATUS(read_as("\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\0", 16, 'c'), ONCILLA_BOUND);
    CHECK_STATUS(read_as("\377\377\377\377abc\0", 8, 's'), ONCILLA_LENGTH);
    CHECK_STATUS(read_as("\0\0\0\4abcd", 8, 's'), ONCILLA_BOUND);
    CHECK_STATUS(read_as("\0\0\0\3a\0c\0", 8, 's'), ONCILLA_TEXT);
    CHECK_STATUS(read_as("\0\0\0\3abc\1", 8, 's'), ONCILLA_PADDING);
    CHECK_STATUS(read_as("\0\0\0\3abc", 7, 'o'), ONCILLA_END);
    CHECK_STATUS(read_as("\0\0\0\4abcd", 8, 'o'), ONCILLA_BOUND);
    CHECK_STATUS(read_as("abc", 3, 'f'), ONCILLA_END);
    CHECK_STATUS(read_as("abc\1", 4, 'f'), ONCILLA_PADDING);
    CHECK_STATUS(read_as("abc\0", 4, 'f'), ONCILLA_OK);
    CHECK_STATUS(read_as("", 0, '-'), ONCILLA_END);
}

static void wrong_pointers_are_told(void)
{
    /* With no zero at its end. */
    static const char endless[4] = {'m', 'o', 'r', 'e'};
    oncilla_reader own;
    uint8_t memory[8] = {0};
    uint32_t u32;
    oncilla_reader reader = oncilla_reader_of(memory, sizeof memory);
    oncilla_writer writer = oncilla_writer_on(memory, sizeof memory);

    CHECK_STATUS(oncilla_get_u32(NULL, &u32), ONCILLA_NULL);
    CHECK_STATUS(oncilla_get_u32(UNALIGNED(oncilla_reader), &u32), ONCILLA_UNALIGNED);
    CHECK_STATUS(oncilla_get_u32(&reader, NULL), ONCILLA_NULL);
    CHECK_STATUS(oncilla_get_end(&reader), ONCILLA_NULL);
    reader = oncilla_reader_of(memory, sizeof memory);
    CHECK_STATUS(oncilla_get_u32(&reader, UNALIGNED(uint32_t)), ONCILLA_UNALIGNED);
    reader = oncilla_reader_of(memory, sizeof memory);
    CHECK_STATUS(oncilla_get_fixed(&reader, memory, 4), ONCILLA_OVERLAP);
    reader = oncilla_reader_of(memory, sizeof memory);
    CHECK_STATUS(oncilla_get_string(&reader, (char *)words, 0), ONCILLA_TOO_SMALL);
    reader = oncilla_reader_of(memory, sizeof memory);
    CHECK_STATUS(oncilla_get_fixed(&reader, (uint8_t *)words, IMPOSSIBLE), ONCILLA_IMPOSSIBLE_LENGTH);
    reader = oncilla_reader_of(NULL, 4);
    CHECK_STATUS(oncilla_get_u32(&reader, &u32), ONCILLA_NULL);
    reader = oncilla_reader_of(memory, IMPOSSIBLE);
    CHECK_STATUS(oncilla_get_u32(&reader, &u32), ONCILLA_IMPOSSIBLE_LENGTH);
    reader = oncilla_reader_of(memory, 4);
    reader.offset = 5;
    CHECK_STATUS(oncilla_get_u32(&reader, &u32), ONCILLA_INVALID);

    CHECK_STATUS(oncilla_put_u32(NULL, 1), ONCILLA_NULL);
    CHECK_STATUS(oncilla_put_opaque(&writer, memory, 4), ONCILLA_OVERLAP);
    CHECK_STATUS(oncilla_put_u32(&writer, 1), ONCILLA_OVERLAP);
    writer = oncilla_writer_on(memory, sizeof memory);
    CHECK_STATUS(oncilla_put_string(&writer, NULL, 9), ONCILLA_NULL);
    writer = oncilla_writer_on(memory, sizeof memory);
    CHECK_STATUS(oncilla_put_string(&writer, "long", 3), ONCILLA_BOUND);
    /* No zero: of what has no end no more is looked at than the bound allows. */
    memset(memory, 'x', sizeof memory);
    writer = oncilla_writer_on(memory, sizeof memory);
    CHECK_STATUS(oncilla_put_string(&writer, endless, sizeof endless - 1), ONCILLA_BOUND);
    /* What a writer writes, and what a reader gives, is none of its own bytes. */
    writer = oncilla_writer_on(memory, sizeof memory);
    writer.bytes = (uint8_t *)&writer;
    CHECK_STATUS(oncilla_put_u32(&writer, 1), ONCILLA_OVERLAP);
    writer = oncilla_writer_on(memory, sizeof memory);
    CHECK_STATUS(oncilla_put_fixed(&writer, (const uint8_t *)&writer.size, 4), ONCILLA_OVERLAP);
    writer = oncilla_writer_on(memory, sizeof memory);
    memory[0] = 'x';
    CHECK_STATUS(oncilla_put_string(&writer, (const char *)memory, 7), ONCILLA_OVERLAP);
    own = oncilla_reader_of((const uint8_t *)endless, sizeof endless);
    CHECK_STATUS(oncilla_get_fixed(&own, (uint8_t *)&own.offset, 2), ONCILLA_OVERLAP);
    writer = oncilla_writer_on(memory, sizeof memory);
    CHECK_STATUS(oncilla_put_u64(&writer, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_put_u32(&writer, 1), ONCILLA_NO_ROOM);
    CHECK(writer.length == 8);
    writer = oncilla_writer_on(NULL, 8);
    CHECK_STATUS(oncilla_put_u32(&writer, 1), ONCILLA_NULL);
}

typedef struct counts {
    uint32_t executed;
    oncilla_server *server;
    oncilla_request request;
} counts;

/* unsigned twice(unsigned) = 1 */
static oncilla_status twice(void *context, const oncilla_request *request, oncilla_reader *arguments,
                            oncilla_writer *results)
{
    counts *self = context;
    uint32_t number;
    oncilla_get_u32(arguments, &number);
    if (oncilla_get_end(arguments) != ONCILLA_OK)
        return ONCILLA_GARBAGE_ARGS;
    self->executed++;
    self->request = *request;
    /* In the middle of its own call the server cannot be used. */
    if (self->server != NULL)
        CHECK_STATUS(oncilla_server_serve_next(self->server, 0), ONCILLA_BUSY);
    return oncilla_put_u32(results, 2 * number);
}

/* Writes more than it has said. */
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

static uint32_t only_root(void *context, const oncilla_request *request)
{
    oncilla_auth_sys user;
    (void)context;
    return oncilla_auth_sys_of(request, &user) == ONCILLA_OK && user.uid == 0 ? 0 : 5;
}

static const oncilla_procedure procedures[] = {{1, 0, 4, twice}, {2, ONCILLA_IDEMPOTENT, 8, boasts}, {3, 0, 0, silent}};
static const oncilla_program programs[] = {{100, 1, procedures, 3}, {100, 3, procedures, 1}};
static uint64_t table_memory[ONCILLA_TABLE_WORDS(2, 4)];

#define HEADER(xid, version, procedure) \
    xid "\0\0\0\0\0\0\0\2\0\0\0\144\0\0\0" version "\0\0\0" procedure "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static oncilla_status tried(const oncilla_program *wrong, size_t memory)
{
    oncilla_table table = {{0}};
    return oncilla_table_init(&table, wrong, 1, NULL, table_memory, memory);
}

static void wrong_tables_are_refused(void)
{
    static const oncilla_procedure none[] = {{1, 0, 4, NULL}}, zero[] = {{0, 0, 4, twice}},
                                   flags[] = {{1, 6, 4, twice}}, huge[] = {{1, 0, IMPOSSIBLE, twice}},
                                   same[] = {{1, 0, 4, twice}, {1, 0, 4, twice}};
    static const oncilla_program programs_none = {1, 1, none, 1}, programs_zero = {1, 1, zero, 1},
                                 programs_flags = {1, 1, flags, 1}, programs_huge = {1, 1, huge, 1},
                                 programs_same = {1, 1, same, 2}, programs_null = {1, 1, NULL, 1},
                                 programs_many = {1, 1, same, IMPOSSIBLE};
    static const oncilla_program same_programs[] = {{1, 1, NULL, 0}, {1, 1, NULL, 0}};
    oncilla_table table = {{0}};
    size_t size = sizeof table_memory;

    CHECK_STATUS(tried(&programs_none, size), ONCILLA_NULL);
    CHECK_STATUS(tried(&programs_zero, size), ONCILLA_PROCEDURE_ZERO);
    CHECK_STATUS(tried(&programs_flags, size), ONCILLA_INVALID);
    CHECK_STATUS(tried(&programs_huge, size), ONCILLA_INVALID);
    CHECK_STATUS(tried(&programs_same, size), ONCILLA_PROCEDURE_TWICE);
    CHECK_STATUS(tried(&programs_null, size), ONCILLA_NULL);
    CHECK_STATUS(tried(&programs_many, size), ONCILLA_IMPOSSIBLE_LENGTH);
    CHECK_STATUS(tried(&programs[1], 8), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_table_init(&table, same_programs, 2, NULL, table_memory, size), ONCILLA_PROGRAM_TWICE);
    CHECK_STATUS(oncilla_table_init(&table, programs, 2, NULL, NULL, size), ONCILLA_NULL);
    CHECK_STATUS(oncilla_table_init(NULL, programs, 2, NULL, table_memory, size), ONCILLA_NULL);
    CHECK(oncilla_table_reply_max(&table) == 0);
    CHECK_STATUS(oncilla_table_init(&table, programs, 2, NULL, table_memory, size), ONCILLA_OK);
    CHECK(oncilla_table_reply_max(&table) == 32);
}

/* The status word of what is answered, or a number over 1000 for denied, or 999 for silence. */
static unsigned answered(const oncilla_table *table, counts *self, oncilla_replay *replay, const char *call, size_t length,
                         uint32_t *result)
{
    static uint8_t reply[64];
    size_t reply_length = 77;
    oncilla_reader reader;
    uint32_t xid, type, denied, flavor, body, status;
    CHECK_STATUS(oncilla_answer(table, self, replay, NULL, (const uint8_t *)call, length, reply, sizeof reply,
                                &reply_length), ONCILLA_OK);
    if (reply_length == 0)
        return 999;
    reader = oncilla_reader_of(reply, reply_length);
    oncilla_get_u32(&reader, &xid);
    oncilla_get_u32(&reader, &type);
    oncilla_get_u32(&reader, &denied);
    CHECK(type == 1);
    if (denied != 0) {
        oncilla_get_u32(&reader, &flavor);
        oncilla_get_u32(&reader, &status);
        return 1000 + status;
    }
    oncilla_get_u32(&reader, &flavor);
    oncilla_get_u32(&reader, &body);
    oncilla_get_u32(&reader, &status);
    oncilla_get_u32(&reader, result);
    return status;
}

static void calls_are_answered(void)
{
    static const char two[] = HEADER("abcd", "\1", "\1") "\0\0\0\25", left_over[] = HEADER("abcd", "\1", "\1") "\0\0\0\25x";
    static const char null[] = HEADER("abcd", "\1", "\0"), other[] = HEADER("abcd", "\2", "\1"),
                      unknown[] = HEADER("abcd", "\1", "\7"), boast[] = HEADER("abcd", "\1", "\2"),
                      none[] = HEADER("abcd", "\1", "\3");
    static uint8_t replies[ONCILLA_REPLAY_BYTES(2, 32)];
    oncilla_table table = {{0}};
    oncilla_replay replay = {{0}};
    counts self = {0, NULL, {0}};
    uint32_t result = 0;
    size_t slots, i;

    CHECK_STATUS(oncilla_table_init(&table, programs, 2, NULL, table_memory, sizeof table_memory), ONCILLA_OK);
    CHECK(answered(&table, &self, NULL, two, sizeof two - 1, &result) == 0 && result == 42);
    CHECK(self.request.xid == 0x61626364 && self.request.program == 100 && self.request.peer.ip_length == 0);
    CHECK(answered(&table, &self, NULL, left_over, sizeof left_over - 1, &result) == 4);
    CHECK(answered(&table, &self, NULL, null, sizeof null - 1, &result) == 0);
    CHECK(answered(&table, &self, NULL, other, sizeof other - 1, &result) == 2 && result == 1);
    CHECK(answered(&table, &self, NULL, unknown, sizeof unknown - 1, &result) == 3);
    CHECK(answered(&table, &self, NULL, boast, sizeof boast - 1, &result) == 5);
    CHECK(answered(&table, &self, NULL, none, sizeof none - 1, &result) == 999);
    for (i = 0; i < sizeof two - 1; i++)
        CHECK(answered(&table, &self, NULL, two, i, &result) == (i < 28 ? 999 : 4));
    CHECK(self.executed == 1);

    CHECK_STATUS(oncilla_replay_init(&replay, 31, replies, sizeof replies), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_replay_slots(&replay, &slots), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_replay_init(&replay, 32, replies, 47), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_replay_init(&replay, 32, replies, sizeof replies), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_slots(&replay, &slots), ONCILLA_OK);
    CHECK(slots == 2);
    for (i = 0; i < 3; i++)
        CHECK(answered(&table, &self, &replay, two, sizeof two - 1, &result) == 0 && result == 42);
    CHECK(self.executed == 2);
    CHECK_STATUS(oncilla_replay_forget(&replay), ONCILLA_OK);
    CHECK(answered(&table, &self, &replay, two, sizeof two - 1, &result) == 0 && self.executed == 3);

    CHECK_STATUS(oncilla_table_init(&table, programs, 2, only_root, table_memory, sizeof table_memory), ONCILLA_OK);
    CHECK(answered(&table, &self, NULL, two, sizeof two - 1, &result) == 1005);
}

static void answer_checks_its_pointers(void)
{
    static uint8_t buffer[128];
    oncilla_table table = {{0}}, empty = {{0}};
    size_t length = 5;
    CHECK_STATUS(oncilla_table_init(&table, programs, 2, NULL, table_memory, sizeof table_memory), ONCILLA_OK);
    CHECK_STATUS(oncilla_answer(NULL, NULL, NULL, NULL, buffer, 40, buffer + 64, 64, &length), ONCILLA_NULL);
    CHECK_STATUS(oncilla_answer(&empty, NULL, NULL, NULL, buffer, 40, buffer + 64, 64, &length), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, buffer + 39, 64, &length), ONCILLA_OVERLAP);
    CHECK(length == 0);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, NULL, 40, buffer, 64, &length), ONCILLA_NULL);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, NULL, 64, &length), ONCILLA_NULL);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, buffer + 64, 31, &length), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, buffer + 64, 64, NULL), ONCILLA_NULL);
}

/* A carrier in memory: what is sent comes back, or is lost. */
typedef struct loop {
    uint8_t bytes[256];
    size_t length;
    uint64_t now;
    int32_t failure;
    unsigned sent;
    int lossy;
} loop;

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

static int32_t loop_send(void *context, const uint8_t *from, size_t size, uint64_t deadline)
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

static void servers_and_clients_tell_what_is_wrong(void)
{
    static loop line;
    static uint8_t rx[128], tx[128];
    static oncilla_server server;
    static oncilla_client client;
    static const char two[] = HEADER("abcd", "\1", "\1") "\0\0\0\25";
    oncilla_io io = {&line, loop_now, loop_receive, loop_send, NULL}, bad = io;
    oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx}, wrong = {rx, sizeof rx, rx + 127, 1};
    oncilla_table table = {{0}};
    oncilla_details details;
    counts self = {0, &server, {0}};
    oncilla_writer arguments;
    uint8_t credential[ONCILLA_AUTH_BODY_MAX];
    size_t credential_length;
    oncilla_auth_sys user = {1, 2, 3, 17, {0}};

    CHECK_STATUS(oncilla_table_init(&table, programs, 2, NULL, table_memory, sizeof table_memory), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_serve_next(&server, 0), ONCILLA_UNINITIALIZED);
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, NULL, &io, &wrong), ONCILLA_OVERLAP);
    wrong.tx = tx, wrong.tx_size = 31;
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, NULL, &io, &wrong), ONCILLA_TOO_SMALL);
    wrong.tx = NULL;
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, NULL, &io, &wrong), ONCILLA_NULL);
    bad.receive = NULL;
    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, NULL, &bad, &buffers), ONCILLA_NULL);
    bad = io, bad.now = NULL;
    CHECK_STATUS(oncilla_client_over_datagram(&client, &bad, &buffers, 1), ONCILLA_NULL);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_UNINITIALIZED);

    CHECK_STATUS(oncilla_server_over_datagram(&server, &table, &self, NULL, &io, &buffers), ONCILLA_OK);
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_TIME_UP);
    loop_send(&line, (const uint8_t *)two, sizeof two - 1, 0);
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_OK);
    CHECK(self.executed == 1 && line.length == 28);
    line.length = 0;
    line.failure = -5;
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_TRANSPORT);
    CHECK_STATUS(oncilla_server_details(&server, &details), ONCILLA_OK);
    CHECK(details.status == ONCILLA_TRANSPORT && details.transport == -5);
    line.failure = 1000;
    CHECK_STATUS(oncilla_server_serve_next(&server, 50), ONCILLA_TRANSPORT);
    CHECK_STATUS(oncilla_server_details(&server, &details), ONCILLA_OK);
    CHECK(details.transport == ONCILLA_IO_TOO_MANY);
    line.failure = 0;

    line.lossy = 1, line.sent = 0;
    CHECK_STATUS(oncilla_client_over_datagram(&client, &io, &buffers, 1), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_set_timeout(&client, 1000), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_set_retry(&client, 250, 0), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_TIMED_OUT);
    CHECK(line.sent == 4);
    arguments = oncilla_writer_on(tx + 120, 8);
    oncilla_put_u32(&arguments, 1);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, &arguments, NULL), ONCILLA_OVERLAP);
    arguments = oncilla_writer_on(rx, 8);
    oncilla_put_u32(&arguments, 1);
    CHECK_STATUS(oncilla_client_cast(&client, 1, 1, 1, &arguments), ONCILLA_OVERLAP);
    CHECK(line.sent == 4);
    CHECK_STATUS(oncilla_auth_sys_write(&user, "m", credential, sizeof credential, &credential_length), ONCILLA_BOUND);
    user.group_count = 16;
    CHECK_STATUS(oncilla_auth_sys_write(&user, "m", credential, 16, &credential_length), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_auth_sys_write(&user, "m", credential, sizeof credential, &credential_length), ONCILLA_OK);
    CHECK(credential_length == 4 + 8 + 12 + 64);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, credential, 401), ONCILLA_BOUND);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, credential, credential_length), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_TIMED_OUT);
    CHECK_STATUS(oncilla_client_set_credential(&client, ONCILLA_AUTH_SYS, credential, 400), ONCILLA_OK);
    CHECK_STATUS(oncilla_client_call(&client, 1, 1, 1, NULL, NULL), ONCILLA_NO_ROOM);
    CHECK_STATUS(oncilla_client_details(&client, &details), ONCILLA_OK);
    CHECK(details.needed == 440 && details.available == 128);
}

static void every_status_has_a_name(void)
{
    CHECK(strcmp(oncilla_status_name(ONCILLA_TIMED_OUT), "ONCILLA_TIMED_OUT") == 0);
    CHECK(strcmp(oncilla_strerror(ONCILLA_OK), "it worked") == 0);
    CHECK(strcmp(oncilla_strerror(-77), "an unknown status") == 0);
    CHECK(strcmp(oncilla_status_name(INT32_MAX), "unknown") == 0);
}

int main(void)
{
    values_come_back();
    bad_bytes_are_refused();
    wrong_pointers_are_told();
    wrong_tables_are_refused();
    calls_are_answered();
    answer_checks_its_pointers();
    servers_and_clients_tell_what_is_wrong();
    every_status_has_a_name();
    printf("%d failures\n", failures);
    return failures != 0;
}
