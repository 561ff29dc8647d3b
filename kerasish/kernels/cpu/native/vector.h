/* Vectors of floats as wide as the instruction set that this file is compiled for. */
#ifndef KERASISH_VECTOR_H
#define KERASISH_VECTOR_H

#include <stdint.h>

#if defined(__AVX512F__)
#define LANES 16
#elif defined(__AVX2__)
#define LANES 8
#else
#define LANES 4
#endif

typedef float Vector __attribute__((vector_size(4 * LANES), may_alias));
typedef int32_t Lanes __attribute__((vector_size(4 * LANES), may_alias)); /* masks: 0 or -1 */
typedef float UnalignedVector __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t UnalignedLanes __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

static inline Vector load(const float *p) { return *(const UnalignedVector *)p; }
static inline void store(float *p, Vector v) { *(UnalignedVector *)p = v; }
/* Minus 0, since x - 0 is x for every x and costs nothing; 0 + x differs for -0, and is computed. */
static inline Vector splat(float x) { return x - (Vector){0}; }
static inline Vector choose(Lanes mask, Vector yes, Vector no)
{
    return (Vector)((mask & (Lanes)yes) | (~mask & (Lanes)no));
}

/* Larger and smaller of each pair; b where one is NaN. */
static inline Vector larger_or_second(Vector a, Vector b) { return choose(a > b, a, b); }
static inline Vector smaller_or_second(Vector a, Vector b) { return choose(a < b, a, b); }

/* Larger and smaller of each pair; NaN where either is NaN, as NumPy's maximum and minimum. */
static inline Vector larger(Vector a, Vector b) { return choose((a > b) | (a != a), a, b); }
static inline Vector smaller(Vector a, Vector b) { return choose((a < b) | (a != a), a, b); }

#endif
