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
    return round_up(PLACES * winograd->plan.source_channels * winograd->target_width, LANES);
}

static long direct_size(const Winograd *winograd)
{
    const Plan *plan = &winograd->plan;
    return round_up(WINDOW * WINDOW * plan->source_channels * plan->target_channels, LANES);
}

size_t gradient_sum_size(const Winograd *winograd)
{
    return PLACES * (place_step(winograd->capacity, winograd->source_width)
                     + place_step(winograd->capacity, winograd->target_width))
           + sum_size(winograd) + direct_size(winograd);
}

void begin_gradient_sum(GradientSum *sum, const Winograd *winograd, float *memory)
{
    sum->winograd = winograd;
    sum->input_step = place_step(winograd->capacity, winograd->source_width);
    sum->cotangent_step = place_step(winograd->capacity, winograd->target_width);
    sum->inputs = memory;
    sum->cotangents = sum->inputs + PLACES * sum->input_step;
    sum->sums = sum->cotangents + PLACES * sum->cotangent_step;
    sum->direct = sum->sums + sum_size(winograd);
    sum->tiles = 0;
    sum->is_empty = 1;
    sum->has_direct = 0;
}

/* Multiplies the tiles that have been collected. */
static void multiply_tiles(GradientSum *sum)
{
    const Winograd *winograd = sum->winograd;
    const Plan *plan = &winograd->plan;
    long channels = plan->source_channels, filters = plan->target_channels;
    for (long place = 0; place < PLACES; place++)
        for (long from = 0, columns; from < filters; from += columns) {
            columns = panel_columns(plan, filters - from);
            long width = ceiling(columns, LANES);
            long parts = blocks_of(channels, greatest_height(width));
            for (long i = 0; i < parts; i++) {
                long first = part_start(channels, parts, i);
                long height = part_start(channels, parts, i + 1) - first;
                float *to = sum->sums + (place * channels + first) * winograd->target_width + from;
                column_kernels[width][height](
                    sum->inputs + place * sum->input_step + first, winograd->source_width, 0,
                    sum->cotangents + place * sum->cotangent_step + from, winograd->target_width,
                    0, sum->tiles, 1, to, winograd->target_width, width * LANES, !sum->is_empty);
            }
        }
    sum->is_empty = 0;
    sum->tiles = 0;
}

static void add_directly(GradientSum *sum, const Block *block, const float *cotangent,
                         long row_step)
{
    const Winograd *winograd = sum->winograd;
    Block real = *block;
    real.row_end = smallest(block->row_end, winograd->rows);
    real.column_end = winograd->columns;
    add_kernel_gradient(&winograd->plan, &real, cotangent, row_step, sum->direct, sum->has_direct,
                        0, 1);
    sum->has_direct = 1;
}

void add_to_gradient_sum(GradientSum *sum, const Block *block, const float *cotangent,
                         long row_step)
{
    const Winograd *winograd = sum->winograd;
    const Plan *plan = &winograd->plan;
    const SumAxis *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    long width = winograd->source_width, filters = winograd->target_width;
    long count = (block->row_end - block->row) / TILE * (block->column_end - block->column) / TILE;
    if (sum->tiles + count > winograd->capacity)
        multiply_tiles(sum);
    Vector check = {0};
    long tile = sum->tiles;
    for (long r = block->row; r < block->row_end; r += TILE)
        for (long c = block->column; c < block->column_end; c += TILE, tile++) {
            long at = block->origin + (r + row->offset[0]) * plan->row_step
                      + (c + column->offset[0]) * plan->column_step;
            transform_input(block->source + at, plan->row_step, plan->column_step, width,
                            sum->inputs + tile * width, sum->input_step, &check);
            transform_cotangent(cotangent + (r - block->row) * row_step
                                    + (c - block->column) * plan->target_channels,
                                row_step, plan->target_channels, filters,
                                sum->cotangents + tile * filters, sum->cotangent_step, &check);
        }
    if (is_finite(check))
        sum->tiles = tile;
    else
        add_directly(sum, block, cotangent, row_step);
}

void take_gradient(GradientSum *sum, float *gradient)
{
    const Winograd *winograd = sum->winograd;
    long channels = winograd->plan.source_channels, filters = winograd->plan.target_channels;
    long size = channels * filters;
    if (sum->tiles)
        multiply_tiles(sum);
    if (sum->is_empty)
        memset(gradient, 0, WINDOW * WINDOW * size * sizeof(float));
    else
        for (long c = 0; c < channels; c++)
            transform_gradient(sum->sums + c * winograd->target_width,
                               channels * winograd->target_width, filters, gradient + c * filters,
                               size);
    if (sum->has_direct)
        for (long i = 0; i < WINDOW * WINDOW * size; i++)
            gradient[i] += sum->direct[i];
}
