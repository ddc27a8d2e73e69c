/*
 * Checks of two serial lines and UDP, served by one thread: each peer has its own remembered replies, and endless calls
 * on one line do not delay the others. Prints each check that fails, and returns 1 if any did.
 */
#define _XOPEN_SOURCE 600

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include "adder.h"
#include "oncilla_posix.h"

/* void endless(void) = 2: one-way, and takes a millisecond, so that calls arrive faster than they are served. */
#define ENDLESS 2

/* More calls than are made before the server stops. */
#define MANY 20000u

#define LINES 2
#define UDP LINES
#define LINKS (LINES + 1)
#define REPLIES 4

#define RX ONCILLA_SERIAL_BUFFER(ADDER_CALL_MAX)
#define TX ONCILLA_SERIAL_BUFFER(ADDER_REPLY_MAX)

static int failures;

static void check(int holds, const char *what, int line)
{
    if (!holds) {
        printf("line %d: %s (errno %d)\n", line, what, errno);
        failures++;
    }
}
#define CHECK(condition) check((condition), #condition, __LINE__)
#define WORKS(expression) CHECK((expression) == ONCILLA_OK)

static oncilla_status add(void *context, const oncilla_request *request, oncilla_reader *arguments,
                          oncilla_writer *results)
{
    uint32_t *executed = context;
    int32_t a = 0, b = 0;
    (void)request;
    oncilla_get_i32(arguments, &a);
    oncilla_get_i32(arguments, &b);
    ++*executed;
    return oncilla_put_i32(results, a + b);
}

static oncilla_status endless(void *context, const oncilla_request *request, oncilla_reader *arguments,
                              oncilla_writer *results)
{
    (void)context, (void)request, (void)arguments, (void)results;
    (void)poll(NULL, 0, 1);
    return ONCILLA_NO_REPLY;
}

static const oncilla_procedure procedures[] = {{ADDER_ADD, 0, ADDER_ADD_RESULTS_MAX, add}, {ENDLESS, 0, 0, endless}};
static const oncilla_program programs[] = {{ADDER_PROGRAM, ADDER_VERSION, procedures, 2}};
static const oncilla_table table = {programs, 1, NULL};
static oncilla_posix_server server;
static oncilla_posix_link links[LINKS];
static uint8_t rx[LINKS][RX], tx[LINKS][TX];
static oncilla_replay replays[LINKS];
static uint8_t replies[LINKS][ONCILLA_SHARED_REPLAY_BYTES(REPLIES, ADDER_REPLY_MAX)];
static const uint8_t key[ONCILLA_REPLAY_KEY] = "as good as any";
static uint32_t executed;

/* The peers of the links. */
static oncilla_posix ends[LINKS];
static uint8_t end_rx[LINKS][RX], end_tx[LINKS][RX];

static oncilla_buffers buffers_of(size_t link)
{
    oncilla_buffers buffers;
    buffers.rx = end_rx[link], buffers.rx_size = RX;
    buffers.tx = end_tx[link], buffers.tx_size = RX;
    return buffers;
}

/* Opens a pseudo-terminal: the server uses one end, by its name, and a client the other. */
static void open_line(size_t line)
{
    ends[line].kind = ONCILLA_POSIX_SERIAL;
    ends[line].fd = posix_openpt(O_RDWR | O_NOCTTY);
    CHECK(ends[line].fd >= 0 && grantpt(ends[line].fd) == 0 && unlockpt(ends[line].fd) == 0);
    CHECK(fcntl(ends[line].fd, F_SETFL, O_NONBLOCK) == 0);
    /* An unknown speed. */
    errno = 0;
    CHECK(oncilla_posix_serial_open(&links[line].carrier, ptsname(ends[line].fd), 1234567) == ONCILLA_TRANSPORT);
    CHECK(errno == EINVAL && links[line].carrier.fd == -1);
    WORKS(oncilla_posix_serial_open(&links[line].carrier, ptsname(ends[line].fd), B115200));
}

/* Calls the adder with a client whose first xid is 7. */
static void call_as_first(size_t link, uint32_t boot)
{
    oncilla_client client = {{0}};
    const oncilla_buffers buffers = buffers_of(link);
    const oncilla_io io = oncilla_posix_io(&ends[link]);
    uint8_t memory[8];
    oncilla_writer arguments = oncilla_writer_on(memory, sizeof memory);
    oncilla_reader results;
    int32_t sum = 0;
    oncilla_put_i32(&arguments, 2);
    oncilla_put_i32(&arguments, 3);
    if (link == UDP)
        WORKS(oncilla_client_over_datagram(&client, &io, &buffers, 7));
    else
        WORKS(oncilla_client_over_serial(&client, &io, &buffers, 7, boot));
    WORKS(oncilla_client_call(&client, ADDER_PROGRAM, ADDER_VERSION, ADDER_ADD, &arguments, &results));
    WORKS(oncilla_get_i32(&results, &sum));
    CHECK(sum == 5);
}

static void each_peer_has_its_own_replies(void)
{
    call_as_first(0, 0);
    CHECK(executed == 1);
    call_as_first(0, 0);
    CHECK(executed == 1);
    /* The same bytes on another line are a new call. */
    call_as_first(1, 0);
    CHECK(executed == 2);
    call_as_first(UDP, 0);
    CHECK(executed == 3);
    /* A restart of one peer forgets the replies of its line only. */
    call_as_first(0, 1);
    CHECK(executed == 3);
    call_as_first(0, 2);
    CHECK(executed == 4);
    call_as_first(1, 0);
    call_as_first(UDP, 0);
    CHECK(executed == 4);
}

/* Calls until the server stops taking calls. */
static void *stream(void *made)
{
    static oncilla_client client;
    const oncilla_buffers buffers = buffers_of(0);
    const oncilla_io io = oncilla_posix_io(&ends[0]);
    uint32_t *count = made;
    WORKS(oncilla_client_over_serial(&client, &io, &buffers, 1000, 0));
    WORKS(oncilla_client_set_timeout(&client, 1000));
    while (*count < MANY && oncilla_client_cast(&client, ADDER_PROGRAM, ADDER_VERSION, ENDLESS, NULL) == ONCILLA_OK)
        ++*count;
    return NULL;
}

static void endless_calls_do_not_delay_others(void)
{
    static uint32_t streamed;
    pthread_t streaming;
    size_t i;
    CHECK(pthread_create(&streaming, NULL, stream, &streamed) == 0);
    for (i = 0; i < 3; i++) {
        call_as_first(UDP, 0);
        call_as_first(1, 0);
    }
    /* The server ends while calls arrive. */
    WORKS(oncilla_posix_join(&server));
    CHECK(pthread_join(streaming, NULL) == 0);
    CHECK(streamed > 0 && streamed < MANY);
}

int main(void)
{
    uint16_t port = 0;
    const oncilla_buffers udp_buffers = buffers_of(UDP);
    oncilla_client client = {{0}};
    size_t i;

    for (i = 0; i < LINKS; i++) {
        links[i].buffers.rx = rx[i], links[i].buffers.rx_size = RX;
        links[i].buffers.tx = tx[i], links[i].buffers.tx_size = TX;
        WORKS(oncilla_replay_init(&replays[i], ADDER_REPLY_MAX, replies[i], sizeof replies[i]));
    }
    WORKS(oncilla_replay_init_shared(&replays[UDP], key, ADDER_REPLY_MAX, replies[UDP], sizeof replies[UDP]));
    for (i = 0; i < LINES; i++)
        open_line(i);
    WORKS(oncilla_posix_udp_bind(&links[UDP].carrier, INADDR_LOOPBACK, &port));
    WORKS(oncilla_posix_udp_client(&client, &ends[UDP], INADDR_LOOPBACK, port, &udp_buffers));
    server.table = &table;
    server.context = &executed;
    server.replay = &replays[UDP];
    server.listener = -1;
    server.links = links;
    server.count = LINKS;
    /* The largest values must not overflow. */
    server.idle = server.patience = ONCILLA_NEVER;
    links[0].boot = 5;

    /* Links must not share a replay cache, and UDP uses the server's. */
    links[0].replay = &replays[UDP];
    CHECK(oncilla_posix_start(&server) == ONCILLA_INVALID);
    links[0].replay = links[1].replay = &replays[1];
    CHECK(oncilla_posix_start(&server) == ONCILLA_INVALID);
    links[0].replay = links[UDP].replay = &replays[0];
    CHECK(oncilla_posix_start(&server) == ONCILLA_INVALID);
    links[UDP].replay = NULL;
    WORKS(oncilla_posix_serve_in_thread(&server));

    each_peer_has_its_own_replies();
    endless_calls_do_not_delay_others();
    for (i = 0; i < LINKS; i++)
        oncilla_posix_close(&ends[i]);
    printf("%d failures\n", failures);
    return failures != 0;
}
