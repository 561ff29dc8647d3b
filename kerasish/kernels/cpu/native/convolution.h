/* What the convolution kernels share: geometry, the padded copy of the source, packed weights.

   Arrays are (batch, depth, height, width, channels); with fewer spatial axes the first sizes are 1.
   A convolution and its derivative by the input are the same sum seen from the target:

       target[phase + phases * j] = sum over taps of source[step * j + offset(tap)] @ weights(tap)

   along each axis, with zeros outside the source. Forward there is one phase and the step is the
   stride; for the derivative there are as many phases as the stride, and the step is 1. */
#ifndef KERASISH_CONVOLUTION_H
#define KERASISH_CONVOLUTION_H

#include "record.h"
#include "vector.h"

#include <stddef.h>

enum { PLANE, ROW, COLUMN, AXES };

static inline long smallest(long a, long b) { return a < b ? a : b; }
static inline long largest(long a, long b) { return a > b ? a : b; }
static inline long ceiling(long n, long step) { return (n + step - 1) / step; }
static inline long round_up(long n, long step) { return ceiling(n, step) * step; }
static inline long volume(const long *sizes) { return sizes[0] * sizes[1] * sizes[2]; }

/* record->integer of every convolution kernel: one entry, or one for each axis. */
enum {
    CONVOLUTION_BATCH,
    CONVOLUTION_CHANNELS, /* of the input, all groups together */
    CONVOLUTION_FILTERS,  /* channels of the output, all groups together */
    CONVOLUTION_GROUPS,
    CONVOLUTION_INPUT,
    CONVOLUTION_WINDOW = CONVOLUTION_INPUT + AXES,
    CONVOLUTION_STRIDE = CONVOLUTION_WINDOW + AXES,
    CONVOLUTION_DILATION = CONVOLUTION_STRIDE + AXES,
    CONVOLUTION_BEFORE = CONVOLUTION_DILATION + AXES, /* zeros before the input */
    CONVOLUTION_OUTPUT = CONVOLUTION_BEFORE + AXES,
    CONVOLUTION_END = CONVOLUTION_OUTPUT + AXES
};

typedef struct {
    long batch, channels, filters, groups;
    long input[AXES], window[AXES], stride[AXES], dilation[AXES], before[AXES], output[AXES];
    long unit[AXES];  /* blocks of the output are cut at multiples of it */
    /* Wishes; 0: as suits the sizes. */
    long block_positions; /* of the target in a block, about */
    long panel_vectors;   /* width of a panel of weights, at most */
} Convolution;

void read_convolution(const Record *record, Convolution *convolution);

/* ---- the plan of one call ---- */

typedef enum { FORWARD, BACKWARD } Direction; /* which of the two sums */

/* One axis of the sum. The taps of phase p are numbers start[p] ... start[p + 1] - 1, with rising
   offsets; tap[] is the place in the window. */
typedef struct {
    long source, target, window, step, phases;
    long *tap, *offset, *start;
} SumAxis;

/* The taps of one combination of phases, as the row kernels walk them: `count` runs of `depth`
   adjacent elements of the source, each at an offset from the element at step * j. */
typedef struct {
    long count, depth;
    long *offsets;
    float *weights; /* of group 0: panels [count * depth][vectors * LANES], one behind the other */
} TapRuns;

/* How the target rows are cut: a block is `rows` whole rows of one plane, or `columns` positions of
   one row. A task takes `per_task` blocks in order. */
typedef struct {
    long rows, columns, row_blocks, column_blocks, count, per_task, tasks;
} Blocks;

typedef struct {
    SumAxis axes[AXES];
    long batch, groups;
    long source_channels, target_channels; /* of one group */
    TapRuns *runs;                         /* one for each combination of phases */
    long vectors;                          /* width of a panel of weights */
    long group_weights;                    /* elements of one group's packed weights */
    int is_copied;                         /* whether blocks are read from a padded copy */
    long copy_planes, copy_rows, copy_columns; /* its sizes, enough for any block */
    long plane_step, row_step, column_step;    /* elements, in what blocks are read from */
    Blocks blocks;
} Plan;

/* Bytes of memory that a plan needs, a multiple of 64. */
size_t plan_bytes(const Convolution *convolution, Direction direction, int has_weights);

/* Lays out a plan in `memory` and packs the weights `kernel` (*window, channels / groups, filters);
   a NULL kernel leaves them out. Returns the end of the memory taken. */
char *make_plan(Plan *plan, const Convolution *convolution, Direction direction,
                const float *kernel, char *memory);

/* Positions of `phase` along an axis whose target is below `end`. */
static inline long positions_before(const SumAxis *axis, long phase, long end)
{
    return end > phase ? ceiling(end - phase, axis->phases) : 0;
}

/* Columns of the next panel where `left` columns are left: widths are 1, 2 or 4 vectors. */
static inline long panel_columns(const Plan *plan, long left)
{
    long vectors = plan->vectors;
    while (vectors > 1 && left <= (vectors - 1) * LANES)
        vectors /= 2;
    return smallest(left, vectors * LANES);
}

/* ---- blocks ---- */

typedef struct {
    long image, plane, row, row_end, column, column_end; /* of the target */
    long first;          /* number of its first position, counting through the whole target */
    const float *source; /* what it reads; `origin` is the index of element (0, 0, 0) there */
    long origin;
} Block;

Block block_at(const Plan *plan, long index);

/* Elements of TASK memory for the copy of a block. */
size_t copy_size(const Plan *plan);

/* Makes the block's part of `source` readable, in place or copied to `copy` with zeros around. A
   copy of whole rows of one plane goes on with LANES zeros. */
void read_block(const Plan *plan, Block *block, const float *source, float *copy);

/* The same for what lies in `copy` already, laid out as read_block does: says where. */
void place_block(const Plan *plan, Block *block, const float *copy);

/* target = the sum for all positions of the block and all groups; positions follow each other
   `step` elements apart. */
void convolve_block(const Plan *plan, const Block *block, float *target, long step);

/* ---- gradient of the weights ---- */

/* How the sum over the batch is split: `parts` partial sums of `size` elements, each over its share
   of the blocks, and each computed by `splits` tasks, which share its columns. From shapes alone. */
typedef struct {
    long size, parts, splits;
    float *sums; /* parts * size elements; the result itself where there is one part */
} PartialSums;

/* Sizes; `sums` is left to the caller, with room for partial_elements(). */
PartialSums plan_partial_sums(const Plan *plan);
long partial_elements(const PartialSums *partial);

/* gradient (+)= the block's sum of source * cotangent, for the columns of split number `split`.
   `plan` is a FORWARD one. Rows of the cotangent are `row_step` elements apart; it is read up to
   LANES - 1 elements beyond the block. */
void add_kernel_gradient(const Plan *plan, const Block *block, const float *cotangent,
                         long row_step, float *gradient, int accumulate, long split, long splits);

/* result = the sum of the partial sums, in their order. */
void add_partial_sums(const PartialSums *partial, float *result);

#endif
