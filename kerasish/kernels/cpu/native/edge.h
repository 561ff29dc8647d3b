/* Parts of vectors: for the edges of matrices whose sizes are no multiples of LANES. */
#ifndef KERASISH_EDGE_H
#define KERASISH_EDGE_H

#include "vector.h"

#include <string.h>

/* Copies count < LANES floats, in pieces of sizes known to the compiler: no call, nothing read or
   written beyond the end. */
static inline void copy_few(float *to, const float *from, long count)
{
#if LANES > 8
    if (count & 8) {
        memcpy(to, from, 8 * sizeof(float));
        to += 8, from += 8;
    }
#endif
#if LANES > 4
    if (count & 4) {
        memcpy(to, from, 4 * sizeof(float));
        to += 4, from += 4;
    }
#endif
    if (count & 2) {
        memcpy(to, from, 2 * sizeof(float));
        to += 2, from += 2;
    }
    if (count & 1)
        *to = *from;
}

/* The vector of the count < LANES floats at p, and zeros. */
static inline Vector load_first(const float *p, long count)
{
    float lanes[LANES] = {0};
    copy_few(lanes, p, count);
    return load(lanes);
}

/* Stores the first count < LANES floats of v. */
static inline void store_first(float *p, Vector v, long count)
{
    copy_few(p, (const float *)&v, count);
}

#endif
