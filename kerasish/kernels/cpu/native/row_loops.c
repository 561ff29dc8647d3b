/* The instructions of chains that work on whole rows: reductions to one value per row, the softmax
   functions, and one value per row made as long as the row. Labels: row_labels.c. */
#include "chain_loops.h"
#include "vector_math.h"

#define INFINITY_F __builtin_inff()

/* Combines all lanes; every lane of the result has the same value. */
#define ACROSS(v, combine)                                                                         \
    for (int step = LANES / 2; step; step /= 2)                                                    \
        v = combine(v, rotate(v, step));

static inline Vector plus(Vector a, Vector b) { return a + b; }

static inline Vector sum_across(Vector v)
{
    ACROSS(v, plus)
    return v;
}

static inline Vector largest_across(Vector v)
{
    ACROSS(v, larger)
    return v;
}

static inline Vector smallest_across(Vector v)
{
    ACROSS(v, smaller)
    return v;
}

/* The last, incomplete vector of a row of LANES or more: the lanes that whole vectors have covered
   are `neutral`. */
static inline Vector row_end(const float *row, long columns, float neutral)
{
    const long covered = LANES - columns % LANES;
    return choose(lane_numbers() >= (int)covered, readF(row + columns - LANES), splat(neutral));
}

/* ---- short rows ------------------------------------------------------------------------------

   Rows shorter than a vector are reduced many at a time, in place, on a copy of their elements:
   t[i] becomes the total of the elements i, i + 1, ..., i + span - 1 for a span that is doubled, or
   made one longer, until it is a row. Then t holds the total of each row at its first element. */

#define SHORT LANES      /* columns of rows that are not short */
#define BLOCK 512        /* elements in a block of short rows */
#define PAD (2 * LANES)  /* elements after them, read and thrown away */

static inline long rows_of_block(long rows, long columns)
{
    const long most = BLOCK / columns;
    return rows < most ? rows : most;
}

static inline void copy_block(float *to, const float *from, long n)
{
    long i = 0;
    for (; i + LANES <= n; i += LANES)
        writeF(to + i, readF(from + i));
    for (; i < n; i++)
        to[i] = from[i];
    writeF(to + n, splat(0.0f));
    writeF(to + n + LANES, splat(0.0f));
}

#define SPANNING(name, combine)                                                                    \
    static inline void name##_of_spans(float *t, const float *x, long n, long columns)             \
    {                                                                                              \
        long span = 1, bit = 1;                                                                    \
        while (bit * 2 <= columns)                                                                 \
            bit *= 2;                                                                              \
        for (bit /= 2; bit; bit /= 2) {                                                            \
            if (columns & bit) {                                                                   \
                for (long i = 0; i < n; i += LANES)                                                \
                    writeF(t + i, combine(combine(readF(t + i), readF(t + i + span)),              \
                                          readF(x + i + 2 * span)));                               \
                span = 2 * span + 1;                                                               \
            } else {                                                                               \
                for (long i = 0; i < n; i += LANES)                                                \
                    writeF(t + i, combine(readF(t + i), readF(t + i + span)));                     \
                span = 2 * span;                                                                   \
            }                                                                                      \
        }                                                                                          \
    }
SPANNING(sum, plus)
SPANNING(max, larger)
SPANNING(min, smaller)

/* One value for each row, written along it. d has room for a vector more. */
static inline void spread_rows(float *d, const float *value, long step, long rows, long columns)
{
    for (long r = 0; r < rows; r++, d += columns)
        writeF(d, splat(value[r * step]));
}

/* ---- reductions ------------------------------------------------------------------------------ */

/* Reduction of each row: whole vectors in four independent totals, then the end, then across. */
#define REDUCTION(name, neutral, combine, across)                                                  \
    static inline Vector name##_of_row(const float *row, long columns)                             \
    {                                                                                              \
        Vector t0 = splat(neutral), t1 = t0, t2 = t0, t3 = t0;                                     \
        long i = 0;                                                                                \
        for (; i + 4 * LANES <= columns; i += 4 * LANES) {                                         \
            t0 = combine(t0, readF(row + i));                                                      \
            t1 = combine(t1, readF(row + i + LANES));                                              \
            t2 = combine(t2, readF(row + i + 2 * LANES));                                          \
            t3 = combine(t3, readF(row + i + 3 * LANES));                                          \
        }                                                                                          \
        for (; i + LANES <= columns; i += LANES)                                                   \
            t0 = combine(t0, readF(row + i));                                                      \
        if (i < columns)                                                                           \
            t1 = combine(t1, row_end(row, columns, neutral));                                      \
        return across(combine(combine(t0, t1), combine(t2, t3)));                                  \
    }                                                                                              \
    int rows_row_##name(void *d, const void *a, const void *b, long rows, long columns)            \
    {                                                                                              \
        (void)b;                                                                                   \
        float *result = d;                                                                         \
        const float *x = a;                                                                        \
        if (columns == 0)                                                                          \
            for (long r = 0; r < rows; r++)                                                        \
                result[r] = neutral;                                                               \
        else if (columns >= SHORT)                                                                 \
            for (long r = 0; r < rows; r++, x += columns)                                          \
                result[r] = name##_of_row(x, columns)[0];                                          \
        else                                                                                       \
            while (rows > 0) {                                                                     \
                const long taken = rows_of_block(rows, columns), n = taken * columns;              \
                float copy[BLOCK + PAD], total[BLOCK + PAD];                                       \
                copy_block(copy, x, n);                                                            \
                copy_block(total, x, n);                                                           \
                name##_of_spans(total, copy, n, columns);                                          \
                for (long r = 0; r < taken; r++)                                                   \
                    result[r] = total[r * columns];                                                \
                x += n, result += taken, rows -= taken;                                            \
            }                                                                                      \
        return 0;                                                                                  \
    }
REDUCTION(sum, 0.0f, plus, sum_across)
REDUCTION(max, -INFINITY_F, larger, largest_across)
REDUCTION(min, INFINITY_F, smaller, smallest_across)

int rows_row_sum_product(void *d, const void *a, const void *b, long rows, long columns)
{
    float *result = d;
    const float *x = a, *y = b;
    if (columns < SHORT) {
        float product[BLOCK];
        while (rows > 0 && columns > 0) {
            const long taken = rows_of_block(rows, columns), n = taken * columns;
            for (long i = 0; i < n; i++)
                product[i] = x[i] * y[i];
            rows_row_sum(result, product, 0, taken, columns);
            x += n, y += n, result += taken, rows -= taken;
        }
        return 0;
    }
    for (long r = 0; r < rows; r++, x += columns, y += columns) {
        long i = 0;
        Vector t0 = splat(0.0f), t1 = t0;
        for (; i + 2 * LANES <= columns; i += 2 * LANES) {
            t0 += readF(x + i) * readF(y + i);
            t1 += readF(x + i + LANES) * readF(y + i + LANES);
        }
        for (; i + LANES <= columns; i += LANES)
            t0 += readF(x + i) * readF(y + i);
        if (i < columns)
            t1 += row_end(x, columns, 0.0f) * row_end(y, columns, 0.0f);
        result[r] = sum_across(t0 + t1)[0];
    }
    return 0;
}

int rows_row_sum_i32(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    uint32_t *result = d;
    for (long r = 0; r < rows; r++) {
        const uint32_t *x = (const uint32_t *)a + r * columns;
        uint32_t total = 0;
        for (long i = 0; i < columns; i++)
            total += x[i];
        result[r] = total;
    }
    return 0;
}

int rows_row_any(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    int32_t *result = d;
    for (long r = 0; r < rows; r++) {
        const int32_t *x = (const int32_t *)a + r * columns;
        int32_t found = 0;
        for (long i = 0; i < columns; i++)
            found |= x[i];
        result[r] = found;
    }
    return 0;
}

int rows_row_all(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    int32_t *result = d;
    for (long r = 0; r < rows; r++) {
        const int32_t *x = (const int32_t *)a + r * columns;
        int32_t found = -1;
        for (long i = 0; i < columns; i++)
            found &= x[i];
        result[r] = found;
    }
    return 0;
}

/* ---- one value along each row --------------------------------------------------------------- */

int rows_expand(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    float *result = d;
    const float *value = a;
    if (columns < SHORT && columns > 0) {
        /* Those whose vector ends within the result; then the others. */
        long safe = rows - (LANES + columns - 1) / columns;
        safe = safe < 0 ? 0 : safe;
        spread_rows(result, value, 1, safe, columns);
        for (long r = safe; r < rows; r++)
            for (long i = 0; i < columns; i++)
                result[r * columns + i] = value[r];
        return 0;
    }
    for (long r = 0; r < rows; r++, result += columns) {
        const Vector v = splat(value[r]);
        long i = 0;
        for (; i + LANES <= columns; i += LANES)
            writeF(result + i, v);
        if (i < columns)
            writeF(result + columns - LANES, v);
    }
    return 0;
}

int rows_expand_i64(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    for (long r = 0; r < rows; r++)
        for (long i = 0; i < columns; i++)
            ((int64_t *)d)[r * columns + i] = ((const int64_t *)a)[r];
    return 0;
}

/* ---- softmax---------------------------------------------------------------------------------- */

/* Applies to a row of LANES or more: the whole vectors, then the end with some of those again. */
#define FOR_VECTORS(statement)                                                                     \
    for (long i = 0; i < columns - LANES; i += LANES) {                                            \
        statement                                                                                  \
    }                                                                                              \
    {                                                                                              \
        long i = columns - LANES;                                                                  \
        statement                                                                                  \
    }

/* A block of short rows: distances from the largest of the row, their exponentials, and the sums of
   these along the rows. */
static void exponentials(float *distance, float *e, float *sums, const float *x, long rows,
                         long columns)
{
    const long n = rows * columns;
    float total[BLOCK + PAD];
    copy_block(distance, x, n);
    copy_block(total, x, n);
    max_of_spans(total, distance, n, columns);
    spread_rows(sums, total, columns, rows, columns);
    for (long i = 0; i < n; i += LANES) {
        const Vector v = readF(distance + i) - readF(sums + i);
        writeF(distance + i, v);
        const Vector y = vector_exp(v);
        writeF(e + i, y);
        writeF(total + i, y);
    }
    sum_of_spans(total, e, n, columns);
    spread_rows(sums, total, columns, rows, columns);
}

#define SHORT_ROWS(expression)                                                                     \
    float distance[BLOCK + PAD], e[BLOCK + PAD], sums[BLOCK + PAD];                                \
    while (rows > 0) {                                                                             \
        const long taken = rows_of_block(rows, columns), n = taken * columns;                      \
        exponentials(distance, e, sums, x, taken, columns);                                        \
        for (long i = 0; i < n; i += LANES) {                                                      \
            const Vector y = expression;                                                           \
            if (i + LANES <= n)                                                                    \
                writeF(result + i, y);                                                             \
            else                                                                                   \
                write_someF(result + i, &y, n - i);                                                \
        }                                                                                          \
        x += n, result += n, rows -= taken;                                                        \
    }

int rows_softmax(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    float *result = d;
    const float *x = a;
    if (columns < SHORT) {
        SHORT_ROWS(readF(e + i) / readF(sums + i))
        return 0;
    }
    for (long r = 0; r < rows; r++, x += columns, result += columns) {
        Vector largest = max_of_row(x, columns);
        FOR_VECTORS(writeF(result + i, vector_exp(readF(x + i) - largest));)
        Vector scale = 1.0f / sum_of_row(result, columns);
        Vector end = readF(result + columns - LANES) * scale;
        for (long i = 0; i < columns - LANES; i += LANES)
            writeF(result + i, readF(result + i) * scale);
        writeF(result + columns - LANES, end);
    }
    return 0;
}

int rows_log_softmax(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    float *result = d;
    const float *x = a;
    if (columns < SHORT) {
        SHORT_ROWS(readF(distance + i) - vector_log(readF(sums + i)))
        return 0;
    }
    for (long r = 0; r < rows; r++, x += columns, result += columns) {
        Vector largest = max_of_row(x, columns);
        FOR_VECTORS(writeF(result + i, vector_exp(readF(x + i) - largest));)
        Vector log_sum = vector_log(sum_of_row(result, columns));
        FOR_VECTORS(writeF(result + i, readF(x + i) - largest - log_sum);)
    }
    return 0;
}
