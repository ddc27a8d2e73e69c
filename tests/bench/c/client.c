/* libtirpc's client of speed.x: `client tcp|udp PORT` obeys "null" and "echo". */
#include "common.h"
#include "speed.h"

#define BUFFER 70000
#define DATAGRAM 60000

static CLIENT *client;
static char sent[DATA_MAX], received[DATA_MAX];

static void call(const char *what)
{
    static const struct timeval patience = {25, 0};
    data argument = {DATA_MAX, sent}, result = {0, received};
    enum clnt_stat status =
        what[0] == 'n' ? clnt_call(client, NULLPROC, (xdrproc_t)xdr_void, NULL, (xdrproc_t)xdr_void, NULL, patience)
                       : echo_1(argument, &result, client);
    if (status != RPC_SUCCESS || (what[0] == 'e' && result.data_len != DATA_MAX)) {
        clnt_perror(client, what);
        exit(1);
    }
}

int main(int count, char **arguments)
{
    need(count == 3, "usage: client tcp|udp PORT");
    alarm(LIFETIME);
    struct sockaddr_in address = loopback(atoi(arguments[2]));
    struct timeval retry = {5, 0};
    int socket_ = RPC_ANYSOCK;
    client = strcmp(arguments[1], "tcp") == 0
                 ? clnttcp_create(&address, SPEED, SPEED_1, &socket_, BUFFER, BUFFER)
                 : clntudp_bufcreate(&address, SPEED, SPEED_1, retry, &socket_, DATAGRAM, DATAGRAM);
    need(client != NULL, "libtirpc cannot connect");
    obey(call);
    return 0;
}
