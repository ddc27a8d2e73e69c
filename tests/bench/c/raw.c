/*
 * No RPC at all: as many bytes as a null call and its reply, and as few system calls as there can be.
 *
 * `raw serve tcp|udp` prints its port and serves. `raw serve-ready tcp|udp` does the same and asks before each call
 * who is ready, as a server for many clients must. `raw call tcp|udp PORT` obeys.
 */
#include <sys/epoll.h>

#include "common.h"

/* A record mark is 4 of them, on TCP. */
enum { MARK = 4, CALL = 40, REPLY = 24 };

static int socket_, call_size = CALL, reply_size = REPLY;

/* What tells who is ready, if that is asked. */
static int readiness = -1;

static void watch(int whom)
{
    struct epoll_event event = {.events = EPOLLIN};
    need(readiness < 0 || epoll_ctl(readiness, EPOLL_CTL_ADD, whom, &event) == 0, "epoll_ctl");
}

static void wait_until_ready(void)
{
    struct epoll_event events[64];
    need(readiness < 0 || epoll_wait(readiness, events, 64, -1) > 0, "epoll_wait");
}

static void receive(int from, char *bytes, int size)
{
    for (int got = 0; got < size;) {
        int more = recv(from, bytes + got, size - got, 0);
        need(more > 0, "the other end is gone");
        got += more;
    }
}

static void serve_stream(void)
{
    char bytes[64] = {0};
    int client = accept(socket_, NULL, NULL);
    no_delay(client);
    watch(client);
    for (;;) {
        wait_until_ready();
        receive(client, bytes, call_size);
        need(send(client, bytes, reply_size, 0) == reply_size, "send");
    }
}

static void serve_datagrams(void)
{
    char bytes[64] = {0};
    struct sockaddr_in client;
    watch(socket_);
    for (;;) {
        wait_until_ready();
        socklen_t size = sizeof client;
        need(recvfrom(socket_, bytes, sizeof bytes, 0, (struct sockaddr *)&client, &size) == call_size, "recvfrom");
        need(sendto(socket_, bytes, reply_size, 0, (struct sockaddr *)&client, size) == reply_size, "sendto");
    }
}

static void call(const char *what)
{
    char bytes[64] = {0};
    (void)what;
    need(send(socket_, bytes, call_size, 0) == call_size, "send");
    receive(socket_, bytes, reply_size);
}

int main(int count, char **arguments)
{
    need(count >= 3, "usage: raw serve|serve-ready|call tcp|udp [PORT]");
    alarm(LIFETIME);
    int tcp = strcmp(arguments[2], "tcp") == 0;
    int type = tcp ? SOCK_STREAM : SOCK_DGRAM;
    if (tcp) {
        call_size += MARK;
        reply_size += MARK;
    }
    if (strcmp(arguments[1], "serve-ready") == 0)
        need((readiness = epoll_create1(0)) >= 0, "epoll_create1");
    if (strcmp(arguments[1], "call") != 0) {
        socket_ = bound(type);
        need(!tcp || listen(socket_, 1) == 0, "listen");
        printf("%d\n", port(socket_));
        fflush(stdout);
        tcp ? serve_stream() : serve_datagrams();
    }
    struct sockaddr_in address = loopback(atoi(arguments[3]));
    socket_ = socket(AF_INET, type, 0);
    need(connect(socket_, (struct sockaddr *)&address, sizeof address) == 0, "connect");
    if (tcp)
        no_delay(socket_);
    obey(call);
    return 0;
}
