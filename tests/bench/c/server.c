/* libtirpc's server of speed.x. It prints its ports on TCP and UDP. */
#include "common.h"
#include "speed.h"

/* Room for the largest message in one fragment. */
#define BUFFER 70000
#define DATAGRAM 60000

void speed_1(struct svc_req *, SVCXPRT *);

bool_t echo_1_svc(data argument, data *result, struct svc_req *request)
{
    (void)request;
    /* Freed with the argument when the reply has been sent. */
    *result = argument;
    return TRUE;
}

int speed_1_freeresult(SVCXPRT *transport, xdrproc_t decode, caddr_t result)
{
    (void)transport;
    (void)decode;
    (void)result;
    return TRUE;
}

int main(void)
{
    int tcp = bound(SOCK_STREAM), udp = bound(SOCK_DGRAM);
    alarm(LIFETIME);
    listen(tcp, 16);
    SVCXPRT *stream = svctcp_create(tcp, BUFFER, BUFFER), *datagrams = svcudp_bufcreate(udp, DATAGRAM, DATAGRAM);
    /* The protocol 0 is: tell no port mapper. */
    need(stream && datagrams && svc_register(stream, SPEED, SPEED_1, speed_1, 0) &&
             svc_register(datagrams, SPEED, SPEED_1, speed_1, 0),
         "libtirpc cannot serve");
    printf("%d %d\n", port(tcp), port(udp));
    fflush(stdout);
    svc_run();
    return 1;
}
