/*
 * Reads the encoding of one value from standard input, decodes it with what rpcgen has made, and writes what that encodes
 * the value to: `recode TYPE`. HEADER is the interface's header, TYPES a list of T(name), and CODERS what the interface
 * leaves to its programmer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include HEADER

#define ROOM (16 << 20)

CODERS

#define T(name) {#name, (xdrproc_t)xdr_##name, sizeof(name)},
static const struct {
    const char *name;
    xdrproc_t coder;
    size_t size;
} types[] = {TYPES};
#undef T

int main(int count, char **arguments)
{
    static char came[ROOM], sent[ROOM];
    size_t length = fread(came, 1, ROOM, stdin);
    for (size_t i = 0; count == 2 && i < sizeof types / sizeof *types; i++) {
        XDR decode, encode;
        void *value;
        if (strcmp(types[i].name, arguments[1]) != 0)
            continue;
        value = calloc(1, types[i].size);
        xdrmem_create(&decode, came, length, XDR_DECODE);
        xdrmem_create(&encode, sent, ROOM, XDR_ENCODE);
        if (!types[i].coder(&decode, value) || xdr_getpos(&decode) != length) {
            fprintf(stderr, "%s cannot be decoded\n", arguments[1]);
            return 1;
        }
        if (!types[i].coder(&encode, value)) {
            fprintf(stderr, "%s cannot be encoded\n", arguments[1]);
            return 1;
        }
        return fwrite(sent, 1, xdr_getpos(&encode), stdout) == xdr_getpos(&encode) ? 0 : 1;
    }
    fprintf(stderr, "there is no such type\n");
    return 2;
}
