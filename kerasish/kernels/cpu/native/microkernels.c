/* Blocks of sums in registers: one function for each height and width, from two templates. */
#include "microkernels.h"

#include "edge.h"

/* ---- the last vector of each row, of which only some lanes belong to the result ---- */

static __attribute__((noinline)) void load_edge(Vector *last, long height, const float *c,
                                                long c_stride, long columns)
{
    for (long p = 0; p < height; p++)
        last[p] = load_first(c + p * c_stride, columns);
}

static __attribute__((noinline)) void store_edge(const Vector *last, long height, float *c,
                                                 long c_stride, long columns)
{
    for (long p = 0; p < height; p++)
        store_first(c + p * c_stride, last[p], columns);
}

/* ---- templates ---- */

/* All loops over p and v are unrolled, for `height` and `width` are constants where this is used;
   then each sum lies in a register of its own. */
#define UNROLLED _Pragma("GCC unroll 16")
#define TEMPLATE static inline __attribute__((always_inline)) void

typedef Vector Block[GREATEST_HEIGHT][GREATEST_WIDTH];

TEMPLATE clear(int width, int height, Block sums)
{
    UNROLLED for (int p = 0; p < height; p++)
        UNROLLED for (int v = 0; v < width; v++)
            sums[p][v] = splat(0);
}

TEMPLATE finish(int width, int height, Block sums, float *c, long c_stride, long columns,
                int accumulate)
{
    Vector last[GREATEST_HEIGHT];
    const int whole = columns == width * LANES;
    float *edge = c + (width - 1) * LANES;
    if (accumulate) {
        UNROLLED for (int p = 0; p < height; p++)
            UNROLLED for (int v = 0; v < width - 1; v++)
                sums[p][v] += load(c + p * c_stride + v * LANES);
        if (!whole)
            load_edge(last, height, edge, c_stride, columns - (width - 1) * LANES);
        UNROLLED for (int p = 0; p < height; p++)
            sums[p][width - 1] += whole ? load(edge + p * c_stride) : last[p];
    }
    UNROLLED for (int p = 0; p < height; p++)
        UNROLLED for (int v = 0; v < width - 1; v++)
            store(c + p * c_stride + v * LANES, sums[p][v]);
    if (whole) {
        UNROLLED for (int p = 0; p < height; p++)
            store(edge + p * c_stride, sums[p][width - 1]);
    } else {
        UNROLLED for (int p = 0; p < height; p++)
            last[p] = sums[p][width - 1];
        store_edge(last, height, edge, c_stride, columns - (width - 1) * LANES);
    }
}

/* Adds the products of the elements a[p * a_step] with the row b. */
TEMPLATE multiply(int width, int height, Block sums, const float *a, long a_step, const float *b)
{
    Vector row[GREATEST_WIDTH];
    UNROLLED for (int v = 0; v < width; v++)
        row[v] = load(b + v * LANES);
    UNROLLED for (int p = 0; p < height; p++) {
        const Vector element = splat(a[p * a_step]);
        UNROLLED for (int v = 0; v < width; v++)
            sums[p][v] += element * row[v];
    }
}

#define KERNELS(WIDTH, HEIGHT)                                                                     \
    static void row_kernel_##WIDTH##_##HEIGHT(                                                     \
        const float *a, long a_stride, const long *offsets, long taps, long depth, const float *b, \
        long b_stride, float *c, long c_stride, long columns, int accumulate)                      \
    {                                                                                              \
        Block sums;                                                                                \
        clear(WIDTH, HEIGHT, sums);                                                                \
        for (long t = 0; t < taps; t++) {                                                          \
            const float *element = a + offsets[t];                                                 \
            for (long k = 0; k < depth; k++) {                                                     \
                multiply(WIDTH, HEIGHT, sums, element, a_stride, b);                               \
                element++;                                                                         \
                b += b_stride;                                                                     \
            }                                                                                      \
        }                                                                                          \
        finish(WIDTH, HEIGHT, sums, c, c_stride, columns, accumulate);                             \
    }                                                                                              \
    static void column_kernel_##WIDTH##_##HEIGHT(                                                  \
        const float *a, long a_stride, long a_run, const float *b, long b_stride, long b_run,      \
        long count, long runs, float *c, long c_stride, long columns, int accumulate)              \
    {                                                                                              \
        Block sums;                                                                                \
        clear(WIDTH, HEIGHT, sums);                                                                \
        for (long r = 0; r < runs; r++) {                                                          \
            const float *element = a + r * a_run, *row = b + r * b_run;                            \
            for (long n = 0; n < count; n++) {                                                     \
                multiply(WIDTH, HEIGHT, sums, element, 1, row);                                    \
                element += a_stride;                                                               \
                row += b_stride;                                                                   \
            }                                                                                      \
        }                                                                                          \
        finish(WIDTH, HEIGHT, sums, c, c_stride, columns, accumulate);                             \
    }

/* ---- all heights and widths ---- */

#define UP_TO_2(DO, WIDTH) DO(WIDTH, 1) DO(WIDTH, 2)
#define UP_TO_6(DO, WIDTH) UP_TO_2(DO, WIDTH) DO(WIDTH, 3) DO(WIDTH, 4) DO(WIDTH, 5) DO(WIDTH, 6)
#define UP_TO_12(DO, WIDTH)                                                                        \
    UP_TO_6(DO, WIDTH)                                                                             \
    DO(WIDTH, 7) DO(WIDTH, 8) DO(WIDTH, 9) DO(WIDTH, 10) DO(WIDTH, 11) DO(WIDTH, 12)
#define UP_TO_14(DO, WIDTH) UP_TO_12(DO, WIDTH) DO(WIDTH, 13) DO(WIDTH, 14)
#define UP_TO_16(DO, WIDTH) UP_TO_14(DO, WIDTH) DO(WIDTH, 15) DO(WIDTH, 16)

#define JOINED(NAME, NUMBER) NAME##NUMBER
#define UP_TO(NUMBER) JOINED(UP_TO_, NUMBER)

#define ALL(DO)                                                                                    \
    UP_TO(GREATEST_HEIGHT_1)(DO, 1) UP_TO(GREATEST_HEIGHT_2)(DO, 2) UP_TO(GREATEST_HEIGHT_4)(DO, 4)

ALL(KERNELS)

#define ROW_ENTRY(WIDTH, HEIGHT) [WIDTH][HEIGHT] = row_kernel_##WIDTH##_##HEIGHT,
#define COLUMN_ENTRY(WIDTH, HEIGHT) [WIDTH][HEIGHT] = column_kernel_##WIDTH##_##HEIGHT,

const RowKernel row_kernels[GREATEST_WIDTH + 1][GREATEST_HEIGHT + 1] = {ALL(ROW_ENTRY)};
const ColumnKernel column_kernels[GREATEST_WIDTH + 1][GREATEST_HEIGHT + 1] = {ALL(COLUMN_ENTRY)};
