/* A client with libtirpc: `peer_client tcp|udp PORT A B [VERSION]` calls the adder on this machine and prints the sum.
   */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adder.h"

#define LIFETIME 60

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int socket_ = RPC_ANYSOCK, sum;
    rpcvers_t version;
    CLIENT *client;
    enum clnt_stat status;
    if (argc < 5)
        return 2;
    alarm(LIFETIME);
    version = argc > 5 ? (rpcvers_t)atoi(argv[5]) : ADDER_1;
    address.sin_port = htons(atoi(argv[2]));
    client = strcmp(argv[1], "tcp") == 0
                 ? clnttcp_create(&address, ADDER, version, &socket_, 0, 0)
                 : clntudp_create(&address, ADDER, version, (struct timeval){1, 0}, &socket_);
    if (!client) {
        clnt_pcreateerror("peer_client");
        return 1;
    }
    client->cl_auth = authunix_create_default();
    status = add_1(atoi(argv[3]), atoi(argv[4]), &sum, client);
    if (status != RPC_SUCCESS) {
        clnt_perror(client, "peer_client");
        return 1;
    }
    printf("%d\n", sum);
    return 0;
}
