/* The derivative of average pooling: every element gets its share of the windows that it is in. */
#include "pooling.h"
#include "threads.h"

/* For each element along an axis, the windows [first, last) that it is in; for each window, 1 / its
   number of real elements. */
typedef struct {
    Span *windows;
    float *share;
} Sharing;

typedef struct {
    Pool pool;
    Sharing axes[AXES];
    const float *cotangent;
    float *gradient;
} Call;

static Span windows_of(const Pool *p, int axis, long element)
{
    const long place = element + p->before[axis], stride = p->stride[axis];
    const long last = place / stride + 1;
    const long first = place < p->window[axis] ? 0 : (place - p->window[axis]) / stride + 1;
    return (Span){first, last < p->results[axis] ? last : p->results[axis]};
}

static void make_tables(Call *call)
{
    const Pool *p = &call->pool;
    size_t bytes = 0;
    for (int axis = 0; axis < AXES; axis++)
        bytes += p->size[axis] * sizeof(Span) + p->results[axis] * sizeof(float);
    Span *spans = thread_memory(MEMORY_CALL, bytes);
    float *shares = (float *)(spans + p->size[0] + p->size[1] + p->size[2]);
    for (int axis = 0; axis < AXES; axis++) {
        call->axes[axis] = (Sharing){spans, shares};
        for (long i = 0; i < p->size[axis]; i++)
            *spans++ = windows_of(p, axis, i);
        for (long i = 0; i < p->results[axis]; i++)
            *shares++ = 1.0f / (float)length(span_of(p, axis, i));
    }
}

/* A row of elements: their image, and the windows along depth and height that they are in. */
typedef struct {
    long image;
    Span depth, height;
} Row;

/* What the windows [columns) give to channel c of an element, and to those after it in a vector. */
#define DEFINE_SHARE(NAME, Type, read)                                                             \
    static inline Type NAME(const Call *call, const Row *row, Span columns, long c)                \
    {                                                                                              \
        const Pool *p = &call->pool;                                                               \
        Type sum = (Type){0};                                                                      \
        for (long d = row->depth.first; d < row->depth.last; d++)                                  \
            for (long h = row->height.first; h < row->height.last; h++) {                          \
                const long at = pixel(p->results, p->channels, row->image, d, h, columns.first);   \
                const float *g = call->cotangent + at + c;                                         \
                const float share = call->axes[0].share[d] * call->axes[1].share[h];               \
                for (long k = columns.first; k < columns.last; k++, g += p->channels)              \
                    sum += read(g) * (share * call->axes[2].share[k]);                             \
            }                                                                                      \
        return sum;                                                                                \
    }
static inline float load_one(const float *p) { return *p; }
DEFINE_SHARE(vector_share, Vector, load)
DEFINE_SHARE(element_share, float, load_one)

static void spread_rows(const void *context, long first, long last)
{
    const Call *call = context;
    const Pool *p = &call->pool;
    const long channels = p->channels;
    float *to = call->gradient + first * p->size[2] * channels;
    for (long i = first; i < last; i++) {
        const RowPlace place = row_place(p->size, i);
        const Row row = {place.image, call->axes[0].windows[place.depth],
                         call->axes[1].windows[place.height]};
        for (long k = 0; k < p->size[2]; k++, to += channels) {
            const Span columns = call->axes[2].windows[k];
            long c = 0;
            for (; c + LANES <= channels; c += LANES)
                store(to + c, vector_share(call, &row, columns, c));
            for (; c < channels; c++)
                to[c] = element_share(call, &row, columns, c);
        }
    }
}

/* integer: a Pool. value: the cotangent of y (batch, *results, channels), gradient (batch, *size,
   channels). */
EXPORT int average_pool_spread(const Record *r, void *const *table)
{
    enum { COTANGENT, GRADIENT };
    Call call = {.pool = pool_of(r), .cotangent = value_at(r, table, COTANGENT),
                 .gradient = value_at(r, table, GRADIENT)};
    const Pool *p = &call.pool;
    make_tables(&call);
    for_rows(p->batch * p->size[0] * p->size[1], p->size[2] * p->channels, spread_rows, &call);
    return 0;
}
