/* Gradient of the weights of a convolution: products of the source and the cotangent of the target,
   summed over the batch in a number of partial sums that follows from the shapes. */
#include "convolution.h"
#include "microkernels.h"
#include "threads.h"
#include "winograd.h"

#include <string.h>

enum {
    MOST_PARTS = 16,
    LEAST_TILES_OF_PART = 48,
    PART_PRODUCTS = 1024 * 1024,  /* multiplications that are worth a partial sum */
    PARTIAL_FLOATS = 1024 * 1024, /* of all partial sums together */
    ADDING_FLOATS = 8 * 1024      /* elements of the result that are worth a task */
};

static long panels_of(const Plan *plan)
{
    long panels = 0;
    for (long from = 0; from < plan->target_channels;
         from += panel_columns(plan, plan->target_channels - from))
        panels++;
    return panels * plan->groups;
}

PartialSums plan_partial_sums(const Plan *plan)
{
    PartialSums partial = {0};
    partial.size = plan->source_channels * plan->target_channels * plan->groups;
    for (int i = 0; i < AXES; i++)
        partial.size *= plan->axes[i].window;
    long positions = plan->blocks.count * plan->blocks.rows * plan->blocks.columns;
    long worth = positions * partial.size / PART_PRODUCTS;
    long fitting = PARTIAL_FLOATS / largest(partial.size, 1);
    partial.parts = smallest(smallest(MOST_PARTS, worth), smallest(fitting, plan->blocks.count));
    partial.parts = largest(partial.parts, 1);
    long splits = smallest(MOST_PARTS, worth) / partial.parts;
    partial.splits = largest(smallest(splits, panels_of(plan)), 1);
    return partial;
}

PartialSums plan_tiled_sums(const Winograd *winograd)
{
    PartialSums partial = {0};
    const Blocks *blocks = &winograd->plan.blocks;
    long tiles = blocks->count * (blocks->rows / TILE) * (blocks->columns / TILE);
    partial.size = WINDOW * WINDOW * winograd->plan.source_channels * winograd->plan.target_channels;
    partial.parts = smallest(MOST_PARTS, smallest(tiles / LEAST_TILES_OF_PART, blocks->count));
    partial.parts = largest(partial.parts, 1);
    partial.splits = 1;
    return partial;
}

long partial_elements(const PartialSums *partial)
{
    return partial->parts > 1 ? partial->parts * partial->size : 0;
}

/* The panel of `columns` filters of a group: all its weights. */
static void add_panel(const Plan *plan, const Block *block, const float *source,
                      const float *cotangent, long row_step, long columns, float *gradient,
                      int accumulate)
{
    const TapRuns *runs = plan->runs;
    long filters = plan->groups * plan->target_channels, width = ceiling(columns, LANES);
    long source_step = plan->axes[COLUMN].step * plan->column_step;
    long source_run = plan->axes[ROW].step * plan->row_step;
    long positions = block->column_end - block->column, rows = block->row_end - block->row;
    long parts = blocks_of(runs->depth, greatest_height(width));
    source += block->row * source_run + block->column * source_step;
    for (long t = 0; t < runs->count; t++)
        for (long i = 0; i < parts; i++) {
            long from = part_start(runs->depth, parts, i);
            long height = part_start(runs->depth, parts, i + 1) - from;
            column_kernels[width][height](source + runs->offsets[t] + from, source_step, source_run,
                                          cotangent, filters, row_step, positions, rows,
                                          gradient + (t * runs->depth + from) * filters, filters,
                                          columns, accumulate);
        }
}

void add_kernel_gradient(const Plan *plan, const Block *block, const float *cotangent,
                         long row_step, float *gradient, int accumulate, long split, long splits)
{
    long panels = panels_of(plan), number = 0, channels = plan->target_channels;
    for (long group = 0; group < plan->groups; group++) {
        const float *source = block->source + block->origin + group * plan->source_channels;
        for (long from = 0, columns; from < channels; from += columns, number++) {
            columns = panel_columns(plan, channels - from);
            long at = group * channels + from;
            if (number >= panels * split / splits && number < panels * (split + 1) / splits)
                add_panel(plan, block, source, cotangent + at, row_step, columns, gradient + at,
                          accumulate);
        }
    }
}

/* ---- partial sums ---- */

typedef struct {
    const PartialSums *partial;
    float *result;
    long tasks;
} Adding;

static void adding_task(void *context, long index)
{
    const Adding *adding = context;
    const PartialSums *partial = adding->partial;
    long from = part_start(partial->size, adding->tasks, index);
    long to = part_start(partial->size, adding->tasks, index + 1);
    memcpy(adding->result + from, partial->sums + from, (to - from) * sizeof(float));
    for (long p = 1; p < partial->parts; p++) {
        const float *sums = partial->sums + p * partial->size;
        long i = from;
        for (; i + LANES <= to; i += LANES)
            store(adding->result + i, load(adding->result + i) + load(sums + i));
        for (; i < to; i++)
            adding->result[i] += sums[i];
    }
}

void add_partial_sums(const PartialSums *partial, float *result)
{
    Adding adding = {partial, result, ceiling(partial->size, ADDING_FLOATS)};
    if (partial->parts > 1)
        parallel_for(adding.tasks, adding_task, &adding);
}

/* ---- the kernel ---- */

enum { SOURCE, COTANGENT, RESULT }; /* record->value */

typedef struct {
    const Plan *plan;
    const PartialSums *partial;
    const float *source, *cotangent;
} Call;

/* The cotangent of a block, where whole vectors may be read: a copy near the end of the array. */
static const float *readable(const Plan *plan, const Block *block, const float *cotangent,
                             float *copy)
{
    const SumAxis *axes = plan->axes;
    long filters = plan->groups * plan->target_channels;
    long total = plan->batch * axes[PLANE].target * axes[ROW].target * axes[COLUMN].target * filters;
    long count = (block->row_end - block->row) * (block->column_end - block->column) * filters;
    long first = block->first * filters;
    if (plan->target_channels % LANES == 0 || first + count + LANES <= total)
        return cotangent + first;
    memcpy(copy, cotangent + first, count * sizeof(float));
    memset(copy + count, 0, LANES * sizeof(float));
    return copy;
}

static void gradient_task(void *context, long index)
{
    const Call *call = context;
    const Plan *plan = call->plan;
    const Blocks *blocks = &plan->blocks;
    long part = index / call->partial->splits, split = index % call->partial->splits;
    size_t copy = round_up(copy_size(plan), LANES);
    size_t tile = blocks->rows * blocks->columns * plan->groups * plan->target_channels + LANES;
    float *memory = thread_memory(MEMORY_TASK, (copy + tile) * sizeof(float));
    float *gradient = call->partial->sums + part * call->partial->size;
    long from = part_start(blocks->count, call->partial->parts, part);
    long to = part_start(blocks->count, call->partial->parts, part + 1);
    for (long i = from; i < to; i++) {
        Block block = block_at(plan, i);
        read_block(plan, &block, call->source, memory);
        const float *cotangent = readable(plan, &block, call->cotangent, memory + copy);
        long row_step = (block.column_end - block.column) * plan->groups * plan->target_channels;
        add_kernel_gradient(plan, &block, cotangent, row_step, gradient, i > from, split,
                            call->partial->splits);
    }
}

/* ---- by Winograd's tiles ---- */

typedef struct {
    const Winograd *winograd;
    const PartialSums *partial;
    const float *source, *cotangent;
} TiledCall;

/* What a block sees of the cotangent. */
static Picture cotangent_of(const Winograd *winograd, const Block *block, const float *cotangent)
{
    const Plan *plan = &winograd->plan;
    long filters = plan->target_channels, planes = plan->axes[PLANE].target;
    long plane_size = winograd->rows * winograd->columns * filters;
    return (Picture){.pixels = cotangent + (block->image * planes + block->plane) * plane_size,
                     .rows = winograd->rows,
                     .columns = winograd->columns,
                     .channels = filters,
                     .row_step = winograd->columns * filters,
                     .end = cotangent + plan->batch * planes * plane_size};
}

static void tiled_task(void *context, long part)
{
    const TiledCall *call = context;
    const Winograd *winograd = call->winograd;
    const Plan *plan = &winograd->plan;
    long blocks = plan->blocks.count, row_size = winograd->columns * plan->target_channels;
    GradientSum sum;
    begin_gradient_sum(
        &sum, winograd,
        thread_memory(MEMORY_TASK, gradient_sum_size(winograd) * sizeof(float)));
    long end = part_start(blocks, call->partial->parts, part + 1);
    for (long i = part_start(blocks, call->partial->parts, part); i < end; i++) {
        Block block = block_at(plan, i);
        Picture picture = source_of_block(winograd, &block, call->source);
        Picture cotangent = cotangent_of(winograd, &block, call->cotangent);
        long next = i + 1, after = smallest(next + winograd->group, end);
        Soon soon = {{source_of_blocks(plan, next, after, call->source),
                      rows_of_blocks(plan, next, after, call->cotangent, winograd->rows, row_size)}};
        add_to_gradient_sum(&sum, &block, &picture, &cotangent, &soon);
    }
    take_gradient(&sum, call->partial->sums + part * call->partial->size);
}

/* ---- the kernel ---- */

static int add_tiles(const Record *record, void *const *table, const Convolution *convolution)
{
    Winograd winograd;
    size_t bytes = winograd_bytes(convolution, FORWARD);
    make_winograd(&winograd, convolution, FORWARD, 0, thread_memory(MEMORY_CALL, bytes));
    PartialSums partial = plan_tiled_sums(&winograd);
    char *memory
        = thread_memory(MEMORY_CALL, bytes + partial_elements(&partial) * sizeof(float));
    memory = make_winograd(&winograd, convolution, FORWARD, 0, memory);
    float *result = value_at(record, table, RESULT);
    partial.sums = partial.parts > 1 ? (float *)memory : result;
    TiledCall call = {&winograd, &partial, value_at(record, table, SOURCE),
                      value_at(record, table, COTANGENT)};
    parallel_for(partial.parts, tiled_task, &call);
    add_partial_sums(&partial, result);
    return 0;
}

static int add_directly(const Record *record, void *const *table, const Convolution *convolution)
{
    Plan plan;
    size_t bytes = plan_bytes(convolution, FORWARD, 0);
    /* Twice: how much memory the partial sums need follows from the plan. */
    make_plan(&plan, convolution, FORWARD, 0, thread_memory(MEMORY_CALL, bytes));
    PartialSums partial = plan_partial_sums(&plan);
    char *memory
        = thread_memory(MEMORY_CALL, bytes + partial_elements(&partial) * sizeof(float));
    memory = make_plan(&plan, convolution, FORWARD, 0, memory);
    float *result = value_at(record, table, RESULT);
    partial.sums = partial.parts > 1 ? (float *)memory : result;
    if (plan.blocks.count == 0) {
        memset(result, 0, partial.size * sizeof(float));
        return 0;
    }
    Call call = {&plan, &partial, value_at(record, table, SOURCE),
                 value_at(record, table, COTANGENT)};
    parallel_for(partial.parts * partial.splits, gradient_task, &call);
    add_partial_sums(&partial, result);
    return 0;
}

/* result (*window, channels / groups, filters) = derivative of a convolution by its kernel.
   integer: CONVOLUTION_...; value: input, cotangent of the output, result. */
EXPORT int convolution_backward_kernel(const Record *record, void *const *table)
{
    Convolution convolution;
    read_convolution(record, &convolution);
    return (suits_winograd_gradient(&convolution) ? add_tiles : add_directly)(record, table,
                                                                              &convolution);
}
