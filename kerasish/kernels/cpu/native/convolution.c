/* Convolution forward, and its derivative by the input (also the transposed convolution). */
#include "chain.h"
#include "convolution.h"
#include "threads.h"

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

static int convolve(const Record *record, void *const *table, Direction direction)
{
    Convolution convolution;
    Plan plan;
    read_convolution(record, &convolution);
    char *memory = thread_memory(MEMORY_CALL, plan_bytes(&convolution, direction, 1));
    make_plan(&plan, &convolution, direction, value_at(record, table, KERNEL), memory);
    Call call = {&plan, value_at(record, table, SOURCE), value_at(record, table, RESULT),
                 chain_prepare(record->chain, table, plan.blocks.tasks)};
    parallel_for(plan.blocks.tasks, convolve_task, &call);
    return call.chain ? chain_finish(call.chain) : 0;
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
