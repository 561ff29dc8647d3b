/* All derivatives of a convolution with bias, relu and max pooling behind it, from the cotangent of
   the pooled values: a few images at a time, so that the cotangent before the pooling exists for
   those of each thread only. For images of one plane. */
#include "chain.h"
#include "convolution_pool.h"
#include "microkernels.h"
#include "threads.h"
#include "winograd.h"

#include <string.h>

/* record->value; absent: POOLED where nothing rectifies, results that are not wanted. */
enum { COTANGENT, POOLED, CHOICE, SOURCE, KERNEL, KERNEL_GRADIENT, BIAS_GRADIENT, RESULT };

enum {
    MOST_PARTS = 16,
    PARTIAL_FLOATS = 4 * 1024 * 1024, /* of all partial sums together */
    LEAST_TILES_OF_PART = 48,
    WHOLE_IMAGES = 1 << 30 /* positions of a block */
};

typedef struct {
    Winograd forward;  /* for the gradient of the kernel */
    Winograd backward; /* for that of the input */
    int is_tiled;      /* otherwise only their plans are there */
    int has_kernel, has_input; /* which derivatives are wanted */
    Pool pool;
    const float *cotangent, *pooled, *source;
    const uint8_t *choice;
    float *result;            /* derivative by the input; NULL where the chain alone wants it */
    PartialSums partial;      /* of the kernel's gradient */
    float *bias_sums;         /* a row of `width` for each part */
    long channels, width;     /* filters; the same in whole vectors */
    long row_step, size;      /* of an image's cotangent before the pooling, with zeros around */
    long origin;              /* where they are wanted, and where its first element lies */
    long together;            /* images whose tiles are multiplied together */
    ChainRun *chain;
} Call;

/* ---- cotangent before the pooling ---- */

/* Spreads the cotangent of `count` <= LANES channels of one window; returns what it spread. */
static inline Vector spread(const Call *call, Vector cotangent, Lanes choice, float *to, long count)
{
    const Pool *pool = &call->pool;
    const long row_step = call->row_step, step = call->channels;
    for (long r = 0, number = 0; r < pool->window[ROW]; r++)
        for (long c = 0; c < pool->window[COLUMN]; c++, number++) {
            float *here = to + r * row_step + c * step;
            Vector part = choose(choice == (int32_t)number, cotangent, splat(0));
            if (count == LANES)
                store(here, part);
            else
                store_first(here, part, count);
        }
    return choose(choice == NO_CHOICE, splat(0), cotangent);
}

/* One window, whose pooled channels start at element `at`. */
static void spread_window(const Call *call, long at, float *to, float *sums)
{
    long k = 0;
    for (; k + LANES <= call->channels; k += LANES) {
        Vector cotangent = load(call->cotangent + at + k);
        if (call->pooled)
            cotangent = choose(load(call->pooled + at + k) > splat(0), cotangent, splat(0));
        Lanes choice = load_choices(call->choice + at + k);
        store(sums + k, load(sums + k) + spread(call, cotangent, choice, to + k, LANES));
    }
    long count = call->channels - k;
    if (!count)
        return;
    Vector cotangent = load_first(call->cotangent + at + k, count);
    if (call->pooled)
        cotangent
            = choose(load_first(call->pooled + at + k, count) > splat(0), cotangent, splat(0));
    Lanes choice = load_some_choices(call->choice + at + k, count);
    store(sums + k, load(sums + k) + spread(call, cotangent, choice, to + k, count));
}

static void spread_image(const Call *call, long image, float *to, float *sums)
{
    const long *output = call->pool.output, *stride = call->pool.stride;
    long at = image * output[ROW] * output[COLUMN] * call->channels;
    for (long r = 0; r < output[ROW]; r++)
        for (long c = 0; c < output[COLUMN]; c++, at += call->channels)
            spread_window(call, at,
                          to + r * stride[ROW] * call->row_step
                              + c * stride[COLUMN] * call->channels, sums);
}

/* ---- one part of the batch ---- */

/* Memory of a task. */
typedef struct {
    float *spread, *copy, *group, *sum, *tile;
} Scratch;

static Scratch scratch_of(const Call *call)
{
    const Plan *backward = &call->backward.plan;
    size_t spread_size = round_up(call->together * call->size + LANES, LANES);
    size_t copy = 0, group = 0, sum = 0, tile = 0;
    if (call->is_tiled)
        sum = gradient_sum_size(&call->forward);
    else
        copy = round_up(copy_size(&call->forward.plan), LANES);
    if (call->is_tiled && call->has_input)
        group = group_size(&call->backward);
    if (call->has_input && !call->result)
        tile = (call->is_tiled ? most_rows_of_block(&call->backward) * call->backward.columns
                               : backward->blocks.rows * backward->blocks.columns)
               * backward->groups * backward->target_channels;
    Scratch scratch;
    scratch.spread = thread_memory(MEMORY_TASK, (spread_size + copy + group + sum + tile)
                                                    * sizeof(float));
    scratch.copy = scratch.spread + spread_size;
    scratch.group = scratch.copy + copy;
    scratch.sum = scratch.group + group;
    scratch.tile = scratch.sum + sum;
    memset(scratch.spread, 0, spread_size * sizeof(float)); /* what no window covers stays zero */
    return scratch;
}

static long blocks_of_image(const Plan *plan)
{
    return plan->blocks.row_blocks * plan->blocks.column_blocks;
}

/* Adds the gradient of the kernel. */
static void add_image(const Call *call, long image, const Scratch *scratch, float *gradient,
                      int accumulate)
{
    const Plan *plan = &call->forward.plan;
    long per_image = blocks_of_image(plan);
    for (long i = 0; i < per_image; i++) {
        Block block = block_at(plan, image * per_image + i);
        const float *cotangent = scratch->spread + call->origin + block.row * call->row_step
                                 + block.column * call->channels;
        read_block(plan, &block, call->source, scratch->copy);
        add_kernel_gradient(plan, &block, cotangent, call->row_step, gradient, accumulate || i, 0,
                            1);
    }
}

/* The derivative by one image of the input. */
static void convolve_image(const Call *call, long image, const Scratch *scratch, long part)
{
    const Plan *plan = &call->backward.plan;
    Block block = block_at(plan, image);
    long channels = plan->groups * plan->target_channels, first = block.first;
    long end = first + block.row_end * block.column_end;
    float *result = call->result ? call->result + first * channels : scratch->tile;
    place_block(plan, &block, scratch->spread);
    convolve_block(plan, &block, result, channels);
    if (call->chain)
        chain_rows(call->chain, first, end, result, channels, part);
}

static void backward_task(void *context, long part)
{
    const Call *call = context;
    Scratch scratch = scratch_of(call);
    float *sums = call->bias_sums + part * call->width;
    float *gradient = call->partial.sums + part * call->partial.size;
    memset(sums, 0, call->width * sizeof(float));
    long first = part_start(call->forward.plan.batch, call->partial.parts, part);
    long end = part_start(call->forward.plan.batch, call->partial.parts, part + 1);
    for (long i = first; i < end; i++) {
        spread_image(call, i, scratch.spread + call->origin, sums);
        if (call->has_kernel)
            add_image(call, i, &scratch, gradient, i > first);
        if (call->has_input)
            convolve_image(call, i, &scratch, part);
    }
}

/* ---- the same by Winograd's tiles ---- */

/* The cotangent of image number `index` of those that are spread. */
static Picture spread_picture(const Call *call, const Scratch *scratch, long index)
{
    const float *pixels = scratch->spread + index * call->size;
    return (Picture){.pixels = pixels,
                     .rows = call->forward.rows,
                     .columns = call->forward.columns,
                     .channels = call->channels,
                     .row_step = call->row_step,
                     .end = pixels + call->size + LANES};
}

/* Adds the gradient of the kernel for image number `first + index`. */
static void add_image_tiles(const Call *call, long first, long index, const Scratch *scratch,
                            GradientSum *sum)
{
    const Plan *plan = &call->forward.plan;
    long per_image = blocks_of_image(plan);
    Picture cotangent = spread_picture(call, scratch, index);
    for (long i = 0; i < per_image; i++) {
        Block block = block_at(plan, (first + index) * per_image + i);
        Picture picture = source_of_block(&call->forward, &block, call->source);
        long next = (first + index + 1) * per_image;
        Soon soon = {{source_of_blocks(plan, next, next + call->forward.group, call->source)}};
        add_to_gradient_sum(sum, &block, &picture, &cotangent, &soon);
    }
}

/* The derivative by the blocks [from, to) of the input, a group at most; the first image that is
   spread is number `first`. */
static void convolve_blocks(const Call *call, long from, long to, long first,
                            const Scratch *scratch, long part)
{
    const Winograd *backward = &call->backward;
    long columns = backward->columns, channels = backward->plan.target_channels;
    Group group;
    begin_group(&group, backward, scratch->group);
    for (long i = from; i < to; i++) {
        Block block = block_at(&backward->plan, i);
        Picture picture = spread_picture(call, scratch, block.image - first);
        add_to_group(&group, &block, &picture);
    }
    Soon soon = {{{0}}};
    if (call->result)
        soon.pieces[0] = rows_of_blocks(&backward->plan, from, to, call->result, backward->rows,
                                        columns * channels);
    multiply_group(&group, &soon);
    for (long i = from; i < to; i++) {
        Block block = block_at(&backward->plan, i);
        Picture picture = spread_picture(call, scratch, block.image - first);
        long rows = rows_of_block(backward, &block);
        long position = (block.image * backward->rows + block.row) * columns;
        float *result = call->result ? call->result + position * channels : scratch->tile;
        Image pixels = {result, columns * channels, channels, rows, columns};
        take_from_group(&group, i - from, &block, &picture, &pixels);
        if (call->chain)
            chain_rows(call->chain, position, position + rows * columns, result, channels, part);
    }
}

static void tiled_task(void *context, long part)
{
    const Call *call = context;
    const Winograd *backward = &call->backward;
    Scratch scratch = scratch_of(call);
    float *sums = call->bias_sums + part * call->width;
    GradientSum sum;
    begin_gradient_sum(&sum, &call->forward, scratch.sum);
    memset(sums, 0, call->width * sizeof(float));
    long end = part_start(call->forward.plan.batch, call->partial.parts, part + 1);
    long first = part_start(call->forward.plan.batch, call->partial.parts, part);
    for (long next; first < end; first = next) {
        next = smallest(first + call->together, end);
        for (long i = 0; i < next - first; i++) {
            spread_image(call, first + i, scratch.spread + i * call->size, sums);
            if (call->has_kernel)
                add_image_tiles(call, first, i, &scratch, &sum);
        }
        long per_image = call->has_input ? blocks_of_image(&backward->plan) : 0;
        for (long i = first * per_image; i < next * per_image; i += backward->group)
            convolve_blocks(call, i, smallest(i + backward->group, next * per_image), first,
                            &scratch, part);
    }
    if (call->has_kernel)
        take_gradient(&sum, call->partial.sums + part * call->partial.size);
}

/* ---- the kernel ---- */

static void plan_parts(Call *call, const Convolution *convolution)
{
    PartialSums *partial = &call->partial;
    long tiles = convolution->batch * ceiling(convolution->output[ROW], TILE)
                 * ceiling(convolution->output[COLUMN], TILE);
    partial->size = volume(convolution->window) * convolution->filters
                    * (convolution->channels / convolution->groups);
    partial->parts = smallest(MOST_PARTS, PARTIAL_FLOATS / largest(partial->size, 1));
    if (call->is_tiled)
        partial->parts = smallest(partial->parts, tiles / LEAST_TILES_OF_PART);
    partial->parts = smallest(largest(partial->parts, 2), convolution->batch);
}

static size_t bytes_of_plans(const Call *call, const Convolution *convolution)
{
    if (call->is_tiled)
        return winograd_bytes(convolution, FORWARD) + winograd_bytes(convolution, BACKWARD);
    return plan_bytes(convolution, FORWARD, 0) + plan_bytes(convolution, BACKWARD, 1);
}

static char *make_plans(Call *call, Convolution *convolution, const float *kernel, char *memory)
{
    if (call->is_tiled) {
        convolution->unit[ROW] = convolution->unit[COLUMN] = 1; /* images are spread as a whole */
        memory = make_winograd(&call->forward, convolution, FORWARD, 0, memory);
        if (call->has_input)
            memory = make_winograd(&call->backward, convolution, BACKWARD, kernel, memory);
        return memory;
    }
    memory = make_plan(&call->forward.plan, convolution, FORWARD, 0, memory);
    convolution->block_positions = WHOLE_IMAGES;
    if (call->has_input)
        memory = make_plan(&call->backward.plan, convolution, BACKWARD, kernel, memory);
    return memory;
}

/* Layout of the cotangent before the pooling: without zeros around where tiles are read from it,
   otherwise as the derivative by the input reads it. */
static void lay_out(Call *call)
{
    const Plan *backward = &call->backward.plan;
    const SumAxis *axes = call->forward.plan.axes;
    long rows = call->is_tiled ? call->forward.rows : axes[ROW].target;
    long columns = call->is_tiled ? call->forward.columns : axes[COLUMN].target;
    call->row_step = columns * call->channels;
    call->size = rows * call->row_step;
    call->origin = 0;
    call->together = 1;
    if (call->is_tiled && call->has_input)
        call->together = largest(call->backward.group / blocks_of_image(backward), 1);
    if (!call->is_tiled && call->has_input && backward->blocks.count) {
        Block block = block_at(backward, 0);
        place_block(backward, &block, 0);
        call->row_step = backward->row_step;
        call->size = backward->plane_step;
        call->origin = block.origin;
    }
}

static void add_bias_sums(const Call *call, float *result)
{
    memset(result, 0, call->channels * sizeof(float));
    for (long part = 0; part < call->partial.parts; part++)
        for (long k = 0; k < call->channels; k++)
            result[k] += call->bias_sums[part * call->width + k];
}

/* Derivatives of convolution_pool_forward by the kernel, the bias and the input.
   integer: CONVOLUTION_..., POOL_...; value: cotangent, pooled (where relu stops cotangents) or
   none, choice, input, kernel; kernel's gradient, bias's, input's, each or none. */
EXPORT int convolution_pool_backward(const Record *record, void *const *table)
{
    Convolution convolution;
    Call call = {0};
    read_pool(record, &convolution, &call.pool);
    float *kernel_gradient = value_at(record, table, KERNEL_GRADIENT);
    float *bias_gradient = value_at(record, table, BIAS_GRADIENT);
    call.has_kernel = kernel_gradient != 0;
    call.result = value_at(record, table, RESULT);
    call.has_input = call.result || record->chain;
    call.is_tiled = suits_winograd_gradient(&convolution)
                    && (!call.has_input || suits_winograd(&convolution, BACKWARD));
    plan_parts(&call, &convolution);
    call.chain = chain_prepare(record->chain, table, largest(call.partial.parts, 1));
    call.cotangent = value_at(record, table, COTANGENT);
    call.pooled = call.pool.rectifies ? value_at(record, table, POOLED) : 0;
    call.source = value_at(record, table, SOURCE);
    call.choice = value_at(record, table, CHOICE);
    call.channels = convolution.filters;
    call.width = round_up(convolution.filters, LANES);

    long partial_size = call.partial.parts > 1 ? call.partial.size : 0;
    size_t floats = call.partial.parts * (partial_size + call.width);
    size_t bytes = bytes_of_plans(&call, &convolution) + 64;
    char *memory = thread_memory(MEMORY_CALL, bytes + floats * sizeof(float));
    memory = make_plans(&call, &convolution, value_at(record, table, KERNEL), memory);
    call.bias_sums = (float *)memory;
    call.partial.sums = call.partial.parts > 1
                            ? call.bias_sums + call.partial.parts * call.width
                            : kernel_gradient;
    lay_out(&call);
    parallel_for(call.partial.parts, call.is_tiled ? tiled_task : backward_task, &call);
    if (kernel_gradient && call.partial.parts)
        add_partial_sums(&call.partial, kernel_gradient);
    else if (kernel_gradient)
        memset(kernel_gradient, 0, call.partial.size * sizeof(float));
    if (bias_gradient)
        add_bias_sums(&call, bias_gradient);
    return call.chain ? chain_finish(call.chain) : 0;
}
