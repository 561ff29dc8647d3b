/* One block of a convolution: its source, padded if need be, and the sums of all its positions. */
#include "convolution.h"
#include "microkernels.h"

#include <string.h>

Block block_at(const Plan *plan, long index)
{
    const Blocks *blocks = &plan->blocks;
    const SumAxis *plane = plan->axes + PLANE, *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    Block block;
    long column_block = index % blocks->column_blocks;
    index /= blocks->column_blocks;
    long row_block = index % blocks->row_blocks;
    index /= blocks->row_blocks;
    block.plane = index % plane->target;
    block.image = index / plane->target;
    block.row = row_block * blocks->rows;
    block.row_end = smallest(block.row + blocks->rows, row->target);
    block.column = column_block * blocks->columns;
    block.column_end = smallest(block.column + blocks->columns, column->target);
    block.first = (index * row->target + block.row) * column->target + block.column;
    return block;
}

size_t copy_size(const Plan *plan)
{
    return plan->is_copied ? (size_t)plan->copy_planes * plan->plane_step + LANES : 0;
}

/* The source positions [*low, *high) that the targets [from, to) see, outside ones included. */
static void seen_range(const SumAxis *axis, long from, long to, long *low, long *high)
{
    int is_empty = 1;
    *low = *high = 0;
    for (long p = 0; p < axis->phases; p++) {
        long begin = positions_before(axis, p, from), end = positions_before(axis, p, to);
        long first = axis->start[p], last = axis->start[p + 1] - 1;
        if (begin == end || last < first)
            continue;
        long bottom = axis->step * begin + axis->offset[first];
        long top = axis->step * (end - 1) + axis->offset[last] + 1;
        *low = is_empty ? bottom : smallest(*low, bottom);
        *high = is_empty ? top : largest(*high, top);
        is_empty = 0;
    }
}

/* One padded row: source columns [low, high), zeros where they lie outside. */
static void copy_row(const Plan *plan, const float *row, long low, long high, float *copy)
{
    long size = plan->axes[COLUMN].source, step = plan->column_step;
    long from = smallest(largest(low, 0), size), to = largest(smallest(high, size), from);
    long left = smallest(from - low, high - low), inner = to - from;
    memset(copy, 0, left * step * sizeof(float));
    memcpy(copy + left * step, row + from * step, inner * step * sizeof(float));
    memset(copy + (left + inner) * step, 0, (high - low - left - inner) * step * sizeof(float));
}

void place_block(const Plan *plan, Block *block, const float *copy)
{
    const SumAxis *plane = plan->axes + PLANE;
    block->source = copy;
    if (!plan->is_copied) {
        block->origin = block->plane / plane->phases * plane->step * plan->plane_step;
        return;
    }
    long low, left, end;
    seen_range(plan->axes + ROW, block->row, block->row_end, &low, &end);
    seen_range(plan->axes + COLUMN, block->column, block->column_end, &left, &end);
    block->origin = -low * plan->row_step - left * plan->column_step;
}

void read_block(const Plan *plan, Block *block, const float *source, float *copy)
{
    const SumAxis *plane = plan->axes + PLANE, *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    long row_size = column->source * plan->column_step, plane_size = row->source * row_size;
    source += block->image * plane->source * plane_size;
    place_block(plan, block, plan->is_copied ? copy : source);
    if (!plan->is_copied)
        return;
    long phase = block->plane % plane->phases, at = block->plane / plane->phases * plane->step;
    long low, high, left, right;
    seen_range(row, block->row, block->row_end, &low, &high);
    seen_range(column, block->column, block->column_end, &left, &right);
    float *end = copy;
    for (long n = plane->start[phase]; n < plane->start[phase + 1]; n++) {
        long p = at + plane->offset[n];
        float *to = copy + (n - plane->start[phase]) * plan->plane_step;
        for (long r = low; r < high; r++, to += plan->row_step) {
            int is_inside = p >= 0 && p < plane->source && r >= 0 && r < row->source;
            if (is_inside)
                copy_row(plan, source + p * plane_size + r * row_size, left, right, to);
            else
                memset(to, 0, (right - left) * plan->column_step * sizeof(float));
        }
        end = to;
    }
    memset(end, 0, LANES * sizeof(float));
}

/* ---- sums ---- */

typedef struct {
    const TapRuns *runs;
    const float *source, *weights;
    float *target;
    long source_step, target_step; /* between neighbouring positions of one phase */
    long count;                    /* positions */
    long columns;                  /* of the panel */
} RowOfSums;

static void convolve_row(const RowOfSums *row)
{
    long width = ceiling(row->columns, LANES);
    long parts = blocks_of(row->count, greatest_height(width));
    for (long i = 0; i < parts; i++) {
        long from = part_start(row->count, parts, i), to = part_start(row->count, parts, i + 1);
        row_kernels[width][to - from](row->source + from * row->source_step, row->source_step,
                                      row->runs->offsets, row->runs->count, row->runs->depth,
                                      row->weights, width * LANES,
                                      row->target + from * row->target_step, row->target_step,
                                      row->columns, 0);
    }
}

/* The panel of `columns` target channels from number `from` of a group on. */
static void convolve_panel(const Plan *plan, const Block *block, long group, long from,
                           long columns, float *target, long step)
{
    const SumAxis *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    long plane_phase = block->plane % plan->axes[PLANE].phases;
    RowOfSums sums = {.columns = columns, .source_step = column->step * plan->column_step,
                      .target_step = column->phases * step};
    for (long r = block->row; r < block->row_end; r++) {
        long first = (plane_phase * row->phases + r % row->phases) * column->phases;
        long above = block->origin + r / row->phases * row->step * plan->row_step
                     + group * plan->source_channels;
        for (long phase = 0; phase < column->phases; phase++) {
            long begin = positions_before(column, phase, block->column);
            sums.runs = plan->runs + first + phase;
            sums.weights = sums.runs->weights + group * plan->group_weights
                           + sums.runs->count * sums.runs->depth * from;
            sums.source = block->source + (above + begin * sums.source_step);
            sums.target = target + (phase + begin * column->phases - block->column) * step;
            sums.count = positions_before(column, phase, block->column_end) - begin;
            convolve_row(&sums);
        }
        target += (block->column_end - block->column) * step;
    }
}

void convolve_block(const Plan *plan, const Block *block, float *target, long step)
{
    for (long group = 0; group < plan->groups; group++) {
        long channels = plan->target_channels;
        for (long from = 0, columns; from < channels; from += columns) {
            columns = panel_columns(plan, channels - from);
            convolve_panel(plan, block, group, from, columns,
                           target + group * channels + from, step);
        }
    }
}
