/* Rows chosen by indices: taken from a table, converted on the way, and one-hot codes. */
#include "gather.h"

#include <string.h>

#include "record.h"
#include "threads.h"

enum { TASK_BYTES = 65536 };

static inline long rows_of_task(long bytes) { return TASK_BYTES / (bytes + 1) + 1; }

int indices_fit(const void *indices, long index_bytes, long count, long size)
{
    int bad = 0;
    if (index_bytes == 4)
        for (long i = 0; i < count; i++)
            bad |= (((const int32_t *)indices)[i] >= size) | (((const int32_t *)indices)[i] < -size);
    else
        for (long i = 0; i < count; i++)
            bad |= (((const int64_t *)indices)[i] >= size) | (((const int64_t *)indices)[i] < -size);
    return !bad;
}

/* ---- take ------------------------------------------------------------------------------------- */

enum { TAKE_OUTER, TAKE_SIZE, TAKE_ROW, TAKE_COUNT, TAKE_INDEX };
enum { TAKE_SOURCE, TAKE_INDICES, TAKE_RESULT };

typedef struct {
    const char *source;
    char *result;
    const void *indices;
    long size, row, count, index_bytes, rows, in_task;
} Taking;

static void take_task(void *context, long index)
{
    const Taking *t = context;
    long end = (index + 1) * t->in_task < t->rows ? (index + 1) * t->in_task : t->rows;
    for (long r = index * t->in_task; r < end; r++) {
        long place = index_at(t->indices, t->index_bytes, r % t->count, t->size);
        memcpy(t->result + r * t->row, t->source + (r / t->count * t->size + place) * t->row,
               t->row);
    }
}

/* result[o][i] = source[o][indices[i]], a row of bytes.
   integer: size of `o`, number of rows to choose from, bytes of a row, number of indices, bytes of
   an index. value: source, indices, result. Fails, before it writes, for an index out of range. */
EXPORT int take_rows(const Record *r, void *const *table)
{
    Taking t = {.source = value_at(r, table, TAKE_SOURCE), .result = value_at(r, table, TAKE_RESULT)};
    t.indices = value_at(r, table, TAKE_INDICES);
    t.size = r->integer[TAKE_SIZE];
    t.row = r->integer[TAKE_ROW];
    t.count = r->integer[TAKE_COUNT];
    t.index_bytes = r->integer[TAKE_INDEX];
    if (!indices_fit(t.indices, t.index_bytes, t.count, t.size))
        return 1;
    t.rows = r->integer[TAKE_OUTER] * t.count;
    t.in_task = rows_of_task(t.row);
    parallel_for((t.rows + t.in_task - 1) / t.in_task, take_task, &t);
    return 0;
}

/* ---- rows of a user's array ------------------------------------------------------------------- */

enum { GATHER_SIZE, GATHER_STEP, GATHER_ELEMENTS, GATHER_COUNT, GATHER_KIND, GATHER_BYTES };
enum { GATHER_SOURCE, GATHER_INDICES, GATHER_RESULT };
enum { KIND_BYTES, KIND_FLOAT64, KIND_UINT8, KIND_INT64 }; /* as in gathering.py */

typedef struct {
    const char *source;
    char *result;
    const int64_t *indices;
    long size, step, elements, count, kind, bytes, in_task;
} Gathering;

static void convert_row(const Gathering *g, const char *source, char *result)
{
    if (g->kind == KIND_FLOAT64)
        for (long i = 0; i < g->elements; i++)
            ((float *)result)[i] = ((const double *)source)[i];
    else if (g->kind == KIND_UINT8)
        for (long i = 0; i < g->elements; i++)
            ((float *)result)[i] = ((const uint8_t *)source)[i];
    else if (g->kind == KIND_INT64)
        for (long i = 0; i < g->elements; i++)
            ((int32_t *)result)[i] = ((const int64_t *)source)[i];
    else
        memcpy(result, source, g->elements * g->bytes);
}

static void gather_task(void *context, long index)
{
    const Gathering *g = context;
    long end = (index + 1) * g->in_task < g->count ? (index + 1) * g->in_task : g->count;
    for (long i = index * g->in_task; i < end; i++) {
        long place = index_at(g->indices, 8, i, g->size);
        convert_row(g, g->source + place * g->step, g->result + i * g->elements * g->bytes);
    }
}

/* result[i] = source[indices[i]], elements converted.
   integer: rows of the source, bytes from one to the next, elements of a row, number of indices
   (int64), kind of conversion (0 none, 1 float64 to float32, 2 uint8 to float32, 3 int64 to int32),
   bytes of an element of the result. value: source, indices, result. Fails, before it writes, for
   an index out of range. */
EXPORT int gather_rows(const Record *r, void *const *table)
{
    Gathering g = {.source = value_at(r, table, GATHER_SOURCE),
                   .result = value_at(r, table, GATHER_RESULT)};
    g.indices = value_at(r, table, GATHER_INDICES);
    g.size = r->integer[GATHER_SIZE];
    g.step = r->integer[GATHER_STEP];
    g.elements = r->integer[GATHER_ELEMENTS];
    g.count = r->integer[GATHER_COUNT];
    g.kind = r->integer[GATHER_KIND];
    g.bytes = r->integer[GATHER_BYTES];
    if (!indices_fit(g.indices, 8, g.count, g.size))
        return 1;
    g.in_task = rows_of_task(g.elements * g.bytes);
    parallel_for((g.count + g.in_task - 1) / g.in_task, gather_task, &g);
    return 0;
}

/* ---- one-hot codes ---------------------------------------------------------------------------- */

enum { HOT_OUTER, HOT_CLASSES, HOT_INNER, HOT_INDEX };
enum { HOT_INDICES, HOT_RESULT };

typedef struct {
    const void *indices;
    float *result;
    long classes, inner, index_bytes, outer, in_task;
} Coding;

static void code_task(void *context, long index)
{
    const Coding *c = context;
    long end = (index + 1) * c->in_task < c->outer ? (index + 1) * c->in_task : c->outer;
    for (long o = index * c->in_task; o < end; o++) {
        float *block = c->result + o * c->classes * c->inner;
        memset(block, 0, c->classes * c->inner * sizeof(float));
        for (long i = 0; i < c->inner; i++) {
            long place = c->index_bytes == 4 ? ((const int32_t *)c->indices)[o * c->inner + i]
                                             : ((const int64_t *)c->indices)[o * c->inner + i];
            if (place >= 0 && place < c->classes)
                block[place * c->inner + i] = 1;
        }
    }
}

/* result[o][c][i] = 1 where indices[o][i] is c, else 0.
   integer: size of `o`, of `c` and of `i`, bytes of an index. value: indices, result. */
EXPORT int one_hot_codes(const Record *r, void *const *table)
{
    Coding c = {.indices = value_at(r, table, HOT_INDICES), .result = value_at(r, table, HOT_RESULT)};
    c.outer = r->integer[HOT_OUTER];
    c.classes = r->integer[HOT_CLASSES];
    c.inner = r->integer[HOT_INNER];
    c.index_bytes = r->integer[HOT_INDEX];
    c.in_task = rows_of_task(c.classes * c.inner * sizeof(float));
    parallel_for((c.outer + c.in_task - 1) / c.in_task, code_task, &c);
    return 0;
}
