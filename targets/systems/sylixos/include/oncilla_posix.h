/*
 * Oncilla on POSIX systems, SylixOS among them: a server that a thread serves, for many clients, and clients, on TCP, UDP
 * and serial ports. It uses names that POSIX has and no others; symbols.txt lists them. README.md tells what replaces
 * which function of libsunrpc and libtirpc.
 */
#ifndef ONCILLA_POSIX_H
#define ONCILLA_POSIX_H

#include <netinet/in.h>
#include <pthread.h>

#include <oncilla.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a descriptor is. */
#define ONCILLA_POSIX_TCP 1
#define ONCILLA_POSIX_UDP 2
#define ONCILLA_POSIX_UDP_SERVER 3
#define ONCILLA_POSIX_SERIAL 4

/* A descriptor and who is at the other end. It stays in its place as long as it is used. */
typedef struct oncilla_posix {
    int32_t fd; /* -1 when it is closed */
    int32_t kind;
    struct sockaddr_in peer;
    /* How long the other end has to take what is sent, in microseconds, whatever the deadline; 0 is as long as that. */
    uint64_t patience;
    /* Not for the caller. A server's connection sends later what is not taken at once: */
    int32_t sends_later;
    int32_t amid; /* a part of a message has come */
    const uint8_t *rest;
    size_t rest_size;
    uint64_t rest_until;
} oncilla_posix;

/* Every function that returns a status returns ONCILLA_OK, or ONCILLA_TRANSPORT and leaves what was wrong in errno, or
   what the function of oncilla.h that it calls has returned. ONCILLA_NULL for a pointer that is NULL, ONCILLA_UNINITIALIZED for
   a server that was not started. */

/* A TCP socket that listens, or a UDP socket, on port `*port` of `address` (order of the machine); port 0 is any free one,
   which is told. */
oncilla_status oncilla_posix_tcp_listen(int32_t *listener, uint32_t address, uint16_t *port);
oncilla_status oncilla_posix_udp_bind(oncilla_posix *self, uint32_t address, uint16_t *port);

/* The next connection of a listener; waits until `deadline`, then it is ONCILLA_TIME_UP. */
oncilla_status oncilla_posix_accept(oncilla_posix *self, int32_t listener, uint64_t deadline);

/* A connection to a server, made within `timeout` microseconds or ONCILLA_TIMED_OUT, and its client. The buffers are those of
   oncilla_client_over_record. How long calls take at most is set by oncilla_client_set_timeout. */
oncilla_status oncilla_posix_tcp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        uint64_t timeout, const oncilla_buffers *buffers);

/* The same on UDP, where a server that is not there is noticed by calls only, which time out. */
oncilla_status oncilla_posix_udp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        const oncilla_buffers *buffers);

/* A serial port, raw, eight bits, no parity, no flow control; `speed` is a constant of termios.h such as B115200;
   ONCILLA_TRANSPORT, with EINVAL in errno, for a speed that there is not. */
oncilla_status oncilla_posix_serial_open(oncilla_posix *self, const char *path, uint32_t speed);

/* A serial port and its client. `boot`: as of oncilla_client_over_serial. */
oncilla_status oncilla_posix_serial_client(oncilla_client *client, oncilla_posix *self, const char *path, uint32_t speed,
                                           uint32_t boot, const oncilla_buffers *buffers);

/* The callbacks, for servers, clients and endpoints that are made by hand. */
oncilla_io oncilla_posix_io(oncilla_posix *self);

/* Closes the descriptor, unless it is closed. A client on it is not to be used any more. errno stays as it is. */
void oncilla_posix_close(oncilla_posix *self);

/* One link of a server: a connection at a time, or a UDP socket, or a serial port. Memory of the caller, who sets the buffers,
   and for UDP and serial ports the carrier; 0 bytes everywhere else. */
typedef struct oncilla_posix_link {
    oncilla_buffers buffers;
    oncilla_posix carrier;
    uint32_t boot; /* serial: as of oncilla_server_over_serial */
    /* Serial: what remembers the replies of this line and of no other, or ONCILLA_WITHOUT_REPLAY for nothing. Of the others,
       NULL. */
    oncilla_replay *replay;
    /* What has ended a UDP or serial link, to be read when the server has stopped; the last connection's end. */
    oncilla_status ended;
    /* Not for the caller. */
    oncilla_server server;
    uint64_t heard;
    int32_t more;
} oncilla_posix_link;

/* Links that one thread serves at most. */
#ifndef ONCILLA_POSIX_LINKS_MAX
#define ONCILLA_POSIX_LINKS_MAX 16
#endif

/* What one thread serves: what svc_run does, for the transports that are given to it. The procedures run one at a time, in
   this thread. Memory of the caller, who sets the first members to 0 or to what is meant. */
typedef struct oncilla_posix_server {
    const oncilla_table *table;
    void *context;          /* of the procedures */
    /* For TCP and UDP together: a replay cache for many peers (oncilla_replay_init_shared), or ONCILLA_WITHOUT_REPLAY.
       NULL only without a UDP link: then no replies on connections are remembered. A serial link has its own. */
    oncilla_replay *replay;
    int32_t listener;       /* of TCP, or -1 */
    oncilla_posix_link *links;
    size_t count; /* of the links; each that has no UDP socket or serial port is for one connection at a time */
    /* Microseconds after which a connection from which no whole call has come is closed; 0 is never. When all links are
       taken, the connection that is idle longest is closed for who connects: one on which every call is answered and no part of
       another has come. When none is idle, who connects waits. */
    uint64_t idle;
    /* Microseconds that a client has to take a reply, before its connection is closed; 0 is five seconds. The others are
       served meanwhile. */
    uint64_t patience;
    /* Not for the caller. */
    uint64_t accept_at;
    int32_t state;
    int32_t stop[2];
    pthread_t thread;
    oncilla_status status;
} oncilla_posix_server;

/* Makes the server ready: from now on oncilla_posix_stop may be called. ONCILLA_INVALID when there is a listener and no link for
   its connections, or when a link's `replay` is not its alone, or is
   one for the one peer of a line where there are many; ONCILLA_NULL when a UDP or serial link has none; ONCILLA_BUSY when it was started already, ONCILLA_BOUND when there are too many links. */
oncilla_status oncilla_posix_start(oncilla_posix_server *server);

/* Serves until it is told to stop: ONCILLA_OK; or until there is nothing left to serve: what has ended the last link. */
oncilla_status oncilla_posix_serve(oncilla_posix_server *server);

/* Lets it stop, after the call that it executes just now, and a second at most for clients to take what replies are being
   sent. From any thread or from a handler of a signal. */
oncilla_status oncilla_posix_stop(oncilla_posix_server *server);

/* Closes all that a started server has, the listener too, when nobody serves it any more. */
void oncilla_posix_end(oncilla_posix_server *server);

/* oncilla_posix_start, and oncilla_posix_serve in a thread of its own. */
oncilla_status oncilla_posix_serve_in_thread(oncilla_posix_server *server);

/* Stops the thread, waits for its end, closes all; returns what oncilla_posix_serve returned. Not from the thread itself. */
oncilla_status oncilla_posix_join(oncilla_posix_server *server);

#ifdef __cplusplus
}
#endif

#endif
