/*
 * libtirpc's client of suite.x: `suite_client HOST tcp|udp` finds the suite's programs by way of HOST's rpcbind, calls
 * some of their procedures, and prints what came.
 *
 * It uses what rpcgen makes of the types and numbers, but not its stubs: those that take an array of a fixed size, which
 * some procedures of the suite do, do not compile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "suite.h"

/* Seconds after which it ends, whatever the server does. */
#define LIFETIME 30

static CLIENT *find(char **arguments, rpcprog_t program, rpcvers_t version)
{
    CLIENT *client = clnt_create(arguments[1], program, version, arguments[2]);
    if (!client) {
        clnt_pcreateerror(arguments[1]);
        exit(1);
    }
    return client;
}

static void call(CLIENT *client, rpcproc_t procedure, void *code, void *argument, void *decode, void *result)
{
    struct timeval limit = {10, 0};
    if (clnt_call(client, procedure, (xdrproc_t)code, argument, (xdrproc_t)decode, result, limit) != RPC_SUCCESS) {
        clnt_perror(client, "call");
        exit(1);
    }
}

static const char *compare(const char *sent, u_int sent_size, const char *came, u_int came_size)
{
    return sent_size == came_size && memcmp(sent, came, sent_size) == 0 ? "the same" : "others";
}

int main(int count, char **arguments)
{
    static char bytes[BULK_SIZE];
    CLIENT *suite, *types, *large;
    int difference;
    suite_subtract_1_argument numbers = {5, 7};
    name calling = "firmware", called = NULL;
    bool_t truth = FALSE;
    data some = {DATA_SIZE, bytes}, some_came = {0, NULL};
    bulk many = {BULK_SIZE, bytes}, many_came = {0, NULL};

    if (count != 3) {
        fprintf(stderr, "usage: suite_client HOST tcp|udp\n");
        return 2;
    }
    alarm(LIFETIME);
    for (int i = 0; i < BULK_SIZE; i++)
        bytes[i] = (char)(i * 7);

    suite = find(arguments, SUITE, SUITE_1);
    call(suite, SUITE_SUBTRACT, xdr_suite_subtract_1_argument, &numbers, xdr_int, &difference);
    printf("subtract %d\n", difference);
    call(suite, SUITE_ECHO, xdr_data, &some, xdr_data, &some_came);
    printf("echo %u %s\n", some_came.data_len,
           compare(some.data_val, some.data_len, some_came.data_val, some_came.data_len));
    call(suite, SUITE_RENAME, xdr_name, &calling, xdr_void, NULL);
    call(suite, SUITE_NAME, xdr_void, NULL, xdr_name, &called);
    printf("name %s\n", called);
    clnt_destroy(suite);

    types = find(arguments, SUITE_TYPES, TYPES_1);
    call(types, TYPES_NEGATE, xdr_bool, &truth, xdr_bool, &truth);
    printf("negate %s\n", truth ? "true" : "false");
    clnt_destroy(types);

    large = find(arguments, SUITE_BULK, BULK_1);
    call(large, BULK_ECHO, xdr_bulk, &many, xdr_bulk, &many_came);
    printf("bulk %u %s\n", many_came.bulk_len,
           compare(many.bulk_val, many.bulk_len, many_came.bulk_val, many_came.bulk_len));
    clnt_destroy(large);
    return 0;
}
