/* The weights of a tile of attention: scores with bias and masks, their peaks and exponentials. */
#include "attention.h"

#include "vector_math.h"

static long grid_offset(const Grid *g, const Tile *t, long i)
{
    return t->batch * g->batch + t->head * g->head + (t->query + i) * g->row + t->key * g->column;
}

static void add_bias(const float *bias, long step, long n, float *row)
{
    if (step == 1)
        for (long j = 0; j < n; j++)
            row[j] += bias[j];
    else
        for (long j = 0; j < n; j++)
            row[j] += bias[j * step];
}

static void replace_masked(const uint8_t *mask, long step, long n, float value, float *row)
{
    if (step == 1)
        for (long j = 0; j < n; j++)
            row[j] = mask[j] ? row[j] : value;
    else
        for (long j = 0; j < n; j++)
            row[j] = mask[j * step] ? row[j] : value;
}

/* All that masks forbid in row i of a tile becomes `value`. */
static void apply_masks(const Attention *a, const Tile *t, long i, float value, float *row)
{
    if (a->mask.data)
        replace_masked((const uint8_t *)a->mask.data + grid_offset(&a->mask, t, i), a->mask.column,
                       t->keys, value, row);
    if (a->is_causal) {
        long seen = t->query + i + 1 - t->key;
        for (long j = seen < 0 ? 0 : seen; j < t->keys; j++)
            row[j] = value;
    }
}

static void scale_row(float *row, long n, float factor)
{
    for (long j = 0; j < n; j++)
        row[j] *= factor;
}

/* Whether a tile's scores are products times the scale, and nothing else. */
static int is_simple(const Attention *a, const Tile *t)
{
    const int is_cut = a->is_causal && t->key + t->keys - 1 > t->query;
    return !a->bias.data && !a->mask.data && !is_cut && a->scale > 0;
}

float make_scores(const Attention *a, const Tile *t, float *scores)
{
    if (is_simple(a, t))
        return a->scale;
    for (long i = 0; i < t->queries; i++) {
        float *row = scores + i * SCORES_STRIDE;
        scale_row(row, t->keys, a->scale);
        if (a->bias.data)
            add_bias((const float *)a->bias.data + grid_offset(&a->bias, t, i), a->bias.column,
                     t->keys, row);
        apply_masks(a, t, i, MASKED, row);
    }
    return 1;
}

void clear_masked(const Attention *a, const Tile *t, float *slopes)
{
    if (!is_simple(a, t))
        for (long i = 0; i < t->queries; i++)
            apply_masks(a, t, i, 0, slopes + i * SCORES_STRIDE);
}

/* ---- exponentials ----------------------------------------------------------------------------- */

/* The larger of each pair; b where one is NaN. */
static inline Vector either_larger(Vector a, Vector b) { return choose(a > b, a, b); }

float peak_of(const float *row, long n)
{
    Vector peak = splat(-__builtin_inff());
    for (long j = 0; j < n; j += LANES)
        peak = either_larger(load(row + j), peak);
    for (int step = LANES / 2; step; step /= 2)
        peak = either_larger(peak, rotate(peak, step));
    return peak[0];
}

/* exp(x) for x <= 0 (give or take a rounding), by the method of vector_math.h: without overflow, and
   0 instead of numbers that are denormal. */
static inline Vector falling_exp(Vector x)
{
    const Vector shifted = x * 1.44269504f + ROUNDER, whole = shifted - ROUNDER;
    const Vector r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
    Vector p = r * 1.394575224e-03f + 8.333503756e-03f;
    p = p * r + 4.166628033e-02f;
    p = p * r + 1.666666582e-01f;
    p = p * r + 5.000000072e-01f;
    p = p * r * r + r + 1.0f;
    /* p * 2^whole; of NaN and infinity the exponents wrap around, and the result is 0 or NaN */
    const Vector y = (Vector)((Unsigned)p + ((Unsigned)shifted << 23));
    return (Vector)(~(Lanes)(x < -87.33f) & (Lanes)y);
}

float exponentials(float *row, long n, float factor, float base)
{
    Vector sum = splat(0);
    for (long j = 0; j < n; j += LANES) {
        const Vector x = falling_exp(load(row + j) * factor - base);
        store(row + j, x);
        sum += x;
    }
    return sum_of_lanes(sum);
}

void exponential_shares(float *row, long n, float factor, float base, float share)
{
    for (long j = 0; j < n; j += LANES)
        store(row + j, falling_exp(load(row + j) * factor - base) * share);
}

float fading_of(float before, float now)
{
    return before == -__builtin_inff() ? 0 : falling_exp(splat(before - now))[0];
}
