/* The simple recurrent network over time, forward and backward: h = tanh(z + h @ kernel). Each task
   runs all steps of some rows of the batch. */
#include "record.h"
#include "recurrent.h"
#include "threads.h"
#include "vector_math.h"

enum { BATCH, STEPS, UNITS }; /* integers of both kernels */

/* ---- forward ---- */

typedef struct {
    long batch, steps, units, tasks;
    const float *z, *h0;
    const uint8_t *mask;
    float *hs, *h;
    Weights weights;
} Forward;

/* What a task keeps of its rows: h before and after a step. */
typedef struct {
    long first, rows;
    StateRows before, after;
} Block;

static inline void forward_cell(const Forward *f, const Block *b, long row, long step, long unit)
{
    const long place = (b->first + row) * f->steps + step, at = place * f->units + unit;
    const long count = least(LANES, f->units - unit);
    float *state = row_of(b->after, row) + unit;
    Vector h = vector_tanh(load(state) + load_some(f->z + at, count));
    if (f->mask && !f->mask[place])
        h = load(row_of(b->before, row) + unit);
    store(state, h);
    if (f->hs)
        store_some(f->hs + at, h, count);
    if (step + 1 < f->steps)
        fetch(f->z + at + f->units);
}

static void forward_task(void *context, long index)
{
    const Forward *f = context;
    Block b = {.first = part_start(f->batch, f->tasks, index)};
    b.rows = part_start(f->batch, f->tasks, index + 1) - b.first;
    lay_out((StateRows *[]){&b.before, &b.after}, (long[]){f->units, f->units}, 2, b.rows);
    set_rows(b.before, f->h0, b.first, b.rows, f->units);
    for (long t = 0; t < f->steps; t++) {
        multiply_all(&f->weights, b.before, b.rows, b.after, 0);
        for (long row = 0; row < b.rows; row++)
            for (long unit = 0; unit < f->units; unit += LANES)
                forward_cell(f, &b, row, t, unit);
        swap(&b.before, &b.after);
    }
    get_rows(b.before, f->h, b.first, b.rows, f->units);
}

/* integer: batch, steps, units. value: z (batch, steps, units), kernel (units, units), h0 (batch,
   units) or none, mask (batch, steps; bytes) or none; results, each of which may be missing: hs (as
   z), h (batch, units). */
EXPORT int rnn_forward(const Record *r, void *const *table)
{
    enum { Z, KERNEL, H0, MASK, HS, H };
    const long batch = r->integer[BATCH], steps = r->integer[STEPS], units = r->integer[UNITS];
    Forward f = {
        .batch = batch, .steps = steps, .units = units,
        .tasks = split_batch(batch, steps * units * units),
        .z = value_at(r, table, Z), .h0 = value_at(r, table, H0), .mask = value_at(r, table, MASK),
        .hs = value_at(r, table, HS), .h = value_at(r, table, H),
        .weights = {value_at(r, table, KERNEL), units, 1, units, units, 1, NULL},
    };
    f.weights.panels = thread_memory(MEMORY_CALL, packed_size(&f.weights) * sizeof(float));
    pack_weights(&f.weights);
    parallel_for(f.tasks, forward_task, &f);
    return 0;
}

/* ---- backward ---- */

typedef struct {
    long batch, steps, units, tasks;
    const float *g_hs, *g_h, *hs;
    const uint8_t *mask;
    float *dz, *dh;
    Weights weights; /* transposed */
} Backward;

/* Derivatives by the states of the rows of a task, and by the z of one step. */
typedef struct {
    long first, rows;
    StateRows dh, dz;
} BackwardBlock;

/* What a masked step hands on stays in dh. */
static inline void backward_cell(const Backward *g, const BackwardBlock *b, long row, long step,
                                 long unit)
{
    const long place = (b->first + row) * g->steps + step, at = place * g->units + unit;
    const long count = least(LANES, g->units - unit);
    float *state = row_of(b->dh, row) + unit;
    Vector dh = load(state), h = load_some(g->hs + at, count);
    if (g->g_hs)
        dh += load_some(g->g_hs + at, count);
    Vector inner = dh * (1 - h * h);
    if (g->mask) {
        const float kept = g->mask[place] != 0;
        inner *= kept;
        store(state, dh * (1 - kept));
    }
    store(row_of(b->dz, row) + unit, inner);
    store_some(g->dz + at, inner, count);
    if (step)
        fetch(g->hs + at - g->units);
}

static void backward_task(void *context, long index)
{
    const Backward *g = context;
    BackwardBlock b = {.first = part_start(g->batch, g->tasks, index)};
    b.rows = part_start(g->batch, g->tasks, index + 1) - b.first;
    lay_out((StateRows *[]){&b.dh, &b.dz}, (long[]){g->units, g->units}, 2, b.rows);
    set_rows(b.dh, g->g_h, b.first, b.rows, g->units);
    for (long t = g->steps - 1; t >= 0; t--) {
        for (long row = 0; row < b.rows; row++)
            for (long unit = 0; unit < g->units; unit += LANES)
                backward_cell(g, &b, row, t, unit);
        multiply_all(&g->weights, b.dz, b.rows, b.dh, g->mask != NULL);
    }
    get_rows(b.dh, g->dh, b.first, b.rows, g->units);
}

/* integer: batch, steps, units. value: g_hs (batch, steps, units), g_h (batch, units), each none for
   zeros; kernel, h0, mask, hs as in rnn_forward; results: dz (as hs), then those that may be missing:
   d_kernel (as kernel), dh0 (batch, units). */
EXPORT int rnn_backward(const Record *r, void *const *table)
{
    enum { G_HS, G_H, KERNEL, H0, MASK, HS, DZ, D_KERNEL, DH };
    const long batch = r->integer[BATCH], steps = r->integer[STEPS], units = r->integer[UNITS];
    Backward g = {
        .batch = batch, .steps = steps, .units = units,
        .tasks = split_batch(batch, steps * units * units),
        .g_hs = value_at(r, table, G_HS), .g_h = value_at(r, table, G_H),
        .hs = value_at(r, table, HS), .mask = value_at(r, table, MASK),
        .dz = value_at(r, table, DZ), .dh = value_at(r, table, DH),
        .weights = {value_at(r, table, KERNEL), 1, units, units, units, 1, NULL},
    };
    g.weights.panels = thread_memory(MEMORY_CALL, packed_size(&g.weights) * sizeof(float));
    pack_weights(&g.weights);
    parallel_for(g.tasks, backward_task, &g);
    weight_gradient(&(WeightGradient){
        .left = g.hs, .initial = value_at(r, table, H0), .shifted = 1,
        .right = g.dz, .right_stride = units,
        .batch = batch, .steps = steps, .units = units, .columns = units,
        .result = value_at(r, table, D_KERNEL), .result_stride = units,
    });
    return 0;
}
