/* Packing by rows, by transposed squares, or element by element. */
#include "pack.h"

#include "copy_transpose.h"
#include "edge.h"

/* ---- lanes side by side in the source ---- */

void pack_whole_panels(const float *source, long count, long depth, long depth_step, float *panel,
                       long gap)
{
    for (long k = 0; k < depth; k++, source += depth_step, panel += PANEL)
        for (long p = 0; p < count; p++)
#pragma GCC unroll 2
            for (long j = 0; j < PANEL; j += LANES) {
                fetch_ahead(source + p * PANEL + j, depth_step);
                store(panel + p * gap + j, load(source + p * PANEL + j));
            }
}

/* A column of vectors of which the first `lanes` floats count. A whole vector may be read as long
   as it ends before the last float of this part does. */
static void pack_column(const float *source, long lanes, long depth, long depth_step, float *panel,
                        long width)
{
    Lanes counts = {0};
    for (long j = 0; j < lanes; j++)
        counts[j] = -1;
    const long reach = (depth - 1) * depth_step + lanes - LANES;
    const long whole = lanes <= 0 || depth_step <= 0 || reach < 0 ? 0 : reach / depth_step + 1;
    for (long k = 0; k < whole; k++)
        store(panel + k * width, (Vector)((Lanes)load(source + k * depth_step) & counts));
    for (long k = whole; k < depth; k++)
        store(panel + k * width, load_first(source + k * depth_step, lanes));
}

static void pack_rows(const float *source, long lanes, long depth, long depth_step, float *panel,
                      long width)
{
    for (long j = 0; j < width; j += LANES, lanes -= LANES) {
        if (lanes >= LANES)
            for (long k = 0; k < depth; k++)
                store(panel + k * width + j, load(source + k * depth_step + j));
        else
            pack_column(source + j, lanes > 0 ? lanes : 0, depth, depth_step, panel + j, width);
    }
}

/* ---- depth side by side in the source ---- */

/* panel[k * width + j] for j < LANES, k < LANES from LANES lines, or fewer and zeros. */
static inline __attribute__((always_inline)) void pack_square(const float *source, long lanes,
                                                              long lane_step, float *panel,
                                                              long width)
{
    Vector rows[LANES];
#pragma GCC unroll 16
    for (int j = 0; j < LANES; j++)
        rows[j] = j < lanes ? load(source + j * lane_step) : splat(0);
    transpose_vectors(rows);
#pragma GCC unroll 16
    for (int k = 0; k < LANES; k++)
        store(panel + k * width, rows[k]);
}

/* The same from lines of depth < LANES floats. A line may be read as a whole vector if that ends
   before the last line does. */
static void pack_short_lines(const float *source, long lanes, long lane_step, long depth,
                             float *panel, long width)
{
    float lines[LANES * LANES], columns[LANES * LANES];
    for (long j = lanes; j < LANES; j++) store(lines + j * LANES, splat(0));
    for (long j = 0; j < lanes; j++, source += lane_step) {
        const int is_inside = lane_step > 0 && (lanes - 1 - j) * lane_step >= LANES - depth;
        store(lines + j * LANES, is_inside ? load(source) : load_first(source, depth));
    }
    pack_square(lines, LANES, LANES, columns, LANES);
    for (long k = 0; k < depth; k++)
        store(panel + k * width, load(columns + k * LANES));
}

/* At most LANES lanes. */
static void pack_lines(const float *source, long lanes, long lane_step, long depth, float *panel,
                       long width)
{
    long k = 0;
    if (lanes == LANES)
        for (; k + LANES <= depth; k += LANES)
            pack_square(source + k, LANES, lane_step, panel + k * width, width);
    for (; k + LANES <= depth; k += LANES)
        pack_square(source + k, lanes, lane_step, panel + k * width, width);
    if (k < depth)
        pack_short_lines(source + k, lanes, lane_step, depth - k, panel + k * width, width);
}

/* ---- all of it ---- */

static void pack_elements(const float *source, long lanes, long lane_step, long depth,
                          long depth_step, float *panel, long width)
{
    for (long k = 0; k < depth; k++, source += depth_step, panel += width)
        for (long j = 0; j < width; j++)
            panel[j] = j < lanes ? source[j * lane_step] : 0;
}

void pack(const float *source, long lanes, long lane_step, long depth, long depth_step,
          float *panel, long width)
{
    if (depth == 0)
        return;
    if (lane_step == 1 && lanes == PANEL && width == PANEL) { /* nearly always */
        pack_whole_panels(source, 1, depth, depth_step, panel, 0);
    } else if (lane_step == 1) {
        pack_rows(source, lanes, depth, depth_step, panel, width);
    } else if (depth_step == 1) {
        for (long j = 0; j < width; j += LANES) {
            const long some = lanes - j < 0 ? 0 : lanes - j < LANES ? lanes - j : LANES;
            pack_lines(source + j * lane_step, some, lane_step, depth, panel + j, width);
        }
    } else {
        pack_elements(source, lanes, lane_step, depth, depth_step, panel, width);
    }
}

static void pack_any(const float *source, const Axis *lane_axis, long lane, long lanes,
                     const Axis *depth_axis, long k, long depth, float *panel, long width)
{
    long offsets[PANEL > GREATEST_HEIGHT ? PANEL : GREATEST_HEIGHT];
    for (long j = 0; j < lanes; j++)
        offsets[j] = axis_offset(lane_axis, lane + j);
    for (long i = 0; i < depth; i++, panel += width) {
        const float *at = source + axis_offset(depth_axis, k + i);
        for (long j = 0; j < width; j++)
            panel[j] = j < lanes ? at[offsets[j]] : 0;
    }
}

void pack_part(const float *source, const Axis *lane_axis, long lane, long lanes,
               const Axis *depth_axis, long k, long depth, float *panel, long width)
{
    if (!is_one_run(lane_axis, lane, lanes)) {
        pack_any(source, lane_axis, lane, lanes, depth_axis, k, depth, panel, width);
        return;
    }
    source += axis_offset(lane_axis, lane);
    while (depth > 0) {
        const long left = depth_axis->split - k % depth_axis->split;
        const long run = depth < left ? depth : left;
        pack(source + axis_offset(depth_axis, k), lanes, lane_axis->step, run, depth_axis->step,
             panel, width);
        k += run, depth -= run, panel += run * width;
    }
}
