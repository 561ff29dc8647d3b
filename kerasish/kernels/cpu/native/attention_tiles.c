/* Tiles of attention: reading a record, packing, products. */
#include "attention.h"

#include <string.h>

#include "pack.h"

enum { CACHE_LINE = 16 /* floats */, CONFLICT = 2048 };

static Heads read_heads(const int64_t *strides, const void *data)
{
    return (Heads){data, strides[0], strides[1], strides[2]};
}

static Grid read_grid(const int64_t *strides, const void *data)
{
    return (Grid){data, strides[0], strides[1], strides[2], strides[3]};
}

Attention read_attention(const Record *r, void *const *table)
{
    const int64_t *n = r->integer;
    return (Attention){
        .batch = n[ATTENTION_BATCH],
        .heads = n[ATTENTION_HEADS],
        .queries = n[ATTENTION_QUERIES],
        .keys = n[ATTENTION_KEYS],
        .size = n[ATTENTION_SIZE],
        .value_size = n[ATTENTION_VALUE_SIZE],
        .is_causal = n[ATTENTION_IS_CAUSAL] != 0,
        .scale = r->real[0],
        .query = read_heads(n + ATTENTION_QUERY, value_at(r, table, VALUE_QUERY)),
        .key = read_heads(n + ATTENTION_KEY, value_at(r, table, VALUE_KEY)),
        .value = read_heads(n + ATTENTION_VALUE, value_at(r, table, VALUE_VALUE)),
        .bias = read_grid(n + ATTENTION_BIAS, value_at(r, table, VALUE_BIAS)),
        .mask = read_grid(n + ATTENTION_MASK, value_at(r, table, VALUE_MASK)),
    };
}

/* ---- products --------------------------------------------------------------------------------- */

void fetch_rows(HeadRows rows, long count, long columns)
{
    for (long i = 0; i < count; i++)
        for (long j = 0; j < columns; j += CACHE_LINE)
            __builtin_prefetch(rows.data + i * rows.stride + j, 0, 2);
}

/* Lines a multiple of CONFLICT bytes apart have the same few places in L1. */
HeadRows readable_rows(HeadRows rows, long count, long columns, float *room)
{
    if (rows.stride * sizeof(float) % CONFLICT)
        return rows;
    for (long i = 0; i < count; i++)
        memcpy(room + i * columns, rows.data + i * rows.stride, columns * sizeof(float));
    return (HeadRows){room, columns};
}

void pack_panels(const float *source, long depth_step, long column_step, Panels panels)
{
    float *panel = panels.data;
    for (long first = 0; first < panels.columns; first += PANEL) {
        long n = smaller_of(PANEL, panels.columns - first), width = rounded_up(n);
        pack(source + first * column_step, n, column_step, panels.depth, depth_step, panel, width);
        panel += panels.depth * width;
    }
}

static void multiply_block(const AttentionProduct *p, int is_transposed, long first, long height,
                           const float *panel, long panel_width, long column, long columns)
{
    static const long no_offset = 0;
    const long width = blocks_of(columns, LANES);
    float *c = p->c + first * p->c_stride + column;
    if (is_transposed)
        column_kernels[width][height](p->a + first, p->a_stride, 0, panel, panel_width, 0, p->depth,
                                      1, c, p->c_stride, columns, p->accumulate);
    else
        row_kernels[width][height](p->a + first * p->a_stride, p->a_stride, &no_offset, 1, p->depth,
                                   panel, panel_width, c, p->c_stride, columns, p->accumulate);
}

static void multiply(const AttentionProduct *p, int is_transposed)
{
    const long blocks = blocks_of(p->rows, GREATEST_HEIGHT_2);
    const float *panel = p->b.data;
    for (long column = 0; column < p->columns; column += PANEL) {
        const long width = rounded_up(smaller_of(PANEL, p->b.columns - column));
        for (long block = 0; block < blocks; block++) {
            const long first = part_start(p->rows, blocks, block);
            const long height = part_start(p->rows, blocks, block + 1) - first;
            multiply_block(p, is_transposed, first, height, panel, width, column,
                           smaller_of(PANEL, p->columns - column));
        }
        panel += p->b.depth * width;
    }
}

void multiply_rows(const AttentionProduct *p) { multiply(p, 0); }
void multiply_transposed(const AttentionProduct *p) { multiply(p, 1); }
