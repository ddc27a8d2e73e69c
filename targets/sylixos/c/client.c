/* `client tcp|udp PORT A B` calls the adder on this machine and prints the sum. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adder.h"
#include "oncilla_posix.h"

static uint8_t rx[ONCILLA_RECORD_BUFFER(ONCILLA_REPLY_HEADER + 400 + ADDER_ADD_RESULTS_MAX)];
static uint8_t tx[ONCILLA_RECORD_BUFFER(ADDER_CALL_MAX)];
static oncilla_client client;
static oncilla_posix connection;

int main(int argc, char **argv)
{
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    uint8_t memory[ADDER_ADD_ARGUMENTS_MAX];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    oncilla_status status;
    uint16_t port;
    int32_t sum;

    if (argc != 5) {
        fprintf(stderr, "usage: client tcp|udp PORT A B\n");
        return 2;
    }
    port = (uint16_t)atoi(argv[2]);
    oncilla_put_i32(&arguments, (int32_t)atoi(argv[3]));
    oncilla_put_i32(&arguments, (int32_t)atoi(argv[4]));
    status = strcmp(argv[1], "tcp") == 0
                 ? oncilla_posix_tcp_client(&client, &connection, INADDR_LOOPBACK, port, &buffers)
                 : oncilla_posix_udp_client(&client, &connection, INADDR_LOOPBACK, port, &buffers);
    if (status == ONCILLA_OK)
        status = oncilla_client_call(&client, ADDER_PROGRAM, ADDER_VERSION, ADDER_ADD, &arguments, &results);
    if (status == ONCILLA_OK) {
        oncilla_get_i32(&results, &sum);
        status = oncilla_get_end(&results);
    }
    if (status != ONCILLA_OK) {
        fprintf(stderr, "client: %s\n", oncilla_strerror(status));
        return 1;
    }
    printf("%d\n", (int)sum);
    oncilla_posix_close(&connection);
    return 0;
}
