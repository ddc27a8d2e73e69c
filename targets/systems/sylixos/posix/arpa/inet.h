#ifndef POSIX_ARPA_INET_H
#define POSIX_ARPA_INET_H
#include <netinet/in.h>
uint16_t htons(uint16_t);
uint16_t ntohs(uint16_t);
uint32_t htonl(uint32_t);
#endif
