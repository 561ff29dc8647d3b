/* Winograd's convolution of groups of blocks: tiles transformed, multiplied, transformed back. */
#include "microkernels.h"
#include "threads.h"
#include "winograd.h"

#include <string.h>

enum {
    GROUP_FLOATS = 52 * 1024, /* places of a group, inputs and products: a fifth of the L2 cache */
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

/* Targets along an axis that see some of the source: the cotangent may end before the last input. */
static long seeing_targets(const Convolution *convolution, Direction direction, int axis)
{
    long target = target_of(convolution, direction)[axis];
    if (direction == FORWARD)
        return target;
    return smallest(target, convolution->output[axis] + WINDOW - 1 - convolution->before[axis]);
}

static Convolution in_tiles(const Convolution *convolution, Direction direction)
{
    Convolution rounded = *convolution;
    long *target = direction == FORWARD ? rounded.output : rounded.input;
    for (int i = ROW; i < AXES; i++) {
        target[i] = round_up(seeing_targets(convolution, direction, i), TILE);
        while (rounded.unit[i] % TILE) /* the least common multiple, for the units there are */
            rounded.unit[i] *= 2;
    }
    rounded.unit[COLUMN] = largest(target[COLUMN], 1); /* whole rows */
    rounded.panel_vectors = PANEL_VECTORS;
    if (!rounded.block_positions)
        rounded.block_positions = tiles_of_group(convolution) * TILE * TILE;
    return rounded;
}

static size_t weight_floats(const Convolution *convolution)
{
    return (size_t)PLACES * (convolution->channels + LANES) * (convolution->filters + LANES);
}

static size_t offsets_bytes(const Plan *plan)
{
    return round_up(plan->source_channels / PANEL * sizeof(long), 64);
}

size_t winograd_bytes(const Convolution *convolution, Direction direction)
{
    Convolution rounded = in_tiles(convolution, direction);
    Plan sizes = {.source_channels = largest(convolution->channels, convolution->filters)};
    return plan_bytes(&rounded, direction, 1) + offsets_bytes(&sizes)
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
    winograd->source_vectors = ceiling(plan->source_channels, LANES);
    winograd->target_vectors = ceiling(plan->target_channels, LANES);

    Blocks *blocks = &plan->blocks;
    long tiles = blocks->rows / TILE * (blocks->columns / TILE);
    winograd->group = smallest(largest(tiles_of_group(convolution) / tiles, 1), MOST_BLOCKS);
    winograd->capacity = winograd->group * tiles;
    blocks->per_task = round_up(blocks->per_task, winograd->group);
    blocks->tasks = ceiling(blocks->count, blocks->per_task);

    winograd->offsets = (long *)memory;
    memory += offsets_bytes(plan);
    for (long i = 0; i < plan->source_channels / PANEL; i++)
        winograd->offsets[i] = i * winograd->capacity * PLACES * PANEL;

    winograd->weights = (float *)memory;
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

Picture source_of_block(const Winograd *winograd, const Block *block, const float *source)
{
    const Plan *plan = &winograd->plan;
    long rows = plan->axes[ROW].source, columns = plan->axes[COLUMN].source;
    long channels = plan->source_channels, plane_size = rows * columns * channels;
    long planes = plan->axes[PLANE].source;
    return (Picture){.pixels = source + (block->image * planes + block->plane) * plane_size,
                     .rows = rows,
                     .columns = columns,
                     .channels = channels,
                     .row_step = columns * channels,
                     .end = source + plan->batch * planes * plane_size};
}

static size_t copy_floats(const Winograd *winograd)
{
    return round_up(copy_size(&winograd->plan), LANES);
}

size_t group_size(const Winograd *winograd)
{
    return places_size(winograd->capacity, winograd->source_vectors)
           + places_size(winograd->capacity, winograd->target_vectors)
           + patch_size(winograd->plan.source_channels) + copy_floats(winograd);
}

void begin_group(Group *group, const Winograd *winograd, float *memory)
{
    long capacity = winograd->capacity;
    group->winograd = winograd;
    group->inputs = (Places){memory, capacity, winograd->source_vectors};
    memory += places_size(capacity, winograd->source_vectors);
    group->products = (Places){memory, capacity, winograd->target_vectors};
    memory += places_size(capacity, winograd->target_vectors);
    group->patch = memory;
    group->copy = memory + patch_size(winograd->plan.source_channels);
    group->tiles = group->blocks = 0;
}

void add_to_group(Group *group, const Block *block, const Picture *picture)
{
    const Plan *plan = &group->winograd->plan;
    long row = plan->axes[ROW].offset[0], column = plan->axes[COLUMN].offset[0];
    Vector check = {0};
    group->first[group->blocks] = group->tiles;
    for (long r = block->row; r < block->row_end; r += TILE)
        for (long c = block->column; c < block->column_end; c += TILE) {
            Window tile = window_of(picture, r + row, c + column, SEEN, group->patch);
            transform_tile(transform_input, &tile, &group->inputs, group->tiles++, &check);
        }
    group->is_bad[group->blocks++] = group->winograd->is_direct || !is_finite(check);
}

Piece rows_of_blocks(const Plan *plan, long first, long end, const float *data, long rows,
                     long row_size)
{
    end = smallest(end, plan->blocks.count);
    if (first >= end)
        return (Piece){0};
    long planes = plan->axes[PLANE].target;
    Block block = block_at(plan, first), last = block_at(plan, end - 1);
    long begin = (block.image * planes + block.plane) * rows + smallest(block.row, rows);
    long stop = (last.image * planes + last.plane) * rows + smallest(last.row_end, rows);
    return (Piece){data + begin * row_size, (stop - begin) * row_size};
}

Piece source_of_blocks(const Plan *plan, long first, long end, const float *source)
{
    return rows_of_blocks(plan, first, end, source, plan->axes[ROW].source,
                          plan->axes[COLUMN].source * plan->column_step);
}

/* One place of `height` tiles from number `first` on, times `width` vectors of weights. */
static void multiply_place(const Group *group, long place, long first, long height,
                           const float *weights, long width, float *products)
{
    static const long no_offset[] = {0};
    const Winograd *winograd = group->winograd;
    long depth = winograd->plan.source_channels, panels = depth / PANEL, rest = depth % PANEL;
    long columns = width * LANES, next = PLACES * columns;
    products += first * next + place * columns;
    RowKernel multiply = row_kernels[width][height];
    if (panels)
        multiply(group->inputs.data + (first * PLACES + place) * PANEL, PLACES * PANEL,
                 winograd->offsets, panels, PANEL, weights, columns, products, next, columns, 0);
    if (rest) {
        long own = width_of_panel(&group->inputs, panels) * LANES;
        multiply(panel_of_places(&group->inputs, panels) + (first * PLACES + place) * own,
                 PLACES * own, no_offset, 1, rest, weights + panels * PANEL * columns, columns,
                 products, next, columns, panels > 0);
    }
}

void multiply_group(Group *group, const Soon *soon)
{
    const Winograd *winograd = group->winograd;
    long depth = winograd->plan.source_channels, done = 0;
    const float *weights = winograd->weights;
    long panels = ceiling(group->products.vectors, PANEL_VECTORS);
    for (long panel = 0; panel < panels; panel++) {
        long width = width_of_panel(&group->products, panel);
        long parts = blocks_of(group->tiles, greatest_height(width));
        float *products = panel_of_places(&group->products, panel);
        for (long place = 0; place < PLACES; place++, weights += depth * width * LANES)
            for (long i = 0; i < parts; i++) {
                long first = part_start(group->tiles, parts, i);
                long height = part_start(group->tiles, parts, i + 1) - first;
                if (done < panels * PLACES * parts)
                    fetch(soon, panels * PLACES * parts, done++);
                multiply_place(group, place, first, height, weights, width, products);
            }
    }
}

/* Zeros where nothing of the source is seen: `rows` and `columns` of the image are done. */
static void clear_rest(const Image *image, long channels, long rows, long columns)
{
    for (long r = 0; r < image->rows; r++) {
        long done = r < rows ? smallest(columns, image->columns) : 0;
        for (long c = done; c < image->columns; c++)
            memset(image->pixels + r * image->row_step + c * image->step, 0,
                   channels * sizeof(float));
    }
}

static void take_tiles(const Group *group, long first, long rows, long columns, const Image *image)
{
    long channels = group->winograd->plan.target_channels;
    for (long r = 0; r < rows; r += TILE)
        for (long c = 0; c < columns; c += TILE, first++) {
            Image part = {image->pixels + r * image->row_step + c * image->step, image->row_step,
                          image->step, image->rows - r, image->columns - c};
            for (long v = 0; v < group->products.vectors; v++, part.pixels += LANES)
                transform_output(places_of_tile(&group->products, first, v),
                                 width_of_panel(&group->products, v / PANEL_VECTORS),
                                 smallest(channels - v * LANES, LANES), &part);
        }
}

static void take_directly(const Group *group, const Block *block, const Picture *picture,
                          const Image *image)
{
    const Plan *plan = &group->winograd->plan;
    Block row = *block;
    row.image = row.plane = 0; /* of the picture */
    row.row_end = smallest(block->row_end, block->row + image->rows);
    row.column_end = smallest(block->column_end, image->columns);
    read_block(plan, &row, picture->pixels, group->copy);
    long end = row.row_end;
    for (long r = block->row; r < end; r++) {
        row.row = r, row.row_end = r + 1;
        convolve_block(plan, &row, image->pixels + (r - block->row) * image->row_step, image->step);
    }
}

void take_from_group(const Group *group, long index, const Block *block, const Picture *picture,
                     const Image *image)
{
    const Plan *plan = &group->winograd->plan;
    long rows = block->row_end - block->row, columns = plan->axes[COLUMN].target;
    if (group->is_bad[index])
        take_directly(group, block, picture, image);
    else
        take_tiles(group, group->first[index], rows, columns, image);
    if (image->rows > rows || image->columns > columns)
        clear_rest(image, plan->target_channels, rows, columns);
}
