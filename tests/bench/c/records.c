/*
 * libtirpc's XDR of the records: `records FILE` decodes them from a file, and obeys "encode", "decode" and "check",
 * which fails unless what it encodes is what is in the file.
 */
#include "common.h"
#include "speed.h"

#define ROOM (1 << 20)

static char original[ROOM], encoded[ROOM];
static u_int size;
static records values;

static u_int encode(void)
{
    XDR xdr;
    xdrmem_create(&xdr, encoded, ROOM, XDR_ENCODE);
    need(xdr_records(&xdr, &values), "xdr_records does not encode");
    return xdr_getpos(&xdr);
}

static void decode(records *into)
{
    XDR xdr;
    memset(into, 0, sizeof *into);
    xdrmem_create(&xdr, original, size, XDR_DECODE);
    need(xdr_records(&xdr, into) && xdr_getpos(&xdr) == size, "xdr_records does not decode");
}

static void once(const char *what)
{
    records decoded;
    switch (what[0]) {
    case 'e':
        encode();
        break;
    case 'd':
        decode(&decoded);
        /* It has allocated what it decoded, and so this belongs to it. */
        xdr_free((xdrproc_t)xdr_records, (char *)&decoded);
        break;
    default:
        need(encode() == size && memcmp(original, encoded, size) == 0, "libtirpc encodes the records in another way");
    }
}

int main(int count, char **arguments)
{
    need(count == 2, "usage: records FILE");
    alarm(LIFETIME);
    FILE *file = fopen(arguments[1], "r");
    need(file != NULL, arguments[1]);
    size = fread(original, 1, ROOM, file);
    fclose(file);
    decode(&values);
    obey(once);
    return 0;
}
