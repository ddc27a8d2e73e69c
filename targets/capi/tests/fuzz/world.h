/*
 * What the fuzz target of the C functions calls them with: two objects of each kind, each with memory of its own, and a
 * wire that carries what one of them sends to whichever receives. Choices are made by the bytes of the input.
 *
 * The header's promises bind the caller, too: objects are zero before they are initialised, a pointer has as many bytes as
 * the length beside it, and lent memory is used by its object alone. Whatever else the input chooses: NULL, unaligned
 * pointers, overlaps, impossible lengths, any order, and calls from within procedures and callbacks.
 */
#ifndef WORLD_H
#define WORLD_H

#include <oncilla.h>

#define OBJECTS 2
#define BUFFER 512
#define ARENA 1024

typedef struct world_side {
    oncilla_server server;
    oncilla_client client;
    oncilla_endpoint endpoint;
    oncilla_nested nested;
    oncilla_calls calls;
    oncilla_replay replays[4];
    oncilla_opener opener;
    oncilla_acceptor acceptor;
    oncilla_ticket ticket;
    /* Memory for the server, the client, the endpoint, the nested endpoint and the calls in flight. */
    uint8_t rx[5][BUFFER], tx[5][BUFFER];
    uint8_t slots[BUFFER];
    uint8_t replies[4][BUFFER];
    uint8_t levels[2][3][BUFFER];
} world_side;

extern world_side sides[OBJECTS];
/* Readers, writers, and bytes that are read and written by them and by nothing else. */
extern oncilla_reader readers[OBJECTS];
extern oncilla_writer writers[OBJECTS];
extern uint8_t arena[ARENA];

/* Begins with an input, and with objects that are zero. */
void world_begin(const uint8_t *input, size_t size);
int world_is_over(void);

/* The next byte of the input; 0 at its end. */
uint8_t choice(void);
uint32_t word(void);
/* A length of at most `most`, or now and then one that no memory has. */
size_t length_to(size_t most);
/* The pointer, NULL, or one that is not aligned. */
void *pointer(void *to);
/* A place in the arena, and how many bytes there are behind it. */
uint8_t *place(size_t *left);
uint64_t deadline(void);

oncilla_io world_io(void);
oncilla_buffers world_buffers(uint8_t *rx, uint8_t *tx);
const oncilla_table *world_table(void);
extern const oncilla_key world_keys[2];

/* Calls one function with chosen arguments. Procedures call it, too. */
void one_call(void);

#endif
