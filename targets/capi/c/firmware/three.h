/* The interface of this firmware and of the programs that `cargo xtask size` measures: null, add and echo. */
#ifndef THREE_H
#define THREE_H

#include <oncilla.h>

#define THREE_PROGRAM 0x20000042u
#define THREE_VERSION 1u
#define THREE_ADD 1u  /* int add(int, int) = 1; the sum wraps around */
#define THREE_ECHO 2u /* opaque echo<64>(opaque<64>) = 2; */
#define ECHO_MAX 64u

#define THREE_RESULTS_MAX (4u + ECHO_MAX)
#define THREE_CALL_MAX ONCILLA_CALL_MAX(4u + ECHO_MAX)
#define THREE_REPLY_MAX ONCILLA_REPLY_MAX(THREE_RESULTS_MAX)

/* Both procedures. */
extern const oncilla_program three_programs[1];

/* The table with both procedures, which use no context. */
extern const oncilla_table three;

#endif
