/* The server of constructs.x, made by oncilla-rpcgen, on standard input and output: echoes, and says what it has read. */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "constructs.h"
#include "oncilla_fd.h"
#include "words.h"

/* Says the argument in words and returns it. */
#define ECHO(name, type, say_it) \
    oncilla_status constructs_1_serve_##name(void *context, const oncilla_request *request, const type *argument, \
                                             type *result) \
    { \
        (void)context; \
        (void)request; \
        say_nothing(); \
        say_it(argument); \
        *result = *argument; \
        return ONCILLA_OK; \
    }

ECHO(echo_numbers, numbers, say_numbers)
ECHO(echo_octets, octets, say_octets)
ECHO(echo_arrays, arrays, say_arrays)
ECHO(echo_shape, shape, say_shape)
ECHO(echo_maybe, maybe, say_maybe)
ECHO(echo_list, node_list, say_list)
ECHO(echo_unions, unions, say_unions)
ECHO(echo_word, word, say_word)
ECHO(echo_piece, piece, say_piece)
ECHO(echo_bulk, bulk, say_bulk)

oncilla_status constructs_1_serve_echo_nothing(void *context, const oncilla_request *request)
{
    (void)context;
    (void)request;
    say_nothing();
    return ONCILLA_OK;
}

oncilla_status constructs_1_serve_mix(void *context, const oncilla_request *request, uint8_t octet, int64_t big,
                                      const word *text, const chunk *data, bool truth, color shade, float real,
                                      const point *place, mixed *result)
{
    (void)context;
    (void)request;
    result->octet = octet;
    result->big = big;
    result->text = *text;
    result->data = *data;
    result->truth = truth;
    result->shade = shade;
    memcpy(&result->real, &real, sizeof real);
    result->place = *place;
    say_nothing();
    say_mixed(result);
    return ONCILLA_OK;
}

oncilla_status constructs_1_serve_note(void *context, const oncilla_request *request, const word *text)
{
    (void)context;
    (void)request;
    say_word(text);
    return ONCILLA_OK;
}

oncilla_status constructs_1_serve_seen(void *context, const oncilla_request *request, description *result)
{
    (void)context;
    (void)request;
    memcpy(result->text, said, sizeof said);
    return ONCILLA_OK;
}

oncilla_status constructs_1_serve_caller(void *context, const oncilla_request *request, description *result)
{
    say_nothing();
    say_user(request);
    return constructs_1_serve_seen(context, request, result);
}

static uint8_t rx[ONCILLA_RECORD_BUFFER(CONSTRUCTS_1_CALL_MAX + ONCILLA_CREDENTIALS_MAX)];
static uint8_t tx[ONCILLA_RECORD_BUFFER(CONSTRUCTS_1_REPLY_MAX)];
static oncilla_server server;

int main(void)
{
    static oncilla_fd fd = {0, 1};
    const oncilla_io io = oncilla_fd_io(&fd);
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    oncilla_status status;

    (void)signal(SIGPIPE, SIG_IGN);
    status = oncilla_table_check(&constructs_1_table);
    if (status == ONCILLA_OK)
        status = oncilla_server_over_record(&server, &constructs_1_table, NULL, NULL, &io, &buffers);
    if (status == ONCILLA_OK)
        status = oncilla_server_serve(&server);
    fprintf(stderr, "%s\n", oncilla_strerror(status));
    return status == ONCILLA_OK ? 0 : 1;
}
