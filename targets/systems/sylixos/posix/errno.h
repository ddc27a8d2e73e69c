#ifndef POSIX_ERRNO_H
#define POSIX_ERRNO_H
int *__errno(void);
#define errno (*__errno())
#define EINTR 4
#define EIO 5
#define EAGAIN 11
#define ENOTSOCK 88
#define EWOULDBLOCK EAGAIN
#define ENETUNREACH 101
#define ECONNABORTED 103
#define ECONNREFUSED 111
#define EHOSTUNREACH 113
#define EINPROGRESS 115
#endif
