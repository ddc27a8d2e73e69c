/*
 * Two peers on one serial line call each other at the same moment, and their procedures call back: to sell, a peer
 * calls the buyer's pay procedure. The line loses every fifth message, yet each sale is paid once. The line is a socket
 * pair.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <oncilla.h>

#include "oncilla_fd.h"

#define TRADE_PROGRAM 0x20000057u
#define TRADE_VERSION 1u
#define TRADE_SELL 1u /* unsigned sell(unsigned price) = 1; returns the caller's total payments */
#define TRADE_PAY 2u  /* unsigned pay(unsigned price) = 2; returns the total payments */
#define TRADE_DONE 3u /* void done(void) = 3; the caller will buy nothing more */

#define CALL_MAX ONCILLA_CALL_MAX(4)
#define REPLY_MAX ONCILLA_REPLY_MAX(4)
#define BUFFER ONCILLA_SERIAL_BUFFER(CALL_MAX > REPLY_MAX ? CALL_MAX : REPLY_MAX)
#define LEVELS 2
#define SALES 30
/* While a peer repeats one call, its procedures may make any number of others: here one for each sale of both peers. If
 * a reply is forgotten before its call is repeated, the procedure is executed again. */
#define REPLIES (2 * SALES + 2)

typedef struct end {
    oncilla_nested nested;
    oncilla_replay replay;
    uint8_t replies[ONCILLA_REPLAY_BYTES(REPLIES, REPLY_MAX)];
    uint8_t rx[BUFFER], tx[BUFFER];
    uint8_t calls[LEVELS][CALL_MAX], answers[LEVELS][REPLY_MAX], early[REPLY_MAX];
    oncilla_fd fd;
    uint32_t paid, sold;
    int other_is_done;
} end;

/* Calls a procedure of the peer that takes and returns a number. May be used in a procedure too. */
static oncilla_status ask(end *self, uint32_t procedure, uint32_t number, uint32_t *answer)
{
    uint8_t memory[4];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    oncilla_status status;
    oncilla_put_u32(&arguments, number);
    status = oncilla_client_call(&self->nested.client, TRADE_PROGRAM, TRADE_VERSION, procedure, &arguments, &results);
    if (status != ONCILLA_OK)
        return status;
    oncilla_get_u32(&results, answer);
    return oncilla_get_end(&results);
}

static oncilla_status sell(void *context, const oncilla_request *request, oncilla_reader *arguments,
                           oncilla_writer *results)
{
    end *self = context;
    uint32_t price, paid = 0;
    oncilla_status status;
    (void)request;
    oncilla_get_u32(arguments, &price);
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    /* The buyer serves while it waits for this procedure. */
    status = ask(self, TRADE_PAY, price, &paid);
    if (status != ONCILLA_OK)
        return ONCILLA_SYSTEM_ERR;
    ++self->sold;
    return oncilla_put_u32(results, paid);
}

static oncilla_status pay(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    end *self = context;
    uint32_t price;
    oncilla_status status;
    (void)request;
    oncilla_get_u32(arguments, &price);
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    self->paid += price;
    return oncilla_put_u32(results, self->paid);
}

static oncilla_status done(void *context, const oncilla_request *request, oncilla_reader *arguments,
                           oncilla_writer *results)
{
    end *self = context;
    (void)request;
    (void)results;
    self->other_is_done = 1;
    return oncilla_get_end(arguments);
}

static const oncilla_procedure procedures[] = {
    {TRADE_SELL, 0, 4, sell}, {TRADE_PAY, 0, 4, pay}, {TRADE_DONE, ONCILLA_IDEMPOTENT, 0, done}};
static const oncilla_program programs[] = {{TRADE_PROGRAM, TRADE_VERSION, procedures, 3}};
static const oncilla_table trade = {programs, 1, NULL};

static oncilla_send send_all;

/* Loses every fifth message. */
static int32_t send_some(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    static unsigned sent;
    if (++sent % 5 == 0)
        return (int32_t)size;
    return send_all(context, from, size, deadline);
}

static oncilla_status begin(end *self, int descriptor, uint32_t boot)
{
    const oncilla_buffers buffers = {self->rx, sizeof self->rx, self->tx, sizeof self->tx};
    const oncilla_level levels[LEVELS] = {
        {self->calls[0], CALL_MAX, self->answers[0], REPLY_MAX, self->early, REPLY_MAX},
        {self->calls[1], CALL_MAX, self->answers[1], REPLY_MAX, NULL, 0}};
    oncilla_io io;
    oncilla_status status;

    self->fd.in = self->fd.out = descriptor;
    io = oncilla_fd_io(&self->fd);
    send_all = io.send;
    io.send = send_some;
    status = oncilla_replay_init(&self->replay, REPLY_MAX, self->replies, sizeof self->replies);
    if (status == ONCILLA_OK)
        status = oncilla_nested_over_serial(&self->nested, &trade, self, &self->replay, &io, &buffers, levels, LEVELS,
                                            boot << 16, boot);
    if (status == ONCILLA_OK)
        status = oncilla_client_set_timeout(&self->nested.client, 60000);
    if (status == ONCILLA_OK)
        status = oncilla_client_set_retry(&self->nested.client, 20, 0);
    return status;
}

static int run(const char *who, int descriptor, uint32_t boot)
{
    static end self;
    uint32_t i, paid = 0, wrong = 0;
    oncilla_status status = begin(&self, descriptor, boot);
    /* A call that the peer's start interrupts returns ONCILLA_RESTARTED. It may be repeated only if executing it twice
     * does no harm, as with the NULL procedure. */
    if (status == ONCILLA_OK)
        do
            status = oncilla_client_call(&self.nested.client, TRADE_PROGRAM, TRADE_VERSION, 0, NULL, NULL);
        while (status == ONCILLA_RESTARTED);
    for (i = 1; i <= SALES && status == ONCILLA_OK; i++) {
        status = ask(&self, TRADE_SELL, 10, &paid);
        wrong += paid != 10 * i;
    }
    if (status == ONCILLA_OK)
        status = oncilla_client_call(&self.nested.client, TRADE_PROGRAM, TRADE_VERSION, TRADE_DONE, NULL, NULL);
    while (status == ONCILLA_OK && !self.other_is_done)
        status = oncilla_nested_serve_next(&self.nested, ONCILLA_NEVER);
    /* The peer may have missed its last reply, and retransmits the call. */
    while (status == ONCILLA_OK)
        status = oncilla_nested_serve_next(&self.nested, oncilla_fd_after(1000000));
    if (status == ONCILLA_TIME_UP || status == ONCILLA_CLOSED || (status == ONCILLA_TRANSPORT && self.other_is_done))
        status = ONCILLA_OK;
    (void)printf("%s: paid %u, sold %u, %u wrong: %s\n", who, (unsigned)self.paid, (unsigned)self.sold, (unsigned)wrong,
           oncilla_strerror(status));
    return status != ONCILLA_OK;
}

int main(void)
{
    int pair[2], result, ended = 0;
    pid_t child;
    (void)signal(SIGPIPE, SIG_IGN);
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        return 2;
    child = fork();
    if (child < 0)
        return 2;
    if (child == 0) {
        close(pair[0]);
        return run("seller", pair[1], 7);
    }
    close(pair[1]);
    result = run("buyer", pair[0], 9);
    (void)fflush(stdout);
    close(pair[0]);
    if (waitpid(child, &ended, 0) != child || !WIFEXITED(ended))
        return 2;
    return result + WEXITSTATUS(ended);
}
