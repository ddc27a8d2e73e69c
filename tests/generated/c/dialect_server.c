/*
 * libtirpc's server of dialect.x: it reads values and writes them again. It prints the port that it serves on, TCP, and
 * registers with no port mapper.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dialect.h"

/* Seconds after which it ends, whatever becomes of the test that has started it. */
#define LIFETIME 300
#define BUFFER 60000

void dialect_1(struct svc_req *, SVCXPRT *);

/* What the result points to is freed when the reply has been sent. */
#define ECHO(name, type) \
    bool_t name##_1_svc(type argument, type *result, struct svc_req *request) \
    { \
        (void)request; \
        *result = argument; \
        return TRUE; \
    }

ECHO(echo_address, address)
ECHO(echo_spelt, spelt)
ECHO(echo_chains, chains)
ECHO(echo_both, both)
ECHO(echo_text, char *)
ECHO(echo_knots, knots)
ECHO(echo_unsigned, u_int)
ECHO(echo_counted, counted)

int dialect_1_freeresult(SVCXPRT *transport, xdrproc_t decode, caddr_t result)
{
    (void)transport;
    (void)decode;
    (void)result;
    return TRUE;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    alarm(LIFETIME);
    if (socket_ < 0 || bind(socket_, (struct sockaddr *)&address, sizeof address) != 0 || listen(socket_, 16) != 0) {
        perror("no socket on 127.0.0.1");
        return 1;
    }
    SVCXPRT *stream = svctcp_create(socket_, BUFFER, BUFFER);
    /* The protocol 0 is: tell no port mapper. */
    if (!stream || !svc_register(stream, DIALECT, DIALECT_1, dialect_1, 0)) {
        fprintf(stderr, "libtirpc cannot serve\n");
        return 1;
    }
    getsockname(socket_, (struct sockaddr *)&address, &size);
    printf("%u\n", ntohs(address.sin_port));
    fflush(stdout);
    svc_run();
    return 1;
}
