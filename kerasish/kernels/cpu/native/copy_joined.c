/* Arrays joined along an axis, and split again. */
#include <string.h>

#include "record.h"
#include "threads.h"

enum { TASK_BYTES = 65536, MOST_PIECES = RECORD_VALUES - 1 };
enum { ROWS, PIECES, WIDTHS }; /* integers of both kernels */

/* The work is cut into units: one piece in one row. */
typedef struct {
    char *whole;
    char *piece[MOST_PIECES];
    long pieces, row;                              /* number of them, bytes of a row of all */
    long width[MOST_PIECES], start[MOST_PIECES];   /* bytes of a row of a piece, and where it is */
    long units, in_task;
    int is_split;
} Joining;

static void join_task(void *context, long index)
{
    const Joining *j = context;
    long end = (index + 1) * j->in_task;
    for (long unit = index * j->in_task; unit < end && unit < j->units; unit++) {
        long row = unit / j->pieces, k = unit % j->pieces;
        char *whole = j->whole + row * j->row + j->start[k];
        char *piece = j->piece[k] + row * j->width[k];
        if (j->is_split)
            memcpy(piece, whole, j->width[k]);
        else
            memcpy(whole, piece, j->width[k]);
    }
}

static int join(const Record *r, void *const *table, int is_split)
{
    Joining j = {.whole = value_at(r, table, 0), .is_split = is_split};
    j.pieces = r->integer[PIECES];
    for (long k = 0; k < j.pieces; k++) {
        j.piece[k] = value_at(r, table, 1 + k);
        j.width[k] = r->integer[WIDTHS + k];
        j.start[k] = j.row;
        j.row += j.width[k];
    }
    j.units = r->integer[ROWS] * j.pieces;
    if (j.units == 0 || j.row == 0)
        return 0;
    j.in_task = TASK_BYTES * j.pieces / j.row + 1;
    parallel_for((j.units + j.in_task - 1) / j.in_task, join_task, &j);
    return 0;
}

/* Pieces side by side in each row of the result.
   integer: rows, number of pieces, bytes of a row of each piece. value: result, pieces. */
EXPORT int join_rows(const Record *r, void *const *table) { return join(r, table, 0); }

/* The opposite: each row of the source is cut up.
   integer: as in join_rows. value: source, pieces. */
EXPORT int split_rows(const Record *r, void *const *table) { return join(r, table, 1); }
