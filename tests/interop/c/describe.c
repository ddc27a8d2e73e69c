/* Values in words. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

char said[8000];
static size_t length;

static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    length += vsnprintf(said + length, sizeof said - length, format, arguments);
    va_end(arguments);
    if (length >= sizeof said) {
        fprintf(stderr, "a description has %zu bytes and room for %zu; make `said` larger\n", length, sizeof said);
        exit(1);
    }
}

/* Says each element of something that is counted. */
#define EACH(count, element) \
    do { \
        say("["); \
        for (u_int i = 0; i < (count); i++) { \
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

void say_int(long long value)
{
    say("%lld", value);
}

static void say_unsigned(unsigned long long value)
{
    say("%llu", value);
}

static void say_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    say("f%08x", bits);
}

static void say_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    say("d%016llx", (unsigned long long)bits);
}

static void say_bool(bool_t value)
{
    say(value == TRUE ? "true" : value == FALSE ? "false" : "neither");
}

static void say_opaque(const char *bytes, u_int count)
{
    say("x");
    for (u_int i = 0; i < count; i++)
        say("%02x", (unsigned char)bytes[i]);
}

void say_word(word value)
{
    say("'%s'", value);
}

static void say_chunk(const chunk *value)
{
    say_opaque(value->chunk_val, value->chunk_len);
}

static void say_point(const point *value)
{
    say("{%d %d}", value->x, value->y);
}

/* The length and a sum in which every byte counts according to its place: the whole would be too long. */
static void say_sum(const char *bytes, u_int count)
{
    uint32_t sum = 0;
    for (u_int i = 0; i < count; i++)
        sum = sum * 31 + (unsigned char)bytes[i];
    say("%u bytes, %08x", count, sum);
}

void say_piece(const piece *value)
{
    say_sum(value->piece_val, value->piece_len);
}

void say_bulk(const bulk *value)
{
    say_sum(value->bulk_val, value->bulk_len);
}

void say_numbers(const numbers *value)
{
    say("{%d %u %d %u %d %u ", (signed char)value->tiny, value->octet, value->small, value->half, value->plain,
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
    say_opaque(value->fixed, sizeof value->fixed);
    say(" ");
    say_chunk(&value->bounded);
    say(" ");
    say_word(value->text);
    say(" ");
    say_opaque(value->full, sizeof value->full);
    say(" ");
    say_opaque(value->endless.endless_val, value->endless.endless_len);
    say("}");
}

void say_arrays(const arrays *value)
{
    say("{");
    EACH(3, say_int(value->fixed[i]));
    say(" ");
    EACH(value->variable.variable_len, say_int(value->variable.variable_val[i]));
    say(" ");
    EACH(value->words.words_len, say_word(value->words.words_val[i]));
    say(" ");
    EACH(2, say_opaque(value->serials[i], sizeof value->serials[i]));
    say(" ");
    EACH(value->chunks.chunks_len, say_chunk(&value->chunks.chunks_val[i]));
    say(" ");
    EACH(2, say_int(value->shades[i]));
    say(" ");
    EACH(value->flags.flags_len, say_bool(value->flags.flags_val[i]));
    say(" ");
    EACH(value->precise.precise_len, say_double(value->precise.precise_val[i]));
    say("}");
}

void say_shape(const shape *value)
{
    say("{");
    say_point(&value->center);
    say(" ");
    EACH(value->corners.corners_len, say_point(&value->corners.corners_val[i]));
    say(value->anchor ? " some " : " none");
    if (value->anchor)
        say_point(value->anchor);
    say(value->mark ? " some " : " none");
    if (value->mark)
        say_chunk(value->mark);
    say("}");
}

void say_maybe(maybe value)
{
    say(value ? "some %d" : "none", value ? *value : 0);
}

void say_list(list value)
{
    const char *between = "";
    say("[");
    for (; value; value = value->next, between = " ") {
        say("%s{%d ", between, value->value);
        say_word(value->label);
        say("}");
    }
    say("]");
}

static void say_by_number(const by_number *value)
{
    say("%d", value->kind);
    switch (value->kind) {
    case -2147483647 - 1:
        say(": ");
        say_point(&value->by_number_u.place);
        break;
    case -1:
        break;
    case 7:
        say(": ");
        say_chunk(&value->by_number_u.data);
        break;
    default:
        say(": ");
        say_word(value->by_number_u.name);
    }
}

void say_unions(const unions *value)
{
    say("{");
    say_by_number(&value->number);
    say(", %u", value->natural.kind);
    if (value->natural.kind == 4000000000u) {
        say(": ");
        say_int(value->natural.by_natural_u.big);
    }
    say(", %d", (int)value->shade.shade);
    if (value->shade.shade == INFRARED) {
        say(": ");
        say_point(&value->shade.by_color_u.place);
    } else if (value->shade.shade == GREEN) {
        say(": ");
        say_double(value->shade.by_color_u.precise);
    }
    say(", ");
    say_bool(value->truth.known);
    if (value->truth.known == TRUE) {
        say(": ");
        say_unsigned(value->truth.by_truth_u.value);
    }
    say("}");
}

void say_mixed(const mixed *value)
{
    say("{%u ", value->octet);
    say_int(value->big);
    say(" ");
    say_word(value->text);
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

void say_user(const struct authunix_parms *value)
{
    say("%u %u ", (unsigned)value->aup_uid, (unsigned)value->aup_gid);
    EACH(value->aup_len, say_unsigned(value->aup_gids[i]));
    say(" ");
    say_word(value->aup_machname);
}
