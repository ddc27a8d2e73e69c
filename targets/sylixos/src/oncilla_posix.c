#define _POSIX_C_SOURCE 200809L

#include "oncilla_posix.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "oncilla_fd.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

static int is_not_yet(int error)
{
    return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

static int32_t failed(void)
{
    return errno > 0 ? -errno : -EIO;
}

static ssize_t take(oncilla_posix *self, uint8_t *into, size_t size)
{
    struct sockaddr_in from;
    socklen_t length = sizeof from;
    ssize_t got;
    if (self->kind != ONCILLA_POSIX_UDP_SERVER)
        return read(self->fd, into, size);
    got = recvfrom(self->fd, into, size, 0, (struct sockaddr *)&from, &length);
    if (got > 0)
        self->peer = from;
    return got;
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

static int has_datagrams(const oncilla_posix *self)
{
    return self->kind == ONCILLA_POSIX_UDP || self->kind == ONCILLA_POSIX_UDP_SERVER;
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
        /* An empty datagram is no message, and not the end. */
        if (got > 0 || (got == 0 && !has_datagrams(self)))
            return (int32_t)got;
        /* An earlier datagram found nobody: this one may. */
        if (got < 0 && !is_not_yet(errno) && !(has_datagrams(self) && errno == ECONNREFUSED))
            return failed();
    }
}

static int32_t send_all(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    oncilla_posix *self = context;
    size_t sent = 0;
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
        else if (given < 0 && has_datagrams(self) && errno == ECONNREFUSED)
            break;
        else if (given < 0 && !is_not_yet(errno))
            return failed();
    }
    return (int32_t)sent;
}

static int32_t tell_peer(void *context, oncilla_address *peer)
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
    io.peer = tell_peer;
    return io;
}

/* sockaddr_in begins with sin_len on some systems, SylixOS among them: members are set by name. */
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

static oncilla_status take_over(oncilla_posix *self, int fd, int kind)
{
    memset(self, 0, sizeof *self);
    self->fd = fd;
    self->kind = kind;
    if (nonblocking(fd) == 0)
        return ONCILLA_OK;
    oncilla_posix_close(self);
    return ONCILLA_TRANSPORT;
}

void oncilla_posix_close(oncilla_posix *self)
{
    int error = errno;
    if (self->fd >= 0)
        close(self->fd);
    self->fd = -1;
    errno = error;
}

static int bound(int type, uint32_t address, uint16_t *port)
{
    struct sockaddr_in name = socket_address(address, *port);
    socklen_t length = sizeof name;
    int yes = 1, fd = socket(AF_INET, type, 0);
    if (fd < 0)
        return -1;
    if (type == SOCK_STREAM)
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&name, sizeof name) != 0 ||
        getsockname(fd, (struct sockaddr *)&name, &length) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    *port = ntohs(name.sin_port);
    return fd;
}

oncilla_status oncilla_posix_tcp_listen(int *listener, uint32_t address, uint16_t *port)
{
    *listener = bound(SOCK_STREAM, address, port);
    if (*listener < 0)
        return ONCILLA_TRANSPORT;
    if (listen(*listener, 8) == 0)
        return ONCILLA_OK;
    close(*listener);
    *listener = -1;
    return ONCILLA_TRANSPORT;
}

oncilla_status oncilla_posix_udp_bind(oncilla_posix *self, uint32_t address, uint16_t *port)
{
    int fd = bound(SOCK_DGRAM, address, port);
    return fd < 0 ? ONCILLA_TRANSPORT : take_over(self, fd, ONCILLA_POSIX_UDP_SERVER);
}

oncilla_status oncilla_posix_accept(oncilla_posix *self, int listener)
{
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    oncilla_status status;
    int fd;
    do
        fd = accept(listener, (struct sockaddr *)&peer, &length);
    while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    if (fd < 0)
        return ONCILLA_TRANSPORT;
    status = take_over(self, fd, ONCILLA_POSIX_TCP);
    self->peer = peer;
    return status;
}

static oncilla_status connected(oncilla_posix *self, int type, uint32_t address, uint16_t port)
{
    struct sockaddr_in name = socket_address(address, port);
    int fd = socket(AF_INET, type, 0);
    self->fd = -1;
    if (fd < 0)
        return ONCILLA_TRANSPORT;
    if (connect(fd, (struct sockaddr *)&name, sizeof name) != 0) {
        int error = errno;
        close(fd);
        errno = error;
        return ONCILLA_TRANSPORT;
    }
    return take_over(self, fd, type == SOCK_STREAM ? ONCILLA_POSIX_TCP : ONCILLA_POSIX_UDP);
}

/* Clients that start one after another begin at different xids. */
static uint32_t first_xid(void)
{
    uint64_t now = oncilla_fd_now(NULL);
    return (uint32_t)(now ^ now >> 32) ^ (uint32_t)getpid() << 16;
}

oncilla_status oncilla_posix_tcp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        const oncilla_buffers *buffers)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = connected(self, SOCK_STREAM, address, port);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_record(client, &io, buffers, first_xid());
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}

oncilla_status oncilla_posix_udp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        const oncilla_buffers *buffers)
{
    oncilla_io io = oncilla_posix_io(self);
    oncilla_status status = connected(self, SOCK_DGRAM, address, port);
    if (status == ONCILLA_OK)
        status = oncilla_client_over_datagram(client, &io, buffers, first_xid());
    if (status != ONCILLA_OK)
        oncilla_posix_close(self);
    return status;
}

/* What cfmakeraw does, which POSIX does not have. */
static void make_raw(struct termios *line, speed_t speed)
{
    line->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
    line->c_oflag &= ~(tcflag_t)OPOST;
    line->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    line->c_cflag &= ~(tcflag_t)(CSIZE | PARENB | CSTOPB);
    line->c_cflag |= (tcflag_t)(CS8 | CREAD | CLOCAL);
    line->c_cc[VMIN] = 1;
    line->c_cc[VTIME] = 0;
    (void)cfsetispeed(line, speed);
    (void)cfsetospeed(line, speed);
}

oncilla_status oncilla_posix_serial_open(oncilla_posix *self, const char *path, unsigned long speed)
{
    struct termios line;
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK);
    self->fd = -1;
    if (fd < 0)
        return ONCILLA_TRANSPORT;
    if (tcgetattr(fd, &line) == 0) {
        make_raw(&line, (speed_t)speed);
        if (tcsetattr(fd, TCSANOW, &line) == 0)
            return take_over(self, fd, ONCILLA_POSIX_SERIAL);
    }
    close(fd);
    return ONCILLA_TRANSPORT;
}

static oncilla_status serve_connections(oncilla_posix_server *server)
{
    for (;;) {
        oncilla_io io;
        oncilla_status status = oncilla_posix_accept(&server->link, server->listener);
        if (status != ONCILLA_OK)
            return status;
        io = oncilla_posix_io(&server->link);
        status = oncilla_server_over_record(&server->server, server->table, server->context, server->replay, &io,
                                            &server->buffers);
        /* What becomes of one connection does not concern the next. */
        if (status == ONCILLA_OK)
            (void)oncilla_server_serve(&server->server);
        oncilla_posix_close(&server->link);
        if (status != ONCILLA_OK)
            return status;
    }
}

oncilla_status oncilla_posix_serve(oncilla_posix_server *server)
{
    oncilla_io io = oncilla_posix_io(&server->link);
    oncilla_status status;
    if (server->listener >= 0)
        return serve_connections(server);
    if (has_datagrams(&server->link))
        status = oncilla_server_over_datagram(&server->server, server->table, server->context, server->replay, &io,
                                              &server->buffers);
    else
        status = oncilla_server_over_serial(&server->server, server->table, server->context, server->replay, &io,
                                            &server->buffers, server->boot);
    return status == ONCILLA_OK ? oncilla_server_serve(&server->server) : status;
}

static void *serve(void *server)
{
    oncilla_posix_server *self = server;
    self->status = oncilla_posix_serve(self);
    return NULL;
}

oncilla_status oncilla_posix_serve_in_thread(oncilla_posix_server *server, pthread_t *thread)
{
    int error = pthread_create(thread, NULL, serve, server);
    if (error == 0)
        return ONCILLA_OK;
    errno = error;
    return ONCILLA_TRANSPORT;
}
