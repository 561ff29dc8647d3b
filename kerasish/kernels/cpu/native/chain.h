/* Chain: a sequence of elementwise instructions (with reductions) over a block of rows, built by
   chains.py. It runs by itself, or on each tile of a matrix product or convolution while that is
   still in the cache. */
#ifndef KERASISH_CHAIN_H
#define KERASISH_CHAIN_H

#include "record.h"

/* A chain made ready for one run: addresses looked up, partial sums laid out. */
typedef struct ChainRun ChainRun;

/* Prepares a chain on the memory of the calling thread (MEMORY_CHAIN). The iteration space is
   `rows` x `columns` of the chain. `parts` tells into how many parts the rows are split for sums
   over rows; it must follow from shapes alone. NULL for a NULL chain. */
ChainRun *chain_prepare(const Chain *chain, void *const *table, long parts);

/* Runs the chain on the rows [first, last). `tile` holds the incoming value (the result of the
   matrix product, say) for these rows: row r starts at tile + (r - first) * stride. NULL if the
   chain has no incoming value. All calls with the same `part` come from one task, in order. */
void chain_rows(ChainRun *run, long first, long last, const float *tile, long stride, long part);

/* As chain_rows for the columns [from, to) alone; `tile` then starts at column `from`. Only for
   chains without reductions and row gathers (chain_splits_columns). */
void chain_block(ChainRun *run, long first, long last, long from, long to, const float *tile,
                 long stride, long part);
int chain_splits_columns(const Chain *chain);

/* Adds up the partial sums, in the order of the parts, and stores them. Returns the error number of
   the run, 0 if there was none. */
int chain_finish(ChainRun *run);

#endif
