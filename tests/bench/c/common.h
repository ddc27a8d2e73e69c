/* What the C programs share: they do what they are told on the standard input, and tell how long it took. */
#ifndef COMMON_H
#define COMMON_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Seconds after which a program ends, whatever becomes of the one that has started it. */
#define LIFETIME 900

static inline void need(int condition, const char *what)
{
    if (!condition) {
        perror(what);
        exit(1);
    }
}

static inline struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
}

/* A socket on a free port of this machine. */
static inline int bound(int type)
{
    struct sockaddr_in address = loopback(0);
    int socket_ = socket(AF_INET, type, 0);
    need(socket_ >= 0 && bind(socket_, (struct sockaddr *)&address, sizeof address) == 0, "no socket");
    return socket_;
}

static inline int port(int socket_)
{
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    getsockname(socket_, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

/* Small messages that wait for each other: Nagle's algorithm would delay them. */
static inline void no_delay(int socket_)
{
    int yes = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

static inline unsigned long long nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* For each line "what number": does it so many times and prints the nanoseconds. */
static inline void obey(void (*once)(const char *what))
{
    char what[16];
    unsigned long long times;
    while (scanf("%15s %llu", what, &times) == 2) {
        unsigned long long start = nanoseconds();
        for (unsigned long long i = 0; i < times; i++)
            once(what);
        printf("%llu\n", nanoseconds() - start);
        fflush(stdout);
    }
}

#endif
