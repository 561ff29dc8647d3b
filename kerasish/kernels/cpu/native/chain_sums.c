/* Sums over the rows of a chain, or over everything: kept by each part, put together in order.

   Accuracy: sums of a few rows are float32, those of many float64. Means and variances are taken of
   small blocks around their first row and put together as in Chan, Golub and LeVeque, "Updating
   formulae and a pairwise algorithm for computing sample variances" (1979), so that a mean far from
   zero takes no digits of the variance. */
#include "chain_layout.h"
#include "elements.h"

#define FLUSH_AFTER 128 /* rows whose sums are kept in float32 */
#define BLOCK 64        /* rows whose mean and variance are taken together */
#define MOST_ROWS_PER_PERIOD 16

/* Partial sums of columns. A period is a row, or several short ones. */
typedef struct {
    int64_t pending; /* rows of a period in `near` */
    double *far;     /* sums so far, by element of a period */
    float *near;     /* and what came since */
} ColumnSums;

/* Partial means and variances of columns. */
typedef struct {
    int64_t pending;                      /* rows of a period in the block that is open */
    int64_t count[MOST_ROWS_PER_PERIOD];  /* values in `mean` and `spread`, by row of the period */
    double *mean, *spread;                /* spread: sum of squared distances from the mean */
    float *pivot, *sum, *squares;         /* of the block: first value, sums of distances from it */
} Statistics;

static inline long padded(long period) { return (period + 15) & ~15L; }

static ColumnSums *column_sums(char *partials, const Chain *chain)
{
    ColumnSums *sums = (ColumnSums *)partials;
    sums->far = (double *)(partials + 64);
    sums->near = (float *)(sums->far + padded(chain->period));
    return sums;
}

static Statistics *statistics(char *partials, const Chain *chain)
{
    Statistics *s = (Statistics *)partials;
    const long period = padded(chain->period);
    s->mean = (double *)(partials + 192);
    s->spread = s->mean + period;
    s->pivot = (float *)(s->spread + period);
    s->sum = s->pivot + period;
    s->squares = s->sum + period;
    return s;
}
_Static_assert(sizeof(ColumnSums) <= 64 && sizeof(Statistics) <= 192, "as lowering_image.py says");

/* ---- adding----------------------------------------------------------------------------------- */

static double total_of(const float *x, long n)
{
    Vector t0 = splat(0.0f), t1 = t0, t2 = t0, t3 = t0;
    long i = 0;
    for (; i + 4 * LANES <= n; i += 4 * LANES) {
        t0 += readF(x + i);
        t1 += readF(x + i + LANES);
        t2 += readF(x + i + 2 * LANES);
        t3 += readF(x + i + 3 * LANES);
    }
    for (; i + LANES <= n; i += LANES)
        t0 += readF(x + i);
    double end = 0;
    for (; i < n; i++)
        end += x[i];
    return end + sum_of_lanes((t0 + t1) + (t2 + t3));
}

static void flush(ColumnSums *sums, long period)
{
    for (long i = 0; i < period; i++) {
        sums->far[i] += sums->near[i];
        sums->near[i] = 0;
    }
    sums->pending = 0;
}

/* near[i] += x[i] + x[i + step] + ..., `rows` terms, for `width` elements. */
static void add_columns(float *near, const float *x, long width, long step, long rows)
{
    long i = 0;
    for (; i + LANES <= width; i += LANES) {
        Vector t0 = readF(near + i), t1 = splat(0.0f), t2 = t1, t3 = t1;
        const float *p = x + i;
        long r = 0;
        for (; r + 4 <= rows; r += 4, p += 4 * step) {
            t0 += readF(p);
            t1 += readF(p + step);
            t2 += readF(p + 2 * step);
            t3 += readF(p + 3 * step);
        }
        for (; r < rows; r++, p += step)
            t0 += readF(p);
        writeF(near + i, (t0 + t1) + (t2 + t3));
    }
    for (; i < width; i++)
        for (long r = 0; r < rows; r++)
            near[i] += x[i + r * step];
}

/* x: `rows` whole rows, or pieces of them from column `from` on. */
static void add_to_column_sums(ColumnSums *sums, const Chain *chain, const float *x, long rows,
                               long from, long columns)
{
    if (from == 0 && sums->pending >= FLUSH_AFTER)
        flush(sums, chain->period);
    if (columns < chain->columns) {
        add_columns(sums->near + from, x, columns, columns, rows);
        sums->pending += from == 0 ? rows : 0;
        return;
    }
    const long period = chain->period, n = rows * columns, whole = n / period;
    add_columns(sums->near, x, period, period, whole);
    if (whole * period < n)
        add_columns(sums->near, x + whole * period, n - whole * period, period, 1);
    sums->pending += whole + 1;
}

/* Joins `count` values of that mean and spread to n values. */
static inline void join(double *mean, double *spread, double n, double count, double other_mean,
                        double other_spread)
{
    const double share = count / (n + count), distance = other_mean - *mean;
    *mean += distance * share;
    *spread += other_spread + distance * distance * n * share;
}

static void close_block(Statistics *s, const Chain *chain)
{
    const double block = s->pending;
    if (!s->pending)
        return;
    for (long i = 0; i < chain->period; i++) {
        const double sum = s->sum[i], spread = s->squares[i] - sum * sum / block;
        join(s->mean + i, s->spread + i, s->count[i / chain->columns], block,
             s->pivot[i] + sum / block, spread < 0 ? 0 : spread);
    }
    for (long j = 0; j < chain->period / chain->columns; j++)
        s->count[j] += s->pending;
    s->pending = 0;
}

/* Adds `rows` rows, `step` apart, to the open block, for `width` elements. */
static void add_to_block(float *pivot, float *sum, float *squares, const float *x, long width,
                         long step, long rows)
{
    long i = 0;
    for (; i + LANES <= width; i += LANES) {
        const Vector middle = readF(pivot + i);
        Vector s0 = readF(sum + i), q0 = readF(squares + i), s1 = splat(0.0f), q1 = s1;
        const float *p = x + i;
        long r = 0;
        for (; r + 2 <= rows; r += 2, p += 2 * step) {
            const Vector d0 = readF(p) - middle, d1 = readF(p + step) - middle;
            s0 += d0, s1 += d1;
            q0 += d0 * d0, q1 += d1 * d1;
        }
        if (r < rows) {
            const Vector d = readF(p) - middle;
            s0 += d, q0 += d * d;
        }
        writeF(sum + i, s0 + s1);
        writeF(squares + i, q0 + q1);
    }
    for (; i < width; i++)
        for (long r = 0; r < rows; r++) {
            const float d = x[i + r * step] - pivot[i];
            sum[i] += d;
            squares[i] += d * d;
        }
}

static void open_block(Statistics *s, const float *x, long from, long width)
{
    __builtin_memcpy(s->pivot + from, x, width * sizeof(float));
    __builtin_memset(s->sum + from, 0, width * sizeof(float));
    __builtin_memset(s->squares + from, 0, width * sizeof(float));
}

static void add_to_statistics(Statistics *s, const Chain *chain, const float *x, long rows,
                              long from, long columns)
{
    const long period = chain->period;
    if (columns < chain->columns) { /* a piece of one row */
        if (from == 0 && s->pending == BLOCK)
            close_block(s, chain);
        if (s->pending == 0)
            open_block(s, x, from, columns);
        add_to_block(s->pivot + from, s->sum + from, s->squares + from, x, columns, columns, 1);
        s->pending += from + columns == chain->columns;
        return;
    }
    long whole = rows * columns / period;
    const float *const end = x + rows * columns;
    while (whole) {
        if (s->pending == 0)
            open_block(s, x, 0, period);
        const long taken = whole < BLOCK - s->pending ? whole : BLOCK - s->pending;
        add_to_block(s->pivot, s->sum, s->squares, x, period, period, taken);
        s->pending += taken, whole -= taken, x += taken * period;
        if (s->pending == BLOCK)
            close_block(s, chain);
    }
    for (long j = 0; x < end; j++, x += columns) { /* rows too few for a period, one by one */
        for (long i = 0; i < columns; i++)
            join(s->mean + j * columns + i, s->spread + j * columns + i, s->count[j], 1, x[i], 0);
        s->count[j]++;
    }
}

static void store_group(ColumnSums *sums, const Chain *chain, float *result, double divisor)
{
    flush(sums, chain->period);
    for (long c = 0; c < chain->columns; c++) {
        double total = 0;
        for (long i = c; i < chain->period; i += chain->columns) {
            total += sums->far[i];
            sums->far[i] = 0;
        }
        result[c] = total / divisor;
    }
}

void chain_add_sums(ChainRun *run, char *partials, void *const *at, long first, long rows,
                    long from, long columns)
{
    const Chain *chain = run->chain;
    for (const Sum *sum = run->sums; sum < run->sums + chain->sums; sum++) {
        const float *x = at[sum->source];
        char *kept = partials + sum->offset;
        if (sum->kind == SUM_TOTAL)
            *(double *)kept += total_of(x, sum->space == SPACE_FULL ? rows * columns : rows);
        else if (sum->kind == SUM_STATISTICS)
            add_to_statistics(statistics(kept, chain), chain, x, rows, from, columns);
        else {
            ColumnSums *sums = column_sums(kept, chain);
            add_to_column_sums(sums, chain, x, rows, from, columns);
            const long done = first + rows;
            if (sum->kind == SUM_GROUPS && done % chain->rows == 0 &&
                from + columns == chain->columns)
                store_group(sums, chain,
                            (float *)run->at[sum->result[0]] +
                                (done / chain->rows - 1) * chain->columns,
                            sum->divisor);
        }
    }
}

/* ---- putting together------------------------------------------------------------------------- */

static void finish_columns(ChainRun *run, const Sum *sum, float *result)
{
    const Chain *chain = run->chain;
    for (long part = 0; part < run->parts; part++)
        flush(column_sums(run->partials + part * chain->sum_bytes + sum->offset, chain),
              chain->period);
    for (long c = 0; c < chain->columns; c++) {
        double total = 0;
        for (long part = 0; part < run->parts; part++) {
            const double *far =
                column_sums(run->partials + part * chain->sum_bytes + sum->offset, chain)->far;
            for (long i = c; i < chain->period; i += chain->columns)
                total += far[i];
        }
        result[c] = total / sum->divisor;
    }
}

static void finish_statistics(ChainRun *run, const Sum *sum, float *mean, float *variance)
{
    const Chain *chain = run->chain;
    Statistics *all = statistics(run->partials + sum->offset, chain);
    close_block(all, chain);
    for (long part = 0; part < run->parts; part++) {
        Statistics *s = statistics(run->partials + part * chain->sum_bytes + sum->offset, chain);
        close_block(s, chain);
        for (long j = part == 0; j < chain->period / chain->columns; j++) {
            if (!s->count[j])
                continue;
            const double *means = s->mean + j * chain->columns;
            const double *spreads = s->spread + j * chain->columns;
            for (long c = 0; c < chain->columns; c++)
                join(all->mean + c, all->spread + c, all->count[0], s->count[j], means[c],
                     spreads[c]);
            all->count[0] += s->count[j];
        }
    }
    for (long c = 0; c < chain->columns; c++) {
        mean[c] = all->count[0] ? all->mean[c] : __builtin_nanf("");
        variance[c] = all->spread[c] / all->count[0];
    }
}

void chain_finish_sums(ChainRun *run)
{
    const Chain *chain = run->chain;
    for (const Sum *sum = run->sums; sum < run->sums + chain->sums; sum++) {
        float *result = run->at[sum->result[0]];
        if (sum->kind == SUM_TOTAL) {
            double total = 0;
            for (long part = 0; part < run->parts; part++)
                total += *(double *)(run->partials + part * chain->sum_bytes + sum->offset);
            *result = total / sum->divisor;
        } else if (sum->kind == SUM_COLUMNS)
            finish_columns(run, sum, result);
        else if (sum->kind == SUM_STATISTICS)
            finish_statistics(run, sum, result, run->at[sum->result[1]]);
    }
}
