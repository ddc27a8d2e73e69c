/*
 * Serves the adder to the client that is connected to standard input and output, as under inetd:
 *
 *     socat TCP-LISTEN:2049,reuseaddr EXEC:./adder_server
 *     rpcinfo -a 127.0.0.1.8.1 -T tcp 0x20000055 1
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>

#include <oncilla.h>

#include "adder.h"
#include "oncilla_fd.h"

static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    uint32_t *additions = context;
    int32_t a, b;
    oncilla_status status;

    (void)request;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    /* Reports the first error of the arguments: one check is enough, before anything is done. */
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    ++*additions;
    return oncilla_put_i32(results, (int32_t)((uint32_t)a + (uint32_t)b));
}

static const oncilla_procedure procedures[] = {
    {ADDER_ADD, ONCILLA_IDEMPOTENT, ADDER_ADD_RESULTS_MAX, add},
};
static const oncilla_program programs[] = {
    {ADDER_PROGRAM, ADDER_VERSION, procedures, 1},
};
static const oncilla_table table = {programs, 1, NULL};

/* All the memory that the server uses. Nothing is allocated, whatever clients send. */
static uint8_t rx[ONCILLA_RECORD_BUFFER(ADDER_CALL_MAX + ONCILLA_CREDENTIALS_MAX)];
static uint8_t tx[ONCILLA_RECORD_BUFFER(ADDER_REPLY_MAX)];
static oncilla_server server;
static uint32_t additions;

int main(void)
{
    static oncilla_fd fd = {0, 1};
    const oncilla_io io = oncilla_fd_io(&fd);
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    oncilla_status status;

    /* Writing to a peer that has left is then an error and does not end the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    status = oncilla_server_over_record(&server, &table, &additions, NULL, &io, &buffers);
    if (status == ONCILLA_OK)
        status = oncilla_server_serve(&server);
    (void)fprintf(stderr, "%u additions: %s\n", (unsigned)additions, oncilla_strerror(status));
    return status == ONCILLA_OK ? 0 : 1;
}
