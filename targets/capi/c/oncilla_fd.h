/*
 * A carrier on a POSIX file descriptor: a connected socket, a serial port or a pipe. It waits with poll(2) and uses the
 * monotonic clock.
 */
#ifndef ONCILLA_FD_H
#define ONCILLA_FD_H

#include <oncilla.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The descriptors to read from and to write to, which are usually the same. Set O_NONBLOCK if a message may be longer
 * than the system takes at once; without it, a write can block past its deadline. Writing to a pipe without a reader
 * raises SIGPIPE, which the program should ignore: signal(SIGPIPE, SIG_IGN). Sockets raise none on systems with
 * MSG_NOSIGNAL.
 */
typedef struct oncilla_fd {
    int in;
    int out;
} oncilla_fd;

/* Returns the callbacks for `fd`. It must stay open and in its place as long as they are used. */
oncilla_io oncilla_fd_io(oncilla_fd *fd);

/* Returns the monotonic clock in microseconds, by which deadlines are counted. */
uint64_t oncilla_fd_now(void *context);

/* Returns the deadline that is `microseconds` from now. */
uint64_t oncilla_fd_after(uint64_t microseconds);

/* Returns the milliseconds until `deadline`, as poll(2) takes them: -1 for ONCILLA_NEVER. */
int oncilla_fd_milliseconds(uint64_t deadline);

/*
 * Waits until `fd` is ready for `events` of poll(2), or has an error. Returns 1 then, 0 when `deadline` has passed, or
 * -errno if poll fails.
 */
int32_t oncilla_fd_wait(int fd, short events, uint64_t deadline);

#ifdef __cplusplus
}
#endif

#endif
