/*
 * Calls the adder that is connected to standard input and output:
 *
 *     socat TCP:127.0.0.1:2049 EXEC:'./adder_client 2 3'
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <oncilla.h>

#include "adder.h"
#include "oncilla_fd.h"

static uint8_t rx[ONCILLA_RECORD_BUFFER(ADDER_REPLY_MAX)];
static uint8_t tx[ONCILLA_RECORD_BUFFER(ADDER_CALL_MAX)];
static oncilla_client client;

/* The stub of one procedure: encodes the arguments, calls, and decodes the results. */
static oncilla_status adder_add(oncilla_client *caller, int32_t a, int32_t b, int32_t *sum)
{
    uint8_t memory[ADDER_ADD_ARGUMENTS_MAX];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    oncilla_status status;

    oncilla_put_i32(&arguments, a);
    oncilla_put_i32(&arguments, b);
    status = oncilla_client_call(caller, ADDER_PROGRAM, ADDER_VERSION, ADDER_ADD, &arguments, &results);
    if (status != ONCILLA_OK)
        return status;
    oncilla_get_i32(&results, sum);
    return oncilla_get_end(&results);
}

int main(int argc, char **argv)
{
    static oncilla_fd fd = {0, 1};
    const oncilla_io io = oncilla_fd_io(&fd);
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    int32_t sum;
    oncilla_status status;

    if (argc != 3) {
        (void)fprintf(stderr, "usage: adder_client A B\n");
        return 2;
    }
    /* Writing to a peer that has left is then an error and does not end the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    /* The first xid must differ in every run: take the time or a random number. */
    status = oncilla_client_over_record(&client, &io, &buffers, (uint32_t)oncilla_fd_now(&fd));
    if (status == ONCILLA_OK)
        status = oncilla_client_set_timeout(&client, 10000);
    if (status == ONCILLA_OK)
        status = adder_add(&client, (int32_t)strtol(argv[1], NULL, 10), (int32_t)strtol(argv[2], NULL, 10), &sum);
    if (status != ONCILLA_OK) {
        (void)fprintf(stderr, "adder_client: %s\n", oncilla_strerror(status));
        return 1;
    }
    (void)fprintf(stderr, "%d\n", (int)sum);
    return 0;
}
