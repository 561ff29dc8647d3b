/* LSTM over time, forward and backward: each task runs all steps of some rows of the batch. Gates of
   one step lie side by side in the order i, f, candidate, o. */
#include <string.h>

#include "record.h"
#include "recurrent.h"
#include "threads.h"
#include "vector_math.h"

enum { GATES = 4, CANDIDATE = 2 };
enum { BATCH, STEPS, UNITS }; /* integers of both kernels */

/* ---- forward ---- */

enum { Z, KERNEL, H0, C0, MASK, HS, H, C, CS, KEPT_GATES };

typedef struct {
    long batch, steps, units, tasks;
    const float *z, *h0, *c0;
    const uint8_t *mask;
    float *hs, *h, *c, *cs, *gates;
    Weights weights;
} Forward;

/* What a task keeps of its rows: h before and after the step, c, and the products of some units. */
typedef struct {
    long first, rows;
    StateRows before, after, cells, products;
} Block;

static Block start_block(const Forward *f, long index)
{
    Block b = {.first = part_start(f->batch, f->tasks, index)};
    b.rows = part_start(f->batch, f->tasks, index + 1) - b.first;
    StateRows *parts[] = {&b.before, &b.after, &b.cells, &b.products};
    const long widths[] = {f->units, f->units, f->units, GATES * PANEL};
    lay_out(parts, widths, 4, b.rows);
    set_rows(b.before, f->h0, b.first, b.rows, f->units);
    set_rows(b.cells, f->c0, b.first, b.rows, f->units);
    return b;
}

/* The gates of one vector of units of one row, from their products and z. */
static inline void forward_gates(const Forward *f, const Block *b, long row, long step, long unit)
{
    const long u = f->units, place = ((b->first + row) * f->steps + step) * GATES * u + unit;
    const long count = least(LANES, u - unit);
    float *products = row_of(b->products, row) + unit % PANEL;
    Vector gates[GATES];
    for (int k = 0; k < GATES; k++)
        gates[k] = load(products + k * PANEL) + load_some(f->z + place + k * u, count);
    for (int k = 0; k < GATES; k++)
        gates[k] = k == CANDIDATE ? vector_tanh(gates[k]) : vector_sigmoid(gates[k]);
    for (int k = 0; k < GATES; k++)
        store(products + k * PANEL, gates[k]);
    if (f->gates)
        for (int k = 0; k < GATES; k++)
            store_some(f->gates + place + k * u, gates[k], count);
    if (step + 1 < f->steps) {
        for (int k = 0; k < GATES; k++)
            fetch(f->z + place + (GATES + k) * u);
        if (f->gates)
            for (int k = 0; k < GATES; k++)
                fetch_to_write(f->gates + place + (GATES + k) * u);
    }
}

/* The states after the step of one vector of units of one row. */
static inline void forward_states(const Forward *f, const Block *b, long row, long step, long unit)
{
    const long u = f->units, place = (b->first + row) * f->steps + step;
    const long count = least(LANES, u - unit);
    const float *gates = row_of(b->products, row) + unit % PANEL;
    float *cell = row_of(b->cells, row) + unit;
    Vector c = load(gates + PANEL) * load(cell) + load(gates) * load(gates + CANDIDATE * PANEL);
    Vector h = load(gates + 3 * PANEL) * vector_tanh(c);
    if (f->mask && !f->mask[place]) {
        c = load(cell);
        h = load(row_of(b->before, row) + unit);
    }
    store(cell, c);
    store(row_of(b->after, row) + unit, h);
    if (f->hs)
        store_some(f->hs + place * u + unit, h, count);
    if (f->cs)
        store_some(f->cs + place * u + unit, c, count);
    if (step + 1 < f->steps) {
        if (f->hs)
            fetch_to_write(f->hs + (place + 1) * u + unit);
        if (f->cs)
            fetch_to_write(f->cs + (place + 1) * u + unit);
    }
}

/* Gates and states in loops of their own: within one, the rows do not wait for each other. */
static void forward_step(const Forward *f, const Block *b, long step)
{
    for (long group = 0; group < groups_of(&f->weights); group++) {
        const long first = group * PANEL, end = least(f->units, first + PANEL);
        multiply_states(&f->weights, group, b->before, b->rows, b->products, 0);
        for (long row = 0; row < b->rows; row++)
            for (long unit = first; unit < end; unit += LANES)
                forward_gates(f, b, row, step, unit);
        for (long row = 0; row < b->rows; row++)
            for (long unit = first; unit < end; unit += LANES)
                forward_states(f, b, row, step, unit);
    }
}

static void forward_task(void *context, long index)
{
    const Forward *f = context;
    Block b = start_block(f, index);
    for (long t = 0; t < f->steps; t++) {
        forward_step(f, &b, t);
        swap(&b.before, &b.after);
    }
    get_rows(b.before, f->h, b.first, b.rows, f->units);
    get_rows(b.cells, f->c, b.first, b.rows, f->units);
}

/* integer: batch, steps, units. value: z (batch, steps, 4 * units), kernel (units, 4 * units), h0 and
   c0 (batch, units) or none, mask (batch, steps; bytes) or none; results, each of which may be
   missing: hs (batch, steps, units), h, c (batch, units), cs (as hs), gates (as z). */
EXPORT int lstm_forward(const Record *r, void *const *table)
{
    long batch = r->integer[BATCH], steps = r->integer[STEPS], units = r->integer[UNITS];
    Forward f = {
        .batch = batch, .steps = steps, .units = units,
        .tasks = split_batch(batch, steps * units * GATES * units),
        .z = value_at(r, table, Z), .h0 = value_at(r, table, H0), .c0 = value_at(r, table, C0),
        .mask = value_at(r, table, MASK), .hs = value_at(r, table, HS), .h = value_at(r, table, H),
        .c = value_at(r, table, C), .cs = value_at(r, table, CS),
        .gates = value_at(r, table, KEPT_GATES),
        .weights = {value_at(r, table, KERNEL), GATES * units, 1, units, units, GATES, 0},
    };
    f.weights.panels = thread_memory(MEMORY_CALL, packed_size(&f.weights) * sizeof(float));
    pack_weights(&f.weights);
    parallel_for(f.tasks, forward_task, &f);
    return 0;
}

/* ---- backward ---- */

enum { G_HS, G_H, G_C, B_KERNEL, B_H0, B_C0, B_MASK, B_HS, B_CS, B_GATES, DZ, D_KERNEL, DH, DC };

typedef struct {
    long batch, steps, units, tasks;
    const float *g_hs, *g_h, *g_c, *c0, *cs, *gates;
    const uint8_t *mask;
    float *dz, *dh, *dc;
    Weights weights; /* transposed */
} Backward;

/* Derivatives by the states of the rows of a task, and by the gates of one step. */
typedef struct {
    long first, rows;
    StateRows dh, dc, dz;
} BackwardBlock;

static BackwardBlock start_backward(const Backward *g, long index)
{
    BackwardBlock b = {.first = part_start(g->batch, g->tasks, index)};
    b.rows = part_start(g->batch, g->tasks, index + 1) - b.first;
    StateRows *parts[] = {&b.dh, &b.dc, &b.dz};
    const long widths[] = {g->units, g->units, GATES * g->units};
    lay_out(parts, widths, 3, b.rows);
    set_rows(b.dh, g->g_h, b.first, b.rows, g->units);
    set_rows(b.dc, g->g_c, b.first, b.rows, g->units);
    return b;
}

/* Derivatives by the gates of one vector of units of one row, and by the cell before; what a masked
   step hands on stays in dh. */
static inline void backward_cell(const Backward *g, const BackwardBlock *b, long row, long step,
                                 long unit)
{
    const long u = g->units, place = (b->first + row) * g->steps + step;
    const long count = least(LANES, u - unit);
    const float *gates = g->gates + place * GATES * u + unit;
    if (step) {
        for (int k = 0; k < GATES; k++) {
            fetch(gates + (k - GATES) * u);
            fetch_to_write(g->dz + (place * GATES - GATES + k) * u + unit);
        }
        fetch(g->cs + (place - 1) * u + unit); 
        if (g->g_hs)
            fetch(g->g_hs + (place - 1) * u + unit);
    }
    float *dh_here = row_of(b->dh, row) + unit, *dc_here = row_of(b->dc, row) + unit;
    Vector gate_i = load_some(gates, count), gate_f = load_some(gates + u, count);
    Vector candidate = load_some(gates + 2 * u, count), gate_o = load_some(gates + 3 * u, count);
    Vector before = splat(0);
    if (step)
        before = load_some(g->cs + (place - 1) * u + unit, count);
    else if (g->c0)
        before = load_some(g->c0 + (b->first + row) * u + unit, count);
    Vector squashed = vector_tanh(load_some(g->cs + place * u + unit, count));
    Vector dh = load(dh_here), dc = load(dc_here), passed = splat(0);
    if (g->g_hs)
        dh += load_some(g->g_hs + place * u + unit, count);
    if (g->mask) {
        const float kept = g->mask[place] != 0;
        store(dh_here, dh * (1 - kept));
        passed = dc * (1 - kept);
        dh *= kept;
        dc *= kept;
    }
    Vector inner = dh * gate_o * (1 - squashed * squashed) + dc;
    Vector d[GATES] = {
        inner * candidate * (gate_i * (1 - gate_i)),
        inner * before * (gate_f * (1 - gate_f)),
        inner * gate_i * (1 - candidate * candidate),
        dh * squashed * (gate_o * (1 - gate_o)),
    };
    store(dc_here, inner * gate_f + passed);
    for (long k = 0; k < GATES; k++) {
        store_some(row_of(b->dz, row) + k * u + unit, d[k], count);
        store_some(g->dz + (place * GATES + k) * u + unit, d[k], count);
    }
}

static void backward_task(void *context, long index)
{
    const Backward *g = context;
    const BackwardBlock b = start_backward(g, index);
    for (long t = g->steps - 1; t >= 0; t--) {
        for (long row = 0; row < b.rows; row++)
            for (long unit = 0; unit < g->units; unit += LANES)
                backward_cell(g, &b, row, t, unit);
        if (t == 0 && !g->dh)
            break;
        multiply_all(&g->weights, b.dz, b.rows, b.dh, g->mask != NULL);
    }
    get_rows(b.dh, g->dh, b.first, b.rows, g->units);
    get_rows(b.dc, g->dc, b.first, b.rows, g->units);
}

/* integer: batch, steps, units. value: g_hs (batch, steps, units), g_h, g_c (batch, units), each none
   for zeros; kernel, h0, c0, mask, hs, cs, gates as in lstm_forward; results: dz (as gates), then
   those that may be missing: d_kernel (as kernel), dh0, dc0 (batch, units). */
EXPORT int lstm_backward(const Record *r, void *const *table)
{
    long batch = r->integer[BATCH], steps = r->integer[STEPS], units = r->integer[UNITS];
    Backward g = {
        .batch = batch, .steps = steps, .units = units,
        .tasks = split_batch(batch, steps * units * GATES * units),
        .g_hs = value_at(r, table, G_HS), .g_h = value_at(r, table, G_H),
        .g_c = value_at(r, table, G_C), .c0 = value_at(r, table, B_C0),
        .cs = value_at(r, table, B_CS), .gates = value_at(r, table, B_GATES),
        .mask = value_at(r, table, B_MASK), .dz = value_at(r, table, DZ),
        .dh = value_at(r, table, DH), .dc = value_at(r, table, DC),
        .weights = {value_at(r, table, B_KERNEL), 1, GATES * units, GATES * units, units, 1, 0},
    };
    g.weights.panels = thread_memory(MEMORY_CALL, packed_size(&g.weights) * sizeof(float));
    pack_weights(&g.weights);
    parallel_for(g.tasks, backward_task, &g);
    WeightGradient kernel = {
        .left = value_at(r, table, B_HS), .initial = value_at(r, table, B_H0), .shifted = 1,
        .right = g.dz, .right_stride = GATES * units, .batch = batch, .steps = steps, .units = units,
        .columns = GATES * units, .result = value_at(r, table, D_KERNEL),
        .result_stride = GATES * units,
    };
    if (kernel.result)
        weight_gradient(&kernel);
    return 0;
}
