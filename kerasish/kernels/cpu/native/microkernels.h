/* The innermost loops of products and convolutions: blocks of sums that stay in registers.

   A kernel adds up a block of `height` rows of `width` vectors, and then writes its first `columns`
   columns to `c`, whose rows start `c_stride` apart; (width - 1) * LANES < columns <= width * LANES.
   With `accumulate` the sums begin with what lies there. Nothing is written or read of `c` beyond
   `columns`, while `b` is always read in whole vectors: pack its edge into a panel (pack.h).
   Every element is one sum in the order of k (of t, then k; of r, then n): it does not depend on the
   height and width of the block that it falls into. */
#ifndef KERASISH_MICROKERNELS_H
#define KERASISH_MICROKERNELS_H

#include "vector.h"

#define HIDDEN __attribute__((visibility("hidden")))

/* Blocks are 1, 2 or 4 vectors wide and at most so high: the sums, a row of b and an element of a
   fill the registers (32 of AVX-512, 16 of the others). Width 2 is the fastest. */
#if LANES == 16
#define GREATEST_HEIGHT_1 16
#define GREATEST_HEIGHT_2 14
#define GREATEST_HEIGHT_4 6
#else
#define GREATEST_HEIGHT_1 12
#define GREATEST_HEIGHT_2 6
#define GREATEST_HEIGHT_4 2
#endif
#define GREATEST_HEIGHT 16
#define GREATEST_WIDTH 4

/* c[p, :] (+)= sum over t, k of a[p * a_stride + offsets[t] + k] * b[(t * depth + k) * b_stride + :]
   for t < taps, k < depth: rows of a matrix, or pixels of an image and the taps of a filter. */
typedef void (*RowKernel)(const float *a, long a_stride, const long *offsets, long taps, long depth,
                          const float *b, long b_stride, float *c, long c_stride, long columns,
                          int accumulate);

/* c[p, :] (+)= sum over r, n of a[r * a_run + n * a_stride + p] * b[r * b_run + n * b_stride + :]
   for r < runs, n < count: the columns of a matrix, a packed panel of it, or the gradient of the
   weights of a convolution, where a run is a row of the image. */
typedef void (*ColumnKernel)(const float *a, long a_stride, long a_run, const float *b,
                             long b_stride, long b_run, long count, long runs, float *c,
                             long c_stride, long columns, int accumulate);

/* By [width][height]; NULL where there is none. */
extern HIDDEN const RowKernel row_kernels[GREATEST_WIDTH + 1][GREATEST_HEIGHT + 1];
extern HIDDEN const ColumnKernel column_kernels[GREATEST_WIDTH + 1][GREATEST_HEIGHT + 1];

/* The greatest height of blocks of a width. */
static inline long greatest_height(long width)
{
    return width == 1 ? GREATEST_HEIGHT_1 : width == 2 ? GREATEST_HEIGHT_2 : GREATEST_HEIGHT_4;
}

/* `size` in `parts` nearly equal parts: where part `index` begins. With parts = blocks_of(rows,
   greatest_height(width)) the parts are the best heights of blocks. */
static inline long part_start(long size, long parts, long index) { return size * index / parts; }
static inline long blocks_of(long size, long greatest) { return (size + greatest - 1) / greatest; }

#endif
