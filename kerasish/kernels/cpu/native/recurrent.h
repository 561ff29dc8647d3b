/* What the recurrent kernels share: packed weights, their product with a block of states, and the
   gradient of the weights. */
#ifndef KERASISH_RECURRENT_H
#define KERASISH_RECURRENT_H

#include "edge.h"
#include "pack.h"

static inline long round_up(long n, long step) { return (n + step - 1) / step * step; }
static inline long least(long a, long b) { return a < b ? a : b; }

/* The first `count` <= LANES floats at p, and zeros. */
static inline Vector load_some(const float *p, long count)
{
    return count == LANES ? load(p) : load_first(p, count);
}

static inline void store_some(float *p, Vector v, long count)
{
    if (count == LANES)
        store(p, v);
    else
        store_first(p, v, count);
}

/* Brings the cache line at p closer: the rows of a batch are too many streams for the processor to
   foresee. */
static inline void fetch(const float *p) { __builtin_prefetch(p); }
static inline void fetch_to_write(const float *p) { __builtin_prefetch(p, 1); }

/* ---- what a task keeps of its rows of the batch ---- */

/* Row r starts at data + r * stride, and has room for whole vectors. */
typedef struct {
    float *data;
    long stride;
} StateRows;

static inline float *row_of(StateRows rows, long row) { return rows.data + row * rows.stride; }

static inline void swap(StateRows *a, StateRows *b)
{
    const StateRows kept = *a;
    *a = *b;
    *b = kept;
}

/* Divides the memory of the task among `parts`, `count` of them, for rows of these widths. */
HIDDEN void lay_out(StateRows *const *parts, const long *widths, int count, long rows);

/* Copies the rows [first, first + count) of a matrix with `width` columns into the memory of a task,
   or zeros if it is NULL; and back, unless it is NULL. */
HIDDEN void set_rows(StateRows rows, const float *matrix, long first, long count, long width);
HIDDEN void get_rows(StateRows rows, float *matrix, long first, long count, long width);

/* ---- weights ---- */

/* A matrix with `gates` blocks of `units` columns. Groups of PANEL units are packed one after the
   other, and in a group one panel for each gate. */
typedef struct {
    const float *matrix;
    long row_step, column_step; /* in elements; a transpose swaps them */
    long depth;                 /* rows */
    long units, gates;
    float *panels; /* packed_size() floats */
} Weights;

HIDDEN long packed_size(const Weights *weights);
HIDDEN void pack_weights(const Weights *weights);
static inline long groups_of(const Weights *weights) { return blocks_of(weights->units, PANEL); }

/* states[rows][depth] @ the columns of a group: the product of gate g in the columns g * PANEL and
   following of `result`, as many as the group has units, rounded up to LANES. */
HIDDEN void multiply_states(const Weights *weights, long group, StateRows states, long rows, StateRows result,
                            int accumulate);

/* The same for all groups of a matrix with one gate. */
static inline void multiply_all(const Weights *weights, StateRows states, long rows,
                                StateRows result, int accumulate)
{
    for (long group = 0; group < groups_of(weights); group++, result.data += PANEL)
        multiply_states(weights, group, states, rows, result, accumulate);
}

/* ---- splitting the batch ---- */

/* Into how many tasks the rows of a batch are split; each row is computed in the same way in any
   split. `work` is the number of multiplications of one row. */
HIDDEN long split_batch(long batch, long work);

/* ---- gradient of the weights ---- */

/* result[units][columns] = sum over batch and time of the outer products of left[b, t] (units) and
   right[b, t] (columns). If `shifted`, the left factor is left[b, t - 1], and at t = 0 initial[b],
   or zeros where `initial` is NULL. Steps of `right` and rows of `result` have a stride. */
typedef struct {
    const float *left, *initial;
    int shifted;
    const float *right;
    long right_stride;
    long batch, steps, units, columns;
    float *result; /* NULL: nothing to do */
    long result_stride;
} WeightGradient;

HIDDEN void weight_gradient(const WeightGradient *gradient);

/* result[columns] = sum of rows that have a stride, first of each row of the batch. */
HIDDEN void sum_steps(const float *rows, long stride, long batch, long steps, long columns,
                      float *result);

#endif
