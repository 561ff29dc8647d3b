/* Winograd's convolution of groups of blocks: tiles transformed, multiplied, transformed back. */
#include "microkernels.h"
#include "threads.h"
#include "winograd.h"

enum {
    GROUP_FLOATS = 144 * 1024, /* places of a group, inputs and products: half of the L2 cache */
    LEAST_TILES = 14,          /* fewer would not be worth reading the weights */
    MOST_TILES = 112,
    WIDEST = 1024,
    TASK_PRODUCTS = 512 * 1024
};

static const long *target_of(const Convolution *convolution, Direction direction)
{
    return direction == FORWARD ? convolution->output : convolution->input;
}

int suits_winograd(const Convolution *convolution, Direction direction)
{
    const long *target = target_of(convolution, direction);
    int fits = convolution->groups == 1 && convolution->window[PLANE] == 1
               && convolution->stride[PLANE] == 1;
    for (int i = ROW; i < AXES; i++)
        fits &= convolution->window[i] == WINDOW && convolution->stride[i] == 1
                && convolution->dilation[i] == 1 && target[i] >= TILE;
    return fits && target[COLUMN] <= WIDEST && convolution->channels >= 8
           && convolution->filters >= 8;
}

/* ---- plan ---- */

static long tiles_of_group(const Convolution *convolution)
{
    long width = round_up(convolution->channels, LANES) + round_up(convolution->filters, LANES);
    return smallest(largest(GROUP_FLOATS / (PLACES * width), LEAST_TILES), MOST_TILES);
}

static Convolution in_tiles(const Convolution *convolution, Direction direction)
{
    Convolution rounded = *convolution;
    long *target = direction == FORWARD ? rounded.output : rounded.input;
    for (int i = ROW; i < AXES; i++) {
        target[i] = round_up(target[i], TILE);
        while (rounded.unit[i] % TILE) /* the least common multiple, for the units there are */
            rounded.unit[i] *= 2;
    }
    rounded.unit[COLUMN] = largest(target[COLUMN], 1); /* whole rows */
    /* Whole vectors are read, beyond the last channel too. */
    rounded.is_copied
        = (direction == FORWARD ? convolution->channels : convolution->filters) % LANES != 0;
    if (!rounded.block_positions)
        rounded.block_positions = tiles_of_group(convolution) * TILE * TILE;
    return rounded;
}

static size_t weight_floats(const Convolution *convolution)
{
    return (size_t)PLACES * (convolution->channels + LANES) * (convolution->filters + LANES);
}

size_t winograd_bytes(const Convolution *convolution, Direction direction)
{
    Convolution rounded = in_tiles(convolution, direction);
    return plan_bytes(&rounded, direction, 1)
           + round_up(weight_floats(convolution) * sizeof(float), 64);
}

typedef struct {
    const Plan *plan;
    float *weights;
    uint8_t *is_finite; /* of each panel */
} Transforming;

static void transform_panel(void *context, long index)
{
    const Transforming *transforming = context;
    const Plan *plan = transforming->plan;
    long depth = plan->source_channels, from = 0, columns = 0;
    for (long i = 0; i <= index; i++) {
        from += columns;
        columns = panel_columns(plan, plan->target_channels - from);
    }
    long size = depth * round_up(columns, LANES);
    Vector check = {0};
    transform_weights(plan->runs->weights + WINDOW * WINDOW * depth * from, size, size,
                      transforming->weights + PLACES * depth * from, size, &check);
    transforming->is_finite[index] = (uint8_t)is_finite(check);
}

char *make_winograd(Winograd *winograd, const Convolution *convolution, Direction direction,
                    const float *kernel, char *memory)
{
    Convolution rounded = in_tiles(convolution, direction);
    Plan *plan = &winograd->plan;
    memory = make_plan(plan, &rounded, direction, kernel, memory);
    winograd->rows = target_of(convolution, direction)[ROW];
    winograd->columns = target_of(convolution, direction)[COLUMN];
    winograd->source_width = round_up(plan->source_channels, LANES);
    winograd->target_width = round_up(plan->target_channels, LANES);
    winograd->weights = (float *)memory;

    Blocks *blocks = &plan->blocks;
    long tiles = blocks->rows / TILE * (blocks->columns / TILE);
    winograd->group = smallest(largest(tiles_of_group(convolution) / tiles, 1), MOST_BLOCKS);
    winograd->capacity = winograd->group * tiles;
    blocks->per_task = round_up(blocks->per_task, winograd->group);
    blocks->tasks = ceiling(blocks->count, blocks->per_task);

    long panels = ceiling(plan->target_channels, LANES); /* at most */
    uint8_t finite[panels];
    Transforming transforming = {plan, (float *)memory, finite};
    long count = 0;
    for (long from = 0; from < plan->target_channels && kernel; count++)
        from += panel_columns(plan, plan->target_channels - from);
    parallel_for(count, transform_panel, &transforming);
    winograd->is_direct = 0;
    for (long i = 0; i < count; i++)
        winograd->is_direct |= !finite[i];
    return memory + round_up(weight_floats(convolution) * sizeof(float), 64);
}

/* ---- groups ---- */

size_t group_size(const Winograd *winograd)
{
    return PLACES * (place_step(winograd->capacity, winograd->source_width)
                     + place_step(winograd->capacity, winograd->target_width));
}

void begin_group(Group *group, const Winograd *winograd, float *memory)
{
    group->winograd = winograd;
    group->input_step = place_step(winograd->capacity, winograd->source_width);
    group->product_step = place_step(winograd->capacity, winograd->target_width);
    group->inputs = memory;
    group->products = memory + PLACES * group->input_step;
    group->tiles = group->blocks = 0;
}

void add_to_group(Group *group, const Block *block)
{
    const Winograd *winograd = group->winograd;
    const Plan *plan = &winograd->plan;
    const SumAxis *row = plan->axes + ROW, *column = plan->axes + COLUMN;
    long width = winograd->source_width;
    Vector check = {0};
    group->first[group->blocks] = group->tiles;
    for (long r = block->row; r < block->row_end; r += TILE)
        for (long c = block->column; c < block->column_end; c += TILE, group->tiles++) {
            long at = block->origin + (r + row->offset[0]) * plan->row_step
                      + (c + column->offset[0]) * plan->column_step;
            transform_input(block->source + at, plan->row_step, plan->column_step, width,
                            group->inputs + group->tiles * width, group->input_step, &check);
        }
    group->is_bad[group->blocks++] = winograd->is_direct || !is_finite(check);
}

Soon source_of_blocks(const Plan *plan, const float *source, long first, long end)
{
    Soon soon = {0};
    if (first >= plan->blocks.count)
        return soon;
    const SumAxis *row = plan->axes + ROW;
    long row_size = plan->axes[COLUMN].source * plan->column_step;
    Block block = block_at(plan, first), last = block_at(plan, smallest(end, plan->blocks.count) - 1);
    long begin = (block.image * plan->axes[PLANE].source + block.plane) * row->source + block.row;
    long stop = (last.image * plan->axes[PLANE].source + last.plane) * row->source
                + smallest(last.row_end, row->source);
    soon.source = source + begin * row_size;
    soon.source_count = (stop - begin) * row_size;
    return soon;
}

enum { LINE = 16 }; /* floats of a cache line */

/* Part `index` of `parts` of what is wanted soon. */
static void fetch(const Soon *soon, long parts, long index)
{
    long from = part_start(soon->source_count, parts, index) / LINE * LINE;
    for (long i = from; i < part_start(soon->source_count, parts, index + 1); i += LINE)
        __builtin_prefetch(soon->source + i, 0, 2);
    from = part_start(soon->result_count, parts, index) / LINE * LINE;
    for (long i = from; i < part_start(soon->result_count, parts, index + 1); i += LINE)
        __builtin_prefetch(soon->result + i, 1, 2);
}

void multiply_group(Group *group, const Soon *soon)
{
    static const long no_offset[] = {0};
    const Winograd *winograd = group->winograd;
    const Plan *plan = &winograd->plan;
    long depth = plan->source_channels, channels = plan->target_channels;
    const float *weights = winograd->weights;
    long panels = ceiling(channels, plan->vectors * LANES), done = 0;
    for (long from = 0, columns; from < channels; from += columns) {
        columns = panel_columns(plan, channels - from);
        long width = ceiling(columns, LANES);
        long parts = blocks_of(group->tiles, greatest_height(width));
        for (long place = 0; place < PLACES; place++, weights += depth * width * LANES) {
            for (long i = 0; i < parts; i++) {
                if (done < panels * PLACES * parts)
                    fetch(soon, panels * PLACES * parts, done++);
                long first = part_start(group->tiles, parts, i);
                long height = part_start(group->tiles, parts, i + 1) - first;
                row_kernels[width][height](
                    group->inputs + place * group->input_step + first * winograd->source_width,
                    winograd->source_width, no_offset, 1, depth, weights, width * LANES,
                    group->products + place * group->product_step
                        + first * winograd->target_width + from,
                    winograd->target_width, width * LANES, 0);
            }
        }
    }
}

static void take_tiles(const Group *group, long first, const Image *image)
{
    const Winograd *winograd = group->winograd;
    for (long r = 0; r < image->rows; r += TILE)
        for (long c = 0; c < round_up(winograd->columns, TILE); c += TILE, first++) {
            Image part = {image->pixels + r * image->row_step + c * image->step, image->row_step,
                          image->step, image->rows - r, image->columns - c};
            transform_output(group->products + first * winograd->target_width,
                             group->product_step, winograd->plan.target_channels, &part);
        }
}

void take_from_group(const Group *group, long index, const Block *block, const Image *image)
{
    if (!group->is_bad[index]) {
        take_tiles(group, group->first[index], image);
        return;
    }
    Block real = *block;
    real.row_end = block->row + image->rows;
    real.column_end = image->columns;
    convolve_block(&group->winograd->plan, &real, image->pixels, image->step);
}
