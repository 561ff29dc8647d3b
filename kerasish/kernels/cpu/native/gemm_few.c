/* Products with few rows: b is read once, where it lies, for packing it would cost as much as the
   product itself. Here its rows have their elements side by side. */
#include "gemm_few.h"

#include "edge.h"

#define STREAMS 4 /* rows of b that are read side by side */
#define DEPTH_AT_ONCE 1024
#define UNROLLED _Pragma("GCC unroll 4")
#define TEMPLATE static inline __attribute__((always_inline)) void

static long least(long a, long b) { return a < b ? a : b; }

static const float *b_start(const Part *part)
{
    return part->b.data + axis_offset(&part->b.rows, part->first_depth) +
           axis_offset(&part->b.columns, part->first_column);
}

static const float *a_start(const Part *part)
{
    return part->a.data + axis_offset(&part->a.rows, part->first_row) +
           axis_offset(&part->a.columns, part->first_depth);
}

/* ---- blocks of sums of all rows ---- */

/* Some of the depth, and the rows of a there. */
typedef struct {
    const Part *part;
    Rows rows;
    long depth;
    int accumulate;
} Slab;

static void multiply_columns(const Slab *slab, const float *b, long b_step, long width, float *c,
                             long columns)
{
    multiply_rows(&slab->rows, slab->part->rows, slab->depth, b, b_step, width, c,
                  slab->part->c_stride, columns, slab->accumulate);
}

static void multiply_slab(const Slab *slab, const float *b, float *memory)
{
    const long b_step = slab->part->b.rows.step;
    float *c = slab->part->c;
    long left = slab->part->columns;
    for (long width = slab->part->rows <= GREATEST_HEIGHT_4 ? 4 : 2; width > 0; width /= 2)
        for (; left >= width * LANES; left -= width * LANES) {
            multiply_columns(slab, b, b_step, width, c, width * LANES);
            b += width * LANES, c += width * LANES;
        }
    if (left) {
        pack(b, left, 1, slab->depth, b_step, memory, LANES);
        multiply_columns(slab, memory, LANES, 1, c, left);
    }
}

static void multiply_blocks(const Part *part, float *memory)
{
    const long slabs = part->depth ? blocks_of(part->depth, DEPTH_AT_ONCE) : 1;
    for (long s = 0; s < slabs; s++) {
        const long from = part_start(part->depth, slabs, s), to = part_start(part->depth, slabs, s + 1);
        Part some = *part;
        some.first_depth += from;
        some.depth = to - from;
        Slab slab = {.part = part, .depth = some.depth, .accumulate = part->accumulate || s > 0};
        if (!find_rows(&some, &slab.rows) || has_conflicts(&slab.rows)) {
            slab.rows = (Rows){memory, ROWS_WIDTH, 1};
            pack_part(part->a.data, &part->a.rows, part->first_row, part->rows, &part->a.columns,
                      some.first_depth, some.depth, memory, ROWS_WIDTH);
        }
        multiply_slab(&slab, b_start(&some), memory + some.depth * ROWS_WIDTH);
    }
}

/* ---- one row: c += a[k] * b[k, :] ---- */

/* Adds `count` <= STREAMS rows; columns are a multiple of LANES. */
TEMPLATE add_rows(const float *a, long a_step, const float *b, long b_step, int count, float *c,
                  long columns)
{
    Vector factor[STREAMS];
    UNROLLED for (int i = 0; i < count; i++)
        factor[i] = splat(a[i * a_step]);
    for (long j = 0; j < columns; j += LANES) {
        Vector sum = load(c + j);
        UNROLLED for (int i = 0; i < count; i++)
            sum += factor[i] * load(b + i * b_step + j);
        store(c + j, sum);
    }
}

static void multiply_one_row(const Part *part, float *memory)
{
    const float *a = a_start(part), *b = b_start(part);
    const long a_step = part->a.columns.step, b_step = part->b.rows.step;
    const long columns = part->columns / LANES * LANES;
    if (!part->accumulate)
        memset(part->c, 0, columns * sizeof(float));
    long k = 0;
    for (; k + STREAMS <= part->depth; k += STREAMS)
        add_rows(a + k * a_step, a_step, b + k * b_step, b_step, STREAMS, part->c, columns);
    for (; k < part->depth; k++)
        add_rows(a + k * a_step, a_step, b + k * b_step, b_step, 1, part->c, columns);
    if (columns == part->columns)
        return;
    Part edge = *part;
    edge.first_column += columns;
    edge.columns -= columns;
    edge.c += columns;
    multiply_blocks(&edge, memory);
}

int has_few_rows(const Part *part)
{
    return part->rows <= GREATEST_HEIGHT_2 && !part->panels && part->b.columns.step == 1 &&
           is_one_run(&part->b.rows, part->first_depth, part->depth) &&
           is_one_run(&part->b.columns, part->first_column, part->columns);
}

void multiply_few_rows(const Part *part, float *memory)
{
    if (part->rows == 1 && is_one_run(&part->a.columns, part->first_depth, part->depth))
        multiply_one_row(part, memory);
    else
        multiply_blocks(part, memory);
}

long few_rows_memory(const Part *part)
{
    return least(part->depth, DEPTH_AT_ONCE) * (ROWS_WIDTH + LANES);
}
