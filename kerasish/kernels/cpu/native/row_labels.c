/* The instructions of chains that find the place of an extreme in each row, and those that take or
   put one element of each row by its label. */
#include "chain_loops.h"

#include <stdint.h>

/* The first place whose value is the extreme; the first NaN if there is one. */
static int32_t place_of_extreme(const float *row, float extreme, long columns)
{
    int32_t found = 0;
    if (extreme == extreme)
        for (long i = columns - 1; i >= 0; i--)
            found = row[i] == extreme ? i : found;
    else
        while (row[found] == row[found])
            found++;
    return found;
}

#define ARGUMENT(name, extreme)                                                                    \
    int rows_row_##name(void *d, const void *a, const void *b, long rows, long columns)            \
    {                                                                                              \
        (void)b;                                                                                   \
        int32_t *result = d;                                                                       \
        const float *x = a;                                                                        \
        float best[64];                                                                            \
        for (long first = 0; first < rows; first += 64) {                                          \
            const long taken = rows - first < 64 ? rows - first : 64;                              \
            rows_row_##extreme(best, x + first * columns, 0, taken, columns);                      \
            for (long r = first; r < first + taken; r++)                                           \
                result[r] = place_of_extreme(x + r * columns, best[r - first], columns);           \
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
