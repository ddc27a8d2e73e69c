/*
 * Oncilla on POSIX systems, SylixOS among them: a server in a thread of its own, and clients, on TCP, UDP and serial
 * ports. It uses nothing but names that POSIX has: socket, bind, listen, accept, connect, recv, recvfrom, sendto, poll,
 * fcntl, open, read, write, close, tcgetattr, tcsetattr, cfsetispeed, cfsetospeed, pthread_create, pthread_join, clock_gettime.
 *
 *     of libsunrpc, libtirpc          here
 *     svc_run                         oncilla_posix_serve, oncilla_posix_serve_in_thread
 *     svctcp_create, svcudp_create    oncilla_posix_tcp_listen, oncilla_posix_udp_bind
 *     svc_register                    a row of an oncilla_program
 *     svc_getargs, svc_sendreply      oncilla_get_*, oncilla_put_* in the procedure
 *     svcerr_decode, svcerr_systemerr return ONCILLA_GARBAGE_ARGS, ONCILLA_SYSTEM_ERR
 *     clnttcp_create, clntudp_create  oncilla_posix_tcp_client, oncilla_posix_udp_client
 *     clnt_call                       oncilla_client_call
 *     clnt_control(CLSET_TIMEOUT)     oncilla_client_set_timeout
 *     clnt_sperrno                    oncilla_strerror
 *     clnt_destroy                    oncilla_posix_close
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
    int fd;
    int kind;
    struct sockaddr_in peer;
} oncilla_posix;

/* All of these return ONCILLA_OK, or ONCILLA_TRANSPORT and leave what was wrong in errno, or what they call returned. */

/* A TCP socket that listens, or a UDP socket, on port `*port` of `address` (order of the machine); 0 is any free port,
   which is told. SylixOS's libsunrpc needs a socket that is bound already as well. */
oncilla_status oncilla_posix_tcp_listen(int *listener, uint32_t address, uint16_t *port);
oncilla_status oncilla_posix_udp_bind(oncilla_posix *self, uint32_t address, uint16_t *port);

/* The next connection of a listener; waits for ever. A connection lasts until its client closes it. */
oncilla_status oncilla_posix_accept(oncilla_posix *self, int listener);

/* A connection to a server, and its client. connect(2) waits as long as the system does. The buffers are those of oncilla_client_over_record and _datagram. */
oncilla_status oncilla_posix_tcp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        const oncilla_buffers *buffers);
oncilla_status oncilla_posix_udp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        const oncilla_buffers *buffers);

/* A serial port, raw, eight bits, no parity; `speed` is a constant of termios.h such as B115200. */
oncilla_status oncilla_posix_serial_open(oncilla_posix *self, const char *path, unsigned long speed);

/* The callbacks for servers and endpoints that are made by hand. */
oncilla_io oncilla_posix_io(oncilla_posix *self);

void oncilla_posix_close(oncilla_posix *self);

/* What one thread serves: a listener of TCP, one connection after the other, or UDP, or a serial port. */
typedef struct oncilla_posix_server {
    const oncilla_table *table;
    void *context;         /* of the procedures, which run in the server's thread */
    oncilla_replay *replay; /* or NULL */
    oncilla_buffers buffers;
    int listener;       /* TCP, or -1 */
    oncilla_posix link; /* UDP or serial, if there is no listener */
    uint32_t boot;      /* serial: as of oncilla_server_over_serial */
    oncilla_server server;
    oncilla_status status;
} oncilla_posix_server;

/* Serves until the descriptor is shut down or fails; then the status is told. */
oncilla_status oncilla_posix_serve(oncilla_posix_server *server);

/* The same in a thread of its own; `server->status` is to be read after pthread_join. */
oncilla_status oncilla_posix_serve_in_thread(oncilla_posix_server *server, pthread_t *thread);

#ifdef __cplusplus
}
#endif

#endif
