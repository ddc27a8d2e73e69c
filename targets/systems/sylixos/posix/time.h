#ifndef POSIX_TIME_H
#define POSIX_TIME_H
#include <sys/types.h>
#define CLOCK_MONOTONIC 1
struct timespec {
    time_t tv_sec;
    long tv_nsec;
};
int clock_gettime(int, struct timespec *);
#endif
