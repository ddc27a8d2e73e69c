/*
 * Serves the adder on TCP and UDP for the holder of a key, and calls it: with the key, and with a wrong one. It is
 * compiled with ONCILLA_KEYS, as all files of a program with keys are.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>

#include "adder.h"
#include "oncilla_posix.h"

static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    uint32_t *additions = context;
    int32_t a, b;
    oncilla_status status;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    *additions += oncilla_request_key(request) == 1;
    return oncilla_put_i32(results, (int32_t)((uint32_t)a + (uint32_t)b));
}

static const oncilla_procedure procedures[] = {{ADDER_ADD, ONCILLA_IDEMPOTENT, ADDER_ADD_RESULTS_MAX, add}};
static const oncilla_program programs[] = {{ADDER_PROGRAM, ADDER_VERSION, procedures, 1}};

static const oncilla_key key = {1, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
static const oncilla_key wrong = {1, {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1}};

/* Two connections and UDP, each with an acceptor and so with a start of its own. */
#define LINKS 3
#define UDP 2
#define SIZE ONCILLA_RECORD_BUFFER(ONCILLA_SEALED_CALL(ADDER_CALL_MAX))

static const oncilla_table table = {programs, 1, NULL};
static oncilla_posix_server server;
static oncilla_posix_link links[LINKS];
static oncilla_acceptor acceptors[LINKS];
static uint8_t memories[2 * LINKS + 2][SIZE];
static uint32_t additions;

/* Returns a start that no other link of this program has. A product also makes it differ from those before a restart. */
static const uint8_t *next_start(void)
{
    static uint8_t start[ONCILLA_START];
    ++start[0];
    return start;
}

/* Adds once and returns the status. */
static oncilla_status adds(oncilla_client *client)
{
    uint8_t memory[ADDER_ADD_ARGUMENTS_MAX];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    int32_t sum = 0;
    oncilla_status status;
    oncilla_put_i32(&arguments, 40);
    oncilla_put_i32(&arguments, 2);
    status = oncilla_client_call(client, ADDER_PROGRAM, ADDER_VERSION, ADDER_ADD, &arguments, &results);
    if (status == ONCILLA_OK)
        status = oncilla_get_i32(&results, &sum);
    return status == ONCILLA_OK && sum != 42 ? ONCILLA_MALFORMED : status;
}

/* Connects with `opener` on TCP or UDP, adds, and disconnects. */
static oncilla_status call(oncilla_opener *opener, int over_udp, uint16_t port, uint64_t timeout)
{
    static oncilla_client client;
    oncilla_posix carrier = {0};
    const oncilla_buffers buffers = {memories[2 * LINKS], SIZE, memories[2 * LINKS + 1], SIZE};
    oncilla_status status;
    if (over_udp)
        status = oncilla_posix_udp_client_with_keys(&client, &carrier, INADDR_LOOPBACK, port, &buffers, opener);
    else
        status = oncilla_posix_tcp_client_with_keys(&client, &carrier, INADDR_LOOPBACK, port, timeout, &buffers, opener);
    if (status == ONCILLA_OK)
        status = oncilla_client_set_timeout(&client, (uint32_t)(timeout / 1000));
    if (status == ONCILLA_OK)
        status = adds(&client);
    oncilla_posix_close(&carrier);
    return status;
}

#define LONG 30000000u
#define SHORT 500000u

int main(void)
{
    static oncilla_opener right, bad, right_udp, bad_udp;
    uint16_t tcp = 0, udp = 0;
    size_t i;
    oncilla_status status = oncilla_table_check(&table);

    for (i = 0; i < LINKS && status == ONCILLA_OK; i++) {
        const oncilla_buffers buffers = {memories[2 * i], SIZE, memories[2 * i + 1], SIZE};
        links[i].buffers = buffers;
        links[i].acceptor = &acceptors[i];
        status = oncilla_acceptor_init(&acceptors[i], ONCILLA_SIDE_DEVICE, &key, 1, next_start(), 1);
    }
    server.table = &table;
    server.context = &additions;
    server.replay = ONCILLA_WITHOUT_REPLAY;
    server.links = links;
    server.count = LINKS;
    if (status == ONCILLA_OK)
        status = oncilla_posix_tcp_listen(&server.listener, INADDR_LOOPBACK, &tcp);
    if (status == ONCILLA_OK)
        status = oncilla_posix_udp_bind(&links[UDP].carrier, INADDR_LOOPBACK, &udp);
    if (status == ONCILLA_OK)
        status = oncilla_posix_serve_in_thread(&server);
    if (status == ONCILLA_OK)
        status = oncilla_opener_init(&right, ONCILLA_SIDE_HOST, &key, next_start(), 2);
    if (status == ONCILLA_OK)
        status = oncilla_opener_init(&bad, ONCILLA_SIDE_HOST, &wrong, next_start(), 2);
    if (status == ONCILLA_OK)
        status = oncilla_opener_init(&right_udp, ONCILLA_SIDE_HOST, &key, next_start(), 2);
    if (status == ONCILLA_OK)
        status = oncilla_opener_init(&bad_udp, ONCILLA_SIDE_HOST, &wrong, next_start(), 2);
    if (status != ONCILLA_OK) {
        fprintf(stderr, "keyed_posix: %s\n", oncilla_strerror(status));
        return 1;
    }
    /* One opener for one connection after another. */
    printf("TCP: %s, %s\n", oncilla_status_name(call(&right, 0, tcp, LONG)),
           oncilla_status_name(call(&right, 0, tcp, LONG)));
    printf("UDP: %s\n", oncilla_status_name(call(&right_udp, 1, udp, LONG)));
    printf("a wrong key: %s, %s\n", oncilla_status_name(call(&bad, 0, tcp, LONG)),
           oncilla_status_name(call(&bad_udp, 1, udp, SHORT)));
    printf("the right one: %s\n", oncilla_status_name(call(&right, 0, tcp, LONG)));
    status = oncilla_posix_join(&server);
    printf("%u additions: %s\n", (unsigned)additions, oncilla_strerror(status));
    return status == ONCILLA_OK ? 0 : 1;
}
