/* Attention: softmax(scale * query @ key^T + bias) @ value for each head, over tiles of keys, with
   the running peak and total of each row (Milakov, Gimelshein, "Online normalizer calculation for
   softmax", 2018; Dao et al., "FlashAttention", 2022). */
#include "attention.h"

#include "threads.h"
#include "vector_math.h"

enum { QUERY_CHUNK = 256 }; /* queries of a task */
enum { VALUE_RESULT = ATTENTION_VALUES, VALUE_STATISTICS };

typedef struct {
    Attention a;
    float *result;     /* (batch, queries, heads, value_size) */
    float *statistics; /* (batch, heads, queries, 2): peak of the scores, total of exp(score - peak) */
    long chunks;
} Forward;

/* Memory of a task. */
typedef struct {
    float *queries;      /* rows of the chunk, one after another */
    Panels keys;         /* a tile of keys, transposed */
    Panels values;       /* of the same tile */
    float *scores;       /* QUERY_TILE rows */
    float *sums;         /* the result of the chunk before it is divided by the totals */
    float *peaks, *totals;
} Room;

static Room make_room(const Attention *a)
{
    const long chunk = smaller_of(QUERY_CHUNK, a->queries), keys = rounded_up(KEY_TILE);
    const long sizes[] = {chunk * a->size,
                          a->size * keys,
                          KEY_TILE * rounded_up(a->value_size),
                          QUERY_TILE * keys,
                          chunk * a->value_size,
                          chunk,
                          chunk};
    long total = 0;
    for (int i = 0; i < 7; i++)
        total += rounded_up(sizes[i]);
    float *memory = thread_memory(MEMORY_TASK, total * sizeof(float)), *part[7];
    for (int i = 0; i < 7; memory += rounded_up(sizes[i++]))
        part[i] = memory;
    return (Room){part[0], {.data = part[1], .depth = a->size},
                  {.data = part[2], .columns = a->value_size}, part[3], part[4], part[5], part[6]};
}

static float peak_of(const float *row, long n)
{
    Vector peak = load(row);
    for (long j = LANES; j < n; j += LANES)
        peak = larger(peak, load(row + j));
    return largest_of_lanes(peak);
}

/* row = exp(row - base); returns the sum. */
static float exponentials(float *row, long n, float base)
{
    Vector sum = splat(0);
    for (long j = 0; j < n; j += LANES) {
        Vector x = vector_exp(load(row + j) - base);
        store(row + j, x);
        sum += x;
    }
    return sum_of_lanes(sum);
}

static void scale_row(float *row, long n, float factor)
{
    for (long j = 0; j < n; j++)
        row[j] *= factor;
}

/* Scores of one query become weights that are relative to the peak so far; what was summed up before
   is brought to the same peak. */
static void weigh_row(float *row, long keys, float *peak, float *total, float *sums, long columns)
{
    const long whole = rounded_up(keys);
    for (long j = keys; j < whole; j++)
        row[j] = -__builtin_inff();
    const float here = peak_of(row, whole), before = *peak;
    *peak = before > here || before != before ? before : here;
    const float base = *peak == -__builtin_inff() ? 0 : *peak; /* no score yet but minus infinity */
    const float sum = exponentials(row, whole, base);
    if (before != -__builtin_inff()) {
        const float fading = vector_exp(splat(before - base))[0];
        *total *= fading;
        scale_row(sums, columns, fading);
    }
    *total += sum;
}

/* A tile of keys meets the queries [first, first + queries) of the chunk. */
static void attend(const Attention *a, const Room *room, Tile tile, long first, int is_first)
{
    const long columns = a->value_size, stride = rounded_up(KEY_TILE);
    const float *queries = room->queries + first * a->size;
    float *sums = room->sums + first * columns;
    multiply_rows(&(AttentionProduct){queries, a->size, tile.queries, a->size, tile.keys, room->keys,
                                      room->scores, stride, 0});
    for (long i = 0; i < tile.queries; i++) {
        score_row(a, &tile, i, room->scores + i * stride);
        weigh_row(room->scores + i * stride, tile.keys, room->peaks + first + i,
                  room->totals + first + i, sums + i * columns, columns);
    }
    multiply_rows(&(AttentionProduct){room->scores, stride, tile.queries, tile.keys, columns,
                                      room->values, sums, columns, !is_first});
}

static void store_chunk(const Forward *f, const Room *room, const Tile *chunk)
{
    const Attention *a = &f->a;
    for (long i = 0; i < chunk->queries; i++) {
        const long row = chunk->query + i;
        const float *sums = room->sums + i * a->value_size;
        float *to = f->result +
                    ((chunk->batch * a->queries + row) * a->heads + chunk->head) * a->value_size;
        float *statistics = f->statistics +
                            2 * ((chunk->batch * a->heads + chunk->head) * a->queries + row);
        const float share = 1 / room->totals[i];
        for (long j = 0; j < a->value_size; j++)
            to[j] = sums[j] * share;
        statistics[0] = room->peaks[i];
        statistics[1] = room->totals[i];
    }
}

static void attention_task(void *context, long index)
{
    const Forward *f = context;
    const Attention *a = &f->a;
    const long chunk_index = index % f->chunks, head = index / f->chunks % a->heads;
    const long batch = index / f->chunks / a->heads;
    Tile chunk = {.batch = batch, .head = head};
    chunk.query = part_start(a->queries, f->chunks, chunk_index);
    chunk.queries = part_start(a->queries, f->chunks, chunk_index + 1) - chunk.query;
    Room room = make_room(a);
    const float *query = a->query.data + batch * a->query.batch + head * a->query.head;
    const float *key = a->key.data + batch * a->key.batch + head * a->key.head;
    const float *value = a->value.data + batch * a->value.batch + head * a->value.head;
    copy_rows(query + chunk.query * a->query.row, a->query.row, chunk.queries, a->size,
              room.queries);
    for (long i = 0; i < chunk.queries; i++) {
        room.peaks[i] = -__builtin_inff();
        room.totals[i] = 0;
    }
    const long key_tiles = blocks_of(a->keys, KEY_TILE);
    const long query_tiles = blocks_of(chunk.queries, QUERY_TILE);
    for (long k = 0; k < key_tiles; k++) {
        const long first_key = part_start(a->keys, key_tiles, k);
        const long keys = part_start(a->keys, key_tiles, k + 1) - first_key;
        if (!visible_keys(a, chunk.query + chunk.queries - 1, first_key, keys))
            break;
        room.keys.columns = room.values.depth = keys;
        pack_panels(key + first_key * a->key.row, 1, a->key.row, room.keys);
        pack_panels(value + first_key * a->value.row, a->value.row, 1, room.values);
        for (long q = 0; q < query_tiles; q++) {
            const long first = part_start(chunk.queries, query_tiles, q);
            const long queries = part_start(chunk.queries, query_tiles, q + 1) - first;
            const long last = chunk.query + first + queries - 1;
            Tile tile = {batch, head, chunk.query + first, queries, first_key, 0};
            tile.keys = visible_keys(a, last, first_key, keys);
            if (tile.keys)
                attend(a, &room, tile, first, k == 0);
        }
    }
    store_chunk(f, &room, &chunk);
}

/* integer: as in attention.h. real: scale. value: query, key, value, bias, mask, result (batch,
   queries, heads, value size), statistics (batch, heads, queries, 2). There is at least one key. */
EXPORT int attention(const Record *r, void *const *table)
{
    Forward f = {.a = read_attention(r, table),
                 .result = value_at(r, table, VALUE_RESULT),
                 .statistics = value_at(r, table, VALUE_STATISTICS)};
    f.chunks = blocks_of(f.a.queries, QUERY_CHUNK);
    parallel_for(f.a.batch * f.a.heads * f.chunks, attention_task, &f);
    return 0;
}
