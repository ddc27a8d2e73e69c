/* Edge values of every construct: the same as in samples.rs, by another hand. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "peer.h"

#define COUNT(samples) (sizeof samples / sizeof *samples)

/* Something that is counted, as rpcgen declares it. */
#define SOME(type, ...) {COUNT(((type[]){__VA_ARGS__})), (type[]){__VA_ARGS__}}
#define BYTES(text) {sizeof text - 1, text}
#define NONE {0, NULL}

const numbers numbers_samples[] = {
    {0, 0, 0, 0, 0, 0, 0, 0, 0.0f, 0.0, FALSE, BLACK},
    {SCHAR_MIN, 0, SHRT_MIN, 0, INT_MIN, 0, INT64_MIN, 0, -0.0f, -0.0, FALSE, INFRARED},
    {SCHAR_MAX, UCHAR_MAX, SHRT_MAX, USHRT_MAX, INT_MAX, UINT_MAX, INT64_MAX, UINT64_MAX, FLT_MAX, DBL_MAX, TRUE,
     ULTRAVIOLET},
    {-1, 1, -1, 1, -1, 1, -1, 1, __builtin_nansf("0x12345"), __builtin_nans("0x123456789abcd"), TRUE, RED},
    {-2, 254, -2, 65534, -2, 4294967294, -2, UINT64_MAX - 1, -__builtin_nanf("1"), -__builtin_nan("1"), TRUE, GREEN},
    {1, 2, 0x0102, 0x0304, 0x01020304, 0x05060708, 0x0102030405060708, 0x090a0b0c0d0e0f10, INFINITY, -INFINITY, TRUE,
     BLACK},
    {0, 0, 0, 0, 0, 0, 0, 0, FLT_TRUE_MIN, DBL_TRUE_MIN, FALSE, BLACK},
};
const int numbers_count = COUNT(numbers_samples);

const octets octets_samples[] = {
    {"\0\0\0\0", NONE, "", "\0\0\0", NONE},
    {{-1, -1, -1, -1, -1}, BYTES("\1\2\3\4\5\6"), "hello world", {'f', 'u', 'l', 'l'}, BYTES("\200\201\202\203\204")},
    {{1, 2, 3, 4, 5}, BYTES("\377"), "ab", {0, 1, 0, 1}, BYTES("\0\0\0")},
    {{5, 4, 3, 2, 1}, BYTES("\0\377"), "abc", {1, 0, 1, 0}, BYTES("four")},
    {{0, 0, 0, 0, 1}, BYTES("abc"), "abcd", {0, 0, 0, 1}, BYTES("\0")},
};
const int octets_count = COUNT(octets_samples);

const arrays arrays_samples[] = {
    {{0, 0, 0}, NONE, NONE, {"", ""}, NONE, {BLACK, BLACK}, NONE, NONE},
    {{INT_MIN, -1, INT_MAX},
     SOME(quad_t, INT64_MIN, -1, 0, INT64_MAX),
     SOME(word, "", "eleven byte", "x"),
     {{1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}},
     {3, (chunk[]){BYTES("123456"), NONE, BYTES("7")}},
     {INFRARED, ULTRAVIOLET},
     SOME(bool_t, TRUE, FALSE, TRUE, TRUE, FALSE),
     SOME(double, 1.5, -INFINITY)},
    {{1, 2, 3},
     SOME(quad_t, 1LL << 32),
     SOME(word, "one"),
     {{-1, 0, -1, 0, -1}, {0, -1, 0, -1, 0}},
     {1, (chunk[]){BYTES("12345")}},
     {RED, GREEN},
     SOME(bool_t, FALSE),
     SOME(double, 0.1)},
};
const int arrays_count = COUNT(arrays_samples);

const shape shape_samples[] = {
    {{0, 0}, NONE, NULL, NULL},
    {{INT_MIN, INT_MAX}, SOME(point, {1, 2}, {3, 4}, {5, 6}), (point[]){{-1, -2}}, (chunk[]){NONE}},
    {{7, 8}, SOME(point, {9, 10}), NULL, (chunk[]){BYTES("mark")}},
    {{-7, -8}, NONE, (point[]){{0, 0}}, NULL},
};
const int shape_count = COUNT(shape_samples);

const maybe maybe_samples[] = {NULL, (int[]){INT_MIN}, (int[]){0}, (int[]){INT_MAX}};
const int maybe_count = COUNT(maybe_samples);

static node nodes[NODES_MAX];

const list list_samples[] = {
    NULL,
    (node[]){{INT_MIN, "", NULL}},
    (node[]){{1, "one", (node[]){{2, "two", (node[]){{-3, "eleven byte", NULL}}}}}},
    nodes,
};
const int list_count = COUNT(list_samples);

const unions unions_samples[] = {
    {{INT_MIN, {.place = {1, -1}}}, {4000000000u, {INT64_MIN}}, {INFRARED, {.place = {2, -2}}}, {TRUE, {UINT64_MAX}}},
    {{-1, {}}, {0, {}}, {GREEN, {.precise = -2.5}}, {FALSE, {}}},
    {{7, {.data = BYTES("seven")}}, {4294967295u, {}}, {ULTRAVIOLET, {}}, {TRUE, {0}}},
    {{0, {.name = "the default"}}, {3999999999u, {}}, {INFRARED, {.place = {0, 0}}}, {FALSE, {}}},
    {{INT_MAX, {.name = ""}}, {2147483648u, {}}, {GREEN, {.precise = 0.0}}, {TRUE, {1}}},
    {{7, {.data = NONE}}, {4000000000u, {1}}, {ULTRAVIOLET, {}}, {FALSE, {}}},
};
const int unions_count = COUNT(unions_samples);

const mixed mixed_samples[] = {
    {0, 0, "", NONE, FALSE, BLACK, 0.0f, {0, 0}},
    {255, INT64_MIN, "eleven byte", BYTES("\1\2\3\4\5\6"), TRUE, INFRARED, __builtin_nansf("1"), {INT_MIN, INT_MAX}},
    {128, 1, "abc", BYTES("abcde"), TRUE, ULTRAVIOLET, -1.5f, {1, 2}},
};
const int mixed_count = COUNT(mixed_samples);

const word word_samples[] = {"", "a", "ab", "abc", "abcd", "abcde", "eleven byte", "\303\274n\303\257c\303\266d\303\251"};
const int word_count = COUNT(word_samples);

static char pattern[BULK_MAX];

#define BULK(length) {length, pattern}

const piece piece_samples[] = {BULK(0), BULK(1), BULK(2), BULK(3), BULK(4), BULK(4095), BULK(8190), BULK(PIECE_MAX)};
const int piece_count = COUNT(piece_samples);

const bulk bulk_samples[] = {BULK(0), BULK(1), BULK(65536), BULK(262143), BULK(BULK_MAX)};
const int bulk_count = COUNT(bulk_samples);

/* What no initializer can write down. */
__attribute__((constructor)) static void fill(void)
{
    static char labels[NODES_MAX][WORD_MAX + 1];
    for (int i = 0; i < NODES_MAX; i++) {
        snprintf(labels[i], sizeof labels[i], "n%d", i);
        nodes[i] = (node){i, labels[i], i + 1 < NODES_MAX ? &nodes[i + 1] : NULL};
    }
    for (int i = 0; i < BULK_MAX; i++)
        pattern[i] = i * 7 + i / 251;
}
