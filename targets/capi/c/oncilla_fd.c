#define _POSIX_C_SOURCE 200809L

#include "oncilla_fd.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* On systems without it, the program must ignore SIGPIPE. */
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

uint64_t oncilla_fd_now(void *context)
{
    struct timespec now;
    (void)context;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)(now.tv_nsec / 1000);
}

uint64_t oncilla_fd_after(uint64_t microseconds)
{
    uint64_t now = oncilla_fd_now(NULL);
    return microseconds < ONCILLA_NEVER - now ? now + microseconds : ONCILLA_NEVER;
}

int oncilla_fd_milliseconds(uint64_t deadline)
{
    uint64_t now = oncilla_fd_now(NULL), left;
    if (deadline == ONCILLA_NEVER)
        return -1;
    /* Rounded up, so that the last millisecond is not spent polling. */
    left = deadline > now ? (deadline - now + 999u) / 1000u : 0;
    return left > INT32_MAX ? INT32_MAX : (int)left;
}

int32_t oncilla_fd_wait(int fd, short events, uint64_t deadline)
{
    for (;;) {
        struct pollfd wanted = {0, 0, 0};
        int ready;
        wanted.fd = fd;
        wanted.events = events;
        ready = poll(&wanted, 1, oncilla_fd_milliseconds(deadline));
        if (ready > 0)
            return 1;
        if (ready < 0 && errno != EINTR)
            return -errno;
        if (oncilla_fd_now(NULL) >= deadline)
            return 0;
    }
}

static int is_not_yet(int error)
{
    return error == EINTR || error == EAGAIN || error == EWOULDBLOCK;
}

static int32_t receive(void *context, uint8_t *into, size_t size, uint64_t deadline)
{
    const oncilla_fd *fd = context;
    for (;;) {
        int32_t ready = oncilla_fd_wait(fd->in, POLLIN, deadline);
        ssize_t got;
        if (ready <= 0)
            return ready == 0 ? ONCILLA_IO_TIME_UP : ready;
        got = read(fd->in, into, size > INT32_MAX ? INT32_MAX : size);
        if (got >= 0)
            return (int32_t)got;
        if (!is_not_yet(errno))
            return -errno;
        /* Ends the loop even if poll keeps reporting readiness without bytes. */
        if (oncilla_fd_now(NULL) >= deadline)
            return ONCILLA_IO_TIME_UP;
    }
}

/* Writes without raising a signal when the peer of a socket has left. */
static ssize_t put_(int fd, const uint8_t *from, size_t size)
{
    ssize_t put = send(fd, from, size, MSG_NOSIGNAL);
    return put < 0 && errno == ENOTSOCK ? write(fd, from, size) : put;
}

static int32_t send_(void *context, const uint8_t *from, size_t size, uint64_t deadline)
{
    const oncilla_fd *fd = context;
    size_t sent = 0;
    if (size > INT32_MAX)
        size = INT32_MAX;
    while (sent < size) {
        int32_t ready = oncilla_fd_wait(fd->out, POLLOUT, deadline);
        ssize_t put;
        if (ready < 0)
            return ready;
        if (ready == 0)
            break;
        put = put_(fd->out, from + sent, size - sent);
        if (put > 0)
            sent += (size_t)put;
        else if (put < 0 && !is_not_yet(errno))
            return -errno;
        /* If the peer of a terminal is closed, poll always reports readiness, and write takes no bytes. */
        else if (oncilla_fd_now(NULL) >= deadline)
            break;
    }
    return (int32_t)sent;
}

oncilla_io oncilla_fd_io(oncilla_fd *fd)
{
    oncilla_io io = {0};
    io.context = fd;
    io.now = oncilla_fd_now;
    io.receive = receive;
    io.send = send_;
    return io;
}
