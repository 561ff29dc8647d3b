/* Transposes square blocks of floats in registers. */
#ifndef KERASISH_COPY_TRANSPOSE_H
#define KERASISH_COPY_TRANSPOSE_H

#include "vector.h"

/* a0 b0 a1 b1 ... of the lower halves, and of the upper halves. */
#if LANES == 16
#define INTERLEAVE_LOWER 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define INTERLEAVE_UPPER 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#elif LANES == 8
#define INTERLEAVE_LOWER 0, 8, 1, 9, 2, 10, 3, 11
#define INTERLEAVE_UPPER 4, 12, 5, 13, 6, 14, 7, 15
#else
#define INTERLEAVE_LOWER 0, 4, 1, 5
#define INTERLEAVE_UPPER 2, 6, 3, 7
#endif

/* Changes rows and columns of a block that lies in `rows`. Interleaving row i with row
   i + LANES / 2 moves the uppermost bit of the row number below the bits of the column number: after
   as many rounds as a row number has bits, rows and columns have changed places. */
static inline __attribute__((always_inline)) void transpose_vectors(Vector rows[LANES])
{
    Vector mixed[LANES];
#pragma GCC unroll 4
    for (int bit = 1; bit < LANES; bit *= 2) {
#pragma GCC unroll 8
        for (int i = 0; i < LANES / 2; i++) {
            Vector a = rows[i], b = rows[i + LANES / 2];
            mixed[2 * i] = __builtin_shufflevector(a, b, INTERLEAVE_LOWER);
            mixed[2 * i + 1] = __builtin_shufflevector(a, b, INTERLEAVE_UPPER);
        }
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++)
            rows[i] = mixed[i];
    }
}

/* result[j][i] = source[i][j] for i, j < LANES; rows of the source start `source_step` apart, those
   of the result `result_step`. */
static inline void transpose_block(const float *source, long source_step, float *result,
                                   long result_step)
{
    Vector rows[LANES];
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        rows[i] = load(source + i * source_step);
    transpose_vectors(rows);
#pragma GCC unroll 16
    for (int i = 0; i < LANES; i++)
        store(result + i * result_step, rows[i]);
}

#endif
