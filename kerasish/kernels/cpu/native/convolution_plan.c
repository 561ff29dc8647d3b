/* Plan of a convolution: taps and phases of each axis, packed weights, how the target is cut. */
#include "convolution.h"
#include "microkernels.h"
#include "pack.h"
#include "threads.h"

#include <string.h>

enum {
    BLOCK_FLOATS = 48 * 1024,     /* source and target of a block: a good part of the L2 cache */
    TASK_PRODUCTS = 1024 * 1024,  /* multiplications that are worth a task */
    PACKING_TASK = 32 * 1024      /* packed weights that are worth a task */
};

void read_convolution(const Record *record, Convolution *convolution)
{
    const int64_t *integer = record->integer;
    convolution->batch = integer[CONVOLUTION_BATCH];
    convolution->channels = integer[CONVOLUTION_CHANNELS];
    convolution->filters = integer[CONVOLUTION_FILTERS];
    convolution->groups = integer[CONVOLUTION_GROUPS];
    for (int i = 0; i < AXES; i++) {
        convolution->input[i] = integer[CONVOLUTION_INPUT + i];
        convolution->window[i] = integer[CONVOLUTION_WINDOW + i];
        convolution->stride[i] = integer[CONVOLUTION_STRIDE + i];
        convolution->dilation[i] = integer[CONVOLUTION_DILATION + i];
        convolution->before[i] = integer[CONVOLUTION_BEFORE + i];
        convolution->output[i] = integer[CONVOLUTION_OUTPUT + i];
        convolution->unit[i] = 1;
    }
    convolution->block_positions = 0;
    convolution->panel_vectors = 0;
}

/* ---- memory ---- */

static char *take(char **memory, size_t bytes)
{
    char *taken = *memory;
    *memory += (bytes + 63) / 64 * 64;
    return taken;
}

static long combinations(const Convolution *convolution, Direction direction)
{
    return direction == FORWARD ? 1 : volume(convolution->stride);
}

static long panel_vectors(const Convolution *convolution, Direction direction)
{
    const long *target = direction == FORWARD ? convolution->output : convolution->input;
    long channels = direction == FORWARD ? convolution->filters : convolution->channels;
    long phases = direction == FORWARD ? 1 : convolution->stride[COLUMN];
    channels /= convolution->groups;
    if (channels <= LANES)
        return 1;
    if (convolution->panel_vectors)
        return convolution->panel_vectors;
    /* Short rows leave the tall blocks half empty: take low, wide ones. */
    int is_short = ceiling(target[COLUMN], phases) <= greatest_height(4) + 1;
    return greatest_height(4) > 2 && is_short && channels > 2 * LANES ? 4 : 2;
}

static long packed_columns(const Convolution *convolution, Direction direction)
{
    long channels = direction == FORWARD ? convolution->filters : convolution->channels;
    return round_up(channels / convolution->groups, LANES);
}

static long packed_elements(const Convolution *convolution, Direction direction)
{
    long channels = direction == FORWARD ? convolution->channels : convolution->filters;
    return volume(convolution->window) * channels * packed_columns(convolution, direction);
}

size_t plan_bytes(const Convolution *convolution, Direction direction, int has_weights)
{
    char *end = 0;
    for (int i = 0; i < AXES; i++) {
        take(&end, sizeof(long) * convolution->window[i] * 2);
        take(&end, sizeof(long) * (convolution->stride[i] + 1));
    }
    take(&end, sizeof(TapRuns) * combinations(convolution, direction));
    take(&end, sizeof(long) * volume(convolution->window));
    if (has_weights)
        take(&end, sizeof(float) * packed_elements(convolution, direction));
    return (size_t)end;
}

/* ---- axes ---- */

static long modulo(long n, long step) { return (n % step + step) % step; }

static void plan_forward_axis(SumAxis *axis, long stride, long dilation, long before)
{
    axis->step = stride;
    axis->phases = 1;
    axis->start[0] = 0;
    axis->start[1] = axis->window;
    for (long k = 0; k < axis->window; k++) {
        axis->tap[k] = k;
        axis->offset[k] = k * dilation - before;
    }
}

/* Input i gets what output j gave it: i = j * stride + tap * dilation - before. */
static void plan_backward_axis(SumAxis *axis, long stride, long dilation, long before)
{
    axis->step = 1;
    axis->phases = stride;
    long n = 0;
    for (long phase = 0; phase < stride; phase++) {
        axis->start[phase] = n;
        for (long k = axis->window - 1; k >= 0; k--) {
            long distance = phase + before - k * dilation;
            if (modulo(distance, stride))
                continue;
            axis->tap[n] = k;
            axis->offset[n++] = distance / stride;
        }
    }
    axis->start[stride] = n;
}

static void plan_axes(Plan *plan, const Convolution *convolution, Direction direction,
                      char **memory)
{
    for (int i = 0; i < AXES; i++) {
        SumAxis *axis = plan->axes + i;
        axis->window = convolution->window[i];
        axis->tap = (long *)take(memory, sizeof(long) * axis->window * 2);
        axis->offset = axis->tap + axis->window;
        axis->start = (long *)take(memory, sizeof(long) * (convolution->stride[i] + 1));
        axis->source = direction == FORWARD ? convolution->input[i] : convolution->output[i];
        axis->target = direction == FORWARD ? convolution->output[i] : convolution->input[i];
        (direction == FORWARD ? plan_forward_axis : plan_backward_axis)(
            axis, convolution->stride[i], convolution->dilation[i], convolution->before[i]);
    }
}

/* Whether some target position sees beyond the source. */
static int needs_zeros(const SumAxis *axis)
{
    for (long p = 0; p < axis->phases; p++) {
        long count = positions_before(axis, p, axis->target);
        long first = axis->start[p], end = axis->start[p + 1];
        if (!count || first == end)
            continue;
        if (axis->offset[first] < 0)
            return 1;
        if (axis->step * (count - 1) + axis->offset[end - 1] >= axis->source)
            return 1;
    }
    return 0;
}

/* Most source positions that `count` neighbouring targets see together; exact for one phase. */
static long reach(const SumAxis *axis, long count)
{
    long low = 0, high = -1;
    for (long n = 0; n < axis->start[axis->phases]; n++) {
        low = n ? smallest(low, axis->offset[n]) : axis->offset[n];
        high = n ? largest(high, axis->offset[n]) : axis->offset[n];
    }
    if (high < low || count == 0)
        return 0;
    long between = axis->phases == 1 ? count - 1 : ceiling(count, axis->phases);
    return axis->step * between + high - low + 1;
}

/* ---- blocks ---- */

static void plan_blocks(Plan *plan, const Convolution *convolution)
{
    Blocks *blocks = &plan->blocks;
    const SumAxis *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    long depth = plan->source_channels * plan->groups, width = plan->target_channels * plan->groups;
    /* Floats that a target position adds to a block, about. */
    long per_position = width + depth * plan->axes[PLANE].window * column->step / column->phases + 1;
    long positions = largest(BLOCK_FLOATS / per_position, 16);
    if (convolution->block_positions)
        positions = convolution->block_positions;
    long unit[AXES];
    for (int i = 0; i < AXES; i++)
        unit[i] = largest(convolution->unit[i], plan->axes[i].phases);
    blocks->columns = column->target;
    blocks->rows = largest(positions / largest(column->target, 1), 1);
    if (blocks->rows == 1 && column->target > 2 * positions)
        blocks->columns = round_up(positions, unit[COLUMN]);
    blocks->rows = smallest(round_up(blocks->rows, unit[ROW]), largest(row->target, 1));
    blocks->row_blocks = ceiling(row->target, blocks->rows);
    if (blocks->row_blocks) /* of even heights */
        blocks->rows = round_up(ceiling(row->target, blocks->row_blocks), unit[ROW]);
    blocks->column_blocks = column->target ? ceiling(column->target, blocks->columns) : 0;
    blocks->count = plan->batch * plan->axes[PLANE].target * blocks->row_blocks
                    * blocks->column_blocks;
    long products = blocks->rows * blocks->columns * plan->target_channels * depth;
    for (int i = 0; i < AXES; i++)
        products = products * plan->axes[i].window / plan->axes[i].phases;
    blocks->per_task = largest(TASK_PRODUCTS / largest(products, 1), 1);
    blocks->tasks = ceiling(blocks->count, blocks->per_task);
}

static void plan_source(Plan *plan)
{
    const SumAxis *axes = plan->axes;
    plan->column_step = plan->groups * plan->source_channels;
    plan->is_copied = 0;
    for (int i = 0; i < AXES; i++)
        plan->is_copied |= needs_zeros(axes + i);
    plan->copy_planes = 0;
    for (long p = 0; p < axes[PLANE].phases; p++)
        plan->copy_planes = largest(plan->copy_planes,
                                    axes[PLANE].start[p + 1] - axes[PLANE].start[p]);
    plan->copy_rows = reach(axes + ROW, plan->blocks.rows);
    plan->copy_columns = reach(axes + COLUMN, plan->blocks.columns);
    long rows = plan->is_copied ? plan->copy_rows : axes[ROW].source;
    long columns = plan->is_copied ? plan->copy_columns : axes[COLUMN].source;
    plan->row_step = columns * plan->column_step;
    plan->plane_step = rows * plan->row_step;
}

/* ---- taps and weights ---- */

/* Whether the taps of one phase along the rows lie side by side. */
static int are_adjacent(const Plan *plan, long first, long end)
{
    const long *offset = plan->axes[COLUMN].offset;
    if (plan->groups > 1)
        return end - first == 1;
    for (long n = first + 1; n < end; n++)
        if (offset[n] != offset[n - 1] + 1)
            return 0;
    return 1;
}

static void plan_runs(const Plan *plan, TapRuns *runs, const long *phase, long **offsets)
{
    const SumAxis *plane = plan->axes + PLANE, *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    long first = column->start[phase[COLUMN]], end = column->start[phase[COLUMN] + 1];
    int is_merged = first < end && are_adjacent(plan, first, end);
    runs->depth = plan->source_channels * (is_merged ? end - first : 1);
    runs->offsets = *offsets;
    runs->count = 0;
    for (long a = plane->start[phase[PLANE]]; a < plane->start[phase[PLANE] + 1]; a++) {
        long at = plan->is_copied ? a - plane->start[phase[PLANE]] : plane->offset[a];
        for (long b = row->start[phase[ROW]]; b < row->start[phase[ROW] + 1]; b++)
            for (long c = first; c < (is_merged ? first + 1 : end); c++)
                runs->offsets[runs->count++] = at * plan->plane_step
                                               + row->offset[b] * plan->row_step
                                               + column->offset[c] * plan->column_step;
    }
    *offsets += runs->count;
}

typedef struct {
    const Plan *plan;
    const float *kernel;
    Direction direction;
    long filters; /* row length of the kernel */
    long tasks;
} Packing;

/* The panels of one combination of phases, for one group. */
static void pack_runs(const Packing *packing, const long *phase, long group, float *packed)
{
    const Plan *plan = packing->plan;
    const SumAxis *plane = plan->axes + PLANE, *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    long depth = plan->source_channels, channels = plan->target_channels;
    long lane_step = packing->direction == FORWARD ? 1 : packing->filters;
    long depth_step = packing->direction == FORWARD ? packing->filters : 1;
    long per_group = packing->direction == FORWARD ? channels : depth;
    long per_tap = (packing->direction == FORWARD ? depth : channels) * packing->filters;
    for (long from = 0, columns; from < channels; from += columns) {
        columns = panel_columns(plan, channels - from);
        long width = round_up(columns, LANES);
        long along = packing->direction == FORWARD ? from : from * packing->filters;
        for (long a = plane->start[phase[PLANE]]; a < plane->start[phase[PLANE] + 1]; a++)
            for (long b = row->start[phase[ROW]]; b < row->start[phase[ROW] + 1]; b++)
                for (long c = column->start[phase[COLUMN]]; c < column->start[phase[COLUMN] + 1];
                     c++) {
                    long tap = (plane->tap[a] * row->window + row->tap[b]) * column->window
                               + column->tap[c];
                    const float *matrix = packing->kernel + tap * per_tap + group * per_group;
                    pack(matrix + along, columns, lane_step, depth, depth_step, packed, width);
                    packed += depth * width;
                }
    }
}

/* Sets phase[] to a combination, by its number. */
static void phases_of(const Plan *plan, long number, long *phase)
{
    for (int i = AXES - 1; i >= 0; i--) {
        phase[i] = number % plan->axes[i].phases;
        number /= plan->axes[i].phases;
    }
}

static void pack_task(void *context, long index)
{
    const Packing *packing = context;
    const Plan *plan = packing->plan;
    long phase[AXES], group = index % plan->groups, number = index / plan->groups;
    phases_of(plan, number, phase);
    pack_runs(packing, phase, group, plan->runs[number].weights + group * plan->group_weights);
}

char *make_plan(Plan *plan, const Convolution *convolution, Direction direction,
                const float *kernel, char *memory)
{
    long groups = convolution->groups;
    plan->batch = convolution->batch;
    plan->groups = groups;
    plan->source_channels
        = (direction == FORWARD ? convolution->channels : convolution->filters) / groups;
    plan->target_channels
        = (direction == FORWARD ? convolution->filters : convolution->channels) / groups;
    plan->vectors = panel_vectors(convolution, direction);
    plan->group_weights = packed_elements(convolution, direction) / groups;
    plan_axes(plan, convolution, direction, &memory);
    plan_blocks(plan, convolution);
    plan_source(plan);

    long count = combinations(convolution, direction), phase[AXES];
    plan->runs = (TapRuns *)take(&memory, sizeof(TapRuns) * count);
    long *offsets = (long *)take(&memory, sizeof(long) * volume(convolution->window));
    float *weights = (float *)memory;
    if (kernel)
        take(&memory, sizeof(float) * packed_elements(convolution, direction));
    long columns = packed_columns(convolution, direction);
    for (long i = 0; i < count; i++) {
        phases_of(plan, i, phase);
        plan_runs(plan, plan->runs + i, phase, &offsets);
        plan->runs[i].weights = weights;
        weights += plan->runs[i].count * plan->runs[i].depth * columns;
    }
    if (kernel) {
        Packing packing = {plan, kernel, direction, convolution->filters, count * groups};
        if (packed_elements(convolution, direction) < PACKING_TASK)
            for (long i = 0; i < packing.tasks; i++)
                pack_task(&packing, i);
        else
            parallel_for(packing.tasks, pack_task, &packing);
    }
    return memory;
}
