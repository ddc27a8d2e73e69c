/* Decodes and encodes by the C of oncilla-rpcgen. */
#include <stdlib.h>
#include <string.h>

#include "constructs.h"
#include "recode.h"

/* `color` is passed by value, and rpcgen has another name for the list. */
#define color_encode_(writer, value) color_encode(writer, *(value))
#define list node_list
#define list_decode node_list_decode
#define list_encode node_list_encode

#define RECODER_BY(type, encode) \
    static long recode_##type(const uint8_t *from, uint32_t length, uint8_t *to) \
    { \
        /* On the heap, so that sanitizers see each byte beyond its end. */ \
        uint8_t *exact = malloc(length ? length : 1); \
        type *value = malloc(sizeof *value); \
        oncilla_reader reader; \
        oncilla_writer writer = oncilla_writer_on(to, LARGEST); \
        memcpy(exact, from, length); \
        reader = oncilla_reader_of(exact, length); \
        type##_decode(&reader, value); \
        if (oncilla_get_end(&reader) != ONCILLA_OK) { \
            free(value); \
            free(exact); \
            return -1; \
        } \
        encode(&writer, value); \
        free(value); \
        free(exact); \
        return writer.status == ONCILLA_OK ? (long)writer.length : -2; \
    }
#define RECODER(type) RECODER_BY(type, type##_encode)
RECODER(numbers)
RECODER(octets)
RECODER(arrays)
RECODER(shape)
RECODER(maybe)
RECODER(unions)
RECODER(mixed)
RECODER(word)
RECODER(piece)
RECODER(by_number)
RECODER(by_natural)
RECODER(by_color)
RECODER(by_truth)
RECODER_BY(color, color_encode_)
RECODER_BY(node_list, node_list_encode)
#undef list

#define recode_list recode_node_list
#define NAME(type) recode_##type,
static const recoder recoders[] = {TYPES(NAME)};

int main(void)
{
    return recode_all(recoders, sizeof recoders / sizeof *recoders);
}
