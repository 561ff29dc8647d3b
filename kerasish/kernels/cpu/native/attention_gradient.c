/* The gradient of attention. The weights of a tile are made again from the statistics of the forward
   kernel (Dao et al., "FlashAttention", 2022). With P the weights, g the gradient of the result:
       d value = P^T g,    d P = g value^T,    d scores = P * (d P - sum(g * result)),
       d query = scale * d scores key,    d key = scale * d scores^T query. */
#include "attention.h"

#include <string.h>

#include "threads.h"
#include "elements.h"

/* Where there are few heads, each is cut into chunks of keys of this size or more, so that there is
   work for TASKS threads; every chunk then has sums of its own of the gradient of the queries. */
enum { TASKS = 32, LEAST_CHUNK = 512 };

enum { GRADIENT_STRIDES = ATTENTION_INTEGERS };
enum {
    VALUE_RESULT = ATTENTION_VALUES,
    VALUE_STATISTICS,
    VALUE_GRADIENT,
    VALUE_QUERY_GRADIENT,
    VALUE_KEY_GRADIENT,
    VALUE_VALUE_GRADIENT
};

typedef struct {
    Attention a;
    const float *result, *statistics; /* as the forward kernel left them */
    Heads gradient;                   /* of the result */
    float *query_gradient, *key_gradient, *value_gradient; /* (batch, length, heads, size) */
    long chunks;                                           /* of keys */
    float *partial; /* sums of each chunk but the first: (chunks - 1, batch, heads, queries, size) */
} Backward;

/* Memory of a task. */
typedef struct {
    Panels keys, values;             /* a tile of keys and its values, transposed */
    Panels key_rows;                 /* the tile of keys as it is */
    float *query_copies, *gradient_copies; /* room for rows of a tile */
    Panels query_rows, gradient_rows; /* the same in panels */
    float *weights, *slopes;         /* P and d P, then d scores */
    float *shifts;                   /* sum(g * result) of each query of the head */
} Room;

static Room make_room(const Attention *a)
{
    const long keys = KEY_TILE, n = a->size, m = a->value_size;
    const long sizes[] = {n * keys,       m * keys,         KEY_TILE * rounded_up(n),
                          QUERY_TILE * n, QUERY_TILE * m,   QUERY_TILE * rounded_up(n),
                          QUERY_TILE * rounded_up(m),       QUERY_TILE * SCORES_STRIDE,
                          QUERY_TILE * SCORES_STRIDE, a->queries};
    enum { PARTS = sizeof sizes / sizeof *sizes };
    long total = 0;
    for (int i = 0; i < PARTS; i++)
        total += rounded_up(sizes[i]);
    float *memory = thread_memory(MEMORY_TASK, total * sizeof(float)), *part[PARTS];
    for (int i = 0; i < PARTS; memory += rounded_up(sizes[i++]))
        part[i] = memory;
    return (Room){.keys = {.data = part[0], .depth = n},
                  .values = {.data = part[1], .depth = m},
                  .key_rows = {.data = part[2], .columns = n},
                  .query_copies = part[3],
                  .gradient_copies = part[4],
                  .query_rows = {.data = part[5], .columns = n},
                  .gradient_rows = {.data = part[6], .columns = m},
                  .weights = part[7],
                  .slopes = part[8],
                  .shifts = part[9]};
}

static float dot(const float *a, const float *b, long n)
{
    Vector sum = splat(0);
    long j = 0;
    for (; j + LANES <= n; j += LANES)
        sum += load(a + j) * load(b + j);
    float rest = 0;
    for (; j < n; j++)
        rest += a[j] * b[j];
    return sum_of_lanes(sum) + rest;
}

/* ---- one tile --------------------------------------------------------------------------------- */

static void remake_weights(const Backward *b, const Tile *t, float *weights)
{
    const float *statistics =
        b->statistics + 2 * ((t->batch * b->a.heads + t->head) * b->a.queries + t->query);
    const float factor = make_scores(&b->a, t, weights);
    for (long i = 0; i < t->queries; i++)
        exponential_shares(weights + i * SCORES_STRIDE, t->keys, factor, statistics[2 * i],
                           1 / statistics[2 * i + 1]);
}

/* slopes = scale * weights * (slopes - shift), 0 where a mask took the score's place. */
static void make_slopes(const Backward *b, const Tile *t, const Room *room)
{
    for (long i = 0; i < t->queries; i++) {
        const float *weights = room->weights + i * SCORES_STRIDE;
        float *slopes = room->slopes + i * SCORES_STRIDE, shift = room->shifts[t->query + i];
        for (long j = 0; j < t->keys; j += LANES)
            store(slopes + j, load(weights + j) * (load(slopes + j) - shift) * b->a.scale);
    }
    clear_masked(&b->a, t, room->slopes);
}

/* Where the sums of a gradient of a head go, and how far apart their rows lie. */
typedef struct {
    float *data;
    long stride;
    int is_empty; /* nothing was added yet, and nothing lies there */
} Sums;

static void clear_rows(Sums *sums, long rows, long columns)
{
    for (long i = 0; i < rows; i++)
        memset(sums->data + i * sums->stride, 0, columns * sizeof(float));
    sums->is_empty = 0;
}

/* The sums of a tile of keys, and of all queries of the head. */
typedef struct {
    Sums query, key, value;
} Gradients;

static void clear_keys(const Attention *a, Gradients *to, long keys)
{
    clear_rows(&to->key, keys, a->size);
    clear_rows(&to->value, keys, a->value_size);
}

static void run_tile(const Backward *b, Room *room, const Tile *t, const Gradients *to)
{
    const Attention *a = &b->a;
    const long n = a->size, m = a->value_size;
    const HeadRows query = head_rows(&a->query, t, t->query);
    const HeadRows gradient = head_rows(&b->gradient, t, t->query);
    fetch_rows(query, t->queries, n);
    fetch_rows(gradient, t->queries, m);
    const HeadRows queries = readable_rows(query, t->queries, n, room->query_copies);
    const HeadRows gradients = readable_rows(gradient, t->queries, m, room->gradient_copies);
    room->query_rows.depth = room->gradient_rows.depth = t->queries;
    pack_panels(queries.data, queries.stride, 1, room->query_rows);
    pack_panels(gradients.data, gradients.stride, 1, room->gradient_rows);

    multiply_rows(&(AttentionProduct){queries.data, queries.stride, t->queries, n, t->keys,
                                      room->keys, room->weights, SCORES_STRIDE, 0});
    remake_weights(b, t, room->weights);
    multiply_transposed(&(AttentionProduct){room->weights, SCORES_STRIDE, t->keys, t->queries, m,
                                            room->gradient_rows, to->value.data, to->value.stride,
                                            !to->value.is_empty});
    multiply_rows(&(AttentionProduct){gradients.data, gradients.stride, t->queries, m, t->keys,
                                      room->values, room->slopes, SCORES_STRIDE, 0});
    make_slopes(b, t, room);
    multiply_transposed(&(AttentionProduct){room->slopes, SCORES_STRIDE, t->keys, t->queries, n,
                                            room->query_rows, to->key.data, to->key.stride,
                                            !to->key.is_empty});
    multiply_rows(&(AttentionProduct){room->slopes, SCORES_STRIDE, t->queries, t->keys, n,
                                      room->key_rows, to->query.data + t->query * to->query.stride,
                                      to->query.stride, !to->query.is_empty});
}

/* ---- one chunk of keys of one head ------------------------------------------------------------ */

enum { SHIFTS_AHEAD = 8 }; /* rows that are on their way while the sum of one is made */

static void find_shifts(const Backward *b, const Tile *t, float *shifts)
{
    const long m = b->a.value_size, heads = b->a.heads, queries = b->a.queries;
    const HeadRows gradient = head_rows(&b->gradient, t, 0);
    const HeadRows result = {b->result + (t->batch * queries * heads + t->head) * m, heads * m};
    for (long i = 0; i < queries; i++) {
        if (i + SHIFTS_AHEAD < queries) {
            fetch_rows(row_from(gradient, i + SHIFTS_AHEAD), 1, m);
            fetch_rows(row_from(result, i + SHIFTS_AHEAD), 1, m);
        }
        shifts[i] = dot(row_from(gradient, i).data, row_from(result, i).data, m);
    }
}

static void pack_keys(const Attention *a, Room *room, const Tile *tile)
{
    const HeadRows key = head_rows(&a->key, tile, tile->key);
    const HeadRows value = head_rows(&a->value, tile, tile->key);
    fetch_rows(key, tile->keys, a->size);
    fetch_rows(value, tile->keys, a->value_size);
    room->keys.columns = room->values.columns = room->key_rows.depth = tile->keys;
    pack_panels(key.data, 1, key.stride, room->keys);
    pack_panels(key.data, key.stride, 1, room->key_rows);
    pack_panels(value.data, 1, value.stride, room->values);
}

static void run_keys(const Backward *b, Room *room, Tile tile, Sums query_sums)
{
    const Attention *a = &b->a;
    const long first = tile.key, keys = tile.keys, n = a->size, m = a->value_size;
    const long row = (tile.batch * a->keys + first) * a->heads + tile.head;
    Gradients to = {query_sums,
                    {b->key_gradient + row * n, a->heads * n, 1},
                    {b->value_gradient + row * m, a->heads * m, 1}};
    pack_keys(a, room, &tile);
    const long tiles = blocks_of(a->queries, QUERY_TILE);
    for (long q = 0; q < tiles; q++) {
        tile.query = part_start(a->queries, tiles, q);
        tile.queries = part_start(a->queries, tiles, q + 1) - tile.query;
        tile.keys = visible_keys(a, tile.query + tile.queries - 1, first, keys);
        if (to.key.is_empty && tile.keys < keys) /* these queries do not see all keys */
            clear_keys(a, &to, keys);
        if (tile.keys)
            run_tile(b, room, &tile, &to);
        to.key.is_empty = to.value.is_empty = 0;
    }
    if (to.key.is_empty) /* no queries */
        clear_keys(a, &to, keys);
}

/* The first chunk writes its sums where the gradient of the queries belongs. */
static Sums sums_of_chunk(const Backward *b, long chunk, long batch, long head)
{
    const long n = b->a.size, heads = b->a.heads, queries = b->a.queries;
    if (chunk == 0)
        return (Sums){b->query_gradient + (batch * queries * heads + head) * n, heads * n, 1};
    const long place = ((chunk - 1) * b->a.batch + batch) * heads + head;
    return (Sums){b->partial + place * queries * n, n, 1};
}

static void backward_task(void *context, long index)
{
    const Backward *b = context;
    const Attention *a = &b->a;
    const long chunk = index % b->chunks, head = index / b->chunks % a->heads;
    const long batch = index / b->chunks / a->heads;
    Room room = make_room(a);
    find_shifts(b, &(Tile){.batch = batch, .head = head}, room.shifts);
    Sums query_sums = sums_of_chunk(b, chunk, batch, head);
    if (chunk) /* with a causal mask the first queries never meet these keys */
        clear_rows(&query_sums, a->queries, a->size);
    const long start = part_start(a->keys, b->chunks, chunk);
    const long size = part_start(a->keys, b->chunks, chunk + 1) - start;
    const long tiles = blocks_of(size, KEY_TILE);
    for (long k = 0; k < tiles; k++) {
        Tile tile = {.batch = batch, .head = head, .key = start + part_start(size, tiles, k)};
        tile.keys = start + part_start(size, tiles, k + 1) - tile.key;
        run_keys(b, &room, tile, query_sums);
        query_sums.is_empty = 0;
    }
}

/* Adds the sums of the other chunks to those of the first, in order. */
static void add_task(void *context, long index)
{
    const Backward *b = context;
    const long head = index % b->a.heads, batch = index / b->a.heads;
    const Sums to = sums_of_chunk(b, 0, batch, head);
    for (long chunk = 1; chunk < b->chunks; chunk++) {
        const Sums from = sums_of_chunk(b, chunk, batch, head);
        for (long i = 0; i < b->a.queries; i++)
            for (long j = 0; j < b->a.size; j++)
                to.data[i * to.stride + j] += from.data[i * from.stride + j];
    }
}

static long chunks_of(const Attention *a)
{
    const long heads = a->batch * a->heads;
    const long wanted = heads ? blocks_of(TASKS, heads) : 1, most = a->keys / LEAST_CHUNK;
    return most < 1 ? 1 : smaller_of(wanted, most);
}

/* integer: as in attention.h; strides of the gradient (batch, row, head). real: scale. value: query,
   key, value, bias, mask; result and statistics of the forward kernel, gradient of the result;
   gradients of query, key and value. There is at least one key. */
EXPORT int attention_gradient(const Record *r, void *const *table)
{
    const int64_t *strides = r->integer + GRADIENT_STRIDES;
    Backward b = {.a = read_attention(r, table),
                  .result = value_at(r, table, VALUE_RESULT),
                  .statistics = value_at(r, table, VALUE_STATISTICS),
                  .gradient = {value_at(r, table, VALUE_GRADIENT), strides[0], strides[1],
                               strides[2]},
                  .query_gradient = value_at(r, table, VALUE_QUERY_GRADIENT),
                  .key_gradient = value_at(r, table, VALUE_KEY_GRADIENT),
                  .value_gradient = value_at(r, table, VALUE_VALUE_GRADIENT)};
    const Attention *a = &b.a;
    b.chunks = chunks_of(a);
    const long heads = a->batch * a->heads;
    if (b.chunks > 1)
        b.partial = thread_memory(MEMORY_CALL, (b.chunks - 1) * heads * a->queries * a->size *
                                                   sizeof(float));
    parallel_for(heads * b.chunks, backward_task, &b);
    if (b.chunks > 1)
        parallel_for(heads, add_task, &b);
    return 0;
}
