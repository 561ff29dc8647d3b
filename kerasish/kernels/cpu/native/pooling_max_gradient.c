/* The derivative of max pooling, which goes to the first largest element of each window, and its
   own derivative. What is not finite spreads as in the plain operation, which multiplies by 0. */
#include "pooling.h"

#include <string.h>

#include "threads.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* value: of both kernels. `cotangent` is that of the result y for max_pool_scatter, and something
   like x for max_pool_gather. */
enum { COTANGENT, X, Y, GRADIENT };

typedef struct {
    Pool pool;
    const float *cotangent, *x, *y;
    float *gradient;
    long plane_step, row_step, column_step; /* in x */
    long parts;                             /* tasks that share the channels of an image */
    int is_tiled;                           /* no element belongs to two windows, or to a gap */
} Call;

static Call call_of(const Record *r, void *const *table)
{
    Call call = {.pool = pool_of(r)};
    call.cotangent = value_at(r, table, COTANGENT);
    call.x = value_at(r, table, X);
    call.y = value_at(r, table, Y);
    call.gradient = value_at(r, table, GRADIENT);
    call.column_step = call.pool.channels;
    call.row_step = call.pool.size[2] * call.column_step;
    call.plane_step = call.pool.size[1] * call.row_step;
    return call;
}

/* A window: where its first real element lies in x, its pixel in y, and its size. */
typedef struct {
    long at, result;
    long planes, rows, columns;
    int begins_in_padding;
} Window;

ALWAYS_INLINE Window window_of(const Call *call, RowPlace place, long i)
{
    const Pool *p = &call->pool;
    const Span depth = span_of(p, 0, place.depth), height = span_of(p, 1, place.height);
    const Span width = span_of(p, 2, i);
    return (Window){
        pixel(p->size, p->channels, place.image, depth.first, height.first, width.first),
        pixel(p->results, p->channels, place.image, place.depth, place.height, i),
        length(depth), length(height), length(width),
        place.depth * p->stride[0] < p->before[0] || place.height * p->stride[1] < p->before[1] ||
            i * p->stride[2] < p->before[2],
    };
}

/* For all elements of a window, in row-major order; `place` is where one lies in x. */
#define EACH_ELEMENT(place)                                                                        \
    for (long d = 0; d < w->planes; d++)                                                           \
        for (long h = 0; h < w->rows; h++)                                                         \
            for (long k = 0, place = w->at + d * call->plane_step + h * call->row_step;            \
                 k < w->columns; k++, place += call->column_step)

/* Whether the largest element may be one of x: where a window begins in the padding, -infinity is
   found there first. */
ALWAYS_INLINE Lanes free_lanes(const Window *w, Vector largest)
{
    return w->begins_in_padding ? largest != -__builtin_inff() : largest == largest;
}

static inline int is_free_element(const Window *w, float largest)
{
    return !w->begins_in_padding || largest != -__builtin_inff();
}

/* ---- scatter ---- */

/* Channel c and those after it in a vector. */
ALWAYS_INLINE void scatter_vector(const Call *call, const Window *w, long c, const int accumulate)
{
    const Vector largest = load(call->y + w->result + c);
    const Vector cotangent = load(call->cotangent + w->result + c), ones = splat(1);
    Lanes is_free = free_lanes(w, largest);
    EACH_ELEMENT(at) {
        Lanes here = (load(call->x + at + c) == largest) & is_free;
        is_free &= ~here;
        Vector share = cotangent * (Vector)(here & (Lanes)ones);
        float *to = call->gradient + at + c;
        if (accumulate)
            share += load(to);
        store(to, share);
    }
}

static void scatter_element(const Call *call, const Window *w, long c, int accumulate)
{
    const float largest = call->y[w->result + c], cotangent = call->cotangent[w->result + c];
    int is_free = is_free_element(w, largest);
    EACH_ELEMENT(at) {
        const int here = is_free && call->x[at + c] == largest;
        is_free &= !here;
        float *to = call->gradient + at + c;
        *to = (accumulate ? *to : 0) + cotangent * (float)here;
    }
}

/* The channels [from, to). */
ALWAYS_INLINE void scatter_window(const Call *call, const Window *w, long from, long to,
                                  const int accumulate)
{
    long c = from;
    for (; c + LANES <= to; c += LANES)
        scatter_vector(call, w, c, accumulate);
    for (; c < to; c++)
        scatter_element(call, w, c, accumulate);
}

/* The channels [from, to) of the pixels from `column` on, in rows of planes of an image. */
static void clear(const Call *call, long image, Span planes, Span rows, long column, long from,
                  long to)
{
    const Pool *p = &call->pool;
    for (long d = planes.first; d < planes.last; d++)
        for (long h = rows.first; h < rows.last; h++) {
            float *row = call->gradient + pixel(p->size, p->channels, image, d, h, 0);
            if (to - from == p->channels)
                memset(row + column * to, 0, (p->size[2] - column) * to * sizeof(float));
            else
                for (long i = column; i < p->size[2]; i++)
                    memset(row + i * p->channels + from, 0, (to - from) * sizeof(float));
        }
}

/* One row of windows. */
static void scatter_row(const Call *call, RowPlace place, long from, long to)
{
    for (long i = 0; i < call->pool.results[2]; i++) {
        Window w = window_of(call, place, i);
        if (!call->is_tiled) {
            scatter_window(call, &w, from, to, 1);
        } else if (w.planes == 1 && w.rows == 2 && w.columns == 2) { /* loops that are unrolled */
            w.planes = 1, w.rows = 2, w.columns = 2;
            scatter_window(call, &w, from, to, 0);
        } else {
            scatter_window(call, &w, from, to, 0);
        }
    }
}

/* Some channels of one image. What no window covers becomes 0, and so does what several windows
   cover, just before the first of them. */
static void scatter_task(void *context, long index)
{
    const Call *call = context;
    const Pool *p = &call->pool;
    const long image = index / call->parts, part = index % call->parts;
    const long vectors = blocks_of(p->channels, LANES);
    const long from = part_start(vectors, call->parts, part) * LANES;
    const long end = part_start(vectors, call->parts, part + 1) * LANES;
    const long to = end < p->channels ? end : p->channels;
    const long covered = span_of(p, 2, p->results[2] - 1).last;
    long planes_done = 0;
    for (long d = 0; d < p->results[0]; d++) {
        const Span new_planes = {planes_done, span_of(p, 0, d).last};
        long rows_done = 0;
        for (long h = 0; h < p->results[1]; h++) {
            const Span new_rows = {rows_done, span_of(p, 1, h).last};
            clear(call, image, new_planes, new_rows, call->is_tiled ? covered : 0, from, to);
            scatter_row(call, (RowPlace){image, d, h}, from, to);
            rows_done = new_rows.last;
        }
        clear(call, image, new_planes, (Span){rows_done, p->size[1]}, 0, from, to);
        planes_done = new_planes.last;
    }
    clear(call, image, (Span){planes_done, p->size[0]}, (Span){0, p->size[1]}, 0, from, to);
}

/* integer: a Pool. value: the cotangent of y, x (batch, *size, channels), y (batch, *results,
   channels), gradient (as x). */
EXPORT int max_pool_scatter(const Record *r, void *const *table)
{
    Call call = call_of(r, table);
    const Pool *p = &call.pool;
    const long tasks = 4 * thread_count(), vectors = blocks_of(p->channels, LANES);
    if (!p->batch || !p->channels || !p->results[0] || !p->results[1] || !p->results[2])
        return 0;
    call.is_tiled = 1;
    for (int axis = 0; axis < AXES; axis++)
        call.is_tiled &= p->window[axis] == p->stride[axis];
    call.parts = blocks_of(tasks, p->batch);
    if (call.parts > vectors)
        call.parts = vectors;
    parallel_for(p->batch * call.parts, scatter_task, &call);
    return 0;
}

/* ---- gather ---- */

ALWAYS_INLINE void gather_vector(const Call *call, const Window *w, long c)
{
    const Vector largest = load(call->y + w->result + c), ones = splat(1);
    Lanes is_free = free_lanes(w, largest);
    Vector sum = splat(0);
    EACH_ELEMENT(at) {
        Lanes here = (load(call->x + at + c) == largest) & is_free;
        is_free &= ~here;
        sum += load(call->cotangent + at + c) * (Vector)(here & (Lanes)ones);
    }
    store(call->gradient + w->result + c, sum);
}

static void gather_element(const Call *call, const Window *w, long c)
{
    const float largest = call->y[w->result + c];
    int is_free = is_free_element(w, largest);
    float sum = 0;
    EACH_ELEMENT(at) {
        const int here = is_free && call->x[at + c] == largest;
        is_free &= !here;
        sum += call->cotangent[at + c] * (float)here;
    }
    call->gradient[w->result + c] = sum;
}

static void gather_rows(const void *context, long first, long last)
{
    const Call *call = context;
    const Pool *p = &call->pool;
    for (long row = first; row < last; row++)
        for (long i = 0; i < p->results[2]; i++) {
            const Window w = window_of(call, row_place(p->results, row), i);
            long c = 0;
            for (; c + LANES <= p->channels; c += LANES)
                gather_vector(call, &w, c);
            for (; c < p->channels; c++)
                gather_element(call, &w, c);
        }
}

/* As max_pool_scatter, but the first value is something like x, and the result is like y: its
   elements at the places of the largest of x. */
EXPORT int max_pool_gather(const Record *r, void *const *table)
{
    const Call call = call_of(r, table);
    const Pool *p = &call.pool;
    for_rows(p->batch * p->results[0] * p->results[1],
             p->results[2] * p->channels * p->window[0] * p->window[1] * p->window[2], gather_rows,
             &call);
    return 0;
}
