/* Random numbers: dropout masks, uniform and normal numbers. Each task takes its own stretch of the
   stream, so they are the same at any number of threads. */
#include "random_philox.h"

#include "elements.h"
#include "record.h"
#include "threads.h"
#include "vector_math.h"

enum { TASK_NUMBERS = 8192, ROOM = 1024 }; /* numbers of a task, and of one call of random_bits */
enum { RANDOM_COUNT };                     /* integer */
enum { RANDOM_SEED, RANDOM_RESULT };       /* value */
enum { RANDOM_SCALE };                     /* real */

typedef struct {
    Stream stream;
    float *result;
    long count, half;
    uint32_t threshold;
    float scale;
} Drawing;

static Drawing read_drawing(const Record *r, void *const *table)
{
    const uint32_t *seed = value_at(r, table, RANDOM_SEED);
    Drawing d = {.stream = {seed[0], seed[1]}, .result = value_at(r, table, RANDOM_RESULT)};
    d.count = r->integer[RANDOM_COUNT];
    return d;
}

static inline long smaller_of(long a, long b) { return a < b ? a : b; }
static long tasks_of(long count) { return (count + TASK_NUMBERS - 1) / TASK_NUMBERS; }

/* Calls `fill(d, first, n)` for pieces of at most ROOM of the numbers of task `index`. */
static inline void each_piece(const Drawing *d, long count, long index,
                              void (*fill)(const Drawing *, long, long))
{
    long end = smaller_of((index + 1) * TASK_NUMBERS, count);
    for (long first = index * TASK_NUMBERS; first < end; first += ROOM)
        fill(d, first, smaller_of(ROOM, end - first));
}

/* ---- dropout---------------------------------------------------------------------------------- */

static void fill_mask(const Drawing *d, long first, long n)
{
    uint32_t room[ROOM + BITS_MARGIN];
    const uint32_t *bits = random_bits(&d->stream, first, n, room);
    float *result = d->result + first;
    long i = 0;
    for (; i + LANES <= n; i += LANES) {
        Lanes is_kept = (Lanes)(readU(bits + i) >= d->threshold);
        store(result + i, (Vector)(is_kept & (Lanes)splat(d->scale)));
    }
    for (; i < n; i++)
        result[i] = bits[i] >= d->threshold ? d->scale : 0;
}

static void mask_task(void *context, long index)
{
    const Drawing *d = context;
    each_piece(d, d->count, index, fill_mask);
}

/* result[i] = scale where bits[i] >= threshold, else 0.
   integer: count, threshold. real: scale. value: seed (uint32[2]), result. */
EXPORT int dropout_mask(const Record *r, void *const *table)
{
    Drawing d = read_drawing(r, table);
    d.threshold = r->integer[RANDOM_COUNT + 1];
    d.scale = r->real[RANDOM_SCALE];
    parallel_for(tasks_of(d.count), mask_task, &d);
    return 0;
}

/* ---- uniform---------------------------------------------------------------------------------- */

static void fill_uniform(const Drawing *d, long first, long n)
{
    uint32_t room[ROOM + BITS_MARGIN];
    const uint32_t *bits = random_bits(&d->stream, first, n, room);
    float *result = d->result + first;
    for (long i = 0; i < n; i++)
        result[i] = (int32_t)(bits[i] >> 8) * 0x1p-24f;
}

static void uniform_task(void *context, long index)
{
    const Drawing *d = context;
    each_piece(d, d->count, index, fill_uniform);
}

/* result[i] = the upper 24 bits as a fraction. integer: count. value: seed, result. */
EXPORT int uniform_numbers(const Record *r, void *const *table)
{
    Drawing d = read_drawing(r, table);
    parallel_for(tasks_of(d.count), uniform_task, &d);
    return 0;
}

/* ---- normal----------------------------------------------------------------------------------- */

#define TURN (float)(0x1p-32 * 2 * 3.14159265358979323846)

/* The first half of the result gets radius * cos(angle), the second radius * sin(angle). */
static void fill_normal(const Drawing *d, long first, long n)
{
    uint32_t room[2][ROOM + BITS_MARGIN];
    const uint32_t *lengths = random_bits(&d->stream, first, n, room[0]);
    const uint32_t *turns = random_bits(&d->stream, d->half + first, n, room[1]);
    long second = smaller_of(n, d->count - d->half - first); /* one less where the count is odd */
    for (long i = 0; i < n; i += LANES) { /* beyond n there are more bits: the margin */
        Vector u = (__builtin_convertvector(readU(lengths + i), Vector) + 0.5f) * 0x1p-32f;
        Vector angle = __builtin_convertvector(readU(turns + i), Vector) * TURN;
        Vector radius = vector_sqrt(-2.0f * vector_log(u));
        Vector x = radius * vector_cos(angle), y = radius * vector_sin(angle);
        if (i + LANES <= second) {
            store(d->result + first + i, x);
            store(d->result + d->half + first + i, y);
            continue;
        }
        for (long k = 0; k < LANES && i + k < n; k++)
            d->result[first + i + k] = x[k];
        for (long k = 0; k < LANES && i + k < second; k++)
            d->result[d->half + first + i + k] = y[k];
    }
}

static void normal_task(void *context, long index)
{
    const Drawing *d = context;
    each_piece(d, d->half, index, fill_normal);
}

/* Standard normal numbers (Box and Muller, 1958). integer: count. value: seed, result. */
EXPORT int normal_numbers(const Record *r, void *const *table)
{
    Drawing d = read_drawing(r, table);
    d.half = (d.count + 1) / 2;
    parallel_for(tasks_of(d.half), normal_task, &d);
    return 0;
}
