/* Products of matrices on one thread: the piece that matrix_product.c gives to its tasks. */
#ifndef KERASISH_GEMM_H
#define KERASISH_GEMM_H

#include "pack.h"

/* Columns of a packed block of rows of a: a block is at most GREATEST_HEIGHT_2 rows high. */
#define ROWS_WIDTH ((GREATEST_HEIGHT_2 + LANES - 1) / LANES * LANES)

typedef struct {
    const float *data;
    Axis rows, columns;
} Matrix;

/* A part of c = a @ b: the rows, columns and depth (the axis that is summed over) of one task. */
typedef struct {
    Matrix a, b; /* all of them */
    const float *panels; /* b packed by pack_panel, from first_column on; NULL: packs its own */
    long first_row, rows;
    long first_column, columns; /* first_column is a multiple of PANEL */
    long first_depth, depth;
    float *c; /* where the first row and column of this part go */
    long c_stride;
    int accumulate; /* add to c */
} Part;

/* c (+)= a @ b for the rows, columns and depth of a part. */
HIDDEN void multiply_part(const Part *part, float *memory);

/* Floats of memory that it needs, aligned as a vector. */
HIDDEN long part_memory(const Part *part);

/* How the kernels read rows of a: element (p, k) lies at data + p * step + k, or (by columns) at data
   + k * step + p. */
typedef struct {
    const float *data;
    long step;
    int by_columns;
} Rows;

/* c (+)= rows @ b for `height` rows and up to `width` vectors of columns. */
static inline void multiply_rows(const Rows *rows, long height, long depth, const float *b,
                                 long b_step, long width, float *c, long c_stride, long columns,
                                 int accumulate)
{
    static const long no_offset = 0;
    if (rows->by_columns)
        column_kernels[width][height](rows->data, rows->step, 0, b, b_step, 0, depth, 1, c,
                                      c_stride, columns, accumulate);
    else
        row_kernels[width][height](rows->data, rows->step, &no_offset, 1, depth, b, b_step, c,
                                   c_stride, columns, accumulate);
}

/* The rows of a where they lie; returns 0 if the kernels cannot read them there. */
static inline int find_rows(const Part *part, Rows *rows)
{
    const Axis *lines = &part->a.rows, *depth = &part->a.columns;
    rows->by_columns = depth->step != 1;
    rows->step = rows->by_columns ? depth->step : lines->step;
    rows->data = part->a.data + axis_offset(lines, part->first_row) +
                 axis_offset(depth, part->first_depth);
    return (depth->step == 1 || lines->step == 1) &&
           is_one_run(lines, part->first_row, part->rows) &&
           is_one_run(depth, part->first_depth, part->depth);
}

/* Elements a multiple of 4096 bytes apart have the same few places in L1. */
static inline int has_conflicts(const Rows *rows) { return rows->step * sizeof(float) % 4096 == 0; }

/* Columns that panel number `panel` of a matrix has in memory: whole vectors. */
static inline long panel_width(long columns, long panel)
{
    const long left = columns - panel * PANEL;
    return left >= PANEL ? PANEL : (left + LANES - 1) / LANES * LANES;
}

/* Packs panel number `panel` of b: the columns from PANEL * panel on, all rows. Panels follow each
   other in memory, rows * PANEL floats apart. */
HIDDEN void pack_panel(const Matrix *b, long panel, float *packed);

#endif
