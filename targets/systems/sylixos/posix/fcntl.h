#ifndef POSIX_FCNTL_H
#define POSIX_FCNTL_H
#define O_RDWR 2
#define O_NOCTTY 0400
#define O_NONBLOCK 04000
#define F_GETFL 3
#define F_SETFL 4
int fcntl(int, int, ...);
int open(const char *, int, ...);
#endif
