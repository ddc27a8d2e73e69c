/*
 * The client of constructs.x, made by oncilla-rpcgen, on standard input and output. `client FILE` calls the procedures of
 * FILE, each a number, a length and the encoded arguments. The same must come back, and the server must have read it.
 */
#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "constructs.h"
#include "oncilla_fd.h"
#include "words.h"

static uint8_t rx[ONCILLA_RECORD_BUFFER(CONSTRUCTS_1_REPLY_MAX)];
static uint8_t tx[ONCILLA_RECORD_BUFFER(CONSTRUCTS_1_CALL_MAX)];
static uint8_t sent[BULK_SIZE_MAX], received[BULK_SIZE_MAX];
static oncilla_client client;
static unsigned calls;

static void require(oncilla_status status, const char *what)
{
    if (status != ONCILLA_OK) {
        fprintf(stderr, "call %u: %s: %s\n", calls, what, oncilla_strerror(status));
        exit(1);
    }
}

/* Compares what came back with what was sent, and what the server has seen with what was said of it. */
static void check(const oncilla_writer *back, size_t length)
{
    static description seen;
    require(back->status, "the result");
    if (back->length != length || memcmp(sent, received, length) != 0) {
        fprintf(stderr, "call %u: not what was sent came back: %s\n", calls, said);
        exit(1);
    }
    require(constructs_1_seen(&client, &seen), "seen");
    if (strcmp(seen.text, said) != 0) {
        fprintf(stderr, "call %u: sent %s\nseen %s\n", calls, said, seen.text);
        exit(1);
    }
}

#define ECHO(type, number, name, say_it) \
    case number: { \
        static type argument, result; \
        require(type##_decode(&reader, &argument), "the argument"); \
        require(oncilla_get_end(&reader), "the end of the argument"); \
        require(constructs_1_##name(&client, &argument, &result), #name); \
        (void)type##_encode(&writer, &result); \
        say_nothing(); \
        say_it(&argument); \
        check(&writer, length); \
        break; \
    }

static void call(uint32_t procedure, size_t length)
{
    oncilla_reader reader = oncilla_reader_of(sent, length);
    oncilla_writer writer = oncilla_writer_on(received, sizeof received);
    switch (procedure) {
        ECHO(numbers, CONSTRUCTS_1_ECHO_NUMBERS, echo_numbers, say_numbers)
        ECHO(octets, CONSTRUCTS_1_ECHO_OCTETS, echo_octets, say_octets)
        ECHO(arrays, CONSTRUCTS_1_ECHO_ARRAYS, echo_arrays, say_arrays)
        ECHO(shape, CONSTRUCTS_1_ECHO_SHAPE, echo_shape, say_shape)
        ECHO(maybe, CONSTRUCTS_1_ECHO_MAYBE, echo_maybe, say_maybe)
        ECHO(node_list, CONSTRUCTS_1_ECHO_LIST, echo_list, say_list)
        ECHO(unions, CONSTRUCTS_1_ECHO_UNIONS, echo_unions, say_unions)
        ECHO(word, CONSTRUCTS_1_ECHO_WORD, echo_word, say_word)
        ECHO(piece, CONSTRUCTS_1_ECHO_PIECE, echo_piece, say_piece)
        ECHO(bulk, CONSTRUCTS_1_ECHO_BULK, echo_bulk, say_bulk)
    case CONSTRUCTS_1_MIX: {
        static mixed it, result;
        require(mixed_decode(&reader, &it), "the argument");
        require(constructs_1_mix(&client, it.octet, it.big, &it.text, &it.data, it.truth, it.shade, it.real, &it.place,
                                 &result),
                "mix");
        (void)mixed_encode(&writer, &result);
        say_nothing();
        say_mixed(&it);
        check(&writer, length);
        break;
    }
    case CONSTRUCTS_1_NOTE: {
        static word it;
        static description seen;
        require(word_decode(&reader, &it), "the argument");
        require(constructs_1_echo_nothing(&client), "nothing");
        require(constructs_1_note(&client, &it), "note");
        require(constructs_1_note(&client, &it), "note");
        say_nothing();
        say_word(&it);
        say_word(&it);
        require(constructs_1_seen(&client, &seen), "seen");
        if (strcmp(seen.text, said) != 0) {
            fprintf(stderr, "noted %s, seen %s\n", said, seen.text);
            exit(1);
        }
        break;
    }
    default:
        fprintf(stderr, "no procedure %u\n", (unsigned)procedure);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static oncilla_fd fd = {0, 1};
    const oncilla_io io = oncilla_fd_io(&fd);
    const oncilla_buffers buffers = {rx, sizeof rx, tx, sizeof tx};
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    uint32_t head[2];

    if (!file) {
        fprintf(stderr, "usage: client FILE\n");
        return 2;
    }
    (void)signal(SIGPIPE, SIG_IGN);
    require(oncilla_client_over_record(&client, &io, &buffers, (uint32_t)oncilla_fd_now(&fd)), "client");
    while (fread(head, sizeof head, 1, file) == 1) {
        if (head[1] > sizeof sent || fread(sent, 1, head[1], file) != head[1]) {
            fprintf(stderr, "the file ends within a call\n");
            return 2;
        }
        calls++;
        call(head[0], head[1]);
    }
    fprintf(stderr, "%u calls\n", calls);
    return 0;
}
