/* Convolution, bias, relu and max pooling in one: only the pooled values and which element of each
   window was the largest are stored. */
#include "chain.h"
#include "convolution_pool.h"
#include "threads.h"
#include "winograd.h"

#include <string.h>

enum { POOLED_BLOCK_FLOATS = 12 * 1024 }; /* read again at once: a block for the L1 cache */

enum { SOURCE, KERNEL, BIAS, RESULT, CHOICE }; /* record->value */

typedef struct {
    const Plan *plan;
    const Winograd *winograd; /* whose plan it is, if the convolution goes by tiles */
    const Pool *pool;
    const float *source;
    float *bias;   /* zeros for none; padded to whole vectors, as are the positions of a tile */
    long channels, step; /* of a position: without and with padding */
    float *result; /* NULL where the chain alone wants it */
    uint8_t *choice;
    ChainRun *chain;
} Call;

/* ---- one window, LANES channels ---- */

typedef struct {
    Vector largest;
    Lanes choice;
} Winner;

static inline Winner choose_winner(const Pool *pool, const float *tile, long row_step, long step,
                                   Vector bias)
{
    Winner winner = {load(tile) + bias, {0}};
    for (long r = 0, number = 0; r < pool->window[ROW]; r++)
        for (long c = 0; c < pool->window[COLUMN]; c++, number++) {
            Vector value = load(tile + r * row_step + c * step) + bias;
            Lanes is_larger = value > winner.largest;
            Lanes here = (Lanes){0} + (int32_t)number;
            winner.choice = (is_larger & here) | (~is_larger & winner.choice);
            winner.largest = larger(winner.largest, value);
        }
    if (pool->rectifies) { /* all elements of a window without a positive one become 0: a tie */
        winner.choice &= ~(winner.largest <= splat(0));
        winner.largest = larger(winner.largest, splat(0));
    }
    Lanes is_nan = winner.largest != winner.largest;
    winner.choice = (is_nan & NO_CHOICE) | (~is_nan & winner.choice);
    return winner;
}

/* One pooled position. */
static void pool_window(const Call *call, const float *tile, long row_step, float *result,
                        uint8_t *choice)
{
    long k = 0;
    for (; k + LANES <= call->channels; k += LANES) {
        Winner winner
            = choose_winner(call->pool, tile + k, row_step, call->step, load(call->bias + k));
        store(result + k, winner.largest);
        store_choices(choice + k, winner.choice);
    }
    if (k < call->channels) {
        Winner winner
            = choose_winner(call->pool, tile + k, row_step, call->step, load(call->bias + k));
        store_first(result + k, winner.largest, call->channels - k);
        store_some_choices(choice + k, winner.choice, call->channels - k);
    }
}

/* ---- tasks ---- */

/* The windows of one block. `first` is the number of the first of them. */
static void pool_block(const Call *call, const Block *block, const float *tile, float *result,
                       long first)
{
    const long *stride = call->pool->stride, *window = call->pool->window;
    long row_step = (block->column_end - block->column) * call->step, number = 0;
    for (long r = 0; r + window[ROW] <= block->row_end - block->row; r += stride[ROW])
        for (long c = 0; c + window[COLUMN] <= block->column_end - block->column;
             c += stride[COLUMN], number++)
            pool_window(call, tile + r * row_step + c * call->step, row_step,
                        result + number * call->channels,
                        call->choice + (first + number) * call->channels);
}

static long pooled_before(const Pool *pool, int axis, long position)
{
    return smallest(ceiling(position, pool->stride[axis]), pool->output[axis]);
}

/* Pools a block of the convolution, and runs the chain on it. */
static void finish_block(const Call *call, const Block *block, const float *tile, float *memory,
                         long part)
{
    const Pool *pool = call->pool;
    long row = pooled_before(pool, ROW, block->row);
    long column = pooled_before(pool, COLUMN, block->column);
    long count = (pooled_before(pool, ROW, block->row_end) - row)
                 * (pooled_before(pool, COLUMN, block->column_end) - column);
    long plane = block->image * pool->output[PLANE] + block->plane;
    long first = (plane * pool->output[ROW] + row) * pool->output[COLUMN] + column;
    float *result = call->result ? call->result + first * call->channels : memory;
    pool_block(call, block, tile, result, first);
    if (call->chain)
        chain_rows(call->chain, first, first + count, result, call->channels, part);
}

static void pool_task(void *context, long index)
{
    const Call *call = context;
    const Plan *plan = call->plan;
    const Blocks *blocks = &plan->blocks;
    size_t copy = round_up(copy_size(plan), LANES);
    size_t tile = (size_t)blocks->rows * blocks->columns * call->step;
    float *memory = thread_memory(MEMORY_TASK, (copy + 2 * tile) * sizeof(float));
    long end = smallest((index + 1) * blocks->per_task, blocks->count);
    for (long i = index * blocks->per_task; i < end; i++) {
        Block block = block_at(plan, i);
        read_block(plan, &block, call->source, memory);
        convolve_block(plan, &block, memory + copy, call->step);
        finish_block(call, &block, memory + copy, memory + copy + tile, index);
    }
}

/* ---- the same by Winograd's tiles ---- */

static void pool_group(const Call *call, long first, long end, float *memory, long part)
{
    const Winograd *winograd = call->winograd;
    const Plan *plan = call->plan;
    float *tile = memory + group_size(winograd);
    Group group;
    begin_group(&group, winograd, memory);
    for (long i = first; i < end; i++) {
        Block block = block_at(plan, i);
        Picture picture = source_of_block(winograd, &block, call->source);
        add_to_group(&group, &block, &picture);
    }
    Soon soon = {{source_of_blocks(plan, end, 2 * end - first, call->source)}};
    multiply_group(&group, &soon);
    for (long i = first; i < end; i++) {
        Block block = block_at(plan, i);
        Picture picture = source_of_block(winograd, &block, call->source);
        block.row_end = smallest(block.row_end, winograd->rows);
        block.column_end = winograd->columns;
        long row_step = winograd->columns * call->step;
        Image image = {tile, row_step, call->step, block.row_end - block.row, winograd->columns};
        take_from_group(&group, i - first, &block, &picture, &image);
        finish_block(call, &block, tile, tile + image.rows * row_step, part);
    }
}

static void pool_groups(void *context, long index)
{
    const Call *call = context;
    const Blocks *blocks = &call->plan->blocks;
    size_t tile = (size_t)blocks->rows * blocks->columns * call->step;
    size_t floats = group_size(call->winograd) + 2 * tile;
    float *memory = thread_memory(MEMORY_TASK, floats * sizeof(float));
    long end = smallest((index + 1) * blocks->per_task, blocks->count);
    long group = call->winograd->group;
    for (long i = index * blocks->per_task; i < end; i += group)
        pool_group(call, i, smallest(i + group, end), memory, index);
}

/* ---- the kernel ---- */

/* result = max pooling of [relu of] (convolution of the input by the kernel + bias), and choice =
   the place in its window of each largest element, the first of equal ones (uint8).
   integer: CONVOLUTION_..., POOL_...; value: input, kernel, bias or none, result, choice. */
EXPORT int convolution_pool_forward(const Record *record, void *const *table)
{
    Convolution convolution;
    Winograd winograd;
    Pool pool;
    read_pool(record, &convolution, &pool);
    int is_tiled = suits_winograd(&convolution, FORWARD);
    if (!is_tiled)
        convolution.block_positions = ceiling(POOLED_BLOCK_FLOATS, largest(convolution.filters, 1));
    size_t step = round_up(convolution.filters, LANES);
    size_t bytes = is_tiled ? winograd_bytes(&convolution, FORWARD)
                            : plan_bytes(&convolution, FORWARD, 1);
    char *memory = thread_memory(MEMORY_CALL, bytes + step * sizeof(float));
    const float *kernel = value_at(record, table, KERNEL);
    memory = is_tiled ? make_winograd(&winograd, &convolution, FORWARD, kernel, memory)
                      : make_plan(&winograd.plan, &convolution, FORWARD, kernel, memory);
    long tasks = winograd.plan.blocks.tasks;
    Call call = {&winograd.plan, &winograd, &pool, value_at(record, table, SOURCE), (float *)memory,
                 convolution.filters, step, value_at(record, table, RESULT),
                 value_at(record, table, CHOICE), chain_prepare(record->chain, table, tasks)};
    const float *bias = value_at(record, table, BIAS);
    memset(call.bias, 0, step * sizeof(float));
    if (bias)
        memcpy(call.bias, bias, convolution.filters * sizeof(float));
    parallel_for(tasks, is_tiled ? pool_groups : pool_task, &call);
    return call.chain ? chain_finish(call.chain) : 0;
}
