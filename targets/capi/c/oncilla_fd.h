/*
 * A carrier on any POSIX file descriptor: a connected socket, a serial port, a pipe. It waits with poll(2) and by the
 * monotonic clock.
 */
#ifndef ONCILLA_FD_H
#define ONCILLA_FD_H

#include <oncilla.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where to read and where to write: mostly the same descriptor. Set O_NONBLOCK where what is written may be longer than
 * what the system takes at once, or a write can go on past its deadline. Writing to a pipe that nobody reads any more
 * raises SIGPIPE, which the program should ignore: signal(SIGPIPE, SIG_IGN). Sockets raise none where the system has
 * MSG_NOSIGNAL.
 */
typedef struct oncilla_fd {
    int in;
    int out;
} oncilla_fd;

/* The callbacks for this descriptor, which must stay open and in its place as long as they are used. */
oncilla_io oncilla_fd_io(oncilla_fd *fd);

/* The monotonic clock, in microseconds: what deadlines are counted by. */
uint64_t oncilla_fd_now(void *context);

/* The instant so many microseconds from now: a deadline. */
uint64_t oncilla_fd_after(uint64_t microseconds);

/* The milliseconds until an instant, as poll(2) takes them: -1 for ONCILLA_NEVER. */
int oncilla_fd_milliseconds(uint64_t deadline);

/* Waits until `fd` is ready for `events` of poll(2), or has an error: 1. When `deadline` has passed: 0. On error: -errno. */
int32_t oncilla_fd_wait(int fd, short events, uint64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
