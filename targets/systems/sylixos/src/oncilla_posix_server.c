#define _POSIX_C_SOURCE 200809L

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "oncilla_fd.h"
#include "oncilla_posix_parts.h"

/* Microseconds after which a client that does not take its reply is considered gone. */
#define PATIENCE 5000000u

/* Microseconds after which accept is tried again after a failure. */
#define PAUSE 100000u

/* Microseconds for clients to take their replies after a stop. */
#define GRACE 1000000u

/* The states of a server: started by the caller, or with its own thread. */
#define STARTED 1
#define THREADED 2

/* Indices of the descriptors polled: the stop pipe, the listener, and the links. */
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

#if defined(ONCILLA_KEYS)
/* Initialises the server of a link with keys. */
static oncilla_status begin_with_keys(oncilla_posix_server *server, oncilla_posix_link *link, const oncilla_io *io)
{
    switch (link->carrier.kind) {
    case ONCILLA_POSIX_TCP:
        return oncilla_server_over_record_with_keys(&link->server, server->table, server->context, server->replay, io,
                                                    &link->buffers, link->acceptor);
    case ONCILLA_POSIX_SERIAL:
        return oncilla_server_over_serial_with_keys(&link->server, server->table, server->context, link->replay, io,
                                                    &link->buffers, link->acceptor);
    case ONCILLA_POSIX_UDP_SERVER:
        return oncilla_server_over_datagram_with_keys(&link->server, server->table, server->context, server->replay, io,
                                                      &link->buffers, link->acceptor);
    default:
        return ONCILLA_INVALID;
    }
}
#endif

/* Initialises the server of a link whose carrier is open. */
static oncilla_status begin(oncilla_posix_server *server, oncilla_posix_link *link)
{
    const oncilla_io io = oncilla_posix_io(&link->carrier);
    link->carrier.patience = server->patience != 0 ? server->patience : PATIENCE;
    link->heard = oncilla_fd_now(NULL);
    link->more = 0;
    link->carrier.sends_later = link->carrier.kind == ONCILLA_POSIX_TCP;
    link->carrier.amid = 0;
    link->carrier.rest_size = 0;
#if defined(ONCILLA_KEYS)
    if (link->acceptor != NULL)
        return begin_with_keys(server, link, &io);
#endif
    switch (link->carrier.kind) {
    case ONCILLA_POSIX_TCP:
        return oncilla_server_over_record(&link->server, server->table, server->context, server->replay, &io,
                                          &link->buffers);
    case ONCILLA_POSIX_SERIAL:
        /* Not the server's replay cache: it cannot distinguish the peers of two lines, and would forget all replies
           when one of them restarts. */
        return oncilla_server_over_serial(&link->server, server->table, server->context, link->replay, &io,
                                          &link->buffers, link->boot);
    case ONCILLA_POSIX_UDP_SERVER:
        return oncilla_server_over_datagram(&link->server, server->table, server->context, server->replay, &io,
                                            &link->buffers);
    default:
        return ONCILLA_INVALID;
    }
}

/* Closes a link. `why` is ONCILLA_OK for a connection that its client has closed. */
static void end(oncilla_posix_link *link, oncilla_status why)
{
    link->ended = why;
    oncilla_posix_close(&link->carrier);
}

/* Returns a free link for a connection, or NULL if all are occupied. */
static oncilla_posix_link *vacant(const oncilla_posix_server *server)
{
    size_t i;
    for (i = 0; i < server->count; i++)
        if (is_connection(&server->links[i]) && !is_open(&server->links[i]))
            return &server->links[i];
    return NULL;
}

/* Whether a part of a reply has not been taken yet. */
static int is_sending(const oncilla_posix_link *link)
{
    return is_open(link) && link->carrier.rest_size > 0;
}

/* Returns the connection that has been idle longest, or NULL if none is idle. */
static oncilla_posix_link *longest_idle(const oncilla_posix_server *server)
{
    oncilla_posix_link *longest = NULL;
    size_t i;
    for (i = 0; i < server->count; i++) {
        oncilla_posix_link *link = &server->links[i];
        if (is_connection(link) && is_open(link) && !is_sending(link) && !link->carrier.amid &&
            (longest == NULL || link->heard < longest->heard))
            longest = link;
    }
    return longest;
}

/* Returns a link for a new connection: a free one, or that of the connection idle longest, which is closed. */
static oncilla_posix_link *room(const oncilla_posix_server *server)
{
    oncilla_posix_link *link = vacant(server);
    if (link != NULL)
        return link;
    link = longest_idle(server);
    /* A call may have arrived meanwhile; it is served first. */
    if (link == NULL || oncilla_fd_wait(link->carrier.fd, POLLIN, 0) != 0)
        return NULL;
    end(link, ONCILLA_TIMED_OUT);
    return link;
}

/* Accepts a connection, if it still exists. */
static void connect_one(oncilla_posix_server *server)
{
    oncilla_posix_link *link = room(server);
    oncilla_status status;
    if (link == NULL)
        return;
    status = oncilla_posix_accept(&link->carrier, server->listener, 0);
    if (status == ONCILLA_TRANSPORT)
        /* For example too many descriptors: the new connection waits, and other links are served meanwhile. */
        server->accept_at = oncilla_fd_after(PAUSE);
    if (status != ONCILLA_OK)
        return;
    status = begin(server, link);
    if (status != ONCILLA_OK)
        end(link, status);
}

/* Sends the rest of a reply. */
static void send_on(oncilla_posix_link *link)
{
    if (oncilla_posix_send_rest(&link->carrier) < 0)
        end(link, ONCILLA_TRANSPORT);
    else if (is_sending(link) && oncilla_fd_now(NULL) >= link->carrier.rest_until)
        end(link, ONCILLA_UNSENT);
}

/* Answers only one message of a link, so that the other links are served before its next message. */
static void serve_one(oncilla_posix_link *link)
{
    oncilla_status status = oncilla_server_serve_next(&link->server, 0);
    /* The buffer of a serial line may contain another message, which poll cannot detect. */
    link->more = link->carrier.kind == ONCILLA_POSIX_SERIAL && status != ONCILLA_TIME_UP;
    switch (status) {
    case ONCILLA_OK:
    case ONCILLA_RESTARTED:
        link->carrier.amid = 0;
        link->heard = oncilla_fd_now(NULL);
        break;
    case ONCILLA_TIME_UP:
        break;
    case ONCILLA_UNSENT:
        /* The message is lost, which is allowed on UDP and serial lines; a connection cannot continue. */
        if (is_connection(link))
            end(link, status);
        break;
    default:
        end(link, is_connection(link) && status == ONCILLA_CLOSED ? ONCILLA_OK : status);
        break;
    }
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Returns when to act even if nothing arrives: a reply was not taken in time, or accept is to be tried again. */
static uint64_t first_due(const oncilla_posix_server *server)
{
    uint64_t first = server->accept_at != 0 ? server->accept_at : ONCILLA_NEVER;
    size_t i;
    for (i = 0; i < server->count; i++)
        if (is_sending(&server->links[i]))
            first = earlier(first, server->links[i].carrier.rest_until);
    return first;
}

/* Returns when the first connection will have been silent for too long. */
static uint64_t first_idle(const oncilla_posix_server *server)
{
    uint64_t first = ONCILLA_NEVER;
    size_t i;
    for (i = 0; i < server->count && server->idle != 0; i++) {
        const oncilla_posix_link *link = &server->links[i];
        /* Compared without overflow: `idle` may be as large as ONCILLA_NEVER. */
        if (is_connection(link) && is_open(link) && !is_sending(link) && server->idle < first &&
            link->heard < first - server->idle)
            first = link->heard + server->idle;
    }
    return first;
}

/* Closes connections that have been silent for too long. */
static void close_idle(const oncilla_posix_server *server)
{
    uint64_t now = oncilla_fd_now(NULL);
    size_t i;
    for (i = 0; i < server->count && server->idle != 0; i++) {
        oncilla_posix_link *link = &server->links[i];
        if (is_connection(link) && is_open(link) && !is_sending(link) && now - link->heard >= server->idle)
            end(link, ONCILLA_TIMED_OUT);
    }
}

static void want(struct pollfd *place, int32_t fd, short events)
{
    /* poll ignores negative descriptors. */
    place->fd = fd;
    place->events = events;
    place->revents = 0;
}

/* Returns the time-out of poll in milliseconds: 0 while a link may have another message. */
static int longest_wait(const oncilla_posix_server *server)
{
    size_t i;
    for (i = 0; i < server->count; i++)
        if (is_open(&server->links[i]) && server->links[i].more)
            return 0;
    return oncilla_fd_milliseconds(earlier(first_idle(server), first_due(server)));
}

/* Waits for events and handles them. Returns 1, or 0 if the server is to stop, or -1 if poll fails. */
static int serve_round(oncilla_posix_server *server)
{
    struct pollfd wanted[LINKS + ONCILLA_POSIX_LINKS_MAX];
    int listens;
    size_t i;
    if (server->accept_at <= oncilla_fd_now(NULL))
        server->accept_at = 0;
    listens = server->accept_at == 0 && (vacant(server) != NULL || longest_idle(server) != NULL);
    want(&wanted[STOP], server->stop[0], POLLIN);
    want(&wanted[LISTENER], listens ? server->listener : -1, POLLIN);
    for (i = 0; i < server->count; i++)
        /* No call is received before the reply to the last one was sent. */
        want(&wanted[LINKS + i], is_open(&server->links[i]) ? server->links[i].carrier.fd : -1,
             is_sending(&server->links[i]) ? POLLOUT : POLLIN);
    if (poll(wanted, (nfds_t)(LINKS + server->count), longest_wait(server)) < 0)
        return errno == EINTR ? 1 : -1;
    if (wanted[STOP].revents != 0)
        return 0;
    for (i = 0; i < server->count; i++) {
        oncilla_posix_link *link = &server->links[i];
        if (is_sending(link))
            send_on(link);
        else if (wanted[LINKS + i].revents != 0 || (is_open(link) && link->more))
            serve_one(link);
    }
    if (wanted[LISTENER].revents != 0)
        connect_one(server);
    /* Only after arrived messages were served: this thread may have been delayed. */
    close_idle(server);
    return 1;
}

/* Sends the rest of all replies before the end, as far as clients take them. */
static void finish(oncilla_posix_server *server)
{
    uint64_t until = oncilla_fd_after(GRACE);
    size_t i;
    for (i = 0; i < server->count; i++)
        while (is_sending(&server->links[i]) && oncilla_fd_wait(server->links[i].carrier.fd, POLLOUT, until) > 0)
            send_on(&server->links[i]);
}

/* Whether no other link uses the replay cache of a serial link. */
static int is_its_own(const oncilla_posix_server *server, const oncilla_posix_link *link)
{
    size_t i;
    if (link->replay == NULL)
        return 1;
    if (link->replay == ONCILLA_WITHOUT_REPLAY)
        return link->carrier.kind == ONCILLA_POSIX_SERIAL;
    for (i = 0; i < server->count; i++)
        if (&server->links[i] != link && server->links[i].replay == link->replay)
            return 0;
    return link->carrier.kind == ONCILLA_POSIX_SERIAL && link->replay != server->replay;
}

/* Whether anything can arrive: on a listener, or on an open link. */
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
    /* A listener without a link for connections could never accept one. */
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
        if (round == 0)
            finish(server);
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
    /* The byte stays in the pipe, so that a later oncilla_posix_serve stops too. */
    return write(server->stop[1], "", 1) == 1 ? ONCILLA_OK : ONCILLA_TRANSPORT;
}

void oncilla_posix_end(oncilla_posix_server *server)
{
    size_t i;
    /* A server that was not started has no descriptors: its zeros are none. */
    if (server == NULL || server->state == 0)
        return;
    /* First, so that a late stop, for example in a signal handler, does not write to a reused descriptor. */
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
