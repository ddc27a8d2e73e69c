/*
 * libtirpc's client of suite.x: `suite_client HOST tcp|udp` finds the suite's programs by way of HOST's rpcbind, calls
 * some of their procedures, and prints what came.
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

static void succeeded(const char *procedure, CLIENT *client, enum clnt_stat status)
{
    if (status != RPC_SUCCESS) {
        clnt_perror(client, procedure);
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
    name called = NULL;
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
    succeeded("subtract", suite, suite_subtract_1(5, 7, &difference, suite));
    printf("subtract %d\n", difference);
    succeeded("echo", suite, suite_echo_1(some, &some_came, suite));
    printf("echo %u %s\n", some_came.data_len,
           compare(some.data_val, some.data_len, some_came.data_val, some_came.data_len));
    succeeded("rename", suite, suite_rename_1("firmware", NULL, suite));
    succeeded("name", suite, suite_name_1(&called, suite));
    printf("name %s\n", called);
    clnt_destroy(suite);

    types = find(arguments, SUITE_TYPES, TYPES_1);
    succeeded("negate", types, types_negate_1(FALSE, &truth, types));
    printf("negate %s\n", truth ? "true" : "false");
    clnt_destroy(types);

    large = find(arguments, SUITE_BULK, BULK_1);
    succeeded("bulk", large, bulk_echo_1(many, &many_came, large));
    printf("bulk %u %s\n", many_came.bulk_len,
           compare(many.bulk_val, many.bulk_len, many_came.bulk_val, many_came.bulk_len));
    clnt_destroy(large);
    return 0;
}
