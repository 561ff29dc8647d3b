/* Geometry of pooling: windows over up to three spatial axes of (batch, depth, height, width,
   channels). */
#ifndef KERASISH_POOLING_H
#define KERASISH_POOLING_H

#include "microkernels.h"
#include "record.h"

enum { AXES = 3 };

/* The same order as record->integer of all pooling kernels (pooling.py). Axes that the array lacks
   come first, with sizes, windows and strides of 1. */
typedef struct {
    int64_t batch, channels;
    int64_t size[AXES], results[AXES];             /* of the input and the output */
    int64_t window[AXES], stride[AXES];
    int64_t before[AXES];                          /* padding; that after the axis is not needed */
} Pool;

static inline Pool pool_of(const Record *record)
{
    Pool pool;
    __builtin_memcpy(&pool, record->integer, sizeof pool);
    return pool;
}

/* The real elements [first, last) of a window along an axis. */
typedef struct {
    long first, last;
} Span;

static inline Span span_of(const Pool *p, int axis, long index)
{
    long first = index * p->stride[axis] - p->before[axis], last = first + p->window[axis];
    return (Span){first > 0 ? first : 0, last < p->size[axis] ? last : p->size[axis]};
}

static inline long length(Span span) { return span.last - span.first; }

/* ---- rows of pixels ---- */

/* A row of pixels of the result: its place along batch, depth and height. */
typedef struct {
    long image, depth, height;
} RowPlace;

static inline RowPlace row_place(const int64_t *sizes, long row)
{
    return (RowPlace){row / (sizes[0] * sizes[1]), row / sizes[1] % sizes[0], row % sizes[1]};
}

/* Where a pixel starts in an array with these spatial sizes. */
static inline long pixel(const int64_t *sizes, long channels, long image, long d, long h, long w)
{
    return (((image * sizes[0] + d) * sizes[1] + h) * sizes[2] + w) * channels;
}

/* Runs task(context, first, last) on parts of [0, rows), of `floats` elements each row. */
typedef void (*RowTask)(const void *context, long first, long last);
HIDDEN void for_rows(long rows, long floats, RowTask task, const void *context);

#endif
