/* GRU over time, forward: each task runs all steps of some rows of the batch. Gates of one step lie
   side by side in the order update, reset, candidate. The reset gate multiplies either the recurrent
   product of the candidate ("after") or the state that goes into it ("before"); what it multiplies
   after, and the product of it before, is the share that is kept for the backward pass. */
#include "recurrent_gru.h"

#include "record.h"
#include "threads.h"
#include "vector_math.h"

typedef struct {
    long batch, steps, units, tasks;
    int reset_after;
    const float *z, *bias, *h0;
    const uint8_t *mask;
    float *hs, *h, *gates, *shares;
    Weights weights;   /* of all gates, or of those but the candidate */
    Weights candidate; /* where the reset comes before */
} Forward;

/* What a task keeps of its rows: h before and after a step, the gates of some units (reset after) or
   of all, and reset * h. */
typedef struct {
    long first, rows;
    StateRows before, after, gates, share;
} Block;

static inline Vector bias_of(const Forward *f, long gate, long unit, long count)
{
    return f->bias ? load_some(f->bias + gate * f->units + unit, count) : splat(0);
}

/* One vector of units of one row: where it lies in arrays of units, and how much of it counts. */
typedef struct {
    long row, unit, count, place, at, gates;
} Cell;

static inline Cell cell_of(const Forward *f, const Block *b, long row, long step, long unit)
{
    const long place = (b->first + row) * f->steps + step;
    return (Cell){row, unit, least(LANES, f->units - unit), place, place * f->units + unit,
                  place * GRU_GATES * f->units + unit};
}

/* The update and reset gates, from their products at `gates` (PANEL apart), in place. */
static inline void activate(const Forward *f, const Cell *c, float *gates)
{
    Vector values[CANDIDATE];
    for (int k = 0; k < CANDIDATE; k++) {
        values[k] = load(gates + k * PANEL) + bias_of(f, k, c->unit, c->count);
        values[k] = vector_sigmoid(values[k] + load_some(f->z + c->gates + k * f->units, c->count));
    }
    for (int k = 0; k < CANDIDATE; k++) {
        store(gates + k * PANEL, values[k]);
        if (f->gates)
            store_some(f->gates + c->gates + k * f->units, values[k], c->count);
    }
    for (int k = 0; k < GRU_GATES; k++) /* of the next step; harmless behind the end */
        fetch(f->z + c->gates + (GRU_GATES + k) * f->units);
}

/* The candidate and the state after the step; `inner` is what the candidate's z is added to. */
static inline void finish_cell(const Forward *f, const Block *b, const Cell *c, Vector update,
                               Vector inner)
{
    const long u = f->units;
    Vector candidate = vector_tanh(inner + load_some(f->z + c->gates + CANDIDATE * u, c->count));
    Vector before = load(row_of(b->before, c->row) + c->unit);
    Vector h = update * (before - candidate) + candidate;
    if (f->mask && !f->mask[c->place])
        h = before;
    store(row_of(b->after, c->row) + c->unit, h);
    if (f->hs)
        store_some(f->hs + c->at, h, c->count);
    if (f->gates)
        store_some(f->gates + c->gates + CANDIDATE * u, candidate, c->count);
}

/* ---- the reset gate after the product ---- */

static inline void finish_after(const Forward *f, const Block *b, const Cell *c, const float *gates)
{
    Vector share = load(gates + CANDIDATE * PANEL) + bias_of(f, CANDIDATE, c->unit, c->count);
    if (f->shares)
        store_some(f->shares + c->at, share, c->count);
    finish_cell(f, b, c, load(gates), load(gates + PANEL) * share);
}

static void step_after(const Forward *f, const Block *b, long step)
{
    for (long group = 0; group < groups_of(&f->weights); group++) {
        const long first = group * PANEL, end = least(f->units, first + PANEL);
        multiply_states(&f->weights, group, b->before, b->rows, b->gates, 0);
        for (long row = 0; row < b->rows; row++)
            for (long unit = first; unit < end; unit += LANES) {
                const Cell cell = cell_of(f, b, row, step, unit);
                activate(f, &cell, row_of(b->gates, row) + unit - first);
            }
        for (long row = 0; row < b->rows; row++)
            for (long unit = first; unit < end; unit += LANES) {
                const Cell cell = cell_of(f, b, row, step, unit);
                finish_after(f, b, &cell, row_of(b->gates, row) + unit - first);
            }
    }
}

/* ---- the reset gate before the product ---- */

/* Gates of group g lie in their own columns, so that the update gates wait for the candidates. */
static inline float *gates_of(const Block *b, long row, long unit)
{
    return row_of(b->gates, row) + unit / PANEL * (CANDIDATE * PANEL) + unit % PANEL;
}

static inline void reset_state(const Forward *f, const Block *b, const Cell *c)
{
    Vector share = load(gates_of(b, c->row, c->unit) + PANEL) *
                   load(row_of(b->before, c->row) + c->unit);
    store(row_of(b->share, c->row) + c->unit, share);
    if (f->shares)
        store_some(f->shares + c->at, share, c->count);
}

static inline void finish_before(const Forward *f, const Block *b, const Cell *c)
{
    Vector inner = load(row_of(b->after, c->row) + c->unit) +
                   bias_of(f, CANDIDATE, c->unit, c->count);
    finish_cell(f, b, c, load(gates_of(b, c->row, c->unit)), inner);
}

static void step_before(const Forward *f, const Block *b, long step)
{
    for (long group = 0; group < groups_of(&f->weights); group++) {
        const StateRows gates = {gates_of(b, 0, group * PANEL), b->gates.stride};
        multiply_states(&f->weights, group, b->before, b->rows, gates, 0);
    }
    for (long row = 0; row < b->rows; row++)
        for (long unit = 0; unit < f->units; unit += LANES) {
            const Cell cell = cell_of(f, b, row, step, unit);
            activate(f, &cell, gates_of(b, row, unit));
            reset_state(f, b, &cell);
        }
    multiply_all(&f->candidate, b->share, b->rows, b->after, 0);
    for (long row = 0; row < b->rows; row++)
        for (long unit = 0; unit < f->units; unit += LANES) {
            const Cell cell = cell_of(f, b, row, step, unit);
            finish_before(f, b, &cell);
        }
}

/* ---- all steps ---- */

static void forward_task(void *context, long index)
{
    const Forward *f = context;
    const long u = f->units, groups = groups_of(&f->weights);
    Block b = {.first = part_start(f->batch, f->tasks, index)};
    b.rows = part_start(f->batch, f->tasks, index + 1) - b.first;
    StateRows *const parts[] = {&b.before, &b.after, &b.gates, &b.share};
    if (f->reset_after)
        lay_out(parts, (long[]){u, u, GRU_GATES * PANEL}, 3, b.rows);
    else
        lay_out(parts, (long[]){u, u, groups * CANDIDATE * PANEL, u}, 4, b.rows);
    set_rows(b.before, f->h0, b.first, b.rows, u);
    for (long t = 0; t < f->steps; t++) {
        if (f->reset_after)
            step_after(f, &b, t);
        else
            step_before(f, &b, t);
        swap(&b.before, &b.after);
    }
    get_rows(b.before, f->h, b.first, b.rows, u);
}

/* integer: batch, steps, units, reset_after. value: z (batch, steps, 3 * units), kernel (units,
   3 * units), bias (3 * units) or none, h0 (batch, units) or none, mask (batch, steps; bytes) or
   none; results, each of which may be missing: hs (batch, steps, units), h (batch, units), gates (as
   z), shares (as hs). */
EXPORT int gru_forward(const Record *r, void *const *table)
{
    enum { Z, KERNEL, BIAS, H0, MASK, HS, H, GATES, SHARES };
    const long batch = r->integer[GRU_BATCH], steps = r->integer[GRU_STEPS];
    const long u = r->integer[GRU_UNITS];
    const int reset_after = r->integer[GRU_RESET_AFTER] != 0;
    const float *kernel = value_at(r, table, KERNEL);
    Forward f = {
        .batch = batch, .steps = steps, .units = u, .reset_after = reset_after,
        .tasks = split_batch(batch, steps * u * GRU_GATES * u),
        .z = value_at(r, table, Z), .bias = value_at(r, table, BIAS), .h0 = value_at(r, table, H0),
        .mask = value_at(r, table, MASK), .hs = value_at(r, table, HS), .h = value_at(r, table, H),
        .gates = value_at(r, table, GATES), .shares = value_at(r, table, SHARES),
        .weights = {kernel, GRU_GATES * u, 1, u, u, reset_after ? GRU_GATES : CANDIDATE, NULL},
        .candidate = {kernel + CANDIDATE * u, GRU_GATES * u, 1, u, u, 1, NULL},
    };
    const long size = packed_size(&f.weights);
    float *memory = thread_memory(MEMORY_CALL,
                                  (size + packed_size(&f.candidate)) * sizeof(float));
    f.weights.panels = memory;
    f.candidate.panels = memory + size;
    pack_weights(&f.weights);
    if (!reset_after)
        pack_weights(&f.candidate);
    parallel_for(f.tasks, forward_task, &f);
    return 0;
}
