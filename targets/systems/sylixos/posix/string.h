#ifndef POSIX_STRING_H
#define POSIX_STRING_H
#include <stddef.h>
void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
#endif
