/* Packing: a part of a matrix copied in the order in which the kernels read it. */
#ifndef KERASISH_PACK_H
#define KERASISH_PACK_H

#include "microkernels.h"

/* Columns of a panel of the second factor of a product. */
#define PANEL_VECTORS 2
#define PANEL (PANEL_VECTORS * LANES)

/* Rows that are on their way to the cache while one is packed, where they lie too far apart for the
   processor to foresee them. */
#define ROWS_AHEAD 16
static inline void fetch_ahead(const float *row, long step)
{
    __builtin_prefetch(row + ROWS_AHEAD * step);
}

/* panel[k * width + j] = source[j * lane_step + k * depth_step] for j < lanes, k < depth, and 0 for
   lanes <= j < width; `width` is a multiple of LANES. With a step of 1 on either axis whole vectors
   are moved. */
HIDDEN void pack(const float *source, long lanes, long lane_step, long depth, long depth_step,
                 float *panel, long width);

/* Several panels at once from neighbouring columns, as `pack` with a lane step of 1 packs one: the
   source is read in order. Panels begin `gap` floats apart. */
HIDDEN void pack_whole_panels(const float *source, long count, long depth, long depth_step,
                              float *panel, long gap);

/* An axis of a matrix in memory: element i lies at i / split * leap + i % split * step. Two axes of
   a tensor make one of a matrix in this way; split = size (or more) for a single one. */
typedef struct {
    long size, step, split, leap;
} Axis;

static inline long axis_offset(const Axis *axis, long i)
{
    return i < axis->split ? i * axis->step : i / axis->split * axis->leap + i % axis->split * axis->step;
}

/* Whether the elements first ... first + count - 1 are `step` apart. */
static inline int is_one_run(const Axis *axis, long first, long count)
{
    return first + count <= axis->split || first % axis->split + count <= axis->split;
}

/* As `pack`, for the elements [lane, lane + lanes) x [k, k + depth) of a matrix with any axes. */
HIDDEN void pack_part(const float *source, const Axis *lane_axis, long lane, long lanes,
                      const Axis *depth_axis, long k, long depth, float *panel, long width);

#endif
