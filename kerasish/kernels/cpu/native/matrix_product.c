/* Matrix products over a batch, in parallel, with elementwise work on finished rows. */
#include "chain.h"
#include "gemm.h"
#include "record.h"
#include "threads.h"

#include <string.h>

#define BATCH_AXES 4

/* integer[]: sizes and strides in elements. An axis has three numbers: step, split, leap (pack.h). */
enum {
    ROWS,
    COLUMNS,
    DEPTH,
    A_ROWS,
    A_DEPTH = A_ROWS + 3,
    B_DEPTH = A_DEPTH + 3,
    B_COLUMNS = B_DEPTH + 3,
    BATCH_SIZES = B_COLUMNS + 3, /* outermost first */
    A_BATCH = BATCH_SIZES + BATCH_AXES,
    B_BATCH = A_BATCH + BATCH_AXES,
    C_BATCH = B_BATCH + BATCH_AXES,
    C_ROW = C_BATCH + BATCH_AXES, /* from row to row of the result; its columns lie side by side */
};

enum { A, B, RESULT }; /* value[] */

/* Products of two floats that are worth a task of their own: about ten microseconds. */
#define TASK_WORK (1 << 19)
/* Reading b costs as much as multiplying so many rows with it. */
#define LEAST_ROWS 4
/* With more rows than this their blocks share the packed panels of b, which all tasks make before;
   with fewer every task has some columns, and packs its own panels. */
#define FEW_ROWS 256
/* Then this many blocks of columns, more only if a task would get more panels than that. */
#define COLUMN_BLOCKS 8
#define MOST_PANELS_OF_A_TASK 4
/* With fewer blocks of columns the rows are split too. */
#define ENOUGH_BLOCKS 4
#define LEAST_ROWS_OF_A_TASK 28
#define MOST_ROWS_OF_A_TASK 112
#define MOST_FLOATS_IN_L2 (1L << 17)
/* Floats of packed panels, unless a chain needs whole rows of the result. */
#define MOST_PANEL_FLOATS (8L << 20)
/* Few elements that are long sums make few tasks; then parts of the sums are tasks. */
#define DEEP_ELEMENTS 4096
#define DEEP_TASKS 4
#define MOST_DEEP_TASKS 32
#define DEEP_PART 4096

typedef struct {
    Matrix a, b; /* of the first entry of the batch */
    const int64_t *batch, *a_batch, *b_batch, *c_batch; /* sizes, strides */
    long entries;
    long rows, columns, depth;
    float *c; /* NULL if only the chain wants it */
    long c_stride;
    ChainRun *run;
    int splits_columns; /* whether a task may have some of the columns only */
    int is_turned;      /* a and b have changed places, since the result has one column */
    /* The plan: an entry has row_blocks x column_blocks pieces; a task has several of them. */
    long row_blocks, column_blocks, tasks;
    long first_panel, panels; /* of this round */
    float *packed;             /* these panels of b, or NULL */
    int is_deep;               /* a task has a part of the depth */
    float *partial;            /* its results: [tasks][rows][columns] */
} Product;

static long least(long a, long b) { return a < b ? a : b; }
static long most(long a, long b) { return a > b ? a : b; }

/* ---- the plan, from the sizes alone ---- */

/* A few large pieces are an even number, so that two threads end together. */
static long even(long blocks) { return blocks > 1 ? blocks + blocks % 2 : blocks; }

static void split_columns(Product *p, long pieces)
{
    const long panels = blocks_of(p->columns, PANEL);
    const long blocks = most(COLUMN_BLOCKS, blocks_of(panels, MOST_PANELS_OF_A_TASK));
    p->column_blocks = least(pieces, least(panels, blocks));
    if (p->column_blocks < ENOUGH_BLOCKS)
        p->row_blocks = most(1, least(least(pieces, COLUMN_BLOCKS) / p->column_blocks,
                                      p->rows / LEAST_ROWS_OF_A_TASK));
}

/* Tasks are small and many, unless they would take b from L3 too often, or pack it each. */
static void split_rows(Product *p, long pieces)
{
    long rows = least(most(p->rows / 32, LEAST_ROWS_OF_A_TASK), MOST_ROWS_OF_A_TASK);
    if (p->entries > 1 || p->depth * p->columns > MOST_FLOATS_IN_L2)
        rows = MOST_ROWS_OF_A_TASK;
    rows = blocks_of(rows, GREATEST_HEIGHT_2) * GREATEST_HEIGHT_2;
    p->row_blocks = even(least(pieces, blocks_of(p->rows, rows)));
}

static void plan(Product *p)
{
    const double work = (double)most(p->rows, LEAST_ROWS) * p->columns * p->depth * p->entries;
    const long wanted = work < 2. * TASK_WORK ? 1 : work / TASK_WORK < 4096 ? work / TASK_WORK : 4096;
    const long pieces = blocks_of(wanted, most(p->entries, 1));
    p->row_blocks = p->column_blocks = 1;
    p->panels = blocks_of(p->columns, PANEL);
    if (pieces == 1) {
        p->tasks = least(wanted, p->entries);
        return;
    }
    if (p->splits_columns && p->rows <= FEW_ROWS)
        split_columns(p, pieces);
    else
        split_rows(p, pieces);
    p->tasks = p->entries * p->row_blocks * p->column_blocks;
    if (p->entries > 1 || p->rows * p->columns > DEEP_ELEMENTS)
        return;
    if (p->rows == 1 && p->b.columns.step == 1) { /* whole rows of b are read faster than pieces */
        p->is_deep = 1;
        p->tasks = least(wanted, MOST_DEEP_TASKS);
    } else if (p->tasks < DEEP_TASKS && p->depth >= DEEP_TASKS * DEEP_PART) {
        p->is_deep = 1;
        p->tasks = least(p->depth / DEEP_PART, MOST_DEEP_TASKS);
    }
}

/* ---- one piece ---- */

/* Where an entry of the batch begins. */
static long batch_offset(const int64_t *batch, const int64_t *strides, long entry)
{
    long offset = 0;
    for (int axis = BATCH_AXES - 1; axis >= 0; axis--) {
        offset += entry % batch[axis] * strides[axis];
        entry /= batch[axis];
    }
    return offset;
}

static Matrix entry_of(const Matrix *m, const int64_t *batch, const int64_t *strides, long entry)
{
    Matrix found = *m;
    found.data += batch_offset(batch, strides, entry);
    return found;
}

static void run_chain(const Product *p, const Part *part, long entry, long task)
{
    const long row = entry * p->rows + part->first_row;
    if (p->is_turned) {
        const long first = entry * p->columns + part->first_column;
        chain_rows(p->run, first, first + part->columns, part->c, 1, task);
    } else if (part->columns == p->columns) {
        chain_rows(p->run, row, row + part->rows, part->c, part->c_stride, task);
    } else {
        chain_block(p->run, row, row + part->rows, part->first_column,
                    part->first_column + part->columns, part->c, part->c_stride, task);
    }
}

static void multiply_piece(const Product *p, long piece, long task)
{
    const long pieces = p->row_blocks * p->column_blocks;
    const long entry = piece / pieces;
    const long block = piece % pieces / p->column_blocks, group = piece % p->column_blocks;
    const long first_panel = p->first_panel + part_start(p->panels, p->column_blocks, group);
    const long last_panel = p->first_panel + part_start(p->panels, p->column_blocks, group + 1);
    Part part = {
        .a = entry_of(&p->a, p->batch, p->a_batch, entry),
        .b = entry_of(&p->b, p->batch, p->b_batch, entry),
        .panels = p->packed ? p->packed + (first_panel - p->first_panel) * PANEL * p->depth : 0,
        .first_row = part_start(p->rows, p->row_blocks, block),
        .first_column = first_panel * PANEL,
        .depth = p->depth,
        .c_stride = p->c_stride,
    };
    part.rows = part_start(p->rows, p->row_blocks, block + 1) - part.first_row;
    part.columns = least(last_panel * PANEL, p->columns) - part.first_column;
    const long tile = p->c ? 0 : blocks_of(part.rows * part.columns, LANES) * LANES;
    float *memory = thread_memory(MEMORY_TASK, (tile + part_memory(&part)) * sizeof(float));
    if (p->c) {
        part.c = p->c + batch_offset(p->batch, p->c_batch, entry) + part.first_row * p->c_stride +
                 part.first_column;
    } else {
        part.c = memory;
        part.c_stride = part.columns;
    }
    multiply_part(&part, memory + tile);
    if (p->run)
        run_chain(p, &part, entry, task);
}

static void run_task(void *context, long task)
{
    const Product *p = context;
    const long pieces = p->entries * p->row_blocks * p->column_blocks;
    const long last = part_start(pieces, p->tasks, task + 1);
    for (long piece = part_start(pieces, p->tasks, task); piece < last; piece++)
        multiply_piece(p, piece, task);
}

/* ---- all of it ---- */

static void pack_task(void *context, long panel)
{
    const Product *p = context;
    pack_panel(&p->b, p->first_panel + panel, p->packed + panel * PANEL * p->depth);
}

/* Packs b for all tasks; some columns after the other, if all panels would take too much memory. */
static void multiply_packed(Product *p)
{
    const long panels = blocks_of(p->columns, PANEL), floats = PANEL * most(p->depth, 1);
    const long greatest = p->splits_columns ? most(1, MOST_PANEL_FLOATS / floats) : panels;
    const long rounds = blocks_of(panels, greatest);
    p->packed = thread_memory(MEMORY_CALL, blocks_of(panels, rounds) * floats * sizeof(float));
    for (long round = 0; round < rounds; round++) {
        p->first_panel = part_start(panels, rounds, round);
        p->panels = part_start(panels, rounds, round + 1) - p->first_panel;
        parallel_for(p->panels, pack_task, p);
        parallel_for(p->tasks, run_task, p);
    }
}

static void deep_task(void *context, long task)
{
    const Product *p = context;
    const long first = part_start(p->depth, p->tasks, task);
    const Part part = {
        .a = p->a,
        .b = p->b,
        .rows = p->rows,
        .columns = p->columns,
        .first_depth = first,
        .depth = part_start(p->depth, p->tasks, task + 1) - first,
        .c = p->partial + task * p->rows * p->columns,
        .c_stride = p->columns,
    };
    multiply_part(&part, thread_memory(MEMORY_TASK, part_memory(&part) * sizeof(float)));
}

/* The sums of all tasks are added in order. */
static void multiply_deep(Product *p)
{
    const long elements = p->rows * p->columns;
    float *sum = thread_memory(MEMORY_CALL, p->tasks * elements * sizeof(float));
    p->partial = sum;
    parallel_for(p->tasks, deep_task, p);
    for (long task = 1; task < p->tasks; task++)
        for (long i = 0; i < elements; i++)
            sum[i] += sum[task * elements + i];
    for (long row = 0; p->c && row < p->rows; row++)
        memcpy(p->c + row * p->c_stride, sum + row * p->columns, p->columns * sizeof(float));
    if (p->run) {
        const Part all = {
            .rows = p->rows, .columns = p->columns, .c = sum, .c_stride = p->columns};
        run_chain(p, &all, 0, 0);
    }
}

static Axis axis_at(const int64_t *integer, long size)
{
    return (Axis){size, integer[0], integer[1], integer[2]};
}

/* The transposed result is B^T A^T: one row is multiplied without packing. */
static void turn(Product *p)
{
    const Matrix a = p->a, b = p->b;
    const int64_t *a_batch = p->a_batch;
    p->a_batch = p->b_batch;
    p->b_batch = a_batch;
    p->a = (Matrix){b.data, b.columns, b.rows};
    p->b = (Matrix){a.data, a.columns, a.rows};
    p->columns = p->rows;
    p->rows = 1;
    p->is_turned = p->splits_columns = 1;
}

/* result[entry] = A[entry] @ B[entry], where A and B may lie in any way, and its chain, for which the
   result must lie in row-major order. integer[] as told above, value[]: A, B, the result. */
EXPORT int matrix_product(const Record *record, void *const *table)
{
    const int64_t *integer = record->integer;
    Product p = {
        .a = {value_at(record, table, A), axis_at(integer + A_ROWS, integer[ROWS]),
              axis_at(integer + A_DEPTH, integer[DEPTH])},
        .b = {value_at(record, table, B), axis_at(integer + B_DEPTH, integer[DEPTH]),
              axis_at(integer + B_COLUMNS, integer[COLUMNS])},
        .a_batch = integer + A_BATCH,
        .b_batch = integer + B_BATCH,
        .c_batch = integer + C_BATCH,
        .batch = integer + BATCH_SIZES,
        .entries = 1,
        .rows = integer[ROWS],
        .columns = integer[COLUMNS],
        .depth = integer[DEPTH],
        .c = value_at(record, table, RESULT),
        .c_stride = integer[C_ROW],
        .splits_columns = !record->chain || chain_splits_columns(record->chain),
    };
    for (int axis = 0; axis < BATCH_AXES; axis++)
        p.entries *= integer[BATCH_SIZES + axis];
    if (p.columns == 1 && p.rows > 1 && p.c_stride == 1)
        turn(&p);
    plan(&p);
    if (record->chain)
        p.run = chain_prepare(record->chain, table, most(p.tasks, 1));
    if (p.is_deep)
        multiply_deep(&p);
    else if (p.entries == 1 && p.row_blocks > 1)
        multiply_packed(&p);
    else
        parallel_for(p.tasks, run_task, &p);
    return p.run ? chain_finish(p.run) : 0;
}
