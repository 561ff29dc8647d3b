/* The counter-based random bits of core/rng.py: Philox4x64-10, many blocks at a time. */
#ifndef KERASISH_RANDOM_PHILOX_H
#define KERASISH_RANDOM_PHILOX_H

#include <stdint.h>

/* A stream of 32-bit numbers, named by a seed and the number of the draw. */
typedef struct {
    uint64_t seed, draw;
} Stream;

/* Numbers that one block of the generator gives. */
#define BLOCK_NUMBERS 8

/* Room that random_bits needs beyond the numbers asked for. */
#define BITS_MARGIN 256

/* The numbers [first, first + n) of a stream. `room` has space for n + BITS_MARGIN of them; the
   first one wanted is where the result points, inside of `room`. */
const uint32_t *random_bits(const Stream *stream, long first, long n, uint32_t *room);

#endif
