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
#define LIFETIME 300
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

/* A batch of calls without replies (RFC 5531, section 8), which libtirpc has on TCP only, and a call to end it. */
static void notes(const char *transport)
{
    static char sent[sizeof said];
    struct timeval nothing = {0, 0};
    word texts[] = {"one", "two", "", "eleven byte"};
    if (strcmp(transport, "tcp") != 0)
        return;
    say_nothing();
    succeeded("nothing", echo_nothing_1(NULL, client));
    for (int i = 0; i < 4; i++) {
        succeeded("note", clnt_call(client, NOTE, (xdrproc_t)xdr_word, (caddr_t)&texts[i], NULL, NULL, nothing));
        say_word(texts[i]);
    }
    strcpy(sent, said);
    check("note", sent);
}

/* The smallest, a usual and the largest user. */
static void users(void)
{
    static char name[256];
    static gid_t groups[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 4294967295};
    struct authunix_parms samples[] = {
        {0, "", 0, 0, 0, NULL},
        {0, "machine", 1000, 100, 2, (gid_t[]){4, 24}},
        {0, name, 4294967295, 4294967295, 16, groups},
    };
    memset(name, 'm', 255);
    for (int i = 0; i < 3; i++) {
        struct authunix_parms *user = &samples[i];
        AUTH *before = client->cl_auth;
        char *seen = NULL;
        client->cl_auth =
            authunix_create(user->aup_machname, user->aup_uid, user->aup_gid, user->aup_len, user->aup_gids);
        succeeded("caller", caller_1(&seen, client));
        say_nothing();
        say_user(user);
        if (strcmp(said, seen) != 0) {
            fprintf(stderr, "sent: %s\nseen: %s\n", said, seen);
            fail("caller", "the server has seen somebody else");
        }
        printf("caller %s\n", said);
        clnt_freeres(client, (xdrproc_t)xdr_description, &seen);
        auth_destroy(client->cl_auth);
        client->cl_auth = before;
    }
}

int main(int count, char **arguments)
{
    int socket_ = RPC_ANYSOCK;
    struct timeval second = {1, 0}, limit = {LIFETIME, 0};
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

    /* Whoever serves may start slowly, as valgrind does. */
    clnt_control(client, CLSET_TIMEOUT, (char *)&limit);

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
    notes(arguments[1]);
    users();
    clnt_destroy(client);
    return 0;
}
