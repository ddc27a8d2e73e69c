#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "oncilla_fd.h"
#include "oncilla_posix_parts.h"

/* A client that does not take its reply in so many microseconds has gone. */
#define PATIENCE 5000000u

/* Microseconds after which a connection that could not be taken is tried again. */
#define PAUSE 100000u

/* Whether it was started, and who serves it. */
#define STARTED 1
#define THREADED 2

/* What is waited for: to be told to stop, who connects, and the links. */
#define STOP 0
#define LISTENER 1
#define LINKS 2

static int is_open(const oncilla_posix_link *link)
{
    return link->carrier.kind != 0 && link->carrier.fd >= 0;
}

static int is_connection(const oncilla_posix_link *link)
{
    return link->carrier.kind == 0 || link->carrier.kind == ONCILLA_POSIX_TCP;
}

/* Makes what serves a link whose carrier is open. */
static oncilla_status begin(oncilla_posix_server *server, oncilla_posix_link *link)
{
    const oncilla_io io = oncilla_posix_io(&link->carrier);
    link->carrier.patience = server->patience != 0 ? server->patience : PATIENCE;
    link->heard = oncilla_fd_now(NULL);
    link->more = 0;
    switch (link->carrier.kind) {
    case ONCILLA_POSIX_TCP:
        return oncilla_server_over_record(&link->server, server->table, server->context, server->replay, &io,
                                          &link->buffers);
    case ONCILLA_POSIX_SERIAL:
        /* Not the server's: nothing tells the peers of two lines apart, and a restart of one is not one of all others. */
        return oncilla_server_over_serial(&link->server, server->table, server->context, link->replay, &io,
                                          &link->buffers, link->boot);
    case ONCILLA_POSIX_UDP_SERVER:
        return oncilla_server_over_datagram(&link->server, server->table, server->context, server->replay, &io,
                                            &link->buffers);
    default:
        return ONCILLA_INVALID;
    }
}

/* `why` is ONCILLA_OK for a connection that its client has closed. */
static void end(oncilla_posix_link *link, oncilla_status why)
{
    link->ended = why;
    oncilla_posix_close(&link->carrier);
}

/* A link for the next connection, or NULL when all are taken. */
static oncilla_posix_link *vacant(const oncilla_posix_server *server)
{
    size_t i;
    for (i = 0; i < server->count; i++)
        if (is_connection(&server->links[i]) && !is_open(&server->links[i]))
            return &server->links[i];
    return NULL;
}

/* Takes a connection, if it is still there. */
static void connect_one(oncilla_posix_server *server)
{
    oncilla_posix_link *link = vacant(server);
    oncilla_status status = oncilla_posix_accept(&link->carrier, server->listener, 0);
    if (status == ONCILLA_TRANSPORT)
        /* The process has too many descriptors, say: who connects waits on, and this does not spin meanwhile. */
        (void)oncilla_fd_wait(server->stop[0], POLLIN, oncilla_fd_after(PAUSE));
    if (status != ONCILLA_OK)
        return;
    status = begin(server, link);
    if (status != ONCILLA_OK)
        end(link, status);
}

/* Answers one message of a link, no more: the others have their turn before its next. */
static void serve_one(oncilla_posix_link *link)
{
    oncilla_status status = oncilla_server_serve_next(&link->server, 0);
    /* A serial line may have another in its buffer, of which poll knows nothing. */
    link->more = link->carrier.kind == ONCILLA_POSIX_SERIAL && status != ONCILLA_TIME_UP;
    switch (status) {
    case ONCILLA_OK:
    case ONCILLA_RESTARTED:
        link->heard = oncilla_fd_now(NULL);
        break;
    case ONCILLA_TIME_UP:
        break;
    case ONCILLA_UNSENT:
        /* Lost, where messages may be; a connection cannot go on. */
        if (is_connection(link))
            end(link, status);
        break;
    default:
        end(link, is_connection(link) && status == ONCILLA_CLOSED ? ONCILLA_OK : status);
        break;
    }
}

/* When the first connection will have been silent for too long. */
static uint64_t first_idle(const oncilla_posix_server *server)
{
    uint64_t first = ONCILLA_NEVER;
    size_t i;
    for (i = 0; i < server->count && server->idle != 0; i++) {
        const oncilla_posix_link *link = &server->links[i];
        /* Not later than never: `idle` may be as much as that. */
        if (is_connection(link) && is_open(link) && server->idle < first && link->heard < first - server->idle)
            first = link->heard + server->idle;
    }
    return first;
}

/* Closes connections from which nothing has come. */
static void close_idle(const oncilla_posix_server *server)
{
    uint64_t now = oncilla_fd_now(NULL);
    size_t i;
    for (i = 0; i < server->count && server->idle != 0; i++) {
        oncilla_posix_link *link = &server->links[i];
        if (is_connection(link) && is_open(link) && now - link->heard >= server->idle)
            end(link, ONCILLA_TIMED_OUT);
    }
}

static void want(struct pollfd *place, int32_t fd)
{
    /* poll passes over a negative one. */
    place->fd = fd;
    place->events = POLLIN;
    place->revents = 0;
}

/* How long poll waits, in its milliseconds: not at all while a link may have another message. */
static int longest_wait(const oncilla_posix_server *server)
{
    size_t i;
    for (i = 0; i < server->count; i++)
        if (is_open(&server->links[i]) && server->links[i].more)
            return 0;
    return oncilla_fd_milliseconds(first_idle(server));
}

/* Waits for what is to be done, and does it. Returns 1, or 0 when it is to stop, or -1 when it cannot go on. */
static int serve_round(oncilla_posix_server *server)
{
    struct pollfd wanted[LINKS + ONCILLA_POSIX_LINKS_MAX];
    size_t i;
    want(&wanted[STOP], server->stop[0]);
    want(&wanted[LISTENER], vacant(server) != NULL ? server->listener : -1);
    for (i = 0; i < server->count; i++)
        want(&wanted[LINKS + i], is_open(&server->links[i]) ? server->links[i].carrier.fd : -1);
    if (poll(wanted, (nfds_t)(LINKS + server->count), longest_wait(server)) < 0)
        return errno == EINTR ? 1 : -1;
    if (wanted[STOP].revents != 0)
        return 0;
    for (i = 0; i < server->count; i++)
        if (wanted[LINKS + i].revents != 0 || (is_open(&server->links[i]) && server->links[i].more))
            serve_one(&server->links[i]);
    if (wanted[LISTENER].revents != 0)
        connect_one(server);
    /* After what had come was looked at: this thread may have been kept from it. */
    close_idle(server);
    return 1;
}

/* Whether what remembers the replies of a serial link is its alone. */
static int is_its_own(const oncilla_posix_server *server, const oncilla_posix_link *link)
{
    size_t i;
    if (link->replay == NULL)
        return 1;
    for (i = 0; i < server->count; i++)
        if (&server->links[i] != link && server->links[i].replay == link->replay)
            return 0;
    return link->carrier.kind == ONCILLA_POSIX_SERIAL && link->replay != server->replay;
}

/* Whether anything can come: a listener, or a link that is open. */
static int has_any(const oncilla_posix_server *server)
{
    size_t i;
    for (i = 0; i < server->count; i++)
        if (is_open(&server->links[i]))
            return 1;
    return server->listener >= 0 && server->count > 0;
}

oncilla_status oncilla_posix_start(oncilla_posix_server *server)
{
    size_t i;
    oncilla_status status = ONCILLA_OK;
    int ends[2];
    if (server == NULL || server->table == NULL || (server->links == NULL && server->count > 0))
        return ONCILLA_NULL;
    if (server->state != 0)
        return ONCILLA_BUSY;
    if (server->count > ONCILLA_POSIX_LINKS_MAX)
        return ONCILLA_BOUND;
    /* A listener without a link for its connections would never take one. */
    if (server->listener >= 0 && vacant(server) == NULL)
        return ONCILLA_INVALID;
    for (i = 0; i < server->count; i++)
        if (!is_its_own(server, &server->links[i]))
            return ONCILLA_INVALID;
    for (i = 0; i < server->count && status == ONCILLA_OK; i++)
        if (is_open(&server->links[i]))
            status = begin(server, &server->links[i]);
    if (status != ONCILLA_OK)
        return status;
    if (pipe(ends) != 0)
        return ONCILLA_TRANSPORT;
    server->stop[0] = ends[0];
    server->stop[1] = ends[1];
    server->state = STARTED;
    return ONCILLA_OK;
}

oncilla_status oncilla_posix_serve(oncilla_posix_server *server)
{
    oncilla_status status = ONCILLA_OK;
    size_t i;
    if (server == NULL)
        return ONCILLA_NULL;
    if (server->state == 0)
        return ONCILLA_UNINITIALIZED;
    while (has_any(server)) {
        int round = serve_round(server);
        if (round <= 0)
            return round == 0 ? ONCILLA_OK : ONCILLA_TRANSPORT;
    }
    for (i = 0; i < server->count; i++)
        if (!is_connection(&server->links[i]))
            status = server->links[i].ended;
    return status;
}

oncilla_status oncilla_posix_stop(oncilla_posix_server *server)
{
    if (server == NULL)
        return ONCILLA_NULL;
    if (server->state == 0)
        return ONCILLA_UNINITIALIZED;
    /* It stays in the pipe, so that whoever serves later stops as well. */
    return write(server->stop[1], "", 1) == 1 ? ONCILLA_OK : ONCILLA_TRANSPORT;
}

void oncilla_posix_end(oncilla_posix_server *server)
{
    size_t i;
    /* What was not started has nothing: its zeros are no descriptors. */
    if (server == NULL || server->state == 0)
        return;
    /* First, so that who stops it late, a handler say, does not write to a descriptor that is something else by then. */
    server->state = 0;
    for (i = 0; i < server->count; i++)
        oncilla_posix_close(&server->links[i].carrier);
    oncilla_posix_shut(&server->listener);
    oncilla_posix_shut(&server->stop[0]);
    oncilla_posix_shut(&server->stop[1]);
}

static void *serve(void *server)
{
    oncilla_posix_server *self = server;
    self->status = oncilla_posix_serve(self);
    return NULL;
}

oncilla_status oncilla_posix_serve_in_thread(oncilla_posix_server *server)
{
    oncilla_status status = oncilla_posix_start(server);
    int error;
    if (status != ONCILLA_OK)
        return status;
    server->state = THREADED;
    error = pthread_create(&server->thread, NULL, serve, server);
    if (error == 0)
        return ONCILLA_OK;
    server->state = 0;
    oncilla_posix_shut(&server->stop[0]);
    oncilla_posix_shut(&server->stop[1]);
    errno = error;
    return ONCILLA_TRANSPORT;
}

oncilla_status oncilla_posix_join(oncilla_posix_server *server)
{
    oncilla_status status = server != NULL && server->state == STARTED ? ONCILLA_INVALID : oncilla_posix_stop(server);
    int error;
    if (status != ONCILLA_OK)
        return status;
    error = pthread_join(server->thread, NULL);
    if (error != 0) {
        errno = error;
        return ONCILLA_TRANSPORT;
    }
    oncilla_posix_end(server);
    return server->status;
}
