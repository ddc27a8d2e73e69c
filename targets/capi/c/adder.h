/* The interface of the examples: one program with one procedure. */
#ifndef ADDER_H
#define ADDER_H

#define ADDER_PROGRAM 0x20000055u
#define ADDER_VERSION 1u

/* int add(int a, int b) = 1; the sum wraps around. */
#define ADDER_ADD 1u
#define ADDER_ADD_ARGUMENTS_MAX 8u
#define ADDER_ADD_RESULTS_MAX 4u

#define ADDER_CALL_MAX ONCILLA_CALL_MAX(ADDER_ADD_ARGUMENTS_MAX)
#define ADDER_REPLY_MAX ONCILLA_REPLY_MAX(ADDER_ADD_RESULTS_MAX)

#endif
