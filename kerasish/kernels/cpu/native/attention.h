/* Attention in tiles: what its forward and backward kernels share.

   Nowhere is a matrix of queries by keys kept. A tile of queries meets a tile of keys: their scores,
   and the weights made of them, stay in the cache until they have been used. */
#ifndef KERASISH_ATTENTION_H
#define KERASISH_ATTENTION_H

#include "microkernels.h"
#include "record.h"

enum { QUERY_TILE = 64, KEY_TILE = 128 };

/* A tensor (batch, length, heads, size) in memory: strides, in floats; the size is contiguous. */
typedef struct {
    const float *data;
    long batch, row, head;
} Heads;

/* A tensor that broadcasts to (batch, heads, queries, keys): strides in elements, 0 where it has one
   element. NULL data where there is none. */
typedef struct {
    const void *data;
    long batch, head, row, column;
} Grid;

typedef struct {
    long batch, heads, queries, keys, size, value_size;
    int is_causal; /* no query sees later keys */
    float scale;
    Heads query, key, value;
    Grid bias; /* floats, added to the scaled scores */
    Grid mask; /* bytes; a score whose mask is 0 becomes MASKED */
} Attention;

/* What a score becomes that a mask forbids. A row where all are forbidden gives equal weights. */
#define MASKED -2.3e38f

/* The integers of a record begin with these; strides of three axes for each of the Heads (batch,
   row, head), of four for each Grid (batch, head, row, column). */
enum {
    ATTENTION_BATCH,
    ATTENTION_HEADS,
    ATTENTION_QUERIES,
    ATTENTION_KEYS,
    ATTENTION_SIZE,
    ATTENTION_VALUE_SIZE,
    ATTENTION_IS_CAUSAL,
    ATTENTION_QUERY,
    ATTENTION_KEY = ATTENTION_QUERY + 3,
    ATTENTION_VALUE = ATTENTION_KEY + 3,
    ATTENTION_BIAS = ATTENTION_VALUE + 3,
    ATTENTION_MASK = ATTENTION_BIAS + 4,
    ATTENTION_INTEGERS = ATTENTION_MASK + 4
};

/* Values begin with query, key, value, bias and mask. */
enum { VALUE_QUERY, VALUE_KEY, VALUE_VALUE, VALUE_BIAS, VALUE_MASK, ATTENTION_VALUES };

HIDDEN Attention read_attention(const Record *r, void *const *table);

/* A tile of scores of one head: some queries by some keys. */
typedef struct {
    long batch, head;
    long query, queries, key, keys;
} Tile;

static inline long smaller_of(long a, long b) { return a < b ? a : b; }
static inline long rounded_up(long n) { return (n + LANES - 1) / LANES * LANES; }

/* How many of `keys` keys from `key` on the queries up to `last` may look at. The others are left
   out altogether, unless a mask or a bias could forbid all that remain. */
static inline long visible_keys(const Attention *a, long last, long key, long keys)
{
    long n = last + 1 - key;
    return !a->is_causal || a->bias.data || a->mask.data || n > keys ? keys : n < 0 ? 0 : n;
}

/* The scores of a tile: one row for each query, SCORES_STRIDE floats apart. */
enum { SCORES_STRIDE = KEY_TILE };
_Static_assert(KEY_TILE % LANES == 0, "rows of scores are whole vectors");

/* Makes scores of the products of query and key: scaled, biased and masked. Returns a factor that
   they must still be multiplied by. */
HIDDEN float make_scores(const Attention *a, const Tile *tile, float *scores);

/* Sets to 0 what belongs to scores that a mask has replaced. */
HIDDEN void clear_masked(const Attention *a, const Tile *tile, float *slopes);

/* The largest of n floats, whole vectors; NaN is left out. */
HIDDEN float peak_of(const float *row, long n);

/* row = exp(row * factor - base), whole vectors; returns the sum. None must be above the base. NaN
   stays NaN. */
HIDDEN float exponentials(float *row, long n, float factor, float base);

/* row = exp(row * factor - base) * share, whole vectors. */
HIDDEN void exponential_shares(float *row, long n, float factor, float base, float share);

/* exp(before - now), for a peak that was minus infinity too. */
HIDDEN float fading_of(float before, float now);

/* Some rows of one head. */
typedef struct {
    const float *data;
    long stride;
} HeadRows;

static inline HeadRows head_rows(const Heads *h, const Tile *t, long first)
{
    return (HeadRows){h->data + t->batch * h->batch + t->head * h->head + first * h->row, h->row};
}

static inline HeadRows row_from(HeadRows rows, long first)
{
    return (HeadRows){rows.data + first * rows.stride, rows.stride};
}

/* Brings rows closer: those of a head lie too far apart for the processor to foresee them. */
HIDDEN void fetch_rows(HeadRows rows, long count, long columns);

/* The rows where products can read them fast: where they lie, or copied into `room` one after
   another, if they are so far apart that few of them fit into L1 at a time. */
HIDDEN HeadRows readable_rows(HeadRows rows, long count, long columns, float *room);

/* A matrix (depth x columns) in panels, as the products read their second factor; `data` has
   depth * rounded_up(columns) floats. */
typedef struct {
    float *data;
    long depth, columns;
} Panels;

/* Packs element (k, j) from source[k * depth_step + j * column_step]. */
HIDDEN void pack_panels(const float *source, long depth_step, long column_step, Panels panels);

/* A product with the first `depth` rows and `columns` columns of b: c (+)= a @ b, or a transposed
   @ b. `rows` are those of c; what lies one after another in memory, `a_stride` apart, are the rows
   of a before it is transposed. */
typedef struct {
    const float *a;
    long a_stride, rows, depth, columns;
    Panels b;
    float *c;
    long c_stride;
    int accumulate;
} AttentionProduct;

HIDDEN void multiply_rows(const AttentionProduct *p);
HIDDEN void multiply_transposed(const AttentionProduct *p);

#endif
