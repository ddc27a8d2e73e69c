/*
 * `server [IDLE [DEVICE [PATIENCE]]]` serves the adder on TCP, UDP and, if DEVICE is given, a serial port. It prints
 * the ports of TCP and UDP. It closes connections that are silent for IDLE milliseconds, if that is not 0, and those
 * that do not take a reply for PATIENCE milliseconds. It ends at the end of its standard input.
 */
#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <termios.h>

#include "adder.h"
#include "oncilla_posix.h"

static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    uint32_t *additions = context;
    int32_t a, b;
    oncilla_status status;
    (void)request;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    status = oncilla_get_end(arguments);
    if (status != ONCILLA_OK)
        return status;
    /* One thread serves all links, so no lock is needed. */
    ++*additions;
    return oncilla_put_i32(results, (int32_t)((uint32_t)a + (uint32_t)b));
}

static const oncilla_procedure procedures[] = {{ADDER_ADD, ONCILLA_IDEMPOTENT, ADDER_ADD_RESULTS_MAX, add}};
static const oncilla_program programs[] = {{ADDER_PROGRAM, ADDER_VERSION, procedures, 1}};

/* Two simultaneous connections, UDP and the serial port. */
#define CONNECTIONS 2
#define UDP CONNECTIONS
#define SERIAL (CONNECTIONS + 1)
#define LINKS (CONNECTIONS + 2)

#define RX ONCILLA_SERIAL_BUFFER(ADDER_CALL_MAX + ONCILLA_CREDENTIALS_MAX)
#define TX ONCILLA_SERIAL_BUFFER(ADDER_REPLY_MAX)

static const oncilla_table table = {programs, 1, NULL};
static oncilla_posix_server server;
static oncilla_posix_link links[LINKS];
static uint8_t rx[LINKS][RX], tx[LINKS][TX];
static uint32_t additions;

static int said(const char *what, oncilla_status status)
{
    if (status != ONCILLA_OK)
        fprintf(stderr, "server: %s: %s\n", what, oncilla_strerror(status));
    return status == ONCILLA_OK;
}

int main(int argc, char **argv)
{
    uint16_t tcp = 0, udp = 0;
    const int with_serial = argc > 2 && argv[2][0] != 0;
    size_t i;

    for (i = 0; i < LINKS; i++) {
        const oncilla_buffers buffers = {rx[i], RX, tx[i], TX};
        links[i].buffers = buffers;
    }
    server.table = &table;
    server.context = &additions;
    /* The only procedure may be executed twice, so nothing is remembered. Otherwise, use a cache of
       oncilla_replay_init_shared here, and one of oncilla_replay_init for the serial port. */
    server.replay = links[SERIAL].replay = ONCILLA_WITHOUT_REPLAY;
    server.links = links;
    server.count = with_serial ? LINKS : LINKS - 1;
    server.patience = argc > 3 ? (uint64_t)atoi(argv[3]) * 1000u : 0;
    server.idle = argc > 1 ? (uint64_t)atoi(argv[1]) * 1000u : 0;
    if (!said("table", oncilla_table_check(&table)) ||
        !said("TCP", oncilla_posix_tcp_listen(&server.listener, INADDR_LOOPBACK, &tcp)) ||
        !said("UDP", oncilla_posix_udp_bind(&links[UDP].carrier, INADDR_LOOPBACK, &udp)) ||
        (with_serial && !said(argv[2], oncilla_posix_serial_open(&links[SERIAL].carrier, argv[2], B115200))) ||
        !said("its thread", oncilla_posix_serve_in_thread(&server)))
        return 1;
    printf("%u %u\n", (unsigned)tcp, (unsigned)udp);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    if (!said("serving", oncilla_posix_join(&server)))
        return 1;
    fprintf(stderr, "%u additions\n", (unsigned)additions);
    return 0;
}
