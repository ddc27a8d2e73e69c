/* A server of the adder with libtirpc, on free ports of this machine, which it prints. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adder.h"

/* Seconds after which it ends, even if the test that started it failed. */
#define LIFETIME 60

void adder_1(struct svc_req *, SVCXPRT *);

bool_t add_1_svc(int a, int b, int *sum, struct svc_req *request)
{
    (void)request;
    *sum = (int)((unsigned)a + (unsigned)b);
    return TRUE;
}

int adder_1_freeresult(SVCXPRT *transport, xdrproc_t free_, caddr_t result)
{
    (void)transport;
    (void)free_;
    (void)result;
    return TRUE;
}

static int bound(int type, unsigned *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int socket_ = socket(AF_INET, type, 0);
    if (socket_ < 0 || bind(socket_, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(socket_, (struct sockaddr *)&address, &length) != 0) {
        perror("no socket on 127.0.0.1");
        exit(1);
    }
    *port = ntohs(address.sin_port);
    return socket_;
}

int main(void)
{
    unsigned tcp_port, udp_port;
    int tcp = bound(SOCK_STREAM, &tcp_port), udp = bound(SOCK_DGRAM, &udp_port);
    SVCXPRT *stream, *datagram;
    alarm(LIFETIME);
    listen(tcp, 16);
    stream = svctcp_create(tcp, 0, 0);
    datagram = svcudp_create(udp);
    /* Protocol 0: no registration with a port mapper. */
    if (!stream || !datagram || !svc_register(stream, ADDER, ADDER_1, adder_1, 0) ||
        !svc_register(datagram, ADDER, ADDER_1, adder_1, 0)) {
        fprintf(stderr, "libtirpc cannot serve\n");
        return 1;
    }
    printf("%u %u\n", tcp_port, udp_port);
    fflush(stdout);
    svc_run();
    return 1;
}
