/*
 * libtirpc's server of constructs.x: echoes, and tells in words what it has read.
 *
 * It binds its sockets itself, to any free ports of this machine, registers with no port mapper, and prints the
 * ports.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "peer.h"

/* Seconds after which it ends, whatever becomes of the test that has started it. */
#define LIFETIME 300

/* Room for the largest message. Less is made up for by more fragments. */
#define BUFFER 400000
#define DATAGRAM 60000

void constructs_1(struct svc_req *, SVCXPRT *);

/* Reads the argument into words and gives it back. What it points to is freed when the reply has been sent. */
#define ECHO(name, type, describe) \
    bool_t name##_1_svc(type argument, type *result, struct svc_req *request) \
    { \
        (void)request; \
        say_nothing(); \
        describe; \
        *result = argument; \
        return TRUE; \
    }

ECHO(echo_numbers, numbers, say_numbers(&argument))
ECHO(echo_octets, octets, say_octets(&argument))
ECHO(echo_arrays, arrays, say_arrays(&argument))
ECHO(echo_shape, shape, say_shape(&argument))
ECHO(echo_maybe, maybe, say_maybe(argument))
ECHO(echo_list, list, say_list(argument))
ECHO(echo_unions, unions, say_unions(&argument))
ECHO(echo_word, word, say_word(argument))
ECHO(echo_piece, piece, say_piece(&argument))
ECHO(echo_bulk, bulk, say_bulk(&argument))

bool_t echo_nothing_1_svc(void *result, struct svc_req *request)
{
    (void)result;
    (void)request;
    say_nothing();
    return TRUE;
}

bool_t mix_1_svc(u_char octet, quad_t big, word text, chunk data, bool_t truth, color shade, float real, point place,
                 mixed *result, struct svc_req *request)
{
    (void)request;
    *result = (mixed){octet, big, text, data, truth, shade, real, place};
    say_nothing();
    say_mixed(result);
    return TRUE;
}

bool_t note_1_svc(word text, void *result, struct svc_req *request)
{
    (void)result;
    (void)request;
    say_word(text);
    /* No reply. */
    return FALSE;
}

bool_t caller_1_svc(description *result, struct svc_req *request)
{
    say_nothing();
    /* libtirpc has read the credential into this. */
    if (request->rq_cred.oa_flavor == AUTH_SYS)
        say_user((const struct authunix_parms *)request->rq_clntcred);
    *result = said;
    return TRUE;
}

bool_t seen_1_svc(description *result, struct svc_req *request)
{
    (void)request;
    *result = said;
    return TRUE;
}

int constructs_1_freeresult(SVCXPRT *transport, xdrproc_t decode, caddr_t result)
{
    (void)transport;
    (void)decode;
    (void)result;
    return TRUE;
}

static int bound(int type)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int socket_ = socket(AF_INET, type, 0);
    if (socket_ < 0 || bind(socket_, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("no socket on 127.0.0.1");
        exit(1);
    }
    return socket_;
}

static unsigned port(int socket_)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getsockname(socket_, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

int main(void)
{
    int tcp = bound(SOCK_STREAM), udp = bound(SOCK_DGRAM);
    alarm(LIFETIME);
    listen(tcp, 16);
    SVCXPRT *stream = svctcp_create(tcp, BUFFER, BUFFER);
    SVCXPRT *datagram = svcudp_bufcreate(udp, DATAGRAM, DATAGRAM);
    /* The protocol 0 is: tell no port mapper. */
    if (!stream || !datagram || !svc_register(stream, CONSTRUCTS, CONSTRUCTS_1, constructs_1, 0) ||
        !svc_register(datagram, CONSTRUCTS, CONSTRUCTS_1, constructs_1, 0)) {
        fprintf(stderr, "libtirpc cannot serve\n");
        return 1;
    }
    printf("%u %u\n", port(tcp), port(udp));
    fflush(stdout);
    svc_run();
    return 1;
}
