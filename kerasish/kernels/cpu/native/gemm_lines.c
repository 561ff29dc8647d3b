/* Products with few rows where the columns of b have their elements side by side: c[i, j] is the
   scalar product of two lines in memory, summed in the lanes of a vector. */
#include "edge.h"
#include "gemm_few.h"

#define STREAMS 4 /* columns of b that are read side by side */
#if LANES == 16
#define MOST_ROWS 4 /* MOST_ROWS x STREAMS sums fit into the registers */
#else
#define MOST_ROWS 2
#endif
#define UNROLLED _Pragma("GCC unroll 4")
#define TEMPLATE static inline __attribute__((always_inline)) void

typedef struct {
    const float *a, *b; /* row i of a at a + i * a_step, column j of b at b + j * b_step */
    long a_step, b_step, depth;
    float *c;
    long c_stride;
    int accumulate;
} Lines;

/* The sum of all lanes, by halves. */
static inline float sum_of(Vector v)
{
    float lanes[LANES];
    store(lanes, v);
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

TEMPLATE add_products(int height, int width, Vector sums[MOST_ROWS][STREAMS], const Vector *rows,
                      const Vector *columns)
{
    UNROLLED for (int i = 0; i < height; i++)
        UNROLLED for (int j = 0; j < width; j++)
            sums[i][j] += rows[i] * columns[j];
}

/* All rows with the columns j ... j + width - 1. */
TEMPLATE multiply_lines(int height, int width, const Lines *lines, long j)
{
    const float *a = lines->a, *b = lines->b + j * lines->b_step;
    const long left = lines->depth % LANES, whole = lines->depth - left;
    Vector sums[MOST_ROWS][STREAMS], rows[MOST_ROWS], columns[STREAMS];
    UNROLLED for (int i = 0; i < height; i++)
        UNROLLED for (int v = 0; v < width; v++)
            sums[i][v] = splat(0);
    for (long k = 0; k < whole; k += LANES) {
        UNROLLED for (int i = 0; i < height; i++)
            rows[i] = load(a + i * lines->a_step + k);
        UNROLLED for (int v = 0; v < width; v++)
            columns[v] = load(b + v * lines->b_step + k);
        add_products(height, width, sums, rows, columns);
    }
    if (left) {
        UNROLLED for (int i = 0; i < height; i++)
            rows[i] = load_first(a + i * lines->a_step + whole, left);
        UNROLLED for (int v = 0; v < width; v++)
            columns[v] = load_first(b + v * lines->b_step + whole, left);
        add_products(height, width, sums, rows, columns);
    }
    UNROLLED for (int i = 0; i < height; i++)
        UNROLLED for (int v = 0; v < width; v++) {
            float *c = lines->c + i * lines->c_stride + j + v;
            *c = sum_of(sums[i][v]) + (lines->accumulate ? *c : 0);
        }
}

TEMPLATE multiply_all(int height, const Lines *lines, long columns)
{
    long j = 0;
    for (; j + STREAMS <= columns; j += STREAMS)
        multiply_lines(height, STREAMS, lines, j);
    for (; j < columns; j++)
        multiply_lines(height, 1, lines, j);
}

int has_few_lines(const Part *part)
{
    return part->rows <= MOST_ROWS && !part->panels && part->b.rows.step == 1 &&
           is_one_run(&part->b.rows, part->first_depth, part->depth) &&
           is_one_run(&part->b.columns, part->first_column, part->columns) &&
           is_one_run(&part->a.rows, part->first_row, part->rows) &&
           is_one_run(&part->a.columns, part->first_depth, part->depth);
}

void multiply_few_lines(const Part *part, float *memory)
{
    const Matrix *a = &part->a, *b = &part->b;
    const long a_step = a->columns.step;
    Lines lines = {
        .a = a->data + axis_offset(&a->rows, part->first_row) +
             axis_offset(&a->columns, part->first_depth),
        .b = b->data + axis_offset(&b->rows, part->first_depth) +
             axis_offset(&b->columns, part->first_column),
        .a_step = a->rows.step,
        .b_step = b->columns.step,
        .depth = part->depth,
        .c = part->c,
        .c_stride = part->c_stride,
        .accumulate = part->accumulate,
    };
    if (a_step != 1) {
        for (long i = 0; i < part->rows; i++)
            for (long k = 0; k < part->depth; k++)
                memory[i * part->depth + k] = lines.a[i * lines.a_step + k * a_step];
        lines.a = memory;
        lines.a_step = part->depth;
    }
    switch (part->rows) {
    case 1:
        multiply_all(1, &lines, part->columns);
        break;
    case 2:
        multiply_all(2, &lines, part->columns);
        break;
#if MOST_ROWS > 2
    case 3:
        multiply_all(3, &lines, part->columns);
        break;
    case 4:
        multiply_all(4, &lines, part->columns);
        break;
#endif
    }
}

long few_lines_memory(const Part *part) { return part->rows * part->depth; }
