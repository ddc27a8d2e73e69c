#ifndef POSIX_UNISTD_H
#define POSIX_UNISTD_H
#include <sys/types.h>
int close(int);
int pipe(int *);
pid_t getpid(void);
ssize_t read(int, void *, size_t);
ssize_t write(int, const void *, size_t);
#endif
