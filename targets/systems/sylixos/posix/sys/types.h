#ifndef POSIX_SYS_TYPES_H
#define POSIX_SYS_TYPES_H
#include <stddef.h>
#include <stdint.h>
typedef long ssize_t;
typedef int pid_t;
typedef int64_t time_t;
#endif
