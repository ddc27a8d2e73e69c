/*
 * No RPC at all: as many bytes as a null call and its reply, and as few system calls as there can be.
 *
 * `raw serve tcp|udp` prints its port and serves; `raw call tcp|udp PORT` obeys.
 */
#include "common.h"

/* A record mark is 4 of them, on TCP. */
enum { MARK = 4, CALL = 40, REPLY = 24 };

static int socket_, call_size = CALL, reply_size = REPLY;

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
    for (;;) {
        receive(client, bytes, call_size);
        need(send(client, bytes, reply_size, 0) == reply_size, "send");
    }
}

static void serve_datagrams(void)
{
    char bytes[64] = {0};
    struct sockaddr_in client;
    for (;;) {
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
    need(count >= 3, "usage: raw serve|call tcp|udp [PORT]");
    alarm(LIFETIME);
    int tcp = strcmp(arguments[2], "tcp") == 0;
    int type = tcp ? SOCK_STREAM : SOCK_DGRAM;
    if (tcp) {
        call_size += MARK;
        reply_size += MARK;
    }
    if (strcmp(arguments[1], "serve") == 0) {
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
