/*
 * Oncilla for C: synchronous ONC RPC (RFC 5531) with XDR (RFC 4506) for machines with kilobytes of memory.
 *
 * Nothing is allocated: every object and every buffer is lent by the caller, in the sizes that the macros here give.
 * Nothing is kept in global variables. An object is used by one thread at a time; a table, once made, by any number.
 * Objects must be zero before they are initialised for the first time, as static memory is. Whoever initialises one that is
 * in use, from a callback that it has called, is told ONCILLA_BUSY; so is whoever uses it there.
 *
 * What a function writes, now or later, must have no byte in common with anything else that it or its object was lent:
 * buffers, memories, the objects themselves, what a table was made of, and the places for results. It returns
 * ONCILLA_OVERLAP otherwise, and has done and changed nothing; only a reader or writer keeps the status.
 */

#ifndef ONCILLA_H
#define ONCILLA_H

/* Made by cbindgen from targets/capi/src; changes belong there. */

#include <stddef.h>
#include <stdint.h>

#if UINTPTR_MAX > 0xffffffffu
#define ONCILLA_64_BITS
#elif UINTPTR_MAX > 0xffffu
#define ONCILLA_32_BITS
#else
#define ONCILLA_16_BITS
#endif

/* uint64_t words of memory for a table of so many programs, which have so many procedures together. */
#define ONCILLA_TABLE_WORDS(programs, procedures) \
    (((programs) * (8 + 2 * sizeof(void *)) + (procedures) * (sizeof(void *) < 4 ? 8 : 3 * sizeof(void *)) + 7) / 8)

/* Bytes of a call with arguments of so many bytes and with empty credentials, and of a reply with so many of results. */
#define ONCILLA_CALL_MAX(arguments) (ONCILLA_CALL_HEADER + (arguments))
#define ONCILLA_REPLY_MAX(results) \
    (ONCILLA_REPLY_HEADER + ((results) < ONCILLA_REFUSAL_MAX - ONCILLA_REPLY_HEADER \
                                 ? ONCILLA_REFUSAL_MAX - ONCILLA_REPLY_HEADER \
                                 : (results)))

/* Bytes of memory for so many replies of at most so many bytes: to the one peer of a line, and to many peers. */
#define ONCILLA_REPLAY_BYTES(replies, reply_max) ((replies) * ((reply_max) + ONCILLA_REPLAY_HEAD))
#define ONCILLA_SHARED_REPLAY_BYTES(replies, reply_max) ((replies) * ((reply_max) + ONCILLA_SHARED_REPLAY_HEAD))

/* In place of a replay cache: nothing is remembered, and a call that a client repeats is executed again. */
#define ONCILLA_WITHOUT_REPLAY ((struct oncilla_replay *)1)

/* Bytes of a buffer for messages of at most so many bytes. */
#define ONCILLA_RECORD_BUFFER(message) ((message) + 4)
#define ONCILLA_DATAGRAM_BUFFER(message) (message)
#define ONCILLA_SERIAL_BUFFER(message) ((message) + 7 + ((message) + 6) / 253)

/** It worked. */
#define ONCILLA_OK 0

/** A pointer is NULL that must not be. */
#define ONCILLA_NULL 1

/** A pointer is not aligned for what it points to. */
#define ONCILLA_UNALIGNED 2

/** A length is larger than any object can be. */
#define ONCILLA_IMPOSSIBLE_LENGTH 3

/** Two buffers overlap that must not. */
#define ONCILLA_OVERLAP 4

/** The object was not initialised, or its initialisation failed. */
#define ONCILLA_UNINITIALIZED 5

/** The object is in use: a procedure or a callback calls what has called it. */
#define ONCILLA_BUSY 6

/** A buffer or a memory is too small. The details say how many bytes it needs, where that is known. */
#define ONCILLA_TOO_SMALL 7

/** An argument has no meaning, such as a flag that does not exist. */
#define ONCILLA_INVALID 8

/** The table has one version of a program twice. */
#define ONCILLA_PROGRAM_TWICE 9

/** A program has two procedures with one number. */
#define ONCILLA_PROCEDURE_TWICE 10

/** A program has a procedure 0, which is NULL and always served. */
#define ONCILLA_PROCEDURE_ZERO 11

/** XDR: the bytes end inside a value. */
#define ONCILLA_END 32

/** XDR: a padding byte is not zero. */
#define ONCILLA_PADDING 33

/** XDR: a bool is neither 0 nor 1. */
#define ONCILLA_BOOL 34

/** XDR: a length is larger than the bytes that are left. */
#define ONCILLA_LENGTH 35

/** XDR: more bytes or elements than the interface allows. */
#define ONCILLA_BOUND 36

/** XDR: a string has a zero byte in it, which C cannot tell from its end. */
#define ONCILLA_TEXT 37

/** XDR: no variant has this number. */
#define ONCILLA_VARIANT 38

/** XDR: bytes are left over after the last value. */
#define ONCILLA_LEFT_OVER 39

/** XDR: the value is malformed in another way. */
#define ONCILLA_MALFORMED 40

/** XDR: the room is too small for what is written. */
#define ONCILLA_NO_ROOM 41

/** The deadline passed and no message came. */
#define ONCILLA_TIME_UP 64

/** The other end closed. A call that was under way may or may not have been executed. */
#define ONCILLA_CLOSED 65

/** The other end has restarted. A call that was under way may or may not have been executed. */
#define ONCILLA_RESTARTED 66

/** A callback reported an error; the details have its number. */
#define ONCILLA_TRANSPORT 67

/** The carrier took only a part of a message before the deadline. */
#define ONCILLA_UNSENT 68

/** A message was sent in part earlier, and record marking cannot recover: make a new connection. */
#define ONCILLA_OUT_OF_STEP 69

/** No reply came in time. The call may or may not have been executed. */
#define ONCILLA_TIMED_OUT 70

/** The call is larger than the other end can receive, as it said; it was not sent. */
#define ONCILLA_CALL_TOO_LARGE 71

/** The reply is larger than the receive buffer. The call was executed. */
#define ONCILLA_REPLY_TOO_LARGE 72

/** The reply's header is malformed. */
#define ONCILLA_REPLY_MALFORMED 73

/** As many calls are in flight as there can be: finish, cancel or poll first. */
#define ONCILLA_NO_SLOT 74

/** No call in flight has this ticket: it is finished, or was given up. */
#define ONCILLA_UNKNOWN_TICKET 75

/** As many procedures run, one within the other, as the endpoint has levels; nothing was sent. */
#define ONCILLA_TOO_DEEP 76

/**
 * No reply came in time, but what was sent came back: the line echoes, or both ends have the same boot number, or without
 * boot numbers the same xids.
 */
#define ONCILLA_ECHOED 77

/** The server has not got the program (RFC 5531 §9). */
#define ONCILLA_PROG_UNAVAIL 96

/** The server has not got this version of the program; the details have the lowest and the highest it has. */
#define ONCILLA_PROG_MISMATCH 97

/** The program has no such procedure. */
#define ONCILLA_PROC_UNAVAIL 98

/** The server could not decode the arguments. Returned by a procedure: it cannot decode them. */
#define ONCILLA_GARBAGE_ARGS 99

/** The server failed to carry out the call. Returned by a procedure: it failed. */
#define ONCILLA_SYSTEM_ERR 100

/** The server speaks other versions of RPC; the details have the lowest and the highest. */
#define ONCILLA_RPC_MISMATCH 101

/** The server refused the caller; the details have the auth_stat. */
#define ONCILLA_AUTH_ERROR 102

/** Returned by a procedure that gives no reply: it is one-way. */
#define ONCILLA_NO_REPLY 128

/** Later than every other instant: waiting until then is waiting for ever. */
#define ONCILLA_NEVER UINT64_MAX

/** What a receive callback returns when the deadline has passed and nothing came. */
#define ONCILLA_IO_TIME_UP INT32_MIN

/**
 * What ONCILLA_TRANSPORT's detail is when a callback has returned more bytes than it was given, except
 * of a datagram that was larger.
 */
#define ONCILLA_IO_TOO_MANY (INT32_MIN + 1)

/** Text that the other end printed, mostly a line. It has no check value. */
#define ONCILLA_BESIDE_TEXT 1

/** A piece of binary log, whole. */
#define ONCILLA_BESIDE_LOG 2

/** Bytes that are no message: noise, a damaged message, or the prints of a boot loader. */
#define ONCILLA_BESIDE_DROPPED 3

/** The flavor of a credential that says nothing. */
#define ONCILLA_AUTH_NONE 0

/** The flavor of a Unix user. */
#define ONCILLA_AUTH_SYS 1

/** Bytes of the largest body of a credential or verifier (RFC 5531 §8.2). */
#define ONCILLA_AUTH_BODY_MAX 400

/** A flag of a procedure: running it twice for one call does no harm. A replay cache need not remember its replies. */
#define ONCILLA_IDEMPOTENT 1

/** Bytes of a call before its arguments, when credential and verifier are empty. */
#define ONCILLA_CALL_HEADER 40

/**
 * Bytes by which credential and verifier can make a call longer. A server whose callers send some, as most on hosts do,
 * adds it to its receive buffer.
 */
#define ONCILLA_CREDENTIALS_MAX 800

/** Bytes of a reply before its results. */
#define ONCILLA_REPLY_HEADER 24

/** Bytes of the largest refusal: no reply buffer should be smaller. */
#define ONCILLA_REFUSAL_MAX 32

#if defined(ONCILLA_64_BITS)
/** Words of an `oncilla_table`. */
#define ONCILLA_TABLE_SIZE 9
#endif

#if defined(ONCILLA_32_BITS)
/** Words of an `oncilla_table`. */
#define ONCILLA_TABLE_SIZE 5
#endif

#if defined(ONCILLA_16_BITS)
/** Words of an `oncilla_table`. */
#define ONCILLA_TABLE_SIZE 3
#endif

#if defined(ONCILLA_64_BITS)
/** Words of an `oncilla_replay`. */
#define ONCILLA_REPLAY_SIZE 11
#endif

#if defined(ONCILLA_32_BITS)
/** Words of an `oncilla_replay`. */
#define ONCILLA_REPLAY_SIZE 7
#endif

#if defined(ONCILLA_16_BITS)
/** Words of an `oncilla_replay`. */
#define ONCILLA_REPLAY_SIZE 6
#endif

/** Bytes that a remembered reply to the one peer of a line takes beside itself. */
#define ONCILLA_REPLAY_HEAD 12

/** Bytes that a remembered reply to one of many peers takes beside itself. */
#define ONCILLA_SHARED_REPLAY_HEAD 48

/** Bytes of the key of a replay cache for many peers. */
#define ONCILLA_REPLAY_KEY 16

#if defined(ONCILLA_64_BITS)
/** Words of an `oncilla_server`. */
#define ONCILLA_SERVER_SIZE 43
#endif

#if defined(ONCILLA_32_BITS)
/** Words of an `oncilla_server`. */
#define ONCILLA_SERVER_SIZE 32
#endif

#if defined(ONCILLA_16_BITS)
/** Words of an `oncilla_server`. */
#define ONCILLA_SERVER_SIZE 26
#endif

#if defined(ONCILLA_64_BITS)
/** Words of an `oncilla_client`. */
#define ONCILLA_CLIENT_SIZE 46
#endif

#if defined(ONCILLA_32_BITS)
/** Words of an `oncilla_client`. */
#define ONCILLA_CLIENT_SIZE 36
#endif

#if defined(ONCILLA_16_BITS)
/** Words of an `oncilla_client`. */
#define ONCILLA_CLIENT_SIZE 29
#endif

#if defined(ONCILLA_64_BITS)
/** Words of an `oncilla_endpoint`. */
#define ONCILLA_ENDPOINT_SIZE 52
#endif

#if defined(ONCILLA_32_BITS)
/** Words of an `oncilla_endpoint`. */
#define ONCILLA_ENDPOINT_SIZE 39
#endif

#if defined(ONCILLA_16_BITS)
/** Words of an `oncilla_endpoint`. */
#define ONCILLA_ENDPOINT_SIZE 31
#endif

/**
 * Calls that an `oncilla_calls` can have under way at once. It and ONCILLA_CALLS_BYTES are the library's: whoever wants
 * others changes them in `src/flight.rs`, and the words below.
 */
#define ONCILLA_CALLS_SLOTS 4

/** Bytes of the largest arguments, on a carrier that can lose messages, and of the largest results. */
#define ONCILLA_CALLS_BYTES 128

#if defined(ONCILLA_64_BITS)
/** Words of an `oncilla_calls`. */
#define ONCILLA_CALLS_SIZE 155
#endif

#if defined(ONCILLA_32_BITS)
/** Words of an `oncilla_calls`. */
#define ONCILLA_CALLS_SIZE 140
#endif

#if defined(ONCILLA_16_BITS)
/** Words of an `oncilla_calls`. */
#define ONCILLA_CALLS_SIZE 124
#endif

/** The largest number of levels. */
#define ONCILLA_LEVELS_MAX 4

#if defined(ONCILLA_64_BITS)
/** Words of an `oncilla_nested`. */
#define ONCILLA_NESTED_SIZE 129
#endif

#if defined(ONCILLA_32_BITS)
/** Words of an `oncilla_nested`. */
#define ONCILLA_NESTED_SIZE 83
#endif

#if defined(ONCILLA_16_BITS)
/** Words of an `oncilla_nested`. */
#define ONCILLA_NESTED_SIZE 71
#endif

/** What came of a function: ONCILLA_OK, which is 0, or why not. The numbers never change. */
typedef int32_t oncilla_status;

/**
 * Takes values one after another off lent bytes, such as the arguments or results of a call. What is wrong first stays
 * in `status`: the functions that follow do nothing but return it and give zeros, so that one look at the end is enough.
 */
typedef struct oncilla_reader {
    /** All the bytes. */
    const uint8_t *bytes;
    /** How many. */
    size_t length;
    /** How many have been taken; where the fault is. */
    size_t offset;
    /** ONCILLA_OK, or what was wrong first. */
    oncilla_status status;
} oncilla_reader;

/**
 * Puts values one after another in lent bytes, such as the arguments or results of a call. What goes wrong first stays
 * in `status`: the functions that follow do nothing but return it, so that one look at the end is enough.
 */
typedef struct oncilla_writer {
    /** The room. */
    uint8_t *bytes;
    /** Its bytes. */
    size_t size;
    /** Bytes that have been written. */
    size_t length;
    /** ONCILLA_OK, or what went wrong first. */
    oncilla_status status;
} oncilla_writer;

/** An address of the internet. */
typedef struct oncilla_address {
    /** The address in the order of the network: the first 4 bytes or all 16. */
    uint8_t ip[16];
    /** 4 for IPv4, 16 for IPv6, 0 when the address is not known. */
    uint32_t ip_length;
    /** The port, in the order of the machine. */
    uint32_t port;
} oncilla_address;

/** A call: what svc_req is to a procedure of libtirpc. It and what it points to are there until the procedure returns. */
typedef struct oncilla_request {
    /** Transaction number, chosen by the client. */
    uint32_t xid;
    /** What is called: the program, */
    uint32_t program;
    /** its version */
    uint32_t version;
    /** and the procedure. */
    uint32_t procedure;
    /** Who calls: 0 for AUTH_NONE, 1 for AUTH_SYS (`oncilla_auth_sys_of`), and so on. */
    uint32_t credential_flavor;
    /** The flavor of the proof of who calls. */
    uint32_t verifier_flavor;
    /** The body of the credential. */
    const uint8_t *credential;
    /** Its bytes, at most 400. */
    size_t credential_length;
    /** The body of the verifier. */
    const uint8_t *verifier;
    /** Its bytes, at most 400. */
    size_t verifier_length;
    /** Where it came from, where the carrier tells. */
    struct oncilla_address peer;
} oncilla_request;

/** A Unix user, as the caller claims; nothing proves it. */
typedef struct oncilla_auth_sys {
    /** Any number the caller chose. */
    uint32_t stamp;
    /** The user's number. */
    uint32_t uid;
    /** The user's first group. */
    uint32_t gid;
    /** How many of `groups` there are. */
    uint32_t group_count;
    /** The user's other groups. */
    uint32_t groups[16];
} oncilla_auth_sys;

/**
 * All that one server serves. Made by `oncilla_table_init`, and not changed afterwards: several servers, in several
 * threads, can have one. It counts who uses it, so it stays in memory that can be written.
 */
typedef struct oncilla_table {
    uint64_t opaque[ONCILLA_TABLE_SIZE];
} oncilla_table;

/**
 * Carries out one call: takes the arguments, works, puts the results, and returns
 * - ONCILLA_OK: the results are sent. If they did not find room, SYSTEM_ERR is;
 * - ONCILLA_NO_REPLY: nothing is sent;
 * - ONCILLA_GARBAGE_ARGS, or anything else after an argument could not be taken: GARBAGE_ARGS is sent. Such a call is
 *   not remembered, so look at `oncilla_get_end` before anything is done;
 * - anything else: SYSTEM_ERR is sent.
 *
 * The room for results is all zeros before, so a procedure may also write to `results->bytes` itself and add to `length`.
 *
 * `context` is that of the server or endpoint, or of `oncilla_answer`. A procedure must return: no longjmp and no C++
 * exception may leave it. It must not call what has called it (ONCILLA_BUSY), unless that is an
 * `oncilla_nested`: what it wants to tell the other end it notes in its
 * context, and the loop around `oncilla_endpoint_serve_next` calls.
 */
typedef oncilla_status (*oncilla_run)(void *context,
                                      const struct oncilla_request *request,
                                      struct oncilla_reader *arguments,
                                      struct oncilla_writer *results);

/** One procedure of a program; it can be in flash. */
typedef struct oncilla_procedure {
    /** Its number, from 1: procedure 0 is NULL and always served. */
    uint32_t number;
    /** 0 or ONCILLA_IDEMPOTENT. */
    uint32_t flags;
    /** Bytes of the largest results. It is not run unless there is room for as many. */
    size_t results_max;
    /** Never NULL. */
    oncilla_run run;
} oncilla_procedure;

/** One version of one program; it can be in flash. Several versions of a program are several of these. */
typedef struct oncilla_program {
    /** The program's number. */
    uint32_t number;
    /** Its version. */
    uint32_t version;
    /** Its procedures. */
    const struct oncilla_procedure *procedures;
    /** How many. */
    size_t procedure_count;
} oncilla_program;

/** Decides whether a call is carried out: 0, or the auth_stat of RFC 5531 §9 that the caller is told. */
typedef uint32_t (*oncilla_authorize)(void *context, const struct oncilla_request *request);

/**
 * A duplicate request cache: the last replies. A call is known again by its peer, its xid and a check of all its bytes; a
 * client that sends it again gets the reply that the first one got, and nothing is executed. A call that was refused
 * before its procedure ran is not remembered.
 */
typedef struct oncilla_replay {
    uint64_t opaque[ONCILLA_REPLAY_SIZE];
} oncilla_replay;

/** A server: a table, and the carrier on which it is served. */
typedef struct oncilla_server {
    uint64_t opaque[ONCILLA_SERVER_SIZE];
} oncilla_server;

/** The present instant: microseconds since any moment, such as power-on. It never goes back. */
typedef uint64_t (*oncilla_now)(void *context);

/**
 * Waits for bytes until `deadline`, looking at least once, and puts at most `size` of them in `into`; it does not wait
 * for all of them. Returns
 * - how many came;
 * - 0 when the other end has closed, as read(2) does: nothing will come any more;
 * - ONCILLA_IO_TIME_UP when the deadline has passed;
 * - any other negative number, such as -errno, on an error.
 *
 * On a carrier of datagrams it gives one whole datagram; an empty one it passes over. Of one that `into` cannot hold it puts
 * the beginning there, and returns how many bytes the datagram has, or `size` + 1 where that is not known: a reply ends
 * its call with ONCILLA_REPLY_TOO_LARGE, a call is refused with GARBAGE_ARGS. `size` is at most INT32_MAX.
 */
typedef int32_t (*oncilla_receive)(void *context, uint8_t *into, size_t size, uint64_t deadline);

/**
 * Hands over `size` bytes, in one piece where the carrier takes it so, waiting until `deadline` at most. Returns how many
 * were taken, fewer than all when the deadline has passed, or a negative number on an error.
 */
typedef int32_t (*oncilla_send)(void *context, const uint8_t *from, size_t size, uint64_t deadline);

/** Tells where what was received last came from: 1, or 0 when that is not known. */
typedef int32_t (*oncilla_peer)(void *context, struct oncilla_address *peer);

/**
 * Is shown what came beside the messages on a serial line that carries more than those; `what` is one of
 * ONCILLA_BESIDE_TEXT, ONCILLA_BESIDE_LOG and ONCILLA_BESIDE_DROPPED. The bytes are lent until it returns, and end with no
 * zero.
 */
typedef void (*oncilla_beside)(void *context, uint32_t what, const uint8_t *bytes, size_t length);

/**
 * How bytes are carried, and what time it is. The callbacks are called in the thread that serves or calls, and must not
 * call into what has called them. They must return: no longjmp and no C++ exception may leave one.
 */
typedef struct oncilla_io {
    /** Given to each callback. */
    void *context;
    /** NULL only for a server, which then waits for ever whatever its deadline. */
    oncilla_now now;
    /** Never NULL. */
    oncilla_receive receive;
    /** Never NULL. */
    oncilla_send send;
    /** NULL where there is one peer, at the other end. */
    oncilla_peer peer;
    /** Called on lines that were made `_with_log`, unless NULL. */
    oncilla_beside beside;
} oncilla_io;

/**
 * The two buffers of a server, client or endpoint, which keeps them; the macros ONCILLA_RECORD_BUFFER and so on give
 * their sizes. A server receives calls and sends replies, a client the other way round, an endpoint both.
 */
typedef struct oncilla_buffers {
    /** What is received. */
    uint8_t *rx;
    /** Its bytes. */
    size_t rx_size;
    /** What is sent. */
    uint8_t *tx;
    /** Its bytes. */
    size_t tx_size;
} oncilla_buffers;

/** What the last failure of a server, client or endpoint says beside its status; what does not apply is 0. */
typedef struct oncilla_details {
    /** The status that was returned; ONCILLA_OK before the first failure. */
    oncilla_status status;
    /** With ONCILLA_TRANSPORT: what the callback returned. */
    int32_t transport;
    /** With ONCILLA_PROG_MISMATCH and ONCILLA_RPC_MISMATCH: the lowest version served. */
    uint32_t low;
    /** And the highest. */
    uint32_t high;
    /** With ONCILLA_AUTH_ERROR: why, as auth_stat of RFC 5531 §9 has it. */
    uint32_t auth_stat;
    /**
     * With ONCILLA_TOO_SMALL, ONCILLA_NO_ROOM, ONCILLA_UNSENT, ONCILLA_CALL_TOO_LARGE and ONCILLA_REPLY_TOO_LARGE: the
     * bytes that were too many, or UINT32_MAX if more.
     */
    uint32_t needed;
    /**
     * With the same: the bytes there were for them, or that were sent. With ONCILLA_TIMED_OUT: the bytes that came and
     * make no whole frame, such as with another baud rate.
     */
    uint32_t available;
} oncilla_details;

/** A client: what CLIENT is to libtirpc, for any program at the other end of its carrier. */
typedef struct oncilla_client {
    uint64_t opaque[ONCILLA_CLIENT_SIZE];
} oncilla_client;

/**
 * One end of a link that both calls and is called. While it waits for a reply it answers the calls that come; a procedure
 * cannot call in its turn, unless the endpoint is an `oncilla_nested`.
 */
typedef struct oncilla_endpoint {
    uint64_t opaque[ONCILLA_ENDPOINT_SIZE];
} oncilla_endpoint;

/**
 * A client that has up to ONCILLA_CALLS_SLOTS calls under way at once, finished in any order.
 *
 * Nothing happens by itself: calls are sent again, replies are taken in and time-outs are noticed while
 * `oncilla_calls_poll` or `oncilla_calls_finish` runs. A call has a slot from its start until its ticket is finished or
 * cancelled. A replay cache of the server needs as many replies as there are calls from the oldest under way to the newest.
 */
typedef struct oncilla_calls {
    uint64_t opaque[ONCILLA_CALLS_SIZE];
} oncilla_calls;

/** A call that was started. Copies of it are the same ticket; it is of use once. */
typedef struct oncilla_ticket {
    /** The call's transaction number. */
    uint32_t number;
    /** What is called: the program, */
    uint32_t program;
    /** its version */
    uint32_t version;
    /** and the procedure. */
    uint32_t procedure;
} oncilla_ticket;

/** How the calls stand. */
typedef struct oncilla_tally {
    /** Calls that have neither a reply nor failed. */
    uint32_t in_flight;
    /** Calls that have, and whose tickets are neither finished nor cancelled. */
    uint32_t done;
    /** 1 if the other end has closed, else 0. */
    uint32_t closed;
    /** 1 if the other end said just now that it has restarted, else 0. */
    uint32_t restarted;
} oncilla_tally;

/**
 * An endpoint whose procedures may call the other end while they run: with `oncilla_nested_call` and
 * `oncilla_nested_cast` on the very object that runs them.
 *
 * At most as many procedures run, one within the other, as there are levels. One of the innermost level that calls is told
 * ONCILLA_TOO_DEEP at once, so that two ends never wait for each other for ever. Two levels are enough for ends that call
 * at the same moment, if the procedures that are called in turn do not call. The stack has to hold as many procedures
 * with their calls.
 *
 * A call that comes again while its procedure runs is dropped: its reply is still to come.
 */
typedef struct oncilla_nested {
    uint64_t opaque[ONCILLA_NESTED_SIZE];
} oncilla_nested;

/** The buffers of one level: of one procedure that runs, perhaps within another. Sizes are before framing. */
typedef struct oncilla_level {
    /** The call that is served. A larger one is refused with GARBAGE_ARGS. */
    uint8_t *call;
    /** Its bytes, at least ONCILLA_CALL_HEADER. */
    size_t call_size;
    /** Its reply. */
    uint8_t *reply;
    /** Its bytes, at least `oncilla_table_reply_max`. */
    size_t reply_size;
    /**
     * The reply to a call further out that comes while a procedure of this level waits. The innermost level has no use
     * for it: NULL.
     */
    uint8_t *early;
    /** Its bytes. A larger reply ends its call in ONCILLA_REPLY_TOO_LARGE. */
    size_t early_size;
} oncilla_level;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/** What a status means, in English. Never NULL, and in constant memory. */
const char *oncilla_strerror(oncilla_status status);

/** The name of a status as it stands in this header, such as "ONCILLA_TIMED_OUT". Never NULL, and in constant memory. */
const char *oncilla_status_name(oncilla_status status);

/** A reader of `length` bytes, which must stay as they are while it and what it lends are used. */
struct oncilla_reader oncilla_reader_of(const uint8_t *bytes, size_t length);

/** Takes an int. */
oncilla_status oncilla_get_i32(struct oncilla_reader *reader, int32_t *place);

/** Takes an unsigned int. */
oncilla_status oncilla_get_u32(struct oncilla_reader *reader, uint32_t *place);

/** Takes a hyper. */
oncilla_status oncilla_get_i64(struct oncilla_reader *reader, int64_t *place);

/** Takes an unsigned hyper. */
oncilla_status oncilla_get_u64(struct oncilla_reader *reader, uint64_t *place);

/** Takes a float. */
oncilla_status oncilla_get_f32(struct oncilla_reader *reader, float *place);

/** Takes a double. */
oncilla_status oncilla_get_f64(struct oncilla_reader *reader, double *place);

/** Takes a bool: 0 or 1. Optional data begins with one that says whether the value follows. */
oncilla_status oncilla_get_bool(struct oncilla_reader *reader, uint32_t *place);

/**
 * Takes the length word of a variable-length array of at most `max` elements; they follow. A length larger than the
 * bytes that are left is refused.
 */
oncilla_status oncilla_get_count(struct oncilla_reader *reader, uint32_t *place, uint32_t max);

/**
 * Takes variable-length opaque data or a string of at most `max` bytes, and lends it: it stays where it is among the
 * reader's bytes, and has no zero at its end.
 */
oncilla_status oncilla_get_opaque(struct oncilla_reader *reader, const uint8_t **bytes, size_t *length, size_t max);

/** Takes a string of less than `size` bytes into `place`, with a zero behind it. One that has a zero in it is refused. */
oncilla_status oncilla_get_string(struct oncilla_reader *reader, char *place, size_t size);

/** Takes fixed-length opaque data: `length` bytes and their padding. */
oncilla_status oncilla_get_fixed(struct oncilla_reader *reader, uint8_t *place, size_t length);

/** What was wrong first, or ONCILLA_LEFT_OVER when there are bytes that nobody has taken, or ONCILLA_OK. */
oncilla_status oncilla_get_end(struct oncilla_reader *reader);

/** A writer in `size` bytes, which must stay in their place while it is used. They are set to zero. */
struct oncilla_writer oncilla_writer_on(uint8_t *bytes, size_t size);

/** Puts an int; enums are ints. */
oncilla_status oncilla_put_i32(struct oncilla_writer *writer, int32_t value);

/** Puts an unsigned int. */
oncilla_status oncilla_put_u32(struct oncilla_writer *writer, uint32_t value);

/** Puts a hyper. */
oncilla_status oncilla_put_i64(struct oncilla_writer *writer, int64_t value);

/** Puts an unsigned hyper. */
oncilla_status oncilla_put_u64(struct oncilla_writer *writer, uint64_t value);

/** Puts a float. */
oncilla_status oncilla_put_f32(struct oncilla_writer *writer, float value);

/** Puts a double. */
oncilla_status oncilla_put_f64(struct oncilla_writer *writer, double value);

/** Puts a bool: 0, or 1 for every other number. Optional data begins with one that says whether the value follows. */
oncilla_status oncilla_put_bool(struct oncilla_writer *writer, uint32_t value);

/** Puts variable-length opaque data: its length, the bytes and their padding. */
oncilla_status oncilla_put_opaque(struct oncilla_writer *writer, const uint8_t *bytes, size_t length);

/** Puts fixed-length opaque data: the bytes and their padding. Nothing else is told of its length. */
oncilla_status oncilla_put_fixed(struct oncilla_writer *writer, const uint8_t *bytes, size_t length);

/**
 * Puts a string, which ends before the zero. `max` is the bound of the interface: a text that has not ended after as many
 * bytes is ONCILLA_BOUND, and what is behind them is not looked at.
 */
oncilla_status oncilla_put_string(struct oncilla_writer *writer,
                                  const char *text,
                                  size_t max);

/**
 * Reads the credential of a request as AUTH_SYS. ONCILLA_INVALID when it is of another flavor, ONCILLA_MALFORMED when it
 * is malformed.
 */
oncilla_status oncilla_auth_sys_of(const struct oncilla_request *request,
                                   struct oncilla_auth_sys *user);

/**
 * Writes the body of an AUTH_SYS credential in `body` and its bytes in `length`, for `oncilla_client_set_credential`;
 * ONCILLA_AUTH_BODY_MAX bytes are enough for every user. `machine` is the name of this machine, at most 255 bytes of
 * UTF-8 that end with a zero.
 */
oncilla_status oncilla_auth_sys_write(const struct oncilla_auth_sys *user,
                                      const char *machine,
                                      uint8_t *body,
                                      size_t size,
                                      size_t *length);

/**
 * Makes a table of `count` programs. `authorize` is asked about every call; with NULL, AUTH_NONE and well-formed AUTH_SYS
 * are served. `memory` is ONCILLA_TABLE_WORDS(programs, procedures) of uint64_t, of all programs together; `size` is
 * its size in bytes. Programs, procedures and memory must stay in their place as long as the table is used.
 * ONCILLA_OVERLAP if the memory or the table has bytes in common with the rest. ONCILLA_BUSY from a callback of whatever
 * serves the table.
 */
oncilla_status oncilla_table_init(struct oncilla_table *table,
                                  const struct oncilla_program *programs,
                                  size_t count,
                                  oncilla_authorize authorize,
                                  uint64_t *memory,
                                  size_t size);

/**
 * Bytes of the largest reply that the table can give, and so of the buffer it needs, before framing; 0 when the table
 * was not initialised.
 */
size_t oncilla_table_reply_max(const struct oncilla_table *table);

/**
 * A replay cache for the peer of a line: it remembers as many replies of at most `reply_max` bytes as `memory` holds,
 * ONCILLA_REPLAY_BYTES(replies, reply_max) bytes. `oncilla_table_reply_max` bytes are enough for all replies of a table; a procedure whose reply could be
 * larger is refused with SYSTEM_ERR unless it is ONCILLA_IDEMPOTENT. There must be as many as calls can be under way at
 * once, with their repetitions: the oldest gives way. The memory must stay in its place.
 *
 * ONCILLA_TOO_SMALL when there is not room for one, or `reply_max` is less than ONCILLA_REFUSAL_MAX.
 */
oncilla_status oncilla_replay_init(struct oncilla_replay *replay,
                                   size_t reply_max,
                                   uint8_t *memory,
                                   size_t size);

/**
 * A replay cache for many peers, on UDP and for several connections, which tells them apart by their whole address: it
 * remembers as many replies of at most `reply_max` bytes as `memory` holds, ONCILLA_SHARED_REPLAY_BYTES(replies,
 * reply_max) bytes, as `oncilla_replay_init` does.
 *
 * `key` has ONCILLA_REPLAY_KEY bytes that no peer can guess, others at each start: of a random number generator. They
 * are copied.
 *
 * Each host, that is each IP address, has its share of the replies. When all are taken, a new one takes the place of the
 * oldest of the host with most; a port with more than half of its host's replies loses its own oldest.
 *
 * ONCILLA_TOO_SMALL when there is not room for one, or `reply_max` is less than ONCILLA_REFUSAL_MAX.
 */
oncilla_status oncilla_replay_init_shared(struct oncilla_replay *replay,
                                          const uint8_t *key,
                                          size_t reply_max,
                                          uint8_t *memory,
                                          size_t size);

/** How many replies are remembered at most. */
oncilla_status oncilla_replay_slots(struct oncilla_replay *replay, size_t *slots);

/** Forgets every reply: the peers have restarted, and their calls are new whatever they look like. */
oncilla_status oncilla_replay_forget(struct oncilla_replay *replay);

/**
 * Answers one message: the bytes of a call in, the bytes of its reply out, for those who carry messages in their own
 * way. `*length` is the number of bytes to send back, or 0 when no reply is due: the message was no call, or was one-way.
 *
 * `replay` may be NULL, or ONCILLA_WITHOUT_REPLAY: nothing is remembered then. So may `peer`; with one, `replay` must
 * be a replay cache for many peers (ONCILLA_INVALID). `reply` should have `oncilla_table_reply_max` bytes; with
 * fewer, some procedures are answered with SYSTEM_ERR instead of being run, and below ONCILLA_REFUSAL_MAX it is
 * ONCILLA_TOO_SMALL. It has to be initialised, as static memory is. It blocks as long as the procedure does.
 * ONCILLA_OVERLAP if any of these memories, or those that table and replay were lent, have bytes in common.
 */
oncilla_status oncilla_answer(const struct oncilla_table *table,
                              void *context,
                              struct oncilla_replay *replay,
                              const struct oncilla_address *peer,
                              const uint8_t *call,
                              size_t call_length,
                              uint8_t *reply,
                              size_t reply_size,
                              size_t *length);

/**
 * A server on record marking (RFC 5531 §11), on TCP, Unix sockets and pipes.
 *
 * It serves `table`, whose procedures get `context`, and remembers replies in `replay`, or not if that is NULL. `io` is
 * copied; table, replay and buffers must stay in their place as long as the server is used.
 */
oncilla_status oncilla_server_over_record(struct oncilla_server *server,
                                          const struct oncilla_table *table,
                                          void *context,
                                          struct oncilla_replay *replay,
                                          const struct oncilla_io *io,
                                          const struct oncilla_buffers *buffers);

/**
 * A server on datagrams, each a message: UDP.
 *
 * It serves `table`, whose procedures get `context`. `replay` is a replay cache for many peers, or
 * ONCILLA_WITHOUT_REPLAY: then a call that a client repeats is executed again. NULL is ONCILLA_NULL. `io` is copied;
 * table, replay and buffers must stay in their place as long as the server is used.
 */
oncilla_status oncilla_server_over_datagram(struct oncilla_server *server,
                                            const struct oncilla_table *table,
                                            void *context,
                                            struct oncilla_replay *replay,
                                            const struct oncilla_io *io,
                                            const struct oncilla_buffers *buffers);

/**
 * A server on COBS with a CRC-32, on serial lines. With a `boot` number other than 0, which must be another after every restart (let a counter begin with 1), it introduces itself to the other end and messages have short headers when both do.
 *
 * It serves `table`, whose procedures get `context`, and remembers replies in `replay`, or not if that is
 * ONCILLA_WITHOUT_REPLAY: then a call that a client repeats is executed again. NULL is ONCILLA_NULL. `io` is copied; table, replay and buffers must stay in their place as long as the server is used.
 */
oncilla_status oncilla_server_over_serial(struct oncilla_server *server,
                                          const struct oncilla_table *table,
                                          void *context,
                                          struct oncilla_replay *replay,
                                          const struct oncilla_io *io,
                                          const struct oncilla_buffers *buffers,
                                          uint32_t boot);

/** The same, which also shows what comes beside messages to `beside` of `io`: text and logs of the other end. */
oncilla_status oncilla_server_over_serial_with_log(struct oncilla_server *server,
                                                   const struct oncilla_table *table,
                                                   void *context,
                                                   struct oncilla_replay *replay,
                                                   const struct oncilla_io *io,
                                                   const struct oncilla_buffers *buffers,
                                                   uint32_t boot);

/**
 * Waits until `deadline` for one message and answers it: ONCILLA_OK. ONCILLA_TIME_UP when none came, ONCILLA_CLOSED when
 * the other end has closed, ONCILLA_RESTARTED when it has told that it restarted. The procedure is not interrupted by
 * the deadline. After ONCILLA_TRANSPORT of a serial line, go on by calling this again; after one of a connection,
 * drop it.
 */
oncilla_status oncilla_server_serve_next(struct oncilla_server *server,
                                         uint64_t deadline);

/** Serves until the other end closes: ONCILLA_OK. */
oncilla_status oncilla_server_serve(struct oncilla_server *server);

/** Copies what the last failure said beside its status. */
oncilla_status oncilla_server_details(struct oncilla_server *server, struct oncilla_details *details);

/**
 * A client on record marking (RFC 5531 §11), on TCP, Unix sockets and pipes.
 *
 * Its first call has the xid `first_xid`, the next one more, and so on. A client that starts again should not start with
 * the same, or a server that remembers replies may take its calls for repeated old ones: take a random number, the
 * time, or a boot counter in the upper bits. `io` is copied, and must have a clock; the buffers must stay in their
 * place as long as the client is used.
 */
oncilla_status oncilla_client_over_record(struct oncilla_client *client,
                                          const struct oncilla_io *io,
                                          const struct oncilla_buffers *buffers,
                                          uint32_t first_xid);

/**
 * A client on datagrams, each a message: UDP.
 *
 * Its first call has the xid `first_xid`, the next one more, and so on. A client that starts again should not start with
 * the same, or a server that remembers replies may take its calls for repeated old ones: take a random number, the
 * time, or a boot counter in the upper bits. `io` is copied, and must have a clock; the buffers must stay in their
 * place as long as the client is used.
 */
oncilla_status oncilla_client_over_datagram(struct oncilla_client *client,
                                            const struct oncilla_io *io,
                                            const struct oncilla_buffers *buffers,
                                            uint32_t first_xid);

/**
 * A client on COBS with a CRC-32, on serial lines. With a `boot` number other than 0, which must be another after every restart (let a counter begin with 1), it introduces itself to the other end and messages have short headers when both do.
 *
 * Its first call has the xid `first_xid`, the next one more, and so on. A client that starts again should not start with
 * the same, or a server that remembers replies may take its calls for repeated old ones: take a random number, the
 * time, or a boot counter in the upper bits. `io` is copied, and must have a clock; the buffers must stay in their
 * place as long as the client is used.
 */
oncilla_status oncilla_client_over_serial(struct oncilla_client *client,
                                          const struct oncilla_io *io,
                                          const struct oncilla_buffers *buffers,
                                          uint32_t first_xid,
                                          uint32_t boot);

/** The same, which also shows what comes beside messages to `beside` of `io`: text and logs of the other end. */
oncilla_status oncilla_client_over_serial_with_log(struct oncilla_client *client,
                                                   const struct oncilla_io *io,
                                                   const struct oncilla_buffers *buffers,
                                                   uint32_t first_xid,
                                                   uint32_t boot);

/**
 * Calls a procedure and waits for its results, at most as long as the time-out. `arguments` has what was written, or is
 * NULL for none. `results` is made a reader of what came, which is lent until the next use of the client; with NULL there
 * must be none. ONCILLA_OVERLAP, before anything is sent, if either has bytes in common with the other, with the client
 * or with what that was lent.
 */
oncilla_status oncilla_client_call(struct oncilla_client *client,
                                   uint32_t program,
                                   uint32_t version,
                                   uint32_t procedure,
                                   const struct oncilla_writer *arguments,
                                   struct oncilla_reader *results);

/** Sends a call and does not wait for a reply (RFC 5531 §8): for procedures that give none. */
oncilla_status oncilla_client_cast(struct oncilla_client *client,
                                   uint32_t program,
                                   uint32_t version,
                                   uint32_t procedure,
                                   const struct oncilla_writer *arguments);

/**
 * Sets the total time-out of the calls that follow, in microseconds: sending, waiting, sending again and receiving
 * together. It is five seconds before; ONCILLA_NEVER lets them wait for ever.
 */
oncilla_status oncilla_client_set_timeout(struct oncilla_client *client, uint64_t microseconds);

/**
 * Sets when the calls that follow are sent again, with the same xid, on a carrier that can lose messages: after
 * `pause` microseconds, and if `doubling` is not 0 then after twice that, and so on. It is half a second, doubling,
 * before; ONCILLA_NEVER sends nothing again.
 */
oncilla_status oncilla_client_set_retry(struct oncilla_client *client, uint64_t pause, uint32_t doubling);

/**
 * Sets what the calls that follow say of who calls. The body is at most 400 bytes, and must stay as it is as long as the
 * client calls; ONCILLA_OVERLAP if it has bytes in common with the client or with what that was lent.
 */
oncilla_status oncilla_client_set_credential(struct oncilla_client *client,
                                             uint32_t flavor,
                                             const uint8_t *body,
                                             size_t length);

/** Copies what the last failure said beside its status. */
oncilla_status oncilla_client_details(struct oncilla_client *client, struct oncilla_details *details);

/**
 * An endpoint on record marking (RFC 5531 §11), on TCP, Unix sockets and pipes.
 *
 * It serves `table` as a server does, and calls as a client does: see `oncilla_server_over_record` and
 * `oncilla_client_over_record`.
 */
oncilla_status oncilla_endpoint_over_record(struct oncilla_endpoint *endpoint,
                                            const struct oncilla_table *table,
                                            void *context,
                                            struct oncilla_replay *replay,
                                            const struct oncilla_io *io,
                                            const struct oncilla_buffers *buffers,
                                            uint32_t first_xid);

/**
 * An endpoint on COBS with a CRC-32, on serial lines. With a `boot` number other than 0, which must be another after every restart (let a counter begin with 1), it introduces itself to the other end and messages have short headers when both do.
 *
 * It serves `table` as a server does, and calls as a client does: see `oncilla_server_over_serial` and
 * `oncilla_client_over_serial`.
 */
oncilla_status oncilla_endpoint_over_serial(struct oncilla_endpoint *endpoint,
                                            const struct oncilla_table *table,
                                            void *context,
                                            struct oncilla_replay *replay,
                                            const struct oncilla_io *io,
                                            const struct oncilla_buffers *buffers,
                                            uint32_t first_xid,
                                            uint32_t boot);

/** The same, which also shows what comes beside messages to `beside` of `io`: text and logs of the other end. */
oncilla_status oncilla_endpoint_over_serial_with_log(struct oncilla_endpoint *endpoint,
                                                     const struct oncilla_table *table,
                                                     void *context,
                                                     struct oncilla_replay *replay,
                                                     const struct oncilla_io *io,
                                                     const struct oncilla_buffers *buffers,
                                                     uint32_t first_xid,
                                                     uint32_t boot);

/**
 * Waits until `deadline` for one message and answers it: ONCILLA_OK. ONCILLA_TIME_UP when none came, ONCILLA_CLOSED when
 * the other end has closed, ONCILLA_RESTARTED when it has told that it restarted. The procedure is not interrupted by
 * the deadline. After ONCILLA_TRANSPORT of a serial line, go on by calling this again; after one of a connection,
 * drop it.
 */
oncilla_status oncilla_endpoint_serve_next(struct oncilla_endpoint *endpoint,
                                           uint64_t deadline);

/** Serves until the other end closes: ONCILLA_OK. */
oncilla_status oncilla_endpoint_serve(struct oncilla_endpoint *endpoint);

/**
 * Calls a procedure and waits for its results, at most as long as the time-out. `arguments` has what was written, or is
 * NULL for none. `results` is made a reader of what came, which is lent until the next use of the endpoint; with NULL there
 * must be none. ONCILLA_OVERLAP, before anything is sent, if either has bytes in common with the other, with the endpoint
 * or with what that was lent.
 */
oncilla_status oncilla_endpoint_call(struct oncilla_endpoint *endpoint,
                                     uint32_t program,
                                     uint32_t version,
                                     uint32_t procedure,
                                     const struct oncilla_writer *arguments,
                                     struct oncilla_reader *results);

/** Sends a call and does not wait for a reply (RFC 5531 §8): for procedures that give none. */
oncilla_status oncilla_endpoint_cast(struct oncilla_endpoint *endpoint,
                                     uint32_t program,
                                     uint32_t version,
                                     uint32_t procedure,
                                     const struct oncilla_writer *arguments);

/**
 * Sets the total time-out of the calls that follow, in microseconds: sending, waiting, sending again and receiving
 * together. It is five seconds before; ONCILLA_NEVER lets them wait for ever.
 */
oncilla_status oncilla_endpoint_set_timeout(struct oncilla_endpoint *endpoint, uint64_t microseconds);

/**
 * Sets when the calls that follow are sent again, with the same xid, on a carrier that can lose messages: after
 * `pause` microseconds, and if `doubling` is not 0 then after twice that, and so on. It is half a second, doubling,
 * before; ONCILLA_NEVER sends nothing again.
 */
oncilla_status oncilla_endpoint_set_retry(struct oncilla_endpoint *endpoint, uint64_t pause, uint32_t doubling);

/**
 * Sets what the calls that follow say of who calls. The body is at most 400 bytes, and must stay as it is as long as the
 * endpoint calls; ONCILLA_OVERLAP if it has bytes in common with the endpoint or with what that was lent.
 */
oncilla_status oncilla_endpoint_set_credential(struct oncilla_endpoint *endpoint,
                                               uint32_t flavor,
                                               const uint8_t *body,
                                               size_t length);

/** Copies what the last failure said beside its status. */
oncilla_status oncilla_endpoint_details(struct oncilla_endpoint *endpoint, struct oncilla_details *details);

/**
 * Writes text between the messages of a serial line: a log on the line that also carries calls. The other end is shown
 * it, and so is whoever looks at the line with a terminal, who wants "\r\n" at the end of a line. `io` is that of the
 * server, client or endpoint on the line, in whose thread this is to be called; in a procedure too. It needs no buffer
 * and no answer comes; it blocks as sending does, until `deadline` at most.
 *
 * The text is UTF-8, without a zero. It goes in pieces of 124 bytes, each of which takes 3 more; an end whose receive buffer
 * has fewer than 127 bytes drops pieces that it cannot hold.
 */
oncilla_status oncilla_print(const struct oncilla_io *io,
                             const uint8_t *text,
                             size_t length,
                             uint64_t deadline);

/**
 * Sends a piece of binary log, such as a frame of a log's own format, with a check value: the other end is shown it
 * whole or not at all. It is not sent again, and dropped by an end whose receive buffer cannot hold it or which knows
 * nothing of short headers. `memory` is ONCILLA_SERIAL_BUFFER(length + 1) bytes and is not used afterwards; otherwise as
 * `oncilla_print`.
 */
oncilla_status oncilla_log(const struct oncilla_io *io,
                           const uint8_t *bytes,
                           size_t length,
                           uint8_t *memory,
                           size_t size,
                           uint64_t deadline);

/** Calls in flight on record marking: see `oncilla_client_over_record`. */
oncilla_status oncilla_calls_over_record(struct oncilla_calls *calls,
                                         const struct oncilla_io *io,
                                         const struct oncilla_buffers *buffers,
                                         uint32_t first_xid);

/** Calls in flight on datagrams: see `oncilla_client_over_datagram`. */
oncilla_status oncilla_calls_over_datagram(struct oncilla_calls *calls,
                                           const struct oncilla_io *io,
                                           const struct oncilla_buffers *buffers,
                                           uint32_t first_xid);

/** Calls in flight on a serial line: see `oncilla_client_over_serial`. */
oncilla_status oncilla_calls_over_serial(struct oncilla_calls *calls,
                                         const struct oncilla_io *io,
                                         const struct oncilla_buffers *buffers,
                                         uint32_t first_xid,
                                         uint32_t boot);

/**
 * Sends a call and waits for no reply. `arguments` is as of `oncilla_client_call`, and not needed afterwards; `ticket` is set.
 * ONCILLA_NO_SLOT when as many calls are under way as there can be.
 */
oncilla_status oncilla_calls_start(struct oncilla_calls *calls,
                                   uint32_t program,
                                   uint32_t version,
                                   uint32_t procedure,
                                   const struct oncilla_writer *arguments,
                                   struct oncilla_ticket *ticket);

/**
 * Takes in the replies that are there, sends again and gives up what is due. If no further call is done it waits for one,
 * until `until` at most; with 0 it does not wait. `tally` is told how the calls stand, or may be NULL.
 */
oncilla_status oncilla_calls_poll(struct oncilla_calls *calls,
                                  uint64_t until,
                                  struct oncilla_tally *tally);

/**
 * Waits for a call's reply until its time-out at most, and frees its slot whatever comes of the call; the other calls move on
 * meanwhile. `results` is as of `oncilla_client_call`. ONCILLA_UNKNOWN_TICKET when no call has the ticket, such as one that
 * is finished already.
 */
oncilla_status oncilla_calls_finish(struct oncilla_calls *calls,
                                    const struct oncilla_ticket *ticket,
                                    struct oncilla_reader *results);

/** Gives a call up, and frees its slot. The server may carry it out or not; its reply will be dropped. */
oncilla_status oncilla_calls_cancel(struct oncilla_calls *calls, const struct oncilla_ticket *ticket);

/** Sets the total time-out of the calls that are started from now on: see `oncilla_client_set_timeout`. */
oncilla_status oncilla_calls_set_timeout(struct oncilla_calls *calls, uint64_t microseconds);

/** Sets when they are sent again: see `oncilla_client_set_retry`. */
oncilla_status oncilla_calls_set_retry(struct oncilla_calls *calls, uint64_t pause, uint32_t doubling);

/** Copies what the last failure said beside its status. */
oncilla_status oncilla_calls_details(struct oncilla_calls *calls, struct oncilla_details *details);

/**
 * An endpoint on record marking (RFC 5531 §11) whose procedures may call, on 1 to ONCILLA_LEVELS_MAX levels. It has one peer:
 * `replay` is of `oncilla_replay_init`, without a `peer` in `io`, or it is ONCILLA_INVALID. The buffers of the
 * levels must stay as they are as long as it is used, and have no byte in common with anything else.
 *
 * Everything else is as of `oncilla_endpoint_over_record`. Its calls have empty credentials.
 */
oncilla_status oncilla_nested_over_record(struct oncilla_nested *nested,
                                          const struct oncilla_table *table,
                                          void *context,
                                          struct oncilla_replay *replay,
                                          const struct oncilla_io *io,
                                          const struct oncilla_buffers *buffers,
                                          const struct oncilla_level *levels,
                                          size_t count,
                                          uint32_t first_xid);

/** The same on a serial line, as of `oncilla_endpoint_over_serial`. */
oncilla_status oncilla_nested_over_serial(struct oncilla_nested *nested,
                                          const struct oncilla_table *table,
                                          void *context,
                                          struct oncilla_replay *replay,
                                          const struct oncilla_io *io,
                                          const struct oncilla_buffers *buffers,
                                          const struct oncilla_level *levels,
                                          size_t count,
                                          uint32_t first_xid,
                                          uint32_t boot);

/**
 * Waits until `deadline` for one message and answers it, as `oncilla_endpoint_serve_next` does. For the main loop: a
 * procedure of the innermost level that serves is told ONCILLA_TIME_UP at once.
 */
oncilla_status oncilla_nested_serve_next(struct oncilla_nested *nested, uint64_t deadline);

/** Serves until the other end closes: ONCILLA_OK. */
oncilla_status oncilla_nested_serve(struct oncilla_nested *nested);

/**
 * Calls a procedure of the other end and waits for its results, also from within a procedure that this endpoint runs.
 * `arguments` and `results` are as of `oncilla_endpoint_call`; the results are lent until the endpoint is used again, which
 * is also when a further call is made. ONCILLA_TOO_DEEP from a procedure of the innermost level.
 */
oncilla_status oncilla_nested_call(struct oncilla_nested *nested,
                                   uint32_t program,
                                   uint32_t version,
                                   uint32_t procedure,
                                   const struct oncilla_writer *arguments,
                                   struct oncilla_reader *results);

/** Sends a call and does not wait for a reply (RFC 5531 §8), also from a procedure of the innermost level. */
oncilla_status oncilla_nested_cast(struct oncilla_nested *nested,
                                   uint32_t program,
                                   uint32_t version,
                                   uint32_t procedure,
                                   const struct oncilla_writer *arguments);

/** Sets the total time-out of the calls that follow, as `oncilla_endpoint_set_timeout` does. */
oncilla_status oncilla_nested_set_timeout(struct oncilla_nested *nested, uint64_t microseconds);

/** Sets when the calls that follow are sent again, as `oncilla_endpoint_set_retry` does. */
oncilla_status oncilla_nested_set_retry(struct oncilla_nested *nested, uint64_t pause, uint32_t doubling);

/** Copies what the last failure said beside its status. */
oncilla_status oncilla_nested_details(struct oncilla_nested *nested, struct oncilla_details *details);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ONCILLA_H */
