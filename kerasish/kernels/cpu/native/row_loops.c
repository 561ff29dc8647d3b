/* The instructions of chains that work on whole rows: reductions to one value per row, the softmax
   functions, one element of each row by its label, and one value per row made as long as the row. */
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

/* The last, incomplete vector of a row of `columns`, other lanes `neutral`. `left` elements may be
   read from the start of the row on. */
static inline Vector row_end(const float *row, long columns, long left, float neutral)
{
    if (columns >= LANES) {
        long doubled = LANES - columns % LANES; /* lanes that whole vectors have covered */
        return choose(lane_numbers() >= (int)doubled, readF(row + columns - LANES), splat(neutral));
    }
    Vector v = left >= LANES ? readF(row) : read_someF(row, columns);
    return choose(lane_numbers() < (int)columns, v, splat(neutral));
}

/* Reduction of each row: whole vectors in four independent totals, then the end, then across. */
#define REDUCTION(name, neutral, combine, across)                                                  \
    static inline Vector name##_of_row(const float *row, long columns, long left)                  \
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
            t1 = combine(t1, row_end(row, columns, left, neutral));                                \
        return across(combine(combine(t0, t1), combine(t2, t3)));                                  \
    }                                                                                              \
    int rows_row_##name(void *d, const void *a, const void *b, long rows, long columns)            \
    {                                                                                              \
        (void)b;                                                                                   \
        float *result = d;                                                                         \
        const float *x = a;                                                                        \
        for (long r = 0; r < rows; r++)                                                            \
            result[r] = name##_of_row(x + r * columns, columns, (rows - r) * columns)[0];          \
        return 0;                                                                                  \
    }
REDUCTION(sum, 0.0f, plus, sum_across)
REDUCTION(max, -INFINITY_F, larger, largest_across)
REDUCTION(min, INFINITY_F, smaller, smallest_across)

int rows_row_sum_product(void *d, const void *a, const void *b, long rows, long columns)
{
    float *result = d;
    for (long r = 0; r < rows; r++) {
        const float *x = (const float *)a + r * columns, *y = (const float *)b + r * columns;
        long left = (rows - r) * columns, i = 0;
        Vector t0 = splat(0.0f), t1 = t0;
        for (; i + 2 * LANES <= columns; i += 2 * LANES) {
            t0 += readF(x + i) * readF(y + i);
            t1 += readF(x + i + LANES) * readF(y + i + LANES);
        }
        for (; i + LANES <= columns; i += LANES)
            t0 += readF(x + i) * readF(y + i);
        if (i < columns)
            t1 += row_end(x, columns, left, 0.0f) * row_end(y, columns, left, 0.0f);
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

/* ---- places and labels --------------------------------------------------------------------- */

/* The first place whose value is the extreme; the first NaN if there is one. */
#define ARGUMENT(name, extreme)                                                                    \
    int rows_row_##name(void *d, const void *a, const void *b, long rows, long columns)            \
    {                                                                                              \
        (void)b;                                                                                   \
        int32_t *result = d;                                                                       \
        for (long r = 0; r < rows; r++) {                                                          \
            const float *x = (const float *)a + r * columns;                                       \
            float best = extreme##_of_row(x, columns, (rows - r) * columns)[0];                    \
            int32_t i = 0;                                                                         \
            if (best == best)                                                                      \
                while (x[i] != best)                                                               \
                    i++;                                                                           \
            else                                                                                   \
                while (x[i] == x[i])                                                               \
                    i++;                                                                           \
            result[r] = i;                                                                         \
        }                                                                                          \
        return 0;                                                                                  \
    }
ARGUMENT(argmax, max)
ARGUMENT(argmin, min)

#define LABEL_OUT_OF_RANGE 1

int rows_pick(void *d, const void *a, const void *b, long rows, long columns)
{
    float *result = d;
    const float *x = a;
    const int32_t *label = b;
    for (long r = 0; r < rows; r++) {
        if (label[r] < 0 || label[r] >= columns)
            return LABEL_OUT_OF_RANGE;
        result[r] = x[r * columns + label[r]];
    }
    return 0;
}

/* As NumPy's put_along_axis, a negative label counts from the end. */
int rows_place(void *d, const void *a, const void *b, long rows, long columns)
{
    float *result = d;
    const float *value = a;
    const int32_t *label = b;
    __builtin_memset(result, 0, rows * columns * sizeof(float));
    for (long r = 0; r < rows; r++) {
        long at = label[r] < 0 ? label[r] + columns : label[r];
        if (at < 0 || at >= columns)
            return LABEL_OUT_OF_RANGE;
        result[r * columns + at] = value[r];
    }
    return 0;
}

int rows_expand(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    float *result = d;
    const float *value = a;
    long total = rows * columns;
    for (long r = 0; r < rows; r++) {
        Vector v = splat(value[r]);
        long i = r * columns, end = i + columns;
        for (; i < end && i + LANES <= total; i += LANES)
            writeF(result + i, v); /* beyond the row: the next one follows */
        for (; i < end; i++)
            result[i] = value[r];
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

/* ---- softmax ------------------------------------------------------------------------------- */

/* Rows shorter than a vector: each is calculated in registers. Lanes beyond the row are written
   too where the next row follows. */
#define SHORT_ROWS(result_of_row)                                                                  \
    for (long r = 0; r < rows; r++) {                                                              \
        long left = (rows - r) * columns;                                                          \
        Lanes is_inside = lane_numbers() < (int)columns;                                           \
        Vector v = row_end(x + r * columns, columns, left, -INFINITY_F);                           \
        Vector distance = v - largest_across(v);                                                   \
        Vector e = vector_exp(distance);                                                           \
        Vector sum = sum_across(choose(is_inside, e, splat(0.0f)));                                \
        (void)distance;                                                                            \
        Vector y = result_of_row;                                                                  \
        if (left >= LANES)                                                                         \
            writeF(result + r * columns, y);                                                       \
        else                                                                                       \
            write_someF(result + r * columns, &y, columns);                                        \
    }

/* Applies to a row: the whole vectors, then the end again with those before it. */
#define FOR_VECTORS(statement)                                                                     \
    for (long i = 0; i < columns - LANES; i += LANES) {                                            \
        statement                                                                                  \
    }                                                                                              \
    {                                                                                              \
        long i = columns - LANES;                                                                  \
        statement                                                                                  \
    }

int rows_softmax(void *d, const void *a, const void *b, long rows, long columns)
{
    (void)b;
    float *result = d;
    const float *x = a;
    if (columns < LANES) {
        SHORT_ROWS(e / sum)
        return 0;
    }
    for (long r = 0; r < rows; r++, x += columns, result += columns) {
        Vector largest = max_of_row(x, columns, columns);
        FOR_VECTORS(writeF(result + i, vector_exp(readF(x + i) - largest));)
        Vector scale = 1.0f / sum_of_row(result, columns, columns);
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
    if (columns < LANES) {
        SHORT_ROWS(distance - vector_log(sum))
        return 0;
    }
    for (long r = 0; r < rows; r++, x += columns, result += columns) {
        Vector largest = max_of_row(x, columns, columns);
        FOR_VECTORS(writeF(result + i, vector_exp(readF(x + i) - largest));)
        Vector log_sum = vector_log(sum_of_row(result, columns, columns));
        FOR_VECTORS(writeF(result + i, readF(x + i) - largest - log_sum);)
    }
    return 0;
}
