/* Shared by the checks of oncilla.h. */
#ifndef CHECKS_H
#define CHECKS_H

#include <stdio.h>
#include <string.h>

#include <oncilla.h>

/* Print and count a check that fails. */
void check_holds(int holds, const char *what, int line);
void check_status(oncilla_status got, oncilla_status expected, const char *what, int line);
#define CHECK(condition) check_holds((condition), #condition, __LINE__)
#define CHECK_STATUS(expression, expected) check_status((expression), (expected), #expression, __LINE__)

/* Whether the program runs under valgrind: set by its argument. */
extern int checks_under_valgrind;

/* A size that no object can have. */
#define IMPOSSIBLE ((size_t)-1)

/* The context of the procedures of the checks. */
typedef struct counts {
    uint32_t executed;
    oncilla_server *server;
    oncilla_request request;
} counts;

/* unsigned twice(unsigned) = 1; a procedure that writes more than its results_max; a one-way one; the first again. */
oncilla_status twice(void *context, const oncilla_request *request, oncilla_reader *arguments, oncilla_writer *results);
extern const oncilla_procedure procedures[3];
extern const oncilla_program programs[2];

/* The header of a call of program 100. */
#define HEADER(xid, version, procedure) \
    xid "\0\0\0\0\0\0\0\2\0\0\0\144\0\0\0" version "\0\0\0" procedure "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

/* A carrier in memory: sent bytes come back, or are lost. */
typedef struct loop {
    uint8_t bytes[256];
    size_t length;
    uint64_t now;
    int32_t failure;
    unsigned sent;
    int lossy;
} loop;
oncilla_io loop_io(loop *self);
int32_t loop_send(void *context, const uint8_t *from, size_t size, uint64_t deadline);

/* The checks. */
void check_xdr(void);
void check_tables(void);
void check_links(void);
void check_lines(void);
void check_flight(void);
void check_memory(void);
void check_busy(void);
void check_nested(void);

#endif
