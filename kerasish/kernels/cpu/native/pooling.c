/* Largest element and mean of windows. */
#include "pooling.h"

#include "threads.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* ---- rows of the result ---- */

typedef struct {
    RowTask task;
    const void *context;
    long rows, parts;
} Split;

static void split_task(void *context, long index)
{
    const Split *split = context;
    split->task(split->context, part_start(split->rows, split->parts, index),
                part_start(split->rows, split->parts, index + 1));
}

void for_rows(long rows, long floats, RowTask task, const void *context)
{
    enum { TASK_FLOATS = 32 * 1024 };
    const long parts = blocks_of(rows * floats, TASK_FLOATS);
    Split split = {task, context, rows, parts < rows ? parts : rows};
    parallel_for(split.parts, split_task, &split);
}

/* ---- one window ---- */

typedef enum { LARGEST, MEAN } Kind;

/* The window of one pixel of the result: x is its first real element, and it has so many planes,
   rows and columns. */
typedef struct {
    const float *x;
    long planes, rows, columns;
    long plane_step, row_step, column_step;
} Window;

ALWAYS_INLINE Vector vector_of(const Kind kind, const Window *w, long c)
{
    Vector result = splat(0);
    if (kind == LARGEST)
        result = load(w->x + c);
    for (long d = 0; d < w->planes; d++)
        for (long h = 0; h < w->rows; h++) {
            const float *row = w->x + d * w->plane_step + h * w->row_step + c;
            for (long k = 0; k < w->columns; k++) {
                Vector next = load(row + k * w->column_step);
                if (kind == LARGEST)
                    result = larger(result, next);
                else
                    result += next;
            }
        }
    if (kind == MEAN)
        result /= (float)(w->planes * w->rows * w->columns);
    return result;
}

ALWAYS_INLINE float element_of(const Kind kind, const Window *w, long c)
{
    float result = kind == LARGEST ? w->x[c] : 0;
    for (long d = 0; d < w->planes; d++)
        for (long h = 0; h < w->rows; h++) {
            const float *row = w->x + d * w->plane_step + h * w->row_step + c;
            for (long k = 0; k < w->columns; k++) {
                float next = row[k * w->column_step];
                if (kind == MEAN)
                    result += next;
                else if (!(next <= result) && result == result)
                    result = next; /* larger, or NaN */
            }
        }
    if (kind == MEAN)
        result /= (float)(w->planes * w->rows * w->columns);
    return result;
}

ALWAYS_INLINE void pool_window(const Kind kind, const Window *w, long channels, float *y)
{
    long c = 0;
    for (; c + LANES <= channels; c += LANES)
        store(y + c, vector_of(kind, w, c));
    if (c < channels && channels >= LANES) /* the last vector overlaps the one before */
        store(y + channels - LANES, vector_of(kind, w, channels - LANES));
    else
        for (; c < channels; c++)
            y[c] = element_of(kind, w, c);
}

/* ---- rows of windows ---- */

typedef struct {
    Pool pool;
    const float *x;
    float *y;
} Call;

ALWAYS_INLINE void pool_rows(const Kind kind, const Call *call, long first, long last)
{
    const Pool *p = &call->pool;
    const long step = p->channels, row_step = p->size[2] * step;
    float *y = call->y + first * p->results[2] * step;
    for (long row = first; row < last; row++) {
        const RowPlace at = row_place(p->results, row);
        const Span depth = span_of(p, 0, at.depth), height = span_of(p, 1, at.height);
        const float *x = call->x + pixel(p->size, step, at.image, depth.first, height.first, 0);
        for (long i = 0; i < p->results[2]; i++, y += step) {
            const Span width = span_of(p, 2, i);
            Window w = {x + width.first * step, length(depth), length(height), length(width),
                        p->size[1] * row_step, row_step, step};
            if (w.planes == 1 && w.rows == 2 && w.columns == 2) { /* loops that are unrolled */
                w.planes = 1, w.rows = 2, w.columns = 2;
                pool_window(kind, &w, step, y);
            } else {
                pool_window(kind, &w, step, y);
            }
        }
    }
}

static void largest_rows(const void *context, long first, long last)
{
    pool_rows(LARGEST, context, first, last);
}

static void mean_rows(const void *context, long first, long last)
{
    pool_rows(MEAN, context, first, last);
}

static int pool(const Record *r, void *const *table, RowTask task)
{
    enum { X, Y };
    Call call = {pool_of(r), value_at(r, table, X), value_at(r, table, Y)};
    const Pool *p = &call.pool;
    for_rows(p->batch * p->results[0] * p->results[1],
             p->results[2] * p->channels * p->window[0] * p->window[1] * p->window[2], task, &call);
    return 0;
}

/* integer: a Pool. value: x (batch, *size, channels), y (batch, *results, channels). NaN comes out
   wherever the window has one. */
EXPORT int max_pool(const Record *r, void *const *table) { return pool(r, table, largest_rows); }

/* As max_pool; padding does not count. */
EXPORT int average_pool(const Record *r, void *const *table) { return pool(r, table, mean_rows); }
