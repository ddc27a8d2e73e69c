/* Tables, and the server as a function. */
#include "checks.h"

static uint32_t only_root(void *context, const oncilla_request *request)
{
    oncilla_auth_sys user;
    (void)context;
    if (oncilla_request_credential(request).flavor == ONCILLA_AUTH_SYS)
        CHECK_STATUS(oncilla_auth_sys_of(request, (oncilla_auth_sys *)(void *)(uintptr_t)request), ONCILLA_OVERLAP);
    return oncilla_auth_sys_of(request, &user) == ONCILLA_OK && user.uid == 0 ? 0 : 5;
}

static oncilla_status tried(const oncilla_program *wrong)
{
    const oncilla_table table = {wrong, 1, NULL};
    return oncilla_table_check(&table);
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
    static const oncilla_program same_programs[] = {{1, 1, NULL, 0}, {2, 1, NULL, 0}, {1, 1, NULL, 0}};
    static const oncilla_table twice_ = {same_programs, 3, NULL}, null = {NULL, 1, NULL}, right = {programs, 2, NULL};

    CHECK_STATUS(tried(&programs_none), ONCILLA_NULL);
    CHECK_STATUS(tried(&programs_zero), ONCILLA_PROCEDURE_ZERO);
    CHECK_STATUS(tried(&programs_flags), ONCILLA_INVALID);
    CHECK_STATUS(tried(&programs_huge), ONCILLA_INVALID);
    CHECK_STATUS(tried(&programs_same), ONCILLA_PROCEDURE_TWICE);
    CHECK_STATUS(tried(&programs_null), ONCILLA_NULL);
    CHECK_STATUS(tried(&programs_many), ONCILLA_IMPOSSIBLE_LENGTH);
    CHECK_STATUS(oncilla_table_check(&twice_), ONCILLA_PROGRAM_TWICE);
    CHECK_STATUS(oncilla_table_check(&null), ONCILLA_NULL);
    CHECK_STATUS(oncilla_table_check(NULL), ONCILLA_NULL);
    CHECK_STATUS(oncilla_table_check(&right), ONCILLA_OK);
    CHECK(oncilla_table_reply_max(NULL) == 0);
    CHECK(oncilla_table_reply_max(&right) == 32);
}

/* Returns the status word of the reply, a number over 1000 if the call was denied, or 999 without a reply. */
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

/* A refused call does not replace a remembered one. */
static void check_refused(const oncilla_table *table, const char *good, size_t good_length, const char *bad,
                          size_t bad_length)
{
    static uint8_t replies[ONCILLA_REPLAY_BYTES(1, 32)];
    oncilla_replay replay = {{0}};
    counts self = {0, NULL, {0}};
    uint32_t result = 0;

    CHECK_STATUS(oncilla_replay_init(&replay, 32, replies, sizeof replies), ONCILLA_OK);
    CHECK(answered(table, &self, &replay, good, good_length, &result) == 0 && result == 42);
    CHECK(answered(table, &self, &replay, bad, bad_length, &result) == 4);
    CHECK(answered(table, &self, &replay, good, good_length, &result) == 0 && self.executed == 1);
}

/* A replay cache for many peers distinguishes them; a cache for one peer is refused. */
static void check_shared(const oncilla_table *table, const char *call, size_t length)
{
    static const uint8_t key[ONCILLA_REPLAY_KEY] = "known to nobody";
    static uint8_t replies[ONCILLA_SHARED_REPLAY_BYTES(2, 32)], line_replies[ONCILLA_REPLAY_BYTES(2, 32)], reply[64];
    oncilla_replay shared = {{0}}, line = {{0}};
    oncilla_address peers[2] = {{{10, 0, 0, 1}, 4, 700}, {{10, 0, 0, 2}, 4, 700}};
    counts self = {0, NULL, {0}};
    size_t slots = 0, answer = 0, i;

    CHECK_STATUS(oncilla_replay_init(&line, 32, line_replies, sizeof line_replies), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_init_shared(&shared, key, 32, replies, sizeof replies), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_slots(&shared, &slots), ONCILLA_OK);
    CHECK(slots == 2);
    for (i = 0; i < 6; i++)
        CHECK_STATUS(oncilla_answer(table, &self, &shared, &peers[i % 2], (const uint8_t *)call, length, reply,
                                    sizeof reply, &answer),
                     ONCILLA_OK);
    CHECK(self.executed == 2 && answer == 28);
    CHECK_STATUS(oncilla_answer(table, &self, &line, &peers[0], (const uint8_t *)call, length, reply, sizeof reply,
                                &answer),
                 ONCILLA_INVALID);
    CHECK(self.executed == 2 && answer == 28);
}

static void calls_are_answered(void)
{
    static const char two[] = HEADER("abcd", "\1", "\1") "\0\0\0\25", left_over[] = HEADER("abcd", "\1", "\1") "\0\0\0\25x";
    static const char null[] = HEADER("abcd", "\1", "\0"), other[] = HEADER("abcd", "\2", "\1"),
                      unknown[] = HEADER("abcd", "\1", "\7"), boast[] = HEADER("abcd", "\1", "\2"),
                      none[] = HEADER("abcd", "\1", "\3");
    static uint8_t replies[ONCILLA_REPLAY_BYTES(2, 32)];
    static const oncilla_table table = {programs, 2, NULL}, for_root = {programs, 2, only_root};
    static const char root[] = "abcd\0\0\0\0\0\0\0\2\0\0\0\144\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\24"
        "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\25";
    oncilla_replay replay = {{0}};
    counts self = {0, NULL, {0}};
    uint32_t result = 0;
    size_t slots, i;

    CHECK(answered(&table, &self, NULL, two, sizeof two - 1, &result) == 0 && result == 42);
    CHECK(self.request.xid == 0x61626364 && self.request.program == 100);
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
    CHECK_STATUS(oncilla_replay_init(&replay, 32, replies, 43), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_replay_init(&replay, 32, replies, sizeof replies), ONCILLA_OK);
    CHECK_STATUS(oncilla_replay_slots(&replay, &slots), ONCILLA_OK);
    CHECK(slots == 2);
    for (i = 0; i < 3; i++)
        CHECK(answered(&table, &self, &replay, two, sizeof two - 1, &result) == 0 && result == 42);
    CHECK(self.executed == 2);
    CHECK_STATUS(oncilla_replay_forget(&replay), ONCILLA_OK);
    CHECK(answered(&table, &self, &replay, two, sizeof two - 1, &result) == 0 && self.executed == 3);
    check_refused(&table, two, sizeof two - 1, left_over, sizeof left_over - 1);
    check_shared(&table, two, sizeof two - 1);

    CHECK(answered(&for_root, &self, NULL, two, sizeof two - 1, &result) == 1005);
    CHECK(answered(&for_root, &self, NULL, root, sizeof root - 1, &result) == 0 && result == 42);
}

static void answer_checks_its_pointers(void)
{
    static uint8_t buffer[128];
    static const oncilla_table table = {programs, 2, NULL}, wrong = {NULL, 1, NULL};
    size_t length = 5;
    CHECK_STATUS(oncilla_answer(NULL, NULL, NULL, NULL, buffer, 40, buffer + 64, 64, &length), ONCILLA_NULL);
    CHECK_STATUS(oncilla_answer(&wrong, NULL, NULL, NULL, buffer, 40, buffer + 64, 64, &length), ONCILLA_NULL);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, buffer + 39, 64, &length), ONCILLA_OVERLAP);
    CHECK(length == 5);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, NULL, 40, buffer, 64, &length), ONCILLA_NULL);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, NULL, 64, &length), ONCILLA_NULL);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, buffer + 64, 31, &length), ONCILLA_TOO_SMALL);
    CHECK_STATUS(oncilla_answer(&table, NULL, NULL, NULL, buffer, 40, buffer + 64, 64, NULL), ONCILLA_NULL);
}

void check_tables(void)
{
    wrong_tables_are_refused();
    calls_are_answered();
    answer_checks_its_pointers();
}
