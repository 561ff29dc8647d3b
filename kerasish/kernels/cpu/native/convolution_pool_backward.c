/* All derivatives of a convolution with bias, relu and max pooling behind it, from the cotangent of
   the pooled values: image by image, so that the cotangent before the pooling exists for one image
   of each thread only. For images of one plane. */
#include "chain.h"
#include "convolution_pool.h"
#include "microkernels.h"
#include "threads.h"

#include <string.h>

/* record->value; absent: POOLED where nothing rectifies, results that are not wanted. */
enum { COTANGENT, POOLED, CHOICE, SOURCE, KERNEL, KERNEL_GRADIENT, BIAS_GRADIENT, RESULT };

enum { MOST_PARTS = 16, PARTIAL_FLOATS = 4 * 1024 * 1024, WHOLE_IMAGES = 1 << 30 };

typedef struct {
    const Plan *forward;  /* for the gradient of the kernel */
    const Plan *backward; /* for that of the input; NULL where not wanted */
    const Pool *pool;
    const float *cotangent, *pooled, *source;
    const uint8_t *choice;
    float *result;                /* derivative by the input; NULL where the chain alone wants it */
    const PartialSums *partial;   /* of the kernel's gradient */
    float *bias_sums;             /* a row of `width` for each part */
    long channels, width;         /* filters; the same in whole vectors */
    long row_step, size, origin;  /* the cotangent of an image before the pooling: layout, and */
    int is_kernel_wanted;         /* where its first element lies */
    ChainRun *chain;
} Call;

/* ---- cotangent before the pooling ---- */

/* Spreads the cotangent of `count` <= LANES channels of one window; returns what it spread. */
static inline Vector spread(const Call *call, Vector cotangent, Lanes choice, float *to, long count)
{
    const Pool *pool = call->pool;
    for (long r = 0, number = 0; r < pool->window[ROW]; r++)
        for (long c = 0; c < pool->window[COLUMN]; c++, number++) {
            float *here = to + r * call->row_step + c * call->channels;
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
        cotangent = choose(load_first(call->pooled + at + k, count) > splat(0), cotangent, splat(0));
    Lanes choice = load_some_choices(call->choice + at + k, count);
    store(sums + k, load(sums + k) + spread(call, cotangent, choice, to + k, count));
}

static void spread_image(const Call *call, long image, float *to, float *sums)
{
    const long *output = call->pool->output, *stride = call->pool->stride;
    long at = image * output[ROW] * output[COLUMN] * call->channels;
    for (long r = 0; r < output[ROW]; r++)
        for (long c = 0; c < output[COLUMN]; c++, at += call->channels)
            spread_window(call, at,
                          to + r * stride[ROW] * call->row_step
                              + c * stride[COLUMN] * call->channels, sums);
}

/* ---- one image ---- */

static void add_image(const Call *call, long image, const float *cotangent, float *copy,
                      float *gradient, int accumulate)
{
    const Plan *plan = call->forward;
    long per_image = plan->blocks.row_blocks * plan->blocks.column_blocks;
    for (long i = 0; i < per_image; i++) {
        Block block = block_at(plan, image * per_image + i);
        read_block(plan, &block, call->source, copy);
        add_kernel_gradient(plan, &block,
                            cotangent + block.row * call->row_step + block.column * call->channels,
                            call->row_step, gradient, accumulate || i, 0, 1);
    }
}

static void convolve_image(const Call *call, long image, const float *cotangent, float *tile,
                           long part)
{
    const Plan *plan = call->backward;
    long channels = plan->groups * plan->target_channels;
    Block block = block_at(plan, image);
    long count = block.row_end * block.column_end;
    float *result = call->result ? call->result + block.first * channels : tile;
    place_block(plan, &block, cotangent);
    convolve_block(plan, &block, result, channels);
    if (call->chain)
        chain_rows(call->chain, block.first, block.first + count, result, channels, part);
}

static void backward_task(void *context, long part)
{
    const Call *call = context;
    size_t spread_size = round_up(call->size + LANES, LANES);
    size_t copy = round_up(copy_size(call->forward), LANES);
    size_t tile = 0;
    if (call->backward && !call->result)
        tile = volume((long[]){call->backward->axes[ROW].target, call->backward->axes[COLUMN].target,
                               call->backward->groups * call->backward->target_channels});
    float *memory = thread_memory(MEMORY_TASK, (spread_size + copy + tile) * sizeof(float));
    float *sums = call->bias_sums + part * call->width;
    float *gradient = call->partial->sums + part * call->partial->size;
    memset(memory, 0, spread_size * sizeof(float)); /* its edges stay zero */
    memset(sums, 0, call->width * sizeof(float));
    long first = part_start(call->forward->batch, call->partial->parts, part);
    long end = part_start(call->forward->batch, call->partial->parts, part + 1);
    for (long i = first; i < end; i++) {
        spread_image(call, i, memory + call->origin, sums);
        if (call->is_kernel_wanted)
            add_image(call, i, memory + call->origin, memory + spread_size, gradient, i > first);
        if (call->backward)
            convolve_image(call, i, memory, memory + spread_size + copy, part);
    }
}

/* ---- the kernel ---- */

static void add_bias_sums(const Call *call, float *result)
{
    for (long k = 0; k < call->channels; k++)
        result[k] = 0;
    for (long part = 0; part < call->partial->parts; part++)
        for (long k = 0; k < call->channels; k++)
            result[k] += call->bias_sums[part * call->width + k];
}

/* Layout of the cotangent before the pooling: padded as the derivative by the input wants it. */
static void lay_out(Call *call, const Convolution *convolution)
{
    call->row_step = convolution->output[COLUMN] * call->channels;
    call->size = convolution->output[ROW] * call->row_step;
    call->origin = 0;
    if (call->backward && call->backward->blocks.count) {
        Block block = block_at(call->backward, 0);
        place_block(call->backward, &block, 0);
        call->row_step = call->backward->row_step;
        call->size = call->backward->plane_step;
        call->origin = block.origin;
    }
}

/* Derivatives of convolution_pool_forward by the kernel, the bias and the input.
   integer: CONVOLUTION_..., POOL_...; value: cotangent, pooled (where relu stops cotangents) or
   none, choice, input, kernel; kernel's gradient, bias's, input's, each or none. */
EXPORT int convolution_pool_backward(const Record *record, void *const *table)
{
    Convolution convolution;
    Plan forward, backward;
    Pool pool;
    read_pool(record, &convolution, &pool);
    int has_input = record->value[RESULT] >= 0 || record->chain;
    float *kernel_gradient = value_at(record, table, KERNEL_GRADIENT);
    float *bias_gradient = value_at(record, table, BIAS_GRADIENT);
    PartialSums partial = {.size = volume(convolution.window) * convolution.filters
                                   * (convolution.channels / convolution.groups)};
    partial.parts = smallest(MOST_PARTS, PARTIAL_FLOATS / largest(partial.size, 1));
    partial.parts = smallest(largest(partial.parts, 2), largest(convolution.batch, 1));
    Call call = {.forward = &forward, .backward = has_input ? &backward : 0, .pool = &pool,
                 .cotangent = value_at(record, table, COTANGENT),
                 .pooled = pool.rectifies ? value_at(record, table, POOLED) : 0,
                 .source = value_at(record, table, SOURCE),
                 .choice = value_at(record, table, CHOICE),
                 .result = value_at(record, table, RESULT), .partial = &partial,
                 .channels = convolution.filters, .width = round_up(convolution.filters, LANES),
                 .is_kernel_wanted = kernel_gradient != 0,
                 .chain = chain_prepare(record->chain, table, partial.parts)};

    size_t floats = partial.parts * (round_up(partial.size, LANES) + call.width);
    size_t bytes = plan_bytes(&convolution, FORWARD, 0)
                   + (has_input ? plan_bytes(&convolution, BACKWARD, 1) : 0);
    char *memory = thread_memory(MEMORY_CALL, bytes + floats * sizeof(float));
    memory = make_plan(&forward, &convolution, FORWARD, 0, memory);
    if (has_input) {
        convolution.block_positions = WHOLE_IMAGES;
        memory = make_plan(&backward, &convolution, BACKWARD, value_at(record, table, KERNEL), memory);
    }
    call.bias_sums = (float *)memory;
    partial.sums = partial.parts > 1 ? call.bias_sums + partial.parts * call.width
                                     : kernel_gradient;
    lay_out(&call, &convolution);
    if (convolution.batch)
        parallel_for(partial.parts, backward_task, &call);
    else if (kernel_gradient)
        memset(kernel_gradient, 0, partial.size * sizeof(float));
    if (kernel_gradient && convolution.batch)
        add_partial_sums(&partial, kernel_gradient);
    if (bias_gradient && convolution.batch)
        add_bias_sums(&call, bias_gradient);
    else if (bias_gradient)
        memset(bias_gradient, 0, call.channels * sizeof(float));
    return call.chain ? chain_finish(call.chain) : 0;
}
