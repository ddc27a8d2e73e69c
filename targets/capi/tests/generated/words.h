/* Values of constructs.x in words, as tests/interop/c/describe.c has them for the types of rpcgen. */
#ifndef WORDS_H
#define WORDS_H

#include "constructs.h"

extern char said[8001];

void say_nothing(void);
void say_numbers(const numbers *value);
void say_octets(const octets *value);
void say_arrays(const arrays *value);
void say_shape(const shape *value);
void say_maybe(const maybe *value);
void say_list(const node_list *value);
void say_unions(const unions *value);
void say_mixed(const mixed *value);
void say_word(const word *value);
void say_piece(const piece *value);
void say_bulk(const bulk *value);
/* The user of an AUTH_SYS credential; nothing without one. */
void say_user(const oncilla_request *request);

#endif
