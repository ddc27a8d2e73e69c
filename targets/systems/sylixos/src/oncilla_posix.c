#define _POSIX_C_SOURCE 200809L

#include "oncilla_posix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "oncilla_fd.h"
#include "oncilla_posix_parts.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* Connections that can wait in the system's queue. */
#define BACKLOG 8

static int is_not_yet(int error)
{
    return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

static int32_t failed(void)
{
    return errno > 0 ? -errno : -EIO;
}

static int has_datagrams(const oncilla_posix *self)
{
    return self->kind == ONCILLA_POSIX_UDP || self->kind == ONCILLA_POSIX_UDP_SERVER;
}

/* Receives a datagram. If it does not fit, returns `size` + 1 after writing its first `size` bytes. */
static ssize_t take_datagram(oncilla_posix *self, uint8_t *into, size_t size)
{
    struct sockaddr_in from;
    struct iovec room;
    struct msghdr message;
    ssize_t got;
    memset(&message, 0, sizeof message);
    room.iov_base = into;
    room.iov_len = size;
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &room;
    message.msg_iovlen = 1;
    got = recvmsg(self->fd, &message, 0);
    if (got > 0 && self->kind == ONCILLA_POSIX_UDP_SERVER)
        self->peer = from;
    return got > 0 && (message.msg_flags & MSG_TRUNC) != 0 ? (ssize_t)size + 1 : got;
}

static ssize_t take(oncilla_posix *self, uint8_t *into, size_t size)
{
    return has_datagrams(self) ? take_datagram(self, into, size) : read(self->fd, into, size);
}

static ssize_t give(oncilla_posix *self, const uint8_t *from, size_t size)
{
    switch (self->kind) {
    case ONCILLA_POSIX_SERIAL:
        return write(self->fd, from, size);
    case ONCILLA_POSIX_UDP_SERVER:
        return sendto(self->fd, from, size, MSG_NOSIGNAL, (struct sockaddr *)&self->peer, sizeof self->peer);
    default:
        return send(self->fd, from, size, MSG_NOSIGNAL);
    }
}

/* Whether an error is that of an earlier datagram and need not affect the next one. */
static int is_passing(int error)
{
    return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

static int32_t receive(void *context, uint8_t *into, size_t size, uint64_t deadline)
{
    oncilla_posix *self = context;
    for (;;) {
        int32_t ready = oncilla_fd_wait(self->fd, POLLIN, deadline);
        ssize_t got;
        if (ready <= 0)
            return ready == 0 ? ONCILLA_IO_TIME_UP : ready;
        got = take(self, into, size);
        /* An empty datagram is neither a message nor the end. */
        if (got > 0 || (got == 0 && !has_datagrams(self))) {
            self->amid = 1;
            return (int32_t)got;
        }
        if (got < 0 && !is_not_yet(errno) && !(has_datagrams(self) && is_passing(errno)))
            return failed();
        /* Any number of empty datagrams must not keep a server from its other links. */
        if (oncilla_fd_now(NULL) >= deadline)
            return ONCILLA_IO_TIME_UP;
    }
}

/* Limits a deadline by `patience`, so that one peer does not keep a server from the others. */
static uint64_t earlier(const oncilla_posix *self, uint64_t deadline)
{
    uint64_t until = oncilla_fd_after(self->patience);
    return self->patience != 0 && (deadline < oncilla_fd_now(NULL) || deadline > until) ? until : deadline;
}

int32_t oncilla_posix_send_rest(oncilla_posix *self)
{
    while (self->rest_size > 0) {
        ssize_t given = give(self, self->rest, self->rest_size);
        if (given < 0)
            return is_not_yet(errno) ? 0 : failed();
        if (given == 0)
            return 0;
        self->rest += given;
        self->rest_size -= (size_t)given;
    }
    return 1;
}

static int32_t send_all(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    oncilla_posix *self = context;
    size_t sent = 0;
    if (self->sends_later) {
        /* The reply stays in the link's buffer: the link is not served again before all of the reply was taken. */
        int32_t done;
        self->rest = from;
        self->rest_size = size;
        self->rest_until = oncilla_fd_after(self->patience);
        done = oncilla_posix_send_rest(self);
        return done < 0 ? done : (int32_t)size;
    }
    deadline = earlier(self, deadline);
    while (sent < size) {
        int32_t ready = oncilla_fd_wait(self->fd, POLLOUT, deadline);
        ssize_t given;
        if (ready < 0)
            return ready;
        if (ready == 0)
            break;
        given = give(self, from + sent, size - sent);
        if (given > 0)
            sent += (size_t)given;
        /* A datagram that cannot be sent counts as lost; the next one may go to another address. */
        else if (given < 0 && !is_not_yet(errno))
            return has_datagrams(self) ? (int32_t)size : failed();
        /* If the peer of a terminal is closed, poll always reports readiness, and write takes no bytes. */
        else if (oncilla_fd_now(NULL) >= deadline)
            break;
    }
    return (int32_t)sent;
}

static int32_t get_peer(void *context, oncilla_address *peer)
{
    const oncilla_posix *self = context;
    if (self->peer.sin_family != AF_INET)
        return 0;
    memcpy(peer->ip, &self->peer.sin_addr, 4);
    peer->ip_length = 4;
    peer->port = ntohs(self->peer.sin_port);
    return 1;
}

oncilla_io oncilla_posix_io(oncilla_posix *self)
{
    oncilla_io io = {0};
    io.context = self;
    io.now = oncilla_fd_now;
    io.receive = receive;
    io.send = send_all;
    /* A serial line has one peer, without an address. */
    if (self == NULL || self->kind != ONCILLA_POSIX_SERIAL)
        io.peer = get_peer;
    return io;
}

/* Members are set by name, because sockaddr_in begins with sin_len on some systems, such as SylixOS. */
static struct sockaddr_in socket_address(uint32_t address, uint16_t port)
{
    struct sockaddr_in name;
    memset(&name, 0, sizeof name);
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(address);
    name.sin_port = htons(port);
    return name;
}

static int nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL, 0);
    return flags < 0 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

oncilla_status oncilla_posix_take_over(oncilla_posix *self, int32_t fd, int32_t kind)
{
    memset(self, 0, sizeof *self);
    self->fd = fd;
    self->kind = kind;
    if (nonblocking(fd) == 0)
        return ONCILLA_OK;
    oncilla_posix_close(self);
    return ONCILLA_TRANSPORT;
}

void oncilla_posix_shut(int32_t *fd)
{
    int error = errno;
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
    errno = error;
}

void oncilla_posix_close(oncilla_posix *self)
{
    /* A zero object was never opened: its fd of 0 is not a descriptor. */
    if (self != NULL && self->kind != 0)
        oncilla_posix_shut(&self->fd);
}

/* Returns a bound socket, or -1. */
static int32_t bound(int type, uint32_t address, uint16_t *port)
{
    struct sockaddr_in name = socket_address(address, *port);
    socklen_t length = sizeof name;
    int yes = 1;
    int32_t fd = socket(AF_INET, type, 0);
    if (fd < 0)
        return -1;
    if (type == SOCK_STREAM)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 || getsockname(fd, (struct sockaddr *)&name, &length) != 0)
        oncilla_posix_shut(&fd);
    else
        *port = ntohs(name.sin_port);
    return fd;
}

oncilla_status oncilla_posix_tcp_listen(int32_t *listener, uint32_t address, uint16_t *port)
{
    if (listener == NULL || port == NULL)
        return ONCILLA_NULL;
    *listener = bound(SOCK_STREAM, address, port);
    if (*listener < 0)
        return ONCILLA_TRANSPORT;
    /* Non-blocking, because a client may leave between poll and accept. */
    if (nonblocking(*listener) == 0 && listen(*listener, BACKLOG) == 0)
        return ONCILLA_OK;
    oncilla_posix_shut(listener);
    return ONCILLA_TRANSPORT;
}

oncilla_status oncilla_posix_udp_bind(oncilla_posix *self, uint32_t address, uint16_t *port)
{
    int32_t fd;
    if (self == NULL || port == NULL)
        return ONCILLA_NULL;
    fd = bound(SOCK_DGRAM, address, port);
    self->fd = -1;
    return fd < 0 ? ONCILLA_TRANSPORT : oncilla_posix_take_over(self, fd, ONCILLA_POSIX_UDP_SERVER);
}

oncilla_status oncilla_posix_accept(oncilla_posix *self, int32_t listener, uint64_t deadline)
{
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    oncilla_status status;
    int fd;
    if (self == NULL)
        return ONCILLA_NULL;
    self->fd = -1;
    do {
        int32_t ready = oncilla_fd_wait(listener, POLLIN, deadline);
        if (ready <= 0)
            return ready == 0 ? ONCILLA_TIME_UP : ONCILLA_TRANSPORT;
        fd = accept(listener, (struct sockaddr *)&peer, &length);
    } while (fd < 0 && (is_not_yet(errno) || errno == ECONNABORTED));
    if (fd < 0)
        return ONCILLA_TRANSPORT;
    status = oncilla_posix_take_over(self, fd, ONCILLA_POSIX_TCP);
    self->peer = peer;
    return status;
}

/* Waits until a pending connection is established. */
static oncilla_status finish_connecting(int fd, uint64_t timeout)
{
    int error = 0;
    socklen_t length = sizeof error;
    int32_t ready = oncilla_fd_wait(fd, POLLOUT, oncilla_fd_after(timeout));
    if (ready <= 0)
        return ready == 0 ? ONCILLA_TIMED_OUT : ONCILLA_TRANSPORT;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0)
        return ONCILLA_TRANSPORT;
    errno = error;
    return error == 0 ? ONCILLA_OK : ONCILLA_TRANSPORT;
}

static oncilla_status connected(oncilla_posix *self, int type, uint32_t address, uint16_t port, uint64_t timeout)
{
    struct sockaddr_in name = socket_address(address, port);
    int fd = socket(AF_INET, type, 0);
    oncilla_status status;
    self->fd = -1;
    if (fd < 0)
        return ONCILLA_TRANSPORT;
    status = oncilla_posix_take_over(self, fd, type == SOCK_STREAM ? ONCILLA_POSIX_TCP : ONCILLA_POSIX_UDP);
    if (status == ONCILLA_OK && connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
        status = errno == EINPROGRESS || errno == EINTR ? finish_connecting(fd, timeout) : ONCILLA_TRANSPORT;
    return status;
}

uint32_t oncilla_posix_first_xid(void)
{
    uint64_t now = oncilla_fd_now(NULL);
    return (uint32_t)(now ^ now >> 32) ^ (uint32_t)getpid() << 16;
}

oncilla_status oncilla_posix_tcp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        uint64_t timeout, const oncilla_buffers *buffers)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = self == NULL ? ONCILLA_NULL : connected(self, SOCK_STREAM, address, port, timeout);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_record(client, &io, buffers, oncilla_posix_first_xid());
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}

oncilla_status oncilla_posix_udp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        const oncilla_buffers *buffers)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = self == NULL ? ONCILLA_NULL : connected(self, SOCK_DGRAM, address, port, 0);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_datagram(client, &io, buffers, oncilla_posix_first_xid());
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}

#if defined(ONCILLA_KEYS)
oncilla_status oncilla_posix_tcp_client_with_keys(oncilla_client *client, oncilla_posix *self, uint32_t address,
                                                  uint16_t port, uint64_t timeout, const oncilla_buffers *buffers,
                                                  oncilla_opener *opener)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = self == NULL ? ONCILLA_NULL : connected(self, SOCK_STREAM, address, port, timeout);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_record_with_keys(client, &io, buffers, oncilla_posix_first_xid(), opener);
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}

oncilla_status oncilla_posix_udp_client_with_keys(oncilla_client *client, oncilla_posix *self, uint32_t address,
                                                  uint16_t port, const oncilla_buffers *buffers,
                                                  oncilla_opener *opener)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = self == NULL ? ONCILLA_NULL : connected(self, SOCK_DGRAM, address, port, 0);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_datagram_with_keys(client, &io, buffers, oncilla_posix_first_xid(), opener);
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}
#endif
