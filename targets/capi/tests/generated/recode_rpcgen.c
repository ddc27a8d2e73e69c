/* Decodes and encodes by the C of rpcgen, with libtirpc. */
#include <string.h>

#include "constructs.h"
#include "recode.h"

#define RECODER(type) \
    static long recode_##type(const uint8_t *from, uint32_t length, uint8_t *to) \
    { \
        XDR decoder, encoder; \
        type value; \
        memset(&value, 0, sizeof value); \
        xdrmem_create(&decoder, (char *)from, length, XDR_DECODE); \
        if (!xdr_##type(&decoder, &value) || xdr_getpos(&decoder) != length) { \
            xdr_free((xdrproc_t)xdr_##type, (char *)&value); \
            return -1; \
        } \
        xdrmem_create(&encoder, (char *)to, LARGEST, XDR_ENCODE); \
        long written = xdr_##type(&encoder, &value) ? (long)xdr_getpos(&encoder) : -1; \
        xdr_free((xdrproc_t)xdr_##type, (char *)&value); \
        return written; \
    }
TYPES(RECODER)

#define NAME(type) recode_##type,
static const recoder recoders[] = {TYPES(NAME)};

int main(void)
{
    return recode_all(recoders, sizeof recoders / sizeof *recoders);
}
