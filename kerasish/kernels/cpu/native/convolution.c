/* Convolution forward, and its derivative by the input (also the transposed convolution). */
#include "chain.h"
#include "convolution.h"
#include "threads.h"
#include "winograd.h"

enum { SOURCE, KERNEL, RESULT }; /* record->value */

typedef struct {
    const Plan *plan;
    const float *source;
    float *result; /* NULL where the chain alone wants it */
    ChainRun *chain;
} Call;

static void convolve_task(void *context, long index)
{
    const Call *call = context;
    const Plan *plan = call->plan;
    const Blocks *blocks = &plan->blocks;
    long channels = plan->groups * plan->target_channels;
    size_t copy = round_up(copy_size(plan), LANES);
    size_t tile = call->result ? 0 : (size_t)blocks->rows * blocks->columns * channels;
    float *memory = thread_memory(MEMORY_TASK, (copy + tile) * sizeof(float));
    long end = smallest((index + 1) * blocks->per_task, blocks->count);
    for (long i = index * blocks->per_task; i < end; i++) {
        Block block = block_at(plan, i);
        float *target = call->result ? call->result + block.first * channels : memory + copy;
        read_block(plan, &block, call->source, memory);
        convolve_block(plan, &block, target, channels);
        long count = (block.row_end - block.row) * (block.column_end - block.column);
        if (call->chain)
            chain_rows(call->chain, block.first, block.first + count, target, channels, index);
    }
}

static int convolve_directly(const Record *record, void *const *table,
                             const Convolution *convolution, Direction direction)
{
    Plan plan;
    char *memory = thread_memory(MEMORY_CALL, plan_bytes(convolution, direction, 1));
    make_plan(&plan, convolution, direction, value_at(record, table, KERNEL), memory);
    Call call = {&plan, value_at(record, table, SOURCE), value_at(record, table, RESULT),
                 chain_prepare(record->chain, table, plan.blocks.tasks)};
    parallel_for(plan.blocks.tasks, convolve_task, &call);
    return call.chain ? chain_finish(call.chain) : 0;
}

/* ---- by Winograd's tiles ---- */

typedef struct {
    const Winograd *winograd;
    const float *source;
    float *result; /* NULL where the chain alone wants it */
    ChainRun *chain;
} TiledCall;

/* Number of a block's first position in the target as it is. */
static long position_of(const Winograd *winograd, const Block *block)
{
    long plane = block->image * winograd->plan.axes[PLANE].target + block->plane;
    return (plane * winograd->rows + block->row) * winograd->columns;
}

/* The blocks [first, end), at most a group of them. */
static void convolve_group(const TiledCall *call, long first, long end, float *memory, long part)
{
    const Winograd *winograd = call->winograd;
    const Plan *plan = &winograd->plan;
    long channels = plan->target_channels;
    float *tile = memory + group_size(winograd);
    Group group;
    begin_group(&group, winograd, memory);
    for (long i = first; i < end; i++) {
        Block block = block_at(plan, i);
        Picture picture = source_of_block(winograd, &block, call->source);
        add_to_group(&group, &block, &picture);
    }
    Soon soon = {{source_of_blocks(plan, end, 2 * end - first, call->source)}};
    if (call->result)
        soon.pieces[1] = rows_of_blocks(plan, first, end, call->result, winograd->rows,
                                        winograd->columns * channels);
    multiply_group(&group, &soon);
    for (long i = first; i < end; i++) {
        Block block = block_at(plan, i);
        Picture picture = source_of_block(winograd, &block, call->source);
        long rows = rows_of_block(winograd, &block);
        long position = position_of(winograd, &block);
        float *pixels = call->result ? call->result + position * channels : tile;
        Image image = {pixels, winograd->columns * channels, channels, rows, winograd->columns};
        take_from_group(&group, i - first, &block, &picture, &image);
        if (call->chain)
            chain_rows(call->chain, position, position + rows * winograd->columns, pixels, channels,
                       part);
    }
}

static void convolve_groups(void *context, long index)
{
    const TiledCall *call = context;
    const Winograd *winograd = call->winograd;
    const Blocks *blocks = &winograd->plan.blocks;
    size_t tile = call->result ? 0
                               : most_rows_of_block(winograd) * winograd->columns
                                     * winograd->plan.target_channels;
    float *memory = thread_memory(MEMORY_TASK, (group_size(winograd) + tile) * sizeof(float));
    long end = smallest((index + 1) * blocks->per_task, blocks->count);
    for (long i = index * blocks->per_task; i < end; i += winograd->group)
        convolve_group(call, i, smallest(i + winograd->group, end), memory, index);
}

static int convolve_tiles(const Record *record, void *const *table, const Convolution *convolution,
                          Direction direction)
{
    Winograd winograd;
    char *memory = thread_memory(MEMORY_CALL, winograd_bytes(convolution, direction));
    make_winograd(&winograd, convolution, direction, value_at(record, table, KERNEL), memory);
    long tasks = winograd.plan.blocks.tasks;
    TiledCall call = {&winograd, value_at(record, table, SOURCE), value_at(record, table, RESULT),
                      chain_prepare(record->chain, table, tasks)};
    parallel_for(tasks, convolve_groups, &call);
    return call.chain ? chain_finish(call.chain) : 0;
}

/* ---- the kernels ---- */

static int convolve(const Record *record, void *const *table, Direction direction)
{
    Convolution convolution;
    read_convolution(record, &convolution);
    return (suits_winograd(&convolution, direction) ? convolve_tiles : convolve_directly)(
        record, table, &convolution, direction);
}

/* result (batch, *output, filters) = convolution of the input by the kernel.
   integer: CONVOLUTION_...; value: input, kernel (*window, channels / groups, filters), result. */
EXPORT int convolution_forward(const Record *record, void *const *table)
{
    return convolve(record, table, FORWARD);
}

/* result (batch, *input, channels) = derivative by the input.
   integer: CONVOLUTION_... of the forward convolution; value: cotangent of its output, kernel,
   result. An infinite weight gives NaN where the cotangent is padded. */
EXPORT int convolution_backward_input(const Record *record, void *const *table)
{
    return convolve(record, table, BACKWARD);
}
