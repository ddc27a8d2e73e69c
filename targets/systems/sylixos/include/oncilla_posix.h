/*
 * Oncilla on POSIX systems, including SylixOS: a server thread for many clients, and clients, on TCP, UDP and serial
 * ports.
 *
 * It uses POSIX functions only; symbols.txt lists them. README.md lists the replacements of functions of libsunrpc and
 * libtirpc.
 *
 * Functions return ONCILLA_OK on success. On failure they return ONCILLA_TRANSPORT with the reason in errno,
 * ONCILLA_NULL for a pointer that is NULL, or the status of the function of oncilla.h that they call. Lent memory must
 * stay in its place, and nothing else may use it, for the time stated. A function blocks only if its documentation
 * states so.
 */
#ifndef ONCILLA_POSIX_H
#define ONCILLA_POSIX_H

#include <netinet/in.h>
#include <pthread.h>

#include <oncilla.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Kinds of descriptors. */
#define ONCILLA_POSIX_TCP 1
#define ONCILLA_POSIX_UDP 2
#define ONCILLA_POSIX_UDP_SERVER 3
#define ONCILLA_POSIX_SERIAL 4

/* A descriptor, as a carrier. It must stay in its place as long as it is used. */
typedef struct oncilla_posix {
    int32_t fd; /* -1 if closed */
    int32_t kind;
    struct sockaddr_in peer;
    /* Microseconds for the peer to take a message. Replaces a deadline that is later or has passed; 0 keeps it. */
    uint64_t patience;
    /* Private. On a server's connection, bytes that are not taken at once are sent later: */
    int32_t sends_later;
    int32_t amid; /* a part of a message has arrived */
    const uint8_t *rest;
    size_t rest_size;
    uint64_t rest_until;
} oncilla_posix;

/*
 * Opens a listening TCP socket or a UDP socket on port `*port` of `address`, both in the byte order of the machine. If
 * `*port` is 0, the system chooses a free port, and `*port` is set to it.
 */
oncilla_status oncilla_posix_tcp_listen(int32_t *listener, uint32_t address, uint16_t *port);
oncilla_status oncilla_posix_udp_bind(oncilla_posix *self, uint32_t address, uint16_t *port);

/* Accepts the next connection of a listener. Blocks until `deadline` at most, then returns ONCILLA_TIME_UP. */
oncilla_status oncilla_posix_accept(oncilla_posix *self, int32_t listener, uint64_t deadline);

/*
 * Connects to a server on TCP and initialises a client on the connection. Blocks for `timeout` microseconds at most,
 * then returns ONCILLA_TIMED_OUT. `buffers` is as in oncilla_client_over_record; `self` is lent as long as the client
 * is used. oncilla_client_set_timeout sets the time-out of calls.
 */
oncilla_status oncilla_posix_tcp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        uint64_t timeout, const oncilla_buffers *buffers);

/*
 * Initialises a client on UDP. It does not detect whether the server exists: calls to a missing server time out.
 * `buffers` is as in oncilla_client_over_datagram; `self` is lent as long as the client is used.
 */
oncilla_status oncilla_posix_udp_client(oncilla_client *client, oncilla_posix *self, uint32_t address, uint16_t port,
                                        const oncilla_buffers *buffers);

/*
 * Opens a serial port: raw, eight bits, no parity, no flow control. `speed` is a constant of termios.h such as B115200;
 * an unknown one is ONCILLA_TRANSPORT with EINVAL in errno.
 */
oncilla_status oncilla_posix_serial_open(oncilla_posix *self, const char *path, uint32_t speed);

/*
 * Opens a serial port and initialises a client on it. `boot` and `buffers` are as in oncilla_client_over_serial; `self`
 * is lent as long as the client is used.
 */
oncilla_status oncilla_posix_serial_client(oncilla_client *client, oncilla_posix *self, const char *path, uint32_t speed,
                                           uint32_t boot, const oncilla_buffers *buffers);

/* A program with keys defines ONCILLA_KEYS in all its files, and has the library with the feature `keys`. */
#if defined(ONCILLA_KEYS)
/*
 * The same three with keys: every message is sealed. `opener` is as in oncilla_client_over_record_with_keys. For a new
 * connection, pass the same opener without initialising it again.
 */
oncilla_status oncilla_posix_tcp_client_with_keys(oncilla_client *client, oncilla_posix *self, uint32_t address,
                                                  uint16_t port, uint64_t timeout, const oncilla_buffers *buffers,
                                                  oncilla_opener *opener);
oncilla_status oncilla_posix_udp_client_with_keys(oncilla_client *client, oncilla_posix *self, uint32_t address,
                                                  uint16_t port, const oncilla_buffers *buffers,
                                                  oncilla_opener *opener);
oncilla_status oncilla_posix_serial_client_with_keys(oncilla_client *client, oncilla_posix *self, const char *path,
                                                     uint32_t speed, const oncilla_buffers *buffers,
                                                     oncilla_opener *opener);
#endif

/* Returns the callbacks, for servers, clients and endpoints initialised with functions of oncilla.h. */
oncilla_io oncilla_posix_io(oncilla_posix *self);

/* Closes the descriptor if it is open. A client on it must not be used afterwards. Keeps errno. */
void oncilla_posix_close(oncilla_posix *self);

/*
 * One link of a server: one connection at a time, a UDP socket, or a serial port. The caller sets the buffers, and for
 * UDP and serial ports the carrier. All other bytes must be 0.
 */
typedef struct oncilla_posix_link {
    oncilla_buffers buffers;
    oncilla_posix carrier;
    uint32_t boot; /* serial: as in oncilla_server_over_serial */
    /* Serial: a replay cache of this line only, or ONCILLA_WITHOUT_REPLAY. Other links: NULL. */
    oncilla_replay *replay;
#if defined(ONCILLA_KEYS)
    /* With keys: the acceptor of this link, which serves only the holders of its keys. Each link needs its own acceptor,
       with another start. NULL: the link is without keys. */
    oncilla_acceptor *acceptor;
#endif
    /* Why the UDP or serial link, or its last connection, ended. To be read after the server has stopped. */
    oncilla_status ended;
    /* Private. */
    oncilla_server server;
    uint64_t heard;
    int32_t more;
} oncilla_posix_link;

/* The largest number of links of one server. */
#ifndef ONCILLA_POSIX_LINKS_MAX
#define ONCILLA_POSIX_LINKS_MAX 16
#endif

/*
 * A server: serves all its links in one thread, as svc_run does. Procedures run one at a time, in this thread. The
 * caller sets the members up to `patience`; all other bytes must be 0. It must stay in its place from its start to its
 * end.
 */
typedef struct oncilla_posix_server {
    const oncilla_table *table;
    void *context;          /* passed to the procedures */
    /* For TCP and UDP together: a replay cache for many peers (oncilla_replay_init_shared), or ONCILLA_WITHOUT_REPLAY.
       NULL is allowed without a UDP link: then replies on connections are not remembered. A serial link has its own. */
    oncilla_replay *replay;
    int32_t listener;       /* a listening TCP socket, or -1 */
    oncilla_posix_link *links;
    size_t count; /* number of links; a link without UDP socket or serial port is for one connection at a time */
    /* A connection without a whole call for so many microseconds is closed; 0 is never. When all links are occupied, a
       new connection replaces the one idle longest: all its calls are answered and no part of another has arrived. When
       none is idle, the new connection waits. */
    uint64_t idle;
    /* A connection whose client does not take a reply within so many microseconds is closed; 0 is five seconds. Other
       links are served meanwhile. */
    uint64_t patience;
    /* Private. */
    uint64_t accept_at;
    int32_t state;
    int32_t stop[2];
    pthread_t thread;
    oncilla_status status;
} oncilla_posix_server;

/*
 * Prepares the server. From then on, oncilla_posix_stop may be called. Returns
 * - ONCILLA_INVALID if there is a listener but no link for its connections, if the replay cache of a serial link is used
 *   elsewhere, if another link has one of its own, or if a cache for one peer is used for many;
 * - ONCILLA_NULL if a UDP or serial link has no replay cache and not ONCILLA_WITHOUT_REPLAY;
 * - ONCILLA_BUSY if the server was started already;
 * - ONCILLA_BOUND if there are more than ONCILLA_POSIX_LINKS_MAX links.
 */
oncilla_status oncilla_posix_start(oncilla_posix_server *server);

/*
 * Serves until oncilla_posix_stop is called, then returns ONCILLA_OK; or until no link is left, then returns why the
 * last one ended. Blocks until then. ONCILLA_UNINITIALIZED if the server was not started.
 */
oncilla_status oncilla_posix_serve(oncilla_posix_server *server);

/*
 * Stops the server after the call that it executes; clients then have one second at most to take their replies. Does
 * not wait for that. May be called from any thread and from a signal handler. ONCILLA_UNINITIALIZED if the server was
 * not started.
 */
oncilla_status oncilla_posix_stop(oncilla_posix_server *server);

/* Closes all descriptors of a started server, including the listener. No thread may serve it any more. */
void oncilla_posix_end(oncilla_posix_server *server);

/* Calls oncilla_posix_start, then oncilla_posix_serve in a new thread. */
oncilla_status oncilla_posix_serve_in_thread(oncilla_posix_server *server);

/*
 * Stops the thread, waits for its end and closes all descriptors. Returns the status of oncilla_posix_serve. Must not
 * be called in the thread itself. ONCILLA_INVALID if the server has no thread.
 */
oncilla_status oncilla_posix_join(oncilla_posix_server *server);

#ifdef __cplusplus
}
#endif

#endif
