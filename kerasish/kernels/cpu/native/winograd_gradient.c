/* Gradient of the weights by Winograd's tiles. */
#include "microkernels.h"
#include "winograd.h"

#include <string.h>

enum { LEAST_TILES_OF_PART = 48 }; /* fewer are not worth the transform of their sum */

int suits_winograd_gradient(const Convolution *convolution)
{
    long tiles = convolution->batch * ceiling(convolution->output[ROW], TILE)
                 * ceiling(convolution->output[COLUMN], TILE);
    return suits_winograd(convolution, FORWARD) && tiles >= 2 * LEAST_TILES_OF_PART;
}

static long sum_size(const Winograd *winograd)
{
    return PLACES * winograd->plan.source_channels * winograd->target_vectors * LANES;
}

static long direct_size(const Winograd *winograd)
{
    const Plan *plan = &winograd->plan;
    return round_up(WINDOW * WINDOW * plan->source_channels * plan->target_channels, LANES);
}

static long widest_patch(const Plan *plan)
{
    return patch_size(largest(plan->source_channels, plan->target_channels));
}

size_t gradient_sum_size(const Winograd *winograd)
{
    const Plan *plan = &winograd->plan;
    long block = plan->blocks.rows * plan->blocks.columns * plan->target_channels + LANES;
    return places_size(winograd->capacity, winograd->source_vectors)
           + places_size(winograd->capacity, winograd->target_vectors) + sum_size(winograd)
           + direct_size(winograd) + widest_patch(plan) + round_up(copy_size(plan), LANES) + block;
}

void begin_gradient_sum(GradientSum *sum, const Winograd *winograd, float *memory)
{
    long capacity = winograd->capacity;
    sum->winograd = winograd;
    sum->inputs = (Places){memory, capacity, winograd->source_vectors};
    memory += places_size(capacity, winograd->source_vectors);
    sum->cotangents = (Places){memory, capacity, winograd->target_vectors};
    memory += places_size(capacity, winograd->target_vectors);
    sum->sums = memory;
    sum->direct = sum->sums + sum_size(winograd);
    sum->patch = sum->direct + direct_size(winograd);
    sum->copy = sum->patch + widest_patch(&winograd->plan);
    sum->tiles = 0;
    sum->is_empty = 1;
    sum->has_direct = 0;
}

/* Adds one place of a panel of channels, times all filters. */
static void multiply_panel(const GradientSum *sum, long place, long panel)
{
    const Winograd *winograd = sum->winograd;
    long channels = smallest(winograd->plan.source_channels - panel * PANEL, PANEL);
    long filters = winograd->target_vectors * LANES;
    long own = width_of_panel(&sum->inputs, panel) * LANES;
    const float *inputs = panel_of_places(&sum->inputs, panel) + place * own;
    float *sums = sum->sums
                  + (place * winograd->plan.source_channels + panel * PANEL) * filters;
    for (long from = 0; from < filters; from += PANEL) {
        long width = width_of_panel(&sum->cotangents, from / PANEL), columns = width * LANES;
        const float *cotangents
            = panel_of_places(&sum->cotangents, from / PANEL) + place * columns;
        long parts = blocks_of(channels, greatest_height(width));
        for (long i = 0; i < parts; i++) {
            long first = part_start(channels, parts, i);
            long height = part_start(channels, parts, i + 1) - first;
            column_kernels[width][height](inputs + first, PLACES * own, 0, cotangents,
                                          PLACES * columns, 0, sum->tiles, 1,
                                          sums + first * filters + from, filters, columns,
                                          !sum->is_empty);
        }
    }
}

/* Multiplies the tiles that have been collected. */
static void multiply_tiles(GradientSum *sum, const Soon *soon)
{
    for (long place = 0; place < PLACES; place++) {
        fetch(soon, PLACES, place);
        for (long panel = 0; panel * PANEL_VECTORS < sum->inputs.vectors; panel++)
            multiply_panel(sum, place, panel);
    }
    sum->is_empty = 0;
    sum->tiles = 0;
}

static void add_directly(GradientSum *sum, const Block *block, const Picture *picture,
                         const Picture *cotangent)
{
    const Winograd *winograd = sum->winograd;
    const Plan *plan = &winograd->plan;
    Block real = *block;
    real.image = real.plane = 0; /* of the picture */
    real.row_end = smallest(block->row_end, winograd->rows);
    real.column_end = winograd->columns;
    read_block(plan, &real, picture->pixels, sum->copy);
    float *copy = sum->copy + round_up(copy_size(plan), LANES); /* whole vectors are read */
    long row_size = winograd->columns * plan->target_channels;
    long count = (real.row_end - real.row) * row_size;
    for (long r = real.row; r < real.row_end; r++)
        memcpy(copy + (r - real.row) * row_size, cotangent->pixels + r * cotangent->row_step,
               row_size * sizeof(float));
    memset(copy + count, 0, LANES * sizeof(float));
    add_kernel_gradient(plan, &real, copy, row_size, sum->direct, sum->has_direct, 0, 1);
    sum->has_direct = 1;
}

void add_to_gradient_sum(GradientSum *sum, const Block *block, const Picture *picture,
                         const Picture *cotangent, const Soon *soon)
{
    const Plan *plan = &sum->winograd->plan;
    long row = plan->axes[ROW].offset[0], column = plan->axes[COLUMN].offset[0];
    Vector check = {0};
    long index = sum->tiles;
    for (long r = block->row; r < block->row_end; r += TILE)
        for (long c = block->column; c < block->column_end; c += TILE, index++) {
            Window tile = window_of(picture, r + row, c + column, SEEN, sum->patch);
            transform_tile(transform_input, &tile, &sum->inputs, index, &check);
            tile = window_of(cotangent, r, c, TILE, sum->patch);
            transform_tile(transform_cotangent, &tile, &sum->cotangents, index, &check);
        }
    if (is_finite(check))
        sum->tiles = index;
    else
        add_directly(sum, block, picture, cotangent);
    long tiles_of_block = plan->blocks.rows / TILE * (plan->blocks.columns / TILE);
    if (sum->tiles + tiles_of_block > sum->winograd->capacity)
        multiply_tiles(sum, soon);
}

void take_gradient(GradientSum *sum, float *gradient)
{
    const Winograd *winograd = sum->winograd;
    long channels = winograd->plan.source_channels, filters = winograd->plan.target_channels;
    long size = channels * filters, width = winograd->target_vectors * LANES;
    if (sum->tiles)
        multiply_tiles(sum, &(Soon){0});
    if (sum->is_empty)
        memset(gradient, 0, WINDOW * WINDOW * size * sizeof(float));
    else
        for (long c = 0; c < channels; c++)
            transform_gradient(sum->sums + c * width, channels * width, filters,
                               gradient + c * filters, size);
    if (sum->has_direct)
        for (long i = 0; i < WINDOW * WINDOW * size; i++)
            gradient[i] += sum->direct[i];
}
