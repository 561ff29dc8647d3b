/* The kernels that run chains by themselves. */
#include "chain_layout.h"
#include "threads.h"

static long parts_of(const Chain *chain)
{
    const long rows = chain->outer * chain->rows;
    return (rows + chain->part_rows - 1) / chain->part_rows;
}

static void run_part(ChainRun *run, long part)
{
    const Chain *chain = run->chain;
    const long rows = chain->outer * chain->rows, first = part * chain->part_rows;
    const long last = first + chain->part_rows < rows ? first + chain->part_rows : rows;
    chain_rows(run, first, last, 0, 0, part);
}

static void part_task(void *context, long index) { run_part(context, index); }

static int run_alone(const Chain *chain, void *const *table)
{
    const long parts = parts_of(chain);
    ChainRun *run = chain_prepare(chain, table, parts);
    if (!chain->body && !chain->sums)
        return chain_finish(run);
    if (parts == 1)
        run_part(run, 0);
    else
        parallel_for(parts, part_task, run);
    return chain_finish(run);
}

/* One chain over its whole space. No integers, reals or values: all is in the chain. */
EXPORT int run_chain(const Record *record, void *const *table)
{
    return run_alone(record->chain, table);
}

/* ---- several chains--------------------------------------------------------------------------- */

static const Chain *next_of(const Chain *chain)
{
    return (const Chain *)((const char *)chain + chain->bytes);
}

typedef struct {
    const Chain *chain;
    long part;
} Piece;

typedef struct {
    void *const *table;
    const Piece *pieces;
    int error;
} Several;

/* Each piece prepares the chain for itself: it has no sums, so there is nothing to put together. */
static void piece_task(void *context, long index)
{
    Several *several = context;
    const Piece *piece = several->pieces + index;
    ChainRun *run = chain_prepare(piece->chain, several->table, 1);
    const Chain *chain = piece->chain;
    const long rows = chain->outer * chain->rows, first = piece->part * chain->part_rows;
    chain_rows(run, first, first + chain->part_rows < rows ? first + chain->part_rows : rows, 0, 0,
               0);
    const int error = chain_finish(run);
    if (error)
        __atomic_store_n(&several->error, error, __ATOMIC_RELAXED);
}

#define WORTH_SHARING 65536 /* elements from which several threads take part */

/* `count` chains that follow each other in memory at `chain`, none of which reads what another
   writes: the pieces of all of them are shared out together. Chains with sums or with instructions
   before or after the rows run one after the other. */
EXPORT int run_chains(const Record *record, void *const *table)
{
    const Chain *chain = record->chain;
    long pieces = 0, elements = 0, is_simple = 1;
    for (long i = 0; i < record->count; i++, chain = next_of(chain)) {
        pieces += parts_of(chain);
        elements += chain->outer * chain->rows * chain->columns;
        is_simple &= !chain->sums && !chain->before && !chain->after;
    }
    if (!is_simple || elements < WORTH_SHARING) {
        chain = record->chain;
        for (long i = 0; i < record->count; i++, chain = next_of(chain)) {
            const int error = run_alone(chain, table);
            if (error)
                return error;
        }
        return 0;
    }
    Piece *piece = thread_memory(MEMORY_CALL, pieces * sizeof(Piece));
    Several several = {table, piece, 0};
    chain = record->chain;
    for (long i = 0; i < record->count; i++, chain = next_of(chain))
        for (long part = 0; part < parts_of(chain); part++)
            *piece++ = (Piece){chain, part};
    parallel_for(pieces, piece_task, &several);
    return several.error;
}
