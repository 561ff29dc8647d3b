/* Attention: softmax(scale * query @ key^T + bias) @ value for each head, over tiles of keys, with
   the running peak and total of each row (Milakov, Gimelshein, "Online normalizer calculation for
   softmax", 2018; Dao et al., "FlashAttention", 2022). */
#include "attention.h"

#include "threads.h"

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
    float *copies;       /* room for the rows of the chunk */
    HeadRows queries;    /* the rows of the chunk */
    Panels keys;         /* a tile of keys, transposed */
    Panels values;       /* of the same tile */
    float *scores;       /* QUERY_TILE rows */
    float *sums;         /* the result of the chunk before it is divided by the totals */
    float *peaks, *totals;
} Room;

static Room make_room(const Attention *a)
{
    const long chunk = smaller_of(QUERY_CHUNK, a->queries);
    const long sizes[] = {chunk * a->size,
                          a->size * KEY_TILE,
                          KEY_TILE * rounded_up(a->value_size),
                          QUERY_TILE * SCORES_STRIDE,
                          chunk * a->value_size,
                          chunk,
                          chunk};
    long total = 0;
    for (int i = 0; i < 7; i++)
        total += rounded_up(sizes[i]);
    float *memory = thread_memory(MEMORY_TASK, total * sizeof(float)), *part[7];
    for (int i = 0; i < 7; memory += rounded_up(sizes[i++]))
        part[i] = memory;
    return (Room){.copies = part[0],
                  .keys = {.data = part[1], .depth = a->size},
                  .values = {.data = part[2], .columns = a->value_size},
                  .scores = part[3],
                  .sums = part[4],
                  .peaks = part[5],
                  .totals = part[6]};
}

/* The peaks of a tile's rows, with those of the tiles before; what lies beyond the keys in the last
   vector becomes a score of no weight. */
static void find_peaks(const Tile *tile, float *scores, float factor, const float *before,
                       float *peaks)
{
    const long whole = rounded_up(tile->keys);
    for (long i = 0; i < tile->queries; i++) {
        float *row = scores + i * SCORES_STRIDE;
        for (long j = tile->keys; j < whole; j++)
            row[j] = -__builtin_inff();
        const float here = peak_of(row, whole) * factor;
        peaks[i] = here > before[i] ? here : before[i];
    }
}

/* A tile of keys meets the queries [first, first + queries) of the chunk. Weights are relative to
   the peak of the row so far; what was summed up before is brought to the same peak. */
static void attend(const Attention *a, const Room *room, const Tile *tile, long first, int is_first)
{
    const long columns = a->value_size, whole = rounded_up(tile->keys);
    float *scores = room->scores, *peaks = room->peaks + first, *totals = room->totals + first;
    float *sums = room->sums + first * columns, new_peaks[QUERY_TILE];
    const HeadRows queries = room->queries;
    multiply_rows(&(AttentionProduct){queries.data + first * queries.stride, queries.stride,
                                      tile->queries, a->size, tile->keys, room->keys, scores,
                                      SCORES_STRIDE, 0});
    const float factor = make_scores(a, tile, scores);
    find_peaks(tile, scores, factor, peaks, new_peaks);
    for (long i = 0; i < tile->queries; i++) {
        const float base = new_peaks[i] == -__builtin_inff() ? 0 : new_peaks[i];
        const float total = exponentials(scores + i * SCORES_STRIDE, whole, factor, base);
        if (is_first) {
            totals[i] = total;
        } else if (new_peaks[i] == peaks[i]) {
            totals[i] += total;
        } else {
            const float fading = fading_of(peaks[i], base);
            totals[i] = totals[i] * fading + total;
            for (long j = 0; j < columns; j++)
                sums[i * columns + j] *= fading;
        }
        peaks[i] = new_peaks[i];
    }
    multiply_rows(&(AttentionProduct){scores, SCORES_STRIDE, tile->queries, tile->keys, columns,
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
    const HeadRows queries = head_rows(&a->query, &chunk, chunk.query);
    fetch_rows(queries, chunk.queries, a->size);
    room.queries = readable_rows(queries, chunk.queries, a->size, room.copies);
    for (long i = 0; i < chunk.queries; i++)
        room.peaks[i] = -__builtin_inff();
    const long key_tiles = blocks_of(a->keys, KEY_TILE);
    const long query_tiles = blocks_of(chunk.queries, QUERY_TILE);
    for (long k = 0; k < key_tiles; k++) {
        const long first_key = part_start(a->keys, key_tiles, k);
        const long keys = part_start(a->keys, key_tiles, k + 1) - first_key;
        if (!visible_keys(a, chunk.query + chunk.queries - 1, first_key, keys))
            break;
        room.keys.columns = room.values.depth = keys;
        const HeadRows key = head_rows(&a->key, &chunk, first_key);
        const HeadRows value = head_rows(&a->value, &chunk, first_key);
        fetch_rows(key, keys, a->size);
        fetch_rows(value, keys, a->value_size);
        pack_panels(key.data, 1, key.stride, room.keys);
        pack_panels(value.data, value.stride, 1, room.values);
        for (long q = 0; q < query_tiles; q++) {
            const long first = part_start(chunk.queries, query_tiles, q);
            const long queries = part_start(chunk.queries, query_tiles, q + 1) - first;
            const long last = chunk.query + first + queries - 1;
            Tile tile = {batch, head, chunk.query + first, queries, first_key, 0};
            tile.keys = visible_keys(a, last, first_key, keys);
            if (tile.keys)
                attend(a, &room, &tile, first, k == 0);
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
