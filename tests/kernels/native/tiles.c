/* A kernel for the tests of chains: hands over the tiles of a matrix that is there already, as a
   matrix product would. */
#include <string.h>

#include "chain.h"
#include "threads.h"

enum { VALUE_MATRIX };
enum {
    INTEGER_ROWS,
    INTEGER_COLUMNS,
    INTEGER_TILE_ROWS,    /* of a tile */
    INTEGER_TILE_COLUMNS, /* of a tile; as many as there are: whole rows */
    INTEGER_STRIDE,       /* elements between the rows of a tile */
    INTEGER_PARTS,
};

typedef struct {
    const Record *record;
    ChainRun *run;
    const float *matrix;
} Work;

static void part_task(void *context, long part)
{
    const Work *work = context;
    const int64_t *integer = work->record->integer;
    const long rows = integer[INTEGER_ROWS], columns = integer[INTEGER_COLUMNS];
    const long parts = integer[INTEGER_PARTS], stride = integer[INTEGER_STRIDE];
    const long last = rows * (part + 1) / parts;
    float *tile = thread_memory(MEMORY_TASK, integer[INTEGER_TILE_ROWS] * stride * sizeof(float));
    for (long row = rows * part / parts; row < last; row += integer[INTEGER_TILE_ROWS])
        for (long from = 0; from < columns; from += integer[INTEGER_TILE_COLUMNS]) {
            const long to = from + integer[INTEGER_TILE_COLUMNS] < columns
                                ? from + integer[INTEGER_TILE_COLUMNS]
                                : columns;
            const long end =
                row + integer[INTEGER_TILE_ROWS] < last ? row + integer[INTEGER_TILE_ROWS] : last;
            for (long r = row; r < end; r++)
                memcpy(tile + (r - row) * stride, work->matrix + r * columns + from,
                       (to - from) * sizeof(float));
            if (to - from == columns)
                chain_rows(work->run, row, end, tile, stride, part);
            else
                chain_block(work->run, row, end, from, to, tile, stride, part);
        }
}

EXPORT int hand_over_tiles(const Record *record, void *const *table)
{
    Work work = {record, chain_prepare(record->chain, table, record->integer[INTEGER_PARTS]),
                 value_at(record, table, VALUE_MATRIX)};
    parallel_for(record->integer[INTEGER_PARTS], part_task, &work);
    return chain_finish(work.run);
}

EXPORT int splits_columns(const Record *record) { return chain_splits_columns(record->chain); }
