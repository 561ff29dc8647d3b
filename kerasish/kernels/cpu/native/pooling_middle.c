/* Sum or mean over a middle axis: global average pooling, and the like. */
#include "microkernels.h"
#include "record.h"
#include "threads.h"

enum { OUTER, MIDDLE, INNER, IS_MEAN }; /* integers */
enum { X, RESULT };                     /* values */

enum {
    CHAINS = 4,          /* sums side by side, of every CHAINS-th row, which are then added up */
    TASK_FLOATS = 16384, /* elements that are worth a task */
    COLUMNS = 4 * LANES  /* that a task takes at a time: some cache lines of each row */
};

typedef struct {
    const float *x;
    float *result;
    long outer, middle, inner, blocks, parts;
    float divisor;
} Call;

#define DEFINE_SUM(NAME, Type, read)                                                               \
    static inline Type NAME(const float *x, long rows, long stride)                                \
    {                                                                                              \
        Type sum[CHAINS] = {0};                                                                   \
        for (int i = 0; i < CHAINS; i++)                                                           \
            sum[i] = (Type){0};                                                                    \
        long row = 0;                                                                              \
        for (; row + CHAINS <= rows; row += CHAINS)                                                \
            for (int i = 0; i < CHAINS; i++)                                                       \
                sum[i] += read(x + (row + i) * stride);                                            \
        for (; row < rows; row++)                                                                  \
            sum[0] += read(x + row * stride);                                                      \
        return (sum[0] + sum[1]) + (sum[2] + sum[3]);                                              \
    }
static inline float load_one(const float *p) { return *p; }
DEFINE_SUM(sum_of_vectors, Vector, load)
DEFINE_SUM(sum_of_elements, float, load_one)

/* Some columns of one matrix (middle, inner). */
static void sum_columns(const Call *call, long matrix, long from, long to)
{
    const float *x = call->x + matrix * call->middle * call->inner;
    float *result = call->result + matrix * call->inner;
    long c = from;
    for (; c + LANES <= to; c += LANES)
        store(result + c, sum_of_vectors(x + c, call->middle, call->inner) / call->divisor);
    for (; c < to; c++)
        result[c] = sum_of_elements(x + c, call->middle, call->inner) / call->divisor;
}

static void task(void *context, long index)
{
    const Call *call = context;
    const long pieces = call->outer * call->blocks;
    const long last = part_start(pieces, call->parts, index + 1);
    for (long piece = part_start(pieces, call->parts, index); piece < last; piece++) {
        const long from = piece % call->blocks * COLUMNS, to = from + COLUMNS;
        sum_columns(call, piece / call->blocks, from, to < call->inner ? to : call->inner);
    }
}

/* integer: outer, middle, inner, is_mean.
   value: x (outer, middle, inner), result (outer, inner). */
EXPORT int middle_reduction(const Record *r, void *const *table)
{
    Call call = {
        .x = value_at(r, table, X), .result = value_at(r, table, RESULT),
        .outer = r->integer[OUTER], .middle = r->integer[MIDDLE], .inner = r->integer[INNER],
        .blocks = blocks_of(r->integer[INNER], COLUMNS),
        .divisor = r->integer[IS_MEAN] ? (float)r->integer[MIDDLE] : 1,
    };
    const long pieces = call.outer * call.blocks;
    const long wanted = blocks_of(call.outer * call.middle * call.inner, TASK_FLOATS);
    call.parts = wanted < 1 ? 1 : wanted < pieces ? wanted : pieces;
    parallel_for(call.parts, task, &call);
    return 0;
}
