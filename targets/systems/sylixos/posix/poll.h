#ifndef POSIX_POLL_H
#define POSIX_POLL_H
#define POLLIN 1
#define POLLOUT 4
typedef unsigned long nfds_t;
struct pollfd {
    int fd;
    short events;
    short revents;
};
int poll(struct pollfd *, nfds_t, int);
#endif
