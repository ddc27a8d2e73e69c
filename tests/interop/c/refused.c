/*
 * `refused tcp|udp PORT`: libtirpc's client calls what the server of constructs.x must refuse, and prints what it has
 * been told. Between any two refusals a good call must succeed.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "constructs.h"

#define LIFETIME 60
/* The user that is refused. */
#define UNWANTED 666
#define PATIENCE ((struct timeval){10, 0})

static const char *transport;
static struct sockaddr_in address = {.sin_family = AF_INET};

static CLIENT *created(unsigned long program, unsigned long version)
{
    int socket_ = RPC_ANYSOCK;
    CLIENT *client = strcmp(transport, "tcp") == 0
                         ? clnttcp_create(&address, program, version, &socket_, 0, 0)
                         : clntudp_create(&address, program, version, (struct timeval){1, 0}, &socket_);
    if (!client) {
        clnt_pcreateerror("refused");
        exit(1);
    }
    return client;
}

static enum clnt_stat call(CLIENT *client, unsigned long procedure)
{
    return clnt_call(client, procedure, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, PATIENCE);
}

/* Calls without arguments, and prints what comes of it. */
static void refused(unsigned long program, unsigned long version, unsigned long procedure)
{
    CLIENT *client = created(program, version), *good = created(CONSTRUCTS, CONSTRUCTS_1);
    struct rpc_err error;
    enum clnt_stat status = call(client, procedure);
    clnt_geterr(client, &error);
    if (status == RPC_PROGVERSMISMATCH)
        printf("%s %u %u\n", clnt_sperrno(status), (unsigned)error.re_vers.low, (unsigned)error.re_vers.high);
    else
        printf("%s\n", clnt_sperrno(status));
    if (call(good, ECHO_NOTHING) != RPC_SUCCESS) {
        clnt_perror(good, "a good call after a refused one");
        exit(1);
    }
    clnt_destroy(client);
    clnt_destroy(good);
}

int main(int count, char **arguments)
{
    if (count != 3) {
        fprintf(stderr, "usage: refused tcp|udp PORT\n");
        return 2;
    }
    alarm(LIFETIME);
    transport = arguments[1];
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(atoi(arguments[2]));
    refused(CONSTRUCTS, CONSTRUCTS_1, NULLPROC);
    refused(CONSTRUCTS + 1, CONSTRUCTS_1, NULLPROC);
    refused(CONSTRUCTS, CONSTRUCTS_1 + 1, NULLPROC);
    refused(CONSTRUCTS, CONSTRUCTS_1, CALLER + 1);
    refused(CONSTRUCTS, CONSTRUCTS_1, ECHO_NUMBERS);

    /* The whole connection, not only the next call, must survive all of it. */
    CLIENT *client = created(CONSTRUCTS, CONSTRUCTS_1);
    for (unsigned long procedure = CALLER + 3; procedure > CALLER; procedure--)
        printf("%s\n", clnt_sperrno(call(client, procedure)));
    client->cl_auth = authunix_create("machine", UNWANTED, 100, 3, (gid_t[]){1, 2, 3});
    call(client, ECHO_NOTHING);
    printf("%s\n", clnt_sperror(client, "unwanted"));
    auth_destroy(client->cl_auth);
    client->cl_auth = authnone_create();
    printf("%s\n", clnt_sperrno(call(client, ECHO_NOTHING)));
    clnt_destroy(client);
    return 0;
}
