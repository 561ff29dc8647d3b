/* Products of matrices on one thread: packing into the caches, and blocks of sums in registers. */
#include "gemm.h"

#include "edge.h"
#include "gemm_few.h"

/* A packed block of rows of a (GREATEST_HEIGHT_2 x DEPTH_BLOCK, 32 KB of AVX-512) stays in L1 while
   it meets the panels of a group; these (DEPTH_BLOCK x GROUP_PANELS x PANEL, 256 KB) stay in L2 (1
   MB, with the packed rows) while they meet all rows. */
#define DEPTH_BLOCK 512
#define GROUP_PANELS 4
#define BLOCKS_BESIDE 8 /* blocks of rows that are packed side by side */

static inline long least(long a, long b) { return a < b ? a : b; }

/* Packing a costs about as much as its product with one panel, and saves little, unless rows are
   read for many panels, or with conflicts in L1. Whole columns are read in order in any case. */
static int is_worth_packing(const Part *part, const Rows *rows)
{
    const long panels = blocks_of(part->columns, PANEL);
    return has_conflicts(rows) ? panels > 1 : !rows->by_columns && panels > GROUP_PANELS;
}

/* A part with no more depth than DEPTH_BLOCK. */
typedef struct {
    const Part *part;
    Rows rows; /* all of the part, or packed blocks of them */
    int is_packed;
    long blocks; /* of rows */
} Slab;

/* ---- a: blocks of rows ---- */

static long block_start(const Slab *slab, long block)
{
    return part_start(slab->part->rows, slab->blocks, block);
}

/* Packs the blocks [from, to) of rows that lie side by side in columns of a, column by column: their
   elements share cache lines, and columns may lie so far apart that lines do not stay. What follows
   a block is packed with it, and not used. */
static void pack_beside(const Slab *slab, long from, long to, const float *a, float *packed)
{
    const long depth = slab->part->depth, step = slab->part->a.columns.step;
    const float *last = a + (depth - 1) * step + slab->part->rows;
    long starts[BLOCKS_BESIDE + 1];
    for (long block = from; block <= to; block++)
        starts[block - from] = block_start(slab, block);
    for (long k = 0; k < depth; k++, a += step, packed += ROWS_WIDTH)
        for (long i = 0; i < to - from; i++) {
            const float *source = a + starts[i];
            float *result = packed + i * depth * ROWS_WIDTH;
            const long height = starts[i + 1] - starts[i];
            fetch_ahead(source, step);
            for (long p = 0; p < ROWS_WIDTH; p += LANES)
                if (last - source >= p + LANES)
                    store(result + p, load(source + p));
                else if (height > p)
                    store(result + p, load_first(source + p, height - p));
        }
}

static void pack_blocks(const Slab *slab, float *packed)
{
    const Part *part = slab->part;
    const Axis *rows = &part->a.rows, *depth = &part->a.columns;
    const int is_beside = rows->step == 1 && depth->step > 0 &&
                          is_one_run(rows, part->first_row, part->rows) &&
                          is_one_run(depth, part->first_depth, part->depth);
    const long at_once = is_beside ? BLOCKS_BESIDE : 1;
    for (long block = 0; block < slab->blocks; block += at_once) {
        const long end = least(block + at_once, slab->blocks);
        const long first = block_start(slab, block), last = block_start(slab, end);
        float *to = packed + block * part->depth * ROWS_WIDTH;
        if (is_beside)
            pack_beside(slab, block, end, slab->rows.data, to);
        else
            pack_part(part->a.data, rows, part->first_row + first, last - first, depth,
                      part->first_depth, part->depth, to, ROWS_WIDTH);
    }
}

static void multiply_block(const Slab *slab, long block, const float *panel, long width, float *c,
                           long columns)
{
    const Part *part = slab->part;
    const long first = block_start(slab, block), height = block_start(slab, block + 1) - first;
    Rows rows = slab->rows;
    rows.data += slab->is_packed ? block * part->depth * ROWS_WIDTH
                                 : first * (rows.by_columns ? 1 : rows.step);
    multiply_rows(&rows, height, part->depth, panel, width, width / LANES,
                  c + first * part->c_stride, part->c_stride, columns, part->accumulate);
}

/* ---- b: groups of panels ---- */

static long panel_columns(const Part *part, long panel)
{
    return least(PANEL, part->columns - panel * PANEL);
}

/* Packs as many of the panels [from, to) as can be packed side by side; returns how many. */
static long pack_neighbours(const Slab *slab, long from, long to, float *memory)
{
    const Part *part = slab->part;
    const Axis *rows = &part->b.rows, *columns = &part->b.columns;
    const long first = part->first_column + from * PANEL;
    const long count = least(to, part->columns / PANEL) - from;
    if (count <= 0 || columns->step != 1 || !is_one_run(columns, first, count * PANEL) ||
        !is_one_run(rows, part->first_depth, part->depth))
        return 0;
    const float *source =
        part->b.data + axis_offset(columns, first) + axis_offset(rows, part->first_depth);
    pack_whole_panels(source, count, part->depth, rows->step, memory, part->depth * PANEL);
    return count;
}

/* Packs the panels [from, to) one behind the other. */
static void pack_group(const Slab *slab, long from, long to, float *memory)
{
    const Part *part = slab->part;
    for (long p = from + pack_neighbours(slab, from, to, memory); p < to; p++)
        pack_part(part->b.data, &part->b.columns, part->first_column + p * PANEL,
                  panel_columns(part, p), &part->b.rows, part->first_depth, part->depth,
                  memory + (p - from) * part->depth * PANEL, panel_width(part->columns, p));
}

static void multiply_group(const Slab *slab, long from, long to, float *memory)
{
    const Part *part = slab->part;
    if (!part->panels)
        pack_group(slab, from, to, memory);
    for (long block = 0; block < slab->blocks; block++)
        for (long p = from; p < to; p++) {
            const long width = panel_width(part->columns, p);
            const float *panel = memory + (p - from) * part->depth * PANEL;
            if (part->panels)
                panel = part->panels + p * PANEL * part->b.rows.size + part->first_depth * width;
            multiply_block(slab, block, panel, width, part->c + p * PANEL, panel_columns(part, p));
        }
}

/* ---- all of it ---- */

/* Some of the depth: `part` has no more. */
static void multiply_slab(const Part *part, float *memory)
{
    const long panels = blocks_of(part->columns, PANEL), groups = blocks_of(panels, GROUP_PANELS);
    Slab slab = {.part = part, .blocks = blocks_of(part->rows, GREATEST_HEIGHT_2)};
    if (!find_rows(part, &slab.rows) || is_worth_packing(part, &slab.rows)) {
        pack_blocks(&slab, memory);
        slab.is_packed = 1;
        slab.rows = (Rows){memory, ROWS_WIDTH, 1};
        memory += slab.blocks * part->depth * ROWS_WIDTH;
    }
    for (long g = 0; g < groups; g++)
        multiply_group(&slab, part_start(panels, groups, g), part_start(panels, groups, g + 1),
                       memory);
}

void multiply_part(const Part *part, float *memory)
{
    if (part->rows == 0 || part->columns == 0)
        return;
    if (has_few_rows(part)) {
        multiply_few_rows(part, memory);
        return;
    }
    if (has_few_lines(part)) {
        multiply_few_lines(part, memory);
        return;
    }
    const long slabs = part->depth ? blocks_of(part->depth, DEPTH_BLOCK) : 1;
    for (long s = 0; s < slabs; s++) {
        const long from = part_start(part->depth, slabs, s);
        Part some = *part;
        some.first_depth += from;
        some.depth = part_start(part->depth, slabs, s + 1) - from;
        some.accumulate = part->accumulate || s > 0;
        multiply_slab(&some, memory);
    }
}

long part_memory(const Part *part)
{
    if (has_few_rows(part))
        return few_rows_memory(part);
    if (has_few_lines(part))
        return few_lines_memory(part);
    const long depth = least(part->depth, DEPTH_BLOCK);
    const long rows = blocks_of(part->rows, GREATEST_HEIGHT_2) * ROWS_WIDTH;
    const long panels = least(blocks_of(part->columns, PANEL), GROUP_PANELS);
    return depth * (rows + (part->panels ? 0 : panels * PANEL));
}

void pack_panel(const Matrix *b, long panel, float *packed)
{
    const long columns = b->columns.size;
    pack_part(b->data, &b->columns, panel * PANEL, least(PANEL, columns - panel * PANEL), &b->rows, 0,
              b->rows.size, packed, panel_width(columns, panel));
}
