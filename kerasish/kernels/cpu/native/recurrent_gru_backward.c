/* GRU over time, backward (see recurrent_gru.c). */
#include "recurrent_gru.h"

#include <string.h>

#include "record.h"
#include "threads.h"
#include "vector.h"

typedef struct {
    long batch, steps, units, tasks;
    int reset_after;
    const float *g_hs, *g_h, *h0, *hs, *gates, *shares;
    const uint8_t *mask;
    float *dz, *dh;
    float *products;   /* (batch, steps, units): derivatives by the product of the candidate; NULL
                          where they are those by z */
    Weights weights;   /* transposed: of all gates, or of those but the candidate */
    Weights candidate; /* transposed: where the reset comes before */
} Backward;

/* What a task keeps of its rows: derivatives by h, by the products of the gates, by the inner value
   of the candidate, and by reset * h. */
typedef struct {
    long first, rows;
    StateRows dh, products, inner, share;
} Block;

/* One vector of units of one row. */
typedef struct {
    long row, unit, count, at, gates;
    Vector update, reset, candidate, before;
} Cell;

static inline Cell cell_of(const Backward *g, const Block *b, long row, long step, long unit)
{
    const long u = g->units, place = (b->first + row) * g->steps + step;
    Cell c = {.row = row, .unit = unit, .count = least(LANES, u - unit), .at = place * u + unit,
              .gates = place * GRU_GATES * u + unit, .before = splat(0)};
    c.update = load_some(g->gates + c.gates, c.count);
    c.reset = load_some(g->gates + c.gates + RESET * u, c.count);
    c.candidate = load_some(g->gates + c.gates + CANDIDATE * u, c.count);
    if (step)
        c.before = load_some(g->hs + c.at - u, c.count);
    else if (g->h0)
        c.before = load_some(g->h0 + (b->first + row) * u + unit, c.count);
    if (step) {
        for (int k = 1; k <= GRU_GATES; k++)
            fetch(g->gates + c.gates - k * u);
        fetch(g->shares + c.at - u);
    }
    return c;
}

/* A derivative by z, and by the product with the kernel if it is the same. */
static inline void put(const Backward *g, const Block *b, const Cell *c, int gate, Vector value)
{
    store_some(g->dz + c->gates + gate * g->units, value, c->count);
    store_some(row_of(b->products, c->row) + gate * g->units + c->unit, value, c->count);
}

/* The derivatives by the update gate and by the inner value of the candidate, which is returned; in
   dh stays what reaches the state before without the kernel. */
static inline Vector begin_cell(const Backward *g, const Block *b, const Cell *c, long step)
{
    float *state = row_of(b->dh, c->row) + c->unit;
    Vector dh = load(state), active, passed = splat(0);
    if (g->g_hs)
        dh += load_some(g->g_hs + c->at, c->count);
    active = dh;
    if (g->mask) {
        const float kept = g->mask[(b->first + c->row) * g->steps + step] != 0;
        active = dh * kept;
        passed = dh * (1 - kept);
    }
    store(state, active * c->update + passed);
    put(g, b, c, 0, active * (c->before - c->candidate) * (c->update * (1 - c->update)));
    return active * (1 - c->update) * (1 - c->candidate * c->candidate);
}

static void step_after(const Backward *g, const Block *b, long step)
{
    const long u = g->units;
    for (long row = 0; row < b->rows; row++)
        for (long unit = 0; unit < u; unit += LANES) {
            const Cell c = cell_of(g, b, row, step, unit);
            const Vector inner = begin_cell(g, b, &c, step), product = inner * c.reset;
            const Vector share = load_some(g->shares + c.at, c.count);
            put(g, b, &c, RESET, inner * share * (c.reset * (1 - c.reset)));
            store_some(g->dz + c.gates + CANDIDATE * u, inner, c.count);
            store_some(g->products + c.at, product, c.count);
            store_some(row_of(b->products, row) + CANDIDATE * u + unit, product, c.count);
        }
    multiply_all(&g->weights, b->products, b->rows, b->dh, 1);
}

static void step_before(const Backward *g, const Block *b, long step)
{
    const long u = g->units;
    for (long row = 0; row < b->rows; row++)
        for (long unit = 0; unit < u; unit += LANES) {
            const Cell c = cell_of(g, b, row, step, unit);
            const Vector inner = begin_cell(g, b, &c, step);
            store_some(g->dz + c.gates + CANDIDATE * u, inner, c.count);
            store(row_of(b->inner, row) + unit, inner);
        }
    multiply_all(&g->candidate, b->inner, b->rows, b->share, 0);
    for (long row = 0; row < b->rows; row++)
        for (long unit = 0; unit < u; unit += LANES) {
            const Cell c = cell_of(g, b, row, step, unit);
            const Vector share = load(row_of(b->share, row) + unit);
            float *state = row_of(b->dh, row) + unit;
            put(g, b, &c, RESET, share * c.before * (c.reset * (1 - c.reset)));
            store(state, load(state) + share * c.reset);
        }
    multiply_all(&g->weights, b->products, b->rows, b->dh, 1);
}

static void backward_task(void *context, long index)
{
    const Backward *g = context;
    const long u = g->units;
    Block b = {.first = part_start(g->batch, g->tasks, index)};
    b.rows = part_start(g->batch, g->tasks, index + 1) - b.first;
    StateRows *const parts[] = {&b.dh, &b.products, &b.inner, &b.share};
    lay_out(parts, (long[]){u, GRU_GATES * u, u, u}, g->reset_after ? 2 : 4, b.rows);
    set_rows(b.dh, g->g_h, b.first, b.rows, u);
    for (long t = g->steps - 1; t >= 0; t--) {
        if (g->reset_after)
            step_after(g, &b, t);
        else
            step_before(g, &b, t);
    }
    get_rows(b.dh, g->dh, b.first, b.rows, u);
}

/* ---- sums over all steps ---- */

static void kernel_gradient(const Backward *g, float *result)
{
    const long u = g->units, width = GRU_GATES * u;
    WeightGradient gradient = {
        .left = g->hs, .initial = g->h0, .shifted = 1, .right = g->dz, .right_stride = width,
        .batch = g->batch, .steps = g->steps, .units = u, .columns = CANDIDATE * u,
        .result = result, .result_stride = width,
    };
    if (!result)
        return;
    weight_gradient(&gradient);
    gradient.columns = u;
    gradient.result = result + CANDIDATE * u;
    if (g->reset_after) {
        gradient.right = g->products;
        gradient.right_stride = u;
    } else {
        gradient.left = g->shares;
        gradient.shifted = 0;
        gradient.right = g->dz + CANDIDATE * u;
    }
    weight_gradient(&gradient);
}

static void bias_gradient(const Backward *g, float *result)
{
    const long u = g->units, width = GRU_GATES * u;
    if (!result)
        return;
    sum_steps(g->dz, width, g->batch, g->steps, CANDIDATE * u, result);
    if (g->reset_after)
        sum_steps(g->products, u, g->batch, g->steps, u, result + CANDIDATE * u);
    else
        sum_steps(g->dz + CANDIDATE * u, width, g->batch, g->steps, u, result + CANDIDATE * u);
}

/* integer: batch, steps, units, reset_after. value: g_hs (batch, steps, units), g_h (batch, units),
   each none for zeros; kernel, bias, h0, mask, hs, gates, shares as in gru_forward; results: dz (as
   gates), then those that may be missing: d_kernel (as kernel), d_bias (3 * units; zeros without
   bias), dh0 (batch, units). */
EXPORT int gru_backward(const Record *r, void *const *table)
{
    enum { G_HS, G_H, KERNEL, BIAS, H0, MASK, HS, GATES, SHARES, DZ, D_KERNEL, D_BIAS, DH };
    const long batch = r->integer[GRU_BATCH], steps = r->integer[GRU_STEPS];
    const long u = r->integer[GRU_UNITS], width = GRU_GATES * u;
    const int reset_after = r->integer[GRU_RESET_AFTER] != 0;
    const float *kernel = value_at(r, table, KERNEL);
    float *d_bias = value_at(r, table, D_BIAS);
    Backward g = {
        .batch = batch, .steps = steps, .units = u, .reset_after = reset_after,
        .tasks = split_batch(batch, steps * u * width),
        .g_hs = value_at(r, table, G_HS), .g_h = value_at(r, table, G_H),
        .h0 = value_at(r, table, H0), .hs = value_at(r, table, HS),
        .gates = value_at(r, table, GATES), .shares = value_at(r, table, SHARES),
        .mask = value_at(r, table, MASK), .dz = value_at(r, table, DZ), .dh = value_at(r, table, DH),
        .weights = {kernel, 1, width, reset_after ? width : CANDIDATE * u, u, 1, NULL},
        .candidate = {kernel + CANDIDATE * u, 1, width, u, u, 1, NULL},
    };
    const long size = packed_size(&g.weights);
    const long rest = reset_after ? batch * steps * u : packed_size(&g.candidate);
    float *memory = thread_memory(MEMORY_CALL, (size + rest) * sizeof(float));
    g.weights.panels = memory;
    pack_weights(&g.weights);
    if (reset_after) {
        g.products = memory + size;
    } else {
        g.candidate.panels = memory + size;
        pack_weights(&g.candidate);
    }
    parallel_for(g.tasks, backward_task, &g);
    kernel_gradient(&g, value_at(r, table, D_KERNEL));
    if (value_at(r, table, BIAS))
        bias_gradient(&g, d_bias);
    else if (d_bias)
        memset(d_bias, 0, width * sizeof(float));
    return 0;
}
