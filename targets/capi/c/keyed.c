/*
 * The adder under a key, on standard input and output:
 *
 *     keyed server              serves the holders of two keys; the second may not add
 *     keyed client KEY A B      adds by the key of this number, or by a wrong one if KEY is 0
 *     keyed endpoint            on a serial line: serves, and adds 1 three times by calls to its peer
 *
 * The keys here are for the tests. Yours come from `oncilla key new`, and no two pairs of peers have the same one.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <oncilla.h>

#include "adder.h"
#include "oncilla_fd.h"

static const oncilla_key keys[] = {
    {1, {'s', 'i', 'x', 't', 'e', 'e', 'n', ' ', 'b', 'y', 't', 'e', 's', ' ', '!', '!'}},
    {2, {'a', 'n', 'd', ' ', 's', 'i', 'x', 't', 'e', 'e', 'n', ' ', 'm', 'o', 'r', 'e'}},
};
static const oncilla_key wrong = {1, {'w', 'r', 'o', 'n', 'g'}};

/* What the authorize function and the procedures know. */
typedef struct state {
    uint32_t additions;
} state;

/* The auth_stat of a caller who may not do that. */
#define AUTH_TOOWEAK 5u

/* Both keys may call NULL, and only the first one may add. */
static uint32_t authorize(void *context, const oncilla_request *request)
{
    (void)context;
    return oncilla_request_key(request) == 1 || request->procedure == 0 ? 0 : AUTH_TOOWEAK;
}

static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    int32_t a, b;
    oncilla_status status;

    (void)request;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    ++((state *)context)->additions;
    return oncilla_put_i32(results, (int32_t)((uint32_t)a + (uint32_t)b));
}

static const oncilla_procedure procedures[] = {{ADDER_ADD, 0, ADDER_ADD_RESULTS_MAX, add}};
static const oncilla_program programs[] = {{ADDER_PROGRAM, ADDER_VERSION, procedures, 1}};
static const oncilla_table table = {programs, 1, authorize};

/* A call opens a session, so it needs more room than a reply. An endpoint sends and receives both. */
#define LARGEST ONCILLA_SEALED_CALL(ADDER_CALL_MAX + ONCILLA_CREDENTIALS_MAX)
static uint8_t rx[ONCILLA_SERIAL_BUFFER(LARGEST)];
static uint8_t tx[ONCILLA_SERIAL_BUFFER(LARGEST)];
static oncilla_opener opener;
static oncilla_acceptor acceptor;
static state device;

static const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};

/* Fills memory from the random number generator of the system. On firmware, use a counter in flash. */
static int randomly(void *into, size_t size)
{
    FILE *source = fopen("/dev/urandom", "rb");
    size_t got = source == NULL ? 0 : fread(into, 1, size, source);
    if (source != NULL)
        (void)fclose(source);
    return got == size ? 0 : -1;
}

static oncilla_status serve(const oncilla_io *io, const uint8_t *start, uint32_t boot)
{
    static oncilla_server server;
    oncilla_status status = oncilla_acceptor_init(&acceptor, ONCILLA_SIDE_DEVICE, keys, 2, start, boot);
    if (status == ONCILLA_OK)
        status = oncilla_server_over_record_with_keys(&server, &table, &device, NULL, io, &buffers, &acceptor);
    if (status == ONCILLA_OK)
        status = oncilla_server_serve(&server);
    (void)fprintf(stderr, "%u additions: %s\n", (unsigned)device.additions, oncilla_strerror(status));
    return status;
}

static oncilla_status call(const oncilla_io *io, const uint8_t *start, uint32_t boot, char **arguments)
{
    static oncilla_client client;
    uint8_t memory[ADDER_ADD_ARGUMENTS_MAX];
    oncilla_writer writer = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    oncilla_details details;
    int32_t sum = 0;
    long number = strtol(arguments[0], NULL, 10);
    const oncilla_key *key = number == 1 || number == 2 ? &keys[number - 1] : &wrong;
    oncilla_status status = oncilla_opener_init(&opener, ONCILLA_SIDE_HOST, key, start, boot);

    oncilla_put_i32(&writer, (int32_t)strtol(arguments[1], NULL, 10));
    oncilla_put_i32(&writer, (int32_t)strtol(arguments[2], NULL, 10));
    if (status == ONCILLA_OK)
        status = oncilla_client_over_record_with_keys(&client, io, &buffers, boot, &opener);
    if (status == ONCILLA_OK)
        status = oncilla_client_set_timeout(&client, 30000);
    if (status == ONCILLA_OK)
        status = oncilla_client_call(&client, ADDER_PROGRAM, ADDER_VERSION, ADDER_ADD, &writer, &results);
    if (status == ONCILLA_OK)
        status = oncilla_get_i32(&results, &sum);
    if (status == ONCILLA_OK)
        (void)fprintf(stderr, "%d\n", (int)sum);
    else if (status == ONCILLA_AUTH_ERROR && oncilla_client_details(&client, &details) == ONCILLA_OK)
        (void)fprintf(stderr, "refused: %u\n", (unsigned)details.auth_stat);
    else
        (void)fprintf(stderr, "%s\n", oncilla_status_name(status));
    return status;
}

static oncilla_status both(const oncilla_io *io, const uint8_t *starts, uint32_t boot)
{
    static oncilla_endpoint endpoint;
    static uint8_t replies[ONCILLA_REPLAY_BYTES(4, ADDER_REPLY_MAX)];
    static oncilla_replay replay;
    oncilla_status status = oncilla_opener_init(&opener, ONCILLA_SIDE_DEVICE, &keys[0], starts, boot);
    int32_t sum = 0;
    int time;

    if (status == ONCILLA_OK)
        status = oncilla_acceptor_init(&acceptor, ONCILLA_SIDE_DEVICE, keys, 2, starts + ONCILLA_START, boot);
    if (status == ONCILLA_OK)
        status = oncilla_replay_init(&replay, ADDER_REPLY_MAX, replies, sizeof replies);
    if (status == ONCILLA_OK)
        status = oncilla_endpoint_over_serial_with_keys(&endpoint, &table, &device, &replay, io, &buffers, boot, &opener,
                                                        &acceptor);
    if (status == ONCILLA_OK)
        status = oncilla_client_set_timeout(&endpoint.client, 30000);
    for (time = 0; status == ONCILLA_OK && time < 3; ++time) {
        uint8_t memory[ADDER_ADD_ARGUMENTS_MAX];
        oncilla_writer writer = oncilla_writer_on(memory, sizeof memory);
        oncilla_reader results;
        oncilla_put_i32(&writer, sum);
        oncilla_put_i32(&writer, 1);
        status = oncilla_client_call(&endpoint.client, ADDER_PROGRAM, ADDER_VERSION, ADDER_ADD, &writer, &results);
        if (status == ONCILLA_OK)
            status = oncilla_get_i32(&results, &sum);
    }
    while (status == ONCILLA_OK)
        status = oncilla_endpoint_serve_next(&endpoint, ONCILLA_NEVER);
    (void)fprintf(stderr, "the sum is %d, %u additions: %s\n", (int)sum, (unsigned)device.additions,
            oncilla_status_name(status));
    return status == ONCILLA_CLOSED ? ONCILLA_OK : status;
}

int main(int argc, char **argv)
{
    static oncilla_fd fd = {0, 1};
    const oncilla_io io = oncilla_fd_io(&fd);
    uint8_t starts[2 * ONCILLA_START];
    uint32_t boot;
    oncilla_status status;

    (void)signal(SIGPIPE, SIG_IGN);
    if (randomly(starts, sizeof starts) != 0 || randomly(&boot, sizeof boot) != 0) {
        (void)fprintf(stderr, "keyed: cannot read /dev/urandom\n");
        return 2;
    }
    if (argc == 2 && strcmp(argv[1], "server") == 0)
        status = serve(&io, starts, boot);
    else if (argc == 5 && strcmp(argv[1], "client") == 0)
        status = call(&io, starts, boot, argv + 2);
    else if (argc == 2 && strcmp(argv[1], "endpoint") == 0)
        status = both(&io, starts, boot);
    else {
        (void)fprintf(stderr, "usage: keyed server | client KEY A B | endpoint\n");
        return 2;
    }
    return status == ONCILLA_OK ? 0 : 1;
}
