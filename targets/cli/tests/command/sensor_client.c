/* `sensor_client PORT` names channel 0 of the sensor on this machine, and reads it. */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sensor.h"

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = RPC_ANYSOCK;
    bool_t renamed;
    reading latest = {0};
    CLIENT *client;

    if (argc != 2)
        return 2;
    alarm(60);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    client = clnttcp_create(&address, SENSOR, SENSOR_1, &fd, 0, 0);
    if (!client) {
        clnt_pcreateerror("sensor");
        return 1;
    }
    /* With -N, each argument of the file is one of the C function; with -M, results are in the caller's memory. */
    if (sensor_rename_1(0, "boiler", &renamed, client) != RPC_SUCCESS ||
        sensor_read_1(0, &latest, client) != RPC_SUCCESS) {
        clnt_perror(client, "sensor");
        return 1;
    }
    printf("renamed: %d\n", renamed);
    if (latest.outcome == STATUS_OK)
        printf("channel 0: %d\n", latest.reading_u.latest.value);
    clnt_destroy(client);
    return 0;
}
