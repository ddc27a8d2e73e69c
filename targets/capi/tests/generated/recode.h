/*
 * Reads values, each as the number of its type, a length and the encoding, and writes for each whether it could be
 * decoded as a whole, a length, and its encoding. For the C of oncilla-rpcgen and that of rpcgen.
 */
#ifndef RECODE_H
#define RECODE_H

#include <stdint.h>
#include <stdio.h>

#define LARGEST 400000

/* The types, in the order of their numbers. */
#define TYPES(each) \
    each(numbers) each(octets) each(arrays) each(shape) each(maybe) each(list) each(unions) each(mixed) each(word) \
        each(piece) each(by_number) each(by_natural) each(by_color) each(by_truth) each(color)

/* Decodes all of `from` and encodes it to `to`. Returns the bytes written, or -1. */
typedef long (*recoder)(const uint8_t *from, uint32_t length, uint8_t *to);

static int recode_all(const recoder *recoders, uint32_t count)
{
    static uint8_t from[LARGEST], to[LARGEST];
    uint32_t head[2];
    while (fread(head, sizeof head, 1, stdin) == 1) {
        if (head[0] >= count || head[1] > sizeof from || fread(from, 1, head[1], stdin) != head[1])
            return 2;
        long length = recoders[head[0]](from, head[1], to);
        uint32_t written = length < 0 ? 0 : (uint32_t)length;
        uint32_t answer[2] = {length >= 0, written};
        if (fwrite(answer, sizeof answer, 1, stdout) != 1 || fwrite(to, 1, written, stdout) != written)
            return 2;
    }
    return fflush(stdout);
}

#endif
