/* Values in words. Floating point numbers are said by their bits, so that no two of them look alike. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

char said[8001];
static size_t length;

static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(said + length, sizeof said - length, format, arguments);
    va_end(arguments);
    length += (size_t)more;
    if (more < 0 || length >= sizeof said) {
        fprintf(stderr, "a description has %zu bytes and room for %zu; make `said` larger\n", length, sizeof said);
        exit(1);
    }
}

/* Says each element of something that is counted. */
#define EACH(counted, element) \
    do { \
        say("["); \
        for (uint32_t i = 0; i < (counted); i++) { \
            if (i > 0) \
                say(" "); \
            element; \
        } \
        say("]"); \
    } while (0)

void say_nothing(void)
{
    length = 0;
    said[0] = 0;
}

static void say_int(int64_t value)
{
    say("%" PRId64, value);
}

static void say_unsigned(uint64_t value)
{
    say("%" PRIu64, value);
}

static void say_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    say("f%08" PRIx32, bits);
}

static void say_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    say("d%016" PRIx64, bits);
}

static void say_bool(bool value)
{
    say(value ? "true" : "false");
}

static void say_opaque(const uint8_t *bytes, size_t count)
{
    say("x");
    for (size_t i = 0; i < count; i++)
        say("%02x", bytes[i]);
}

void say_word(const word *value)
{
    say("'%s'", value->text);
}

static void say_chunk(const chunk *value)
{
    say_opaque(value->bytes, value->length);
}

static void say_point(const point *value)
{
    say("{%" PRId32 " %" PRId32 "}", value->x, value->y);
}

/* The length and a sum in which every byte counts according to its place: the whole would be too long. */
static void say_sum(const uint8_t *bytes, uint32_t count)
{
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum = sum * 31 + bytes[i];
    say("%" PRIu32 " bytes, %08" PRIx32, count, sum);
}

void say_piece(const piece *value)
{
    say_sum(value->bytes, value->length);
}

void say_bulk(const bulk *value)
{
    say_sum(value->bytes, value->length);
}

void say_numbers(const numbers *value)
{
    say("{%d %u %d %u %" PRId32 " %" PRIu32 " ", value->tiny, value->octet, value->small, value->half, value->plain,
        value->natural);
    say_int(value->big);
    say(" ");
    say_unsigned(value->bigger);
    say(" ");
    say_float(value->real);
    say(" ");
    say_double(value->precise);
    say(" ");
    say_bool(value->truth);
    say(" %d}", (int)value->shade);
}

void say_octets(const octets *value)
{
    say("{");
    say_opaque(value->fixed.bytes, sizeof value->fixed.bytes);
    say(" ");
    say_chunk(&value->bounded);
    say(" ");
    say_word(&value->text);
    say(" ");
    say_opaque(value->full, sizeof value->full);
    say(" ");
    say_opaque(value->endless.bytes, value->endless.length);
    say("}");
}

void say_arrays(const arrays *value)
{
    say("{");
    EACH(3, say_int(value->fixed[i]));
    say(" ");
    EACH(value->variable.count, say_int(value->variable.items[i]));
    say(" ");
    EACH(value->words.count, say_word(&value->words.items[i]));
    say(" ");
    EACH(2, say_opaque(value->serials[i].bytes, sizeof value->serials[i].bytes));
    say(" ");
    EACH(value->chunks.count, say_chunk(&value->chunks.items[i]));
    say(" ");
    EACH(2, say_int(value->shades[i]));
    say(" ");
    EACH(value->flags.count, say_bool(value->flags.items[i]));
    say(" ");
    EACH(value->precise.count, say_double(value->precise.items[i]));
    say("}");
}

void say_shape(const shape *value)
{
    say("{");
    say_point(&value->center);
    say(" ");
    EACH(value->corners.count, say_point(&value->corners.items[i]));
    say(value->anchor.present ? " some " : " none");
    if (value->anchor.present)
        say_point(&value->anchor.value);
    say(value->mark.present ? " some " : " none");
    if (value->mark.present)
        say_chunk(&value->mark.value);
    say("}");
}

void say_maybe(const maybe *value)
{
    if (value->present)
        say("some %" PRId32, value->value);
    else
        say("none");
}

void say_list(const node_list *value)
{
    say("[");
    for (uint32_t i = 0; i < value->count; i++) {
        say("%s{%" PRId32 " ", i > 0 ? " " : "", value->items[i].value);
        say_word(&value->items[i].label);
        say("}");
    }
    say("]");
}

static void say_by_number(const by_number *value)
{
    say("%" PRId32, value->kind);
    switch (value->kind) {
    case INT32_MIN:
        say(": ");
        say_point(&value->u.place);
        break;
    case -1:
        break;
    case 7:
        say(": ");
        say_chunk(&value->u.data);
        break;
    default:
        say(": ");
        say_word(&value->u.name);
    }
}

void say_unions(const unions *value)
{
    say("{");
    say_by_number(&value->number);
    say(", %" PRIu32, value->natural.kind);
    if (value->natural.kind == 4000000000u) {
        say(": ");
        say_int(value->natural.u.big);
    }
    say(", %d", (int)value->shade.shade);
    if (value->shade.shade == INFRARED) {
        say(": ");
        say_point(&value->shade.u.place);
    } else if (value->shade.shade == GREEN) {
        say(": ");
        say_double(value->shade.u.precise);
    }
    say(", ");
    say_bool(value->truth.known);
    if (value->truth.known) {
        say(": ");
        say_unsigned(value->truth.u.value);
    }
    say("}");
}

void say_mixed(const mixed *value)
{
    say("{%u ", value->octet);
    say_int(value->big);
    say(" ");
    say_word(&value->text);
    say(" ");
    say_chunk(&value->data);
    say(" ");
    say_bool(value->truth);
    say(" %d ", (int)value->shade);
    say_float(value->real);
    say(" ");
    say_point(&value->place);
    say("}");
}

void say_user(const oncilla_request *request)
{
    const oncilla_credential credential = oncilla_request_credential(request);
    oncilla_reader reader = oncilla_reader_of(credential.body, credential.length);
    uint32_t stamp, uid, gid, count, groups[16];
    char machine[255 + 1];
    if (credential.flavor != ONCILLA_AUTH_SYS)
        return;
    oncilla_get_u32(&reader, &stamp);
    oncilla_get_string(&reader, machine, sizeof machine);
    oncilla_get_u32(&reader, &uid);
    oncilla_get_u32(&reader, &gid);
    oncilla_get_count(&reader, &count, 16);
    for (uint32_t i = 0; i < count; i++)
        oncilla_get_u32(&reader, &groups[i]);
    if (oncilla_get_end(&reader) != ONCILLA_OK) {
        say("no user");
        return;
    }
    say("%" PRIu32 " %" PRIu32 " ", uid, gid);
    EACH(count, say_unsigned(groups[i]));
    say(" '%s'", machine);
}
