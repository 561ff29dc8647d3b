/* Products of the recurrent kernels: a block of states with packed weights, and the gradient of the
   weights over the whole sequence. */
#include "recurrent.h"

#include <string.h>

#include "gemm.h"
#include "threads.h"

/* ---- what a task keeps ---- */

void lay_out(StateRows *const *parts, const long *widths, int count, long rows)
{
    long size = 0;
    for (int i = 0; i < count; i++) {
        /* One vector more than needed: rows do not all start at the same place of the cache. */
        parts[i]->stride = round_up(widths[i], LANES) + LANES;
        size += rows * parts[i]->stride;
    }
    float *memory = thread_memory(MEMORY_TASK, size * sizeof(float));
    for (int i = 0; i < count; i++) {
        parts[i]->data = memory;
        memory += rows * parts[i]->stride;
    }
}

void set_rows(StateRows rows, const float *matrix, long first, long count, long width)
{
    for (long r = 0; r < count; r++) {
        memset(row_of(rows, r), 0, rows.stride * sizeof(float));
        if (matrix)
            memcpy(row_of(rows, r), matrix + (first + r) * width, width * sizeof(float));
    }
}

void get_rows(StateRows rows, float *matrix, long first, long count, long width)
{
    for (long r = 0; matrix && r < count; r++)
        memcpy(matrix + (first + r) * width, row_of(rows, r), width * sizeof(float));
}

/* ---- packed weights ---- */

long packed_size(const Weights *w) { return groups_of(w) * w->gates * PANEL * w->depth; }

static float *panel_of(const Weights *w, long group, long gate)
{
    return w->panels + (group * w->gates + gate) * PANEL * w->depth;
}

static void pack_task(void *context, long index)
{
    const Weights *w = context;
    const long group = index / w->gates, gate = index % w->gates;
    const long unit = group * PANEL, column = gate * w->units + unit;
    pack(w->matrix + column * w->column_step, least(PANEL, w->units - unit), w->column_step,
         w->depth, w->row_step, panel_of(w, group, gate), panel_width(w->units, group));
}

void pack_weights(const Weights *weights)
{
    parallel_for(groups_of(weights) * weights->gates, pack_task, (void *)weights);
}

void multiply_states(const Weights *w, long group, StateRows states, long rows, StateRows result,
                     int accumulate)
{
    static const long no_offset = 0;
    const long width = panel_width(w->units, group);
    const long blocks = blocks_of(rows, greatest_height(width / LANES));
    for (long gate = 0; gate < w->gates; gate++)
        for (long i = 0; i < blocks; i++) {
            const long row = part_start(rows, blocks, i);
            const long height = part_start(rows, blocks, i + 1) - row;
            row_kernels[width / LANES][height](
                states.data + row * states.stride, states.stride, &no_offset, 1, w->depth,
                panel_of(w, group, gate), width, result.data + row * result.stride + gate * PANEL,
                result.stride, width, accumulate);
        }
}

long split_batch(long batch, long work)
{
    enum { MOST_ROWS = 32, LEAST_WORK = 100000 };
    if (batch * work < LEAST_WORK)
        return 1;
    return least(batch, round_up(blocks_of(batch, MOST_ROWS), thread_count()));
}

/* ---- gradient of the weights ---- */

enum { TASK_PANELS = 8 }; /* panels of columns of the result that make a task */

typedef struct {
    Part part[2]; /* of all columns: the states before each step, the initial states */
    int parts;
} Products;

static void gradient_task(void *context, long index)
{
    const Products *products = context;
    for (int i = 0; i < products->parts; i++) {
        Part part = products->part[i];
        part.first_column = index * TASK_PANELS * PANEL;
        part.columns = least(TASK_PANELS * PANEL, part.columns - part.first_column);
        part.c += part.first_column;
        part.accumulate = i > 0;
        multiply_part(&part, thread_memory(MEMORY_TASK, part_memory(&part) * sizeof(float)));
    }
}

/* Steps of all rows of the batch as one axis. */
static Axis all_steps(long batch, long steps, long step, long leap)
{
    return steps == 1 ? (Axis){batch, leap, batch + 1, 0}
                      : (Axis){batch * steps, step, steps, leap};
}

void weight_gradient(const WeightGradient *g)
{
    static const float zero = 0;
    const long shift = g->shifted, after = g->steps - shift, stride = g->right_stride;
    const long left_leap = g->steps * g->units, right_leap = g->steps * stride;
    const Axis units = {g->units, 1, g->units, 0}, columns = {g->columns, 1, g->columns, 0};
    const Part whole = {
        .rows = g->units, .columns = g->columns, .c = g->result, .c_stride = g->result_stride};
    Products products = {.parts = 0};
    if (after) {
        Part *part = &products.part[products.parts++];
        *part = whole;
        part->depth = g->batch * after;
        part->a = (Matrix){g->left, units, all_steps(g->batch, after, g->units, left_leap)};
        part->b = (Matrix){g->right + shift * stride,
                           all_steps(g->batch, after, stride, right_leap), columns};
    }
    if (shift) {
        Part *part = &products.part[products.parts++];
        *part = whole;
        part->depth = g->batch;
        part->a = (Matrix){g->initial, units, all_steps(g->batch, 1, 0, g->units)};
        if (!g->initial) /* the same 0 for all units and rows */
            part->a = (Matrix){&zero, {g->units, 0, g->units, 0}, {g->batch, 0, g->batch + 1, 0}};
        part->b = (Matrix){g->right, all_steps(g->batch, 1, 0, right_leap), columns};
    }
    if (g->result)
        parallel_for(blocks_of(g->columns, TASK_PANELS * PANEL), gradient_task, &products);
}

/* ---- sums over all steps ---- */

typedef struct {
    const float *rows;
    long stride, batch, steps, columns;
    float *result;
} Sums;

static void sum_task(void *context, long index)
{
    const Sums *s = context;
    const long end = least(s->columns, (index + 1) * PANEL);
    for (long c = index * PANEL; c < end; c += LANES) {
        const long count = least(LANES, s->columns - c);
        Vector total = splat(0);
        for (long b = 0; b < s->batch; b++) {
            const float *row = s->rows + b * s->steps * s->stride + c;
            Vector sum = splat(0);
            for (long t = 0; t < s->steps; t++)
                sum += load_some(row + t * s->stride, count);
            total += sum;
        }
        store_some(s->result + c, total, count);
    }
}

void sum_steps(const float *rows, long stride, long batch, long steps, long columns, float *result)
{
    Sums sums = {rows, stride, batch, steps, columns, result};
    if (result)
        parallel_for(blocks_of(columns, PANEL), sum_task, &sums);
}
