/* What the C server and the C client share. */
#ifndef PEER_H
#define PEER_H

#include "constructs.h"

/*
 * Values in words, one after another in one text. Floating point numbers are told by their bits, so that no two of
 * them look alike.
 */
extern char said[8000];

void say_nothing(void);
void say_int(long long value);
void say_word(word value);
void say_piece(const piece *value);
void say_bulk(const bulk *value);
void say_numbers(const numbers *value);
void say_octets(const octets *value);
void say_arrays(const arrays *value);
void say_shape(const shape *value);
void say_maybe(maybe value);
void say_list(list value);
void say_unions(const unions *value);
void say_mixed(const mixed *value);
void say_user(const struct authunix_parms *value);

/* Edge values of every construct, each described in samples.rs as well. The numbers say how many there are. */
extern const numbers numbers_samples[];
extern const octets octets_samples[];
extern const arrays arrays_samples[];
extern const shape shape_samples[];
extern const maybe maybe_samples[];
extern const list list_samples[];
extern const unions unions_samples[];
extern const mixed mixed_samples[];
extern const word word_samples[];
extern const piece piece_samples[];
extern const bulk bulk_samples[];
extern const int numbers_count, octets_count, arrays_count, shape_count, maybe_count, list_count, unions_count,
    mixed_count, word_count, piece_count, bulk_count;

#endif
