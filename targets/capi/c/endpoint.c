/*
 * A device and a host on one serial line call each other. The device serves the adder, and calls the host's clock while
 * the host waits for a sum. The line is a socket pair here; on a board, the callbacks of oncilla_io use a UART.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <oncilla.h>

#include "adder.h"
#include "oncilla_fd.h"

#define CLOCK_PROGRAM 0x20000056u
#define CLOCK_VERSION 1u
#define CLOCK_SECONDS 1u /* unsigned hyper seconds(void) = 1; */
#define SOME_TIME 1750000000u

#define LARGEST (ADDER_CALL_MAX > ADDER_REPLY_MAX ? ADDER_CALL_MAX : ADDER_REPLY_MAX)
#define BUFFER ONCILLA_SERIAL_BUFFER(LARGEST)
#define REPLIES 4

typedef struct end {
    oncilla_endpoint endpoint;
    oncilla_replay replay;
    uint8_t replies[ONCILLA_REPLAY_BYTES(REPLIES, ADDER_REPLY_MAX)];
    uint8_t rx[BUFFER], tx[BUFFER];
    oncilla_fd fd;
    uint32_t calls;
} end;

static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    end *device = context;
    int32_t a, b;
    oncilla_status status;
    (void)request;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    ++device->calls;
    return oncilla_put_i32(results, (int32_t)((uint32_t)a + (uint32_t)b));
}

static oncilla_status seconds(void *context, const oncilla_request *request, oncilla_reader *arguments,
                              oncilla_writer *results)
{
    end *host = context;
    oncilla_status status = oncilla_get_end(arguments);
    (void)request;
    if (status != ONCILLA_OK)
        return status;
    ++host->calls;
    return oncilla_put_u64(results, SOME_TIME);
}

static const oncilla_procedure adder_procedures[] = {{ADDER_ADD, 0, ADDER_ADD_RESULTS_MAX, add}};
static const oncilla_program adder_programs[] = {{ADDER_PROGRAM, ADDER_VERSION, adder_procedures, 1}};
static const oncilla_table adder = {adder_programs, 1, NULL};
static const oncilla_procedure clock_procedures[] = {{CLOCK_SECONDS, 0, 8, seconds}};
static const oncilla_program clock_programs[] = {{CLOCK_PROGRAM, CLOCK_VERSION, clock_procedures, 1}};
static const oncilla_table clock_ = {clock_programs, 1, NULL};

static oncilla_status begin(end *self, const oncilla_table *table, int descriptor, uint32_t boot)
{
    const oncilla_buffers buffers = {self->rx, sizeof self->rx, self->tx, sizeof self->tx};
    oncilla_io io;
    oncilla_status status;

    self->fd.in = self->fd.out = descriptor;
    io = oncilla_fd_io(&self->fd);
    status = oncilla_replay_init(&self->replay, ADDER_REPLY_MAX, self->replies, sizeof self->replies);
    if (status == ONCILLA_OK)
        status = oncilla_endpoint_over_serial(&self->endpoint, table, self, &self->replay, &io, &buffers,
                                              boot << 16, boot);
    return status;
}

static int said(const char *who, oncilla_status status)
{
    if (status != ONCILLA_OK)
        (void)fprintf(stderr, "%s: %s\n", who, oncilla_strerror(status));
    return status == ONCILLA_OK ? 0 : 1;
}

/* Calls the NULL procedure until both peers run. A call that the peer's start interrupts returns ONCILLA_RESTARTED. It
 * may be repeated only if executing it twice does no harm. */
static oncilla_status meet(end *self, uint32_t program, uint32_t version)
{
    oncilla_status status;
    do
        status = oncilla_client_call(&self->endpoint.client, program, version, 0, NULL, NULL);
    while (status == ONCILLA_RESTARTED);
    return status;
}

/* Calls, then serves. Its call arrives while the host waits for a reply. */
static int device(int descriptor)
{
    static end self;
    oncilla_reader results;
    uint64_t now = 0;
    oncilla_status status = begin(&self, &adder, descriptor, 7);
    if (status == ONCILLA_OK)
        status = meet(&self, CLOCK_PROGRAM, CLOCK_VERSION);
    if (status == ONCILLA_OK)
        status = oncilla_client_call(&self.endpoint.client, CLOCK_PROGRAM, CLOCK_VERSION, CLOCK_SECONDS, NULL, &results);
    if (status == ONCILLA_OK) {
        oncilla_get_u64(&results, &now);
        status = oncilla_get_end(&results);
    }
    if (status == ONCILLA_OK)
        status = oncilla_endpoint_serve(&self.endpoint);
    (void)printf("device: %u additions, the time is %lu\n", (unsigned)self.calls, (unsigned long)now);
    return said("device", status);
}

static int host(int descriptor)
{
    static end self;
    int32_t sum = 0, i;
    oncilla_status status = begin(&self, &clock_, descriptor, 9);
    if (status == ONCILLA_OK)
        status = meet(&self, ADDER_PROGRAM, ADDER_VERSION);
    for (i = 0; i < 3 && status == ONCILLA_OK; i++) {
        uint8_t memory[ADDER_ADD_ARGUMENTS_MAX];
        oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
        oncilla_reader results;
        oncilla_put_i32(&arguments, sum);
        oncilla_put_i32(&arguments, i);
        status = oncilla_client_call(&self.endpoint.client, ADDER_PROGRAM, ADDER_VERSION, ADDER_ADD, &arguments, &results);
        if (status == ONCILLA_OK) {
            oncilla_get_i32(&results, &sum);
            status = oncilla_get_end(&results);
        }
    }
    (void)printf("host: the sum is %d, the clock was called %u times\n", (int)sum, (unsigned)self.calls);
    return said("host", status);
}

int main(void)
{
    int pair[2], result, ended = 0;
    pid_t child;
    /* Writing to a peer that has left is then an error and does not end the process. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 2;
    child = fork();
    if (child < 0)
        return 2;
    if (child == 0) {
        close(pair[0]);
        return device(pair[1]);
    }
    close(pair[1]);
    result = host(pair[0]);
    (void)fflush(stdout);
    close(pair[0]);
    waitpid(child, &ended, 0);
    return result != 0 || ended != 0;
}
