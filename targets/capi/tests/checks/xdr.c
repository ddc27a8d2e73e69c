/* Values, bytes that are no values, and wrong pointers. */
#include "checks.h"

/* Unaligned for every type on every machine. */
static uint64_t words[16];
#define UNALIGNED(type) ((type *)(void *)((char *)words + 1))

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
        /* The places contain zeros, and the error stays. */
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
    /* Too long, with any padding or none. */
    CHECK_STATUS(read_as("\0\0\0\5abcde\1\1\1", 12, 's'), ONCILLA_BOUND);
    CHECK_STATUS(read_as("\0\0\0\5abcde\1\1\1", 12, 'o'), ONCILLA_BOUND);
    CHECK_STATUS(read_as("\0\0\0\5abcde", 9, 'o'), ONCILLA_BOUND);
    CHECK_STATUS(read_as("abc", 3, 'f'), ONCILLA_END);
    CHECK_STATUS(read_as("abc\1", 4, 'f'), ONCILLA_PADDING);
    CHECK_STATUS(read_as("abc\0", 4, 'f'), ONCILLA_OK);
    CHECK_STATUS(read_as("", 0, '-'), ONCILLA_END);
}

static void wrong_pointers_are_reported(void)
{
    /* Without a zero at the end. */
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
    /* Without a zero: no more bytes are read than the bound allows. */
    memset(memory, 'x', sizeof memory);
    writer = oncilla_writer_on(memory, sizeof memory);
    CHECK_STATUS(oncilla_put_string(&writer, endless, sizeof endless - 1), ONCILLA_BOUND);
    /* A writer or reader must not write over itself. */
    writer = oncilla_writer_on(memory, sizeof memory);
    writer.bytes = (uint8_t *)&writer;
    CHECK_STATUS(oncilla_put_u32(&writer, 1), ONCILLA_OVERLAP);
    writer = oncilla_writer_on(memory, sizeof memory);
    CHECK_STATUS(oncilla_put_fixed(&writer, (const uint8_t *)&writer.size, 4), ONCILLA_OVERLAP);
    writer = oncilla_writer_on(memory, sizeof memory);
    memory[0] = 'x';
    memory[4] = 0;
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

void check_xdr(void)
{
    values_come_back();
    bad_bytes_are_refused();
    wrong_pointers_are_reported();
}
