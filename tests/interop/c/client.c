/*
 * libtirpc's client of constructs.x: `client tcp|udp PORT` calls every procedure with every sample, except bulk on UDP,
 * and prints a line for each: what was sent. It fails when anything else comes back, or when the server has seen
 * anything else.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peer.h"

/* Seconds after which it ends, whatever the server does. */
#define LIFETIME 60
#define BUFFER 8192
#define DATAGRAM 60000

static CLIENT *client;

static void fail(const char *procedure, const char *what)
{
    fprintf(stderr, "%s: %s\n", procedure, what);
    exit(1);
}

static void succeeded(const char *procedure, enum clnt_stat status)
{
    if (status != RPC_SUCCESS) {
        clnt_perror(client, procedure);
        exit(1);
    }
}

/* Prints what was sent, and asks the server what it has seen. `said` is what came back. */
static void check(const char *procedure, const char *sent)
{
    char *seen = NULL;
    if (strcmp(sent, said) != 0) {
        fprintf(stderr, "sent:     %s\nreceived: %s\n", sent, said);
        fail(procedure, "not what was sent came back");
    }
    succeeded("seen", seen_1(&seen, client));
    if (strcmp(sent, seen) != 0) {
        fprintf(stderr, "sent: %s\nseen: %s\n", sent, seen);
        fail(procedure, "the server has seen something else");
    }
    clnt_freeres(client, (xdrproc_t)xdr_description, &seen);
    printf("%s %s\n", procedure, sent);
}

#define CALL(type, procedure, call, describe_sample, describe_result) \
    for (int n = 0; n < type##_count; n++) { \
        static char sent[sizeof said]; \
        const type *sample = &type##_samples[n]; \
        type result; \
        memset(&result, 0, sizeof result); \
        say_nothing(); \
        describe_sample; \
        strcpy(sent, said); \
        succeeded(procedure, call); \
        say_nothing(); \
        describe_result; \
        check(procedure, sent); \
        clnt_freeres(client, (xdrproc_t)xdr_##type, &result); \
    }

#define ECHO(type) \
    CALL(type, #type, echo_##type##_1(*sample, &result, client), say_##type(sample), say_##type(&result))

#define ECHO_POINTER(type) \
    CALL(type, #type, echo_##type##_1(*sample, &result, client), say_##type(*sample), say_##type(result))

int main(int count, char **arguments)
{
    int socket_ = RPC_ANYSOCK;
    struct timeval second = {1, 0};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (count != 3) {
        fprintf(stderr, "usage: client tcp|udp PORT\n");
        return 2;
    }
    alarm(LIFETIME);
    address.sin_port = htons(atoi(arguments[2]));
    if (strcmp(arguments[1], "tcp") == 0)
        client = clnttcp_create(&address, CONSTRUCTS, CONSTRUCTS_1, &socket_, BUFFER, BUFFER);
    else
        client = clntudp_bufcreate(&address, CONSTRUCTS, CONSTRUCTS_1, second, &socket_, DATAGRAM, DATAGRAM);
    if (!client) {
        clnt_pcreateerror("client");
        return 1;
    }

    succeeded("nothing", echo_nothing_1(NULL, client));
    say_nothing();
    check("nothing", "");
    ECHO(numbers)
    ECHO(octets)
    ECHO(arrays)
    ECHO(shape)
    ECHO(unions)
    ECHO_POINTER(maybe)
    ECHO_POINTER(list)
    ECHO_POINTER(word)
    CALL(mixed, "mixed",
         mix_1(sample->octet, sample->big, sample->text, sample->data, sample->truth, sample->shade, sample->real,
               sample->place, &result, client),
         say_mixed(sample), say_mixed(&result))
    ECHO(piece)
    if (strcmp(arguments[1], "tcp") == 0) {
        ECHO(bulk)
    }
    clnt_destroy(client);
    return 0;
}
