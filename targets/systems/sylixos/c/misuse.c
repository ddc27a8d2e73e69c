/* Checks that the shim reports wrong use. Prints each check that fails, and returns 1 if any did. */
#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "adder.h"
#include "oncilla_posix.h"

static int failures;

static void check(oncilla_status got, oncilla_status expected, int line)
{
    if (got != expected) {
        printf("line %d: %s instead of %s\n", line, oncilla_status_name(got), oncilla_status_name(expected));
        failures++;
    }
}
#define CHECK(expression, expected) check((expression), (expected), __LINE__)

static int standard_input_is_open(void)
{
    return fcntl(0, F_GETFL, 0) >= 0;
}

int main(void)
{
    static oncilla_posix_server server;
    static oncilla_posix_link links[ONCILLA_POSIX_LINKS_MAX + 1];
    static oncilla_posix carrier;
    static oncilla_client client;
    static oncilla_replay replay;
    static const uint8_t key[ONCILLA_REPLAY_KEY] = {1};
    static uint8_t replies[ONCILLA_SHARED_REPLAY_BYTES(2, 32)];
    static uint8_t rx[64], tx[64];
    static const oncilla_program program = {ADDER_PROGRAM, ADDER_VERSION, NULL, 0}, twice[] = {{1, 1, NULL, 0}, {1, 1, NULL, 0}};
    static const oncilla_table table = {&program, 1, NULL}, wrong = {twice, 2, NULL};
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx}, small = {rx, sizeof rx, tx, 3};
    uint16_t port = 0;

    /* Zeros are not descriptors: standard input stays open. */
    oncilla_posix_close(&carrier);
    oncilla_posix_close(NULL);
    oncilla_posix_end(&server);
    oncilla_posix_end(NULL);
    CHECK(oncilla_posix_stop(&server), ONCILLA_UNINITIALIZED);
    CHECK(oncilla_posix_serve(&server), ONCILLA_UNINITIALIZED);
    CHECK(oncilla_posix_join(&server), ONCILLA_UNINITIALIZED);
    CHECK(standard_input_is_open() ? ONCILLA_OK : ONCILLA_CLOSED, ONCILLA_OK);
    CHECK(oncilla_posix_start(NULL), ONCILLA_NULL);
    CHECK(oncilla_posix_start(&server), ONCILLA_NULL);
    CHECK(oncilla_posix_stop(NULL), ONCILLA_NULL);
    CHECK(oncilla_posix_join(NULL), ONCILLA_NULL);

    CHECK(oncilla_table_check(&table), ONCILLA_OK);
    server.table = &table;
    server.links = links;
    server.count = ONCILLA_POSIX_LINKS_MAX + 1;
    CHECK(oncilla_posix_start(&server), ONCILLA_BOUND);
    server.count = 1;
    CHECK(oncilla_posix_udp_bind(&links[0].carrier, INADDR_LOOPBACK, &port), ONCILLA_OK);
    CHECK(oncilla_posix_tcp_listen(&server.listener, INADDR_LOOPBACK, &port), ONCILLA_OK);
    /* There is no link for connections. */
    CHECK(oncilla_posix_start(&server), ONCILLA_INVALID);
    server.count = 2;
    server.replay = ONCILLA_WITHOUT_REPLAY;
    CHECK(oncilla_posix_start(&server), ONCILLA_TOO_SMALL);
    links[0].buffers = small;
    CHECK(oncilla_posix_start(&server), ONCILLA_TOO_SMALL);
    links[0].buffers = buffers;
    server.table = &wrong;
    CHECK(oncilla_posix_start(&server), ONCILLA_PROGRAM_TWICE);
    server.table = &table;
    /* UDP can lose messages, so it needs a replay cache for many peers, or ONCILLA_WITHOUT_REPLAY. */
    server.replay = NULL;
    CHECK(oncilla_posix_start(&server), ONCILLA_NULL);
    CHECK(oncilla_replay_init(&replay, 32, replies, sizeof replies), ONCILLA_OK);
    server.replay = &replay;
    CHECK(oncilla_posix_start(&server), ONCILLA_INVALID);
    CHECK(oncilla_replay_init_shared(&replay, key, 32, replies, sizeof replies), ONCILLA_OK);
    CHECK(oncilla_posix_start(&server), ONCILLA_OK);
    CHECK(oncilla_posix_start(&server), ONCILLA_BUSY);
    CHECK(oncilla_posix_join(&server), ONCILLA_INVALID);
    /* Stopped before it serves, it returns at once. */
    CHECK(oncilla_posix_stop(&server), ONCILLA_OK);
    CHECK(oncilla_posix_serve(&server), ONCILLA_OK);
    oncilla_posix_end(&server);
    CHECK(links[0].carrier.fd == -1 && server.listener == -1 ? ONCILLA_OK : ONCILLA_BUSY, ONCILLA_OK);

    /* A port in use. */
    CHECK(oncilla_posix_tcp_listen(&server.listener, INADDR_LOOPBACK, &port), ONCILLA_OK);
    CHECK(oncilla_posix_accept(&carrier, server.listener, 0), ONCILLA_TIME_UP);
    CHECK(oncilla_posix_tcp_listen(&carrier.fd, INADDR_LOOPBACK, &port), ONCILLA_TRANSPORT);
    CHECK(errno == EADDRINUSE ? ONCILLA_OK : ONCILLA_TRANSPORT, ONCILLA_OK);
    CHECK(oncilla_posix_tcp_client(&client, &carrier, INADDR_LOOPBACK, port, 1000000, &small), ONCILLA_TOO_SMALL);
    CHECK(carrier.fd == -1 ? ONCILLA_OK : ONCILLA_BUSY, ONCILLA_OK);
    CHECK(oncilla_posix_tcp_client(&client, NULL, INADDR_LOOPBACK, port, 1000000, &buffers), ONCILLA_NULL);
    CHECK(oncilla_posix_udp_client(NULL, &carrier, INADDR_LOOPBACK, port, &buffers), ONCILLA_NULL);
    CHECK(oncilla_posix_tcp_listen(NULL, INADDR_LOOPBACK, &port), ONCILLA_NULL);
    CHECK(oncilla_posix_udp_bind(&carrier, INADDR_LOOPBACK, NULL), ONCILLA_NULL);
    CHECK(oncilla_posix_accept(NULL, 0, 0), ONCILLA_NULL);
    CHECK(oncilla_posix_serial_open(NULL, "/dev/null", 0), ONCILLA_NULL);
    /* Not a terminal. */
    CHECK(oncilla_posix_serial_open(&carrier, "/dev/null", 0), ONCILLA_TRANSPORT);
    CHECK(carrier.fd == -1 ? ONCILLA_OK : ONCILLA_BUSY, ONCILLA_OK);
    printf("%d failures\n", failures);
    return failures != 0;
}
