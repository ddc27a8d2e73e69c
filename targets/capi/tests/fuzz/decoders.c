/*
 * A fuzz target for the decoders of generated C: what a decoder accepts, the encoder writes again, byte for byte. The bytes
 * and the value are on the heap, so that AddressSanitizer sees each access beyond their ends.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "constructs.h"

#define RECODE(type, encode_value) \
    do { \
        type *value = malloc(sizeof *value); \
        if (!value) \
            abort(); \
        memset(value, 0xa5, sizeof *value); \
        (void)type##_decode(&reader, value); \
        accepted = oncilla_get_end(&reader) == ONCILLA_OK; \
        if (accepted) \
            (void)type##_encode(&writer, encode_value); \
        free(value); \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool accepted = false;
    if (size == 0)
        return 0;
    const size_t length = size - 1;
    uint8_t *bytes = malloc(length + 1), *again = malloc(length + 1);
    if (!bytes || !again)
        abort();
    memcpy(bytes, data + 1, length);
    oncilla_reader reader = oncilla_reader_of(bytes, length);
    oncilla_writer writer = oncilla_writer_on(again, length);
    switch (data[0] % 14) {
    case 0: RECODE(numbers, value); break;
    case 1: RECODE(octets, value); break;
    case 2: RECODE(arrays, value); break;
    case 3: RECODE(shape, value); break;
    case 4: RECODE(maybe, value); break;
    case 5: RECODE(node_list, value); break;
    case 6: RECODE(unions, value); break;
    case 7: RECODE(mixed, value); break;
    case 8: RECODE(word, value); break;
    case 9: RECODE(piece, value); break;
    case 10: RECODE(by_number, value); break;
    case 11: RECODE(by_color, value); break;
    case 12: RECODE(description, value); break;
    default: RECODE(color, *value); break;
    }
    if (accepted && (writer.status != ONCILLA_OK || writer.length != length || memcmp(bytes, again, length) != 0))
        abort();
    free(bytes);
    free(again);
    return 0;
}
