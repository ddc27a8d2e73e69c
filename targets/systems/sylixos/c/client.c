/*
 * `client tcp|udp|serial PORT A B [VERSION [MILLISECONDS]]` calls the adder on this machine, or on a serial line, and
 * prints the sum. On failure it prints the name of the status and returns 1.
 */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "adder.h"
#include "oncilla_posix.h"

static uint8_t rx[ONCILLA_SERIAL_BUFFER(ONCILLA_REPLY_HEADER + 400 + ADDER_ADD_RESULTS_MAX)];
static uint8_t tx[ONCILLA_SERIAL_BUFFER(ADDER_CALL_MAX)];
static oncilla_client client;
static oncilla_posix connection;

static oncilla_status connect_by(const char *how, const char *port, uint64_t timeout)
{
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    if (strcmp(how, "serial") == 0)
        return oncilla_posix_serial_client(&client, &connection, port, B115200, (uint32_t)getpid(), &buffers);
    if (strcmp(how, "udp") == 0)
        return oncilla_posix_udp_client(&client, &connection, INADDR_LOOPBACK, (uint16_t)atoi(port), &buffers);
    return oncilla_posix_tcp_client(&client, &connection, INADDR_LOOPBACK, (uint16_t)atoi(port), timeout, &buffers);
}

/* The stub of one procedure: encodes the arguments, calls, and decodes the results. */
static oncilla_status add(uint32_t version, int32_t a, int32_t b, int32_t *sum)
{
    uint8_t memory[ADDER_ADD_ARGUMENTS_MAX];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    oncilla_status status;
    oncilla_put_i32(&arguments, a);
    oncilla_put_i32(&arguments, b);
    status = oncilla_client_call(&client, ADDER_PROGRAM, version, ADDER_ADD, &arguments, &results);
    if (status != ONCILLA_OK)
        return status;
    oncilla_get_i32(&results, sum);
    return oncilla_get_end(&results);
}

int main(int argc, char **argv)
{
    oncilla_details details = {0};
    uint32_t version = argc > 5 ? (uint32_t)atoi(argv[5]) : ADDER_VERSION;
    uint64_t timeout = argc > 6 ? (uint64_t)atoi(argv[6]) * 1000u : 25000000u;
    int32_t sum = 0;
    oncilla_status status;

    if (argc < 5) {
        fprintf(stderr, "usage: client tcp|udp|serial PORT A B [VERSION [MILLISECONDS]]\n");
        return 2;
    }
    errno = 0;
    status = connect_by(argv[1], argv[2], timeout);
    if (status == ONCILLA_OK)
        status = oncilla_client_set_timeout(&client, (uint32_t)(timeout / 1000));
    if (status == ONCILLA_OK)
        status = add(version, (int32_t)atoi(argv[3]), (int32_t)atoi(argv[4]), &sum);
    if (status == ONCILLA_OK) {
        printf("%d\n", (int)sum);
    } else {
        const int error = errno;
        (void)oncilla_client_details(&client, &details);
        fprintf(stderr, "%s %u-%u: %s: %s\n", oncilla_status_name(status), (unsigned)details.low,
                (unsigned)details.high, oncilla_strerror(status), strerror(error));
    }
    oncilla_posix_close(&connection);
    return status == ONCILLA_OK ? 0 : 1;
}
