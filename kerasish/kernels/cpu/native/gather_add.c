/* The gradient of taking rows: rows added to the places that indices name, among zeros. */
#include <string.h>

#include "gather.h"
#include "record.h"
#include "threads.h"
#include "vector.h"

enum { ADD_OUTER, ADD_SIZE, ADD_ROW, ADD_COUNT, ADD_INDEX };
enum { ADD_GRADIENT, ADD_INDICES, ADD_RESULT };
enum { BUCKET_BYTES = 131072, MOST_BUCKETS = 4096 };

/* The rows of the result are dealt out in buckets of 2^shift neighbours. A task clears a bucket,
   then adds what belongs there while it is in the cache, in the order of the indices: so sums do not
   depend on the threads. */
typedef struct {
    const float *gradient;
    const void *indices;
    float *result;
    long size, row, count, index_bytes;
    int shift;
    long buckets;
    const int32_t *start; /* where each bucket's entries begin in `order`, and where the last ends */
    const int32_t *order; /* positions in `indices`, sorted by bucket */
} Adding;

static void add_row(float *to, const float *from, long n)
{
    long i = 0;
    for (; i + LANES <= n; i += LANES)
        store(to + i, load(to + i) + load(from + i));
    for (; i < n; i++)
        to[i] += from[i];
}

static void add_task(void *context, long index)
{
    const Adding *a = context;
    long outer = index / a->buckets, bucket = index % a->buckets;
    long first = bucket << a->shift, rows = 1L << a->shift;
    if (rows > a->size - first)
        rows = a->size - first;
    float *result = a->result + outer * a->size * a->row;
    const float *gradient = a->gradient + outer * a->count * a->row;
    memset(result + first * a->row, 0, rows * a->row * sizeof(float));
    for (long k = a->start[bucket]; k < a->start[bucket + 1]; k++) {
        long i = a->order[k], place = index_at(a->indices, a->index_bytes, i, a->size);
        add_row(result + place * a->row, gradient + i * a->row, a->row);
    }
}

/* Counting sort of the positions by bucket; it keeps their order within one. */
static void sort_by_bucket(const Adding *a, int32_t *start, int32_t *order)
{
    memset(start, 0, (a->buckets + 1) * sizeof *start);
    for (long i = 0; i < a->count; i++)
        start[index_at(a->indices, a->index_bytes, i, a->size) >> a->shift]++;
    for (long b = 0, sum = 0; b <= a->buckets; b++) {
        long n = start[b];
        start[b] = sum;
        sum += n;
    }
    for (long i = 0; i < a->count; i++)
        order[start[index_at(a->indices, a->index_bytes, i, a->size) >> a->shift]++] = i;
    for (long b = a->buckets; b > 0; b--) /* each start has moved on to the next one's */
        start[b] = start[b - 1];
    start[0] = 0;
}

/* result[o] = zeros, and for each i in order: result[o][indices[i]] += gradient[o][i].
   integer: size of `o`, rows of the result, floats of a row, number of indices (less than 2^31),
   bytes of an index. value: gradient, indices, result. Fails, before it writes, for an index out of
   range. */
EXPORT int add_rows(const Record *r, void *const *table)
{
    Adding a = {.gradient = value_at(r, table, ADD_GRADIENT),
                .indices = value_at(r, table, ADD_INDICES),
                .result = value_at(r, table, ADD_RESULT)};
    a.size = r->integer[ADD_SIZE];
    a.row = r->integer[ADD_ROW];
    a.count = r->integer[ADD_COUNT];
    a.index_bytes = r->integer[ADD_INDEX];
    if (!indices_fit(a.indices, a.index_bytes, a.count, a.size))
        return 1;
    while ((2L << a.shift) * a.row * (long)sizeof(float) <= BUCKET_BYTES && 1L << a.shift < a.size)
        a.shift++;
    while (a.size >> a.shift >= MOST_BUCKETS)
        a.shift++;
    a.buckets = (a.size + (1L << a.shift) - 1) >> a.shift;
    int32_t *start = thread_memory(MEMORY_CALL, (a.buckets + 1 + a.count) * sizeof *start);
    a.start = start;
    a.order = start + a.buckets + 1;
    sort_by_bucket(&a, start, start + a.buckets + 1);
    parallel_for(r->integer[ADD_OUTER] * a.buckets, add_task, &a);
    return 0;
}
