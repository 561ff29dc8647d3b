/* Copies of views: transposed, sliced, reversed, broadcast or padded arrays made contiguous. */
#include "copy.h"

#include <string.h>

#include "copy_transpose.h"
#include "record.h"
#include "threads.h"

enum { TASK_BYTES = 65536, TILE = 16 };

static inline long smaller_of(long a, long b) { return a < b ? a : b; }

/* ---- rows and tiles of elements of each size-------------------------------------------------- */

/* row_N: n elements, `step` apart in the source, contiguous in the result.
   tile_N: result[i][j] = source[j][i] for rows i and columns j; elements of a row of the source are
   contiguous. In tiles, so that a cache line of the source is used up while it is there. */
#define COPIES_OF(N)                                                                               \
    static void row_##N(const void *source, long step, void *result, long n)                       \
    {                                                                                              \
        const Element##N *from = source;                                                           \
        Element##N *to = result;                                                                   \
        for (long i = 0; i < n; i++)                                                               \
            to[i] = from[i * step];                                                                \
    }                                                                                              \
    static void tile_##N(const void *source, long from_step, void *result, long to_step,           \
                         long rows, long columns)                                                  \
    {                                                                                              \
        const Element##N *from = source;                                                           \
        Element##N *to = result;                                                                   \
        for (long first = 0; first < columns; first += TILE)                                       \
            for (long i = 0; i < rows; i++)                                                        \
                for (long j = first; j < columns && j < first + TILE; j++)                         \
                    to[i * to_step + j] = from[j * from_step + i];                                 \
    }

COPIES_OF(1)
COPIES_OF(2)
COPIES_OF(4)
COPIES_OF(8)

static void copy_row(long element, const void *source, long step, void *result, long n)
{
    if (step == 1)
        memcpy(result, source, n * element);
    else if (element == 1 && step == 0)
        memset(result, *(const uint8_t *)source, n);
    else
        (element == 1 ? row_1 : element == 2 ? row_2 : element == 4 ? row_4 : row_8)(
            source, step, result, n);
}

static void copy_tile(long element, const char *source, long from_step, char *result, long to_step,
                      long rows, long columns)
{
    long done = 0; /* columns that whole blocks of registers have moved */
    if (element == 4 && rows == TILE)
        for (; done + LANES <= columns; done += LANES)
            for (long i = 0; i < TILE; i += LANES)
                transpose_block((const float *)source + done * from_step + i, from_step,
                                (float *)result + i * to_step + done, to_step);
    (element == 1 ? tile_1 : element == 2 ? tile_2 : element == 4 ? tile_4 : tile_8)(
        source + done * from_step * element, from_step, result + done * element, to_step, rows,
        columns - done);
}

/* ---- a box in parallel------------------------------------------------------------------------ */

/* The work is cut into units: a piece of the `cut` axis, all of the last one, at one place of the
   remaining axes. */
typedef struct {
    const Box *box;
    const char *source;
    char *result;
    int is_transposed;   /* the cut axis is the one whose elements are neighbours in the source */
    long cut, piece;     /* axis, and how much of it a unit takes */
    long pieces;         /* how many make up that axis */
    long units, in_task; /* number of units, and how many one task does */
} Work;

static void run_unit(const Work *work, long unit)
{
    const Box *box = work->box;
    long last = box->axes - 1, element = box->element;
    long first = unit % work->pieces * work->piece;
    long n = smaller_of(work->piece, box->size[work->cut] - first);
    long from = first * box->from[work->cut], to = first * box->to[work->cut];
    unit /= work->pieces;
    for (long a = last; a >= 0; a--) {
        if (a == work->cut || a == last)
            continue;
        from += unit % box->size[a] * box->from[a];
        to += unit % box->size[a] * box->to[a];
        unit /= box->size[a];
    }
    const char *source = work->source + from * element;
    char *result = work->result + to * element;
    if (work->is_transposed)
        copy_tile(element, source, box->from[last], result, box->to[work->cut], n, box->size[last]);
    else if (work->cut == last)
        copy_row(element, source, box->from[last], result, n);
    else
        for (long i = 0; i < n; i++)
            copy_row(element, source + i * box->from[work->cut] * element, box->from[last],
                     result + i * box->to[work->cut] * element, box->size[last]);
}

static void copy_task(void *context, long index)
{
    const Work *work = context;
    long end = smaller_of((index + 1) * work->in_task, work->units);
    for (long unit = index * work->in_task; unit < end; unit++)
        run_unit(work, unit);
}

/* The axis to cut: for a transposition the one with neighbours in the source, else the one before
   the last, or the last itself where there is no other or it is long. */
static void choose_cut(Work *work)
{
    const Box *box = work->box;
    long last = box->axes - 1, row = box->size[last] * box->element;
    work->cut = last == 0 || row > TASK_BYTES ? last : last - 1;
    work->piece = TASK_BYTES / (work->cut == last ? box->element : row + 1) + 1;
    for (long a = 0; a < last; a++)
        if (box->from[a] == 1 && box->size[a] > 1 && box->from[last] != 1 && box->from[last] != 0) {
            work->is_transposed = 1;
            work->cut = a;
            work->piece = TILE;
        }
    work->pieces = (box->size[work->cut] + work->piece - 1) / work->piece;
}

void copy_box(const Box *box, const void *source, void *result)
{
    Box single = {.element = box->element, .axes = 1, .size = {1}, .from = {1}, .to = {1}};
    if (box->axes == 0)
        box = &single;
    long count = 1;
    for (long a = 0; a < box->axes; a++)
        count *= box->size[a];
    if (count == 0)
        return;
    Work work = {.box = box, .source = source, .result = result};
    choose_cut(&work);
    work.units = work.pieces;
    for (long a = 0; a < box->axes - 1; a++)
        if (a != work.cut)
            work.units *= box->size[a];
    long bytes = count / work.units * box->element;
    work.in_task = bytes >= TASK_BYTES ? 1 : TASK_BYTES / (bytes + 1) + 1;
    parallel_for((work.units + work.in_task - 1) / work.in_task, copy_task, &work);
}

/* ---- records---------------------------------------------------------------------------------- */

static Box read_box(const int64_t *integer)
{
    Box box = {.element = integer[0], .axes = integer[1]};
    for (long a = 0; a < box.axes; a++) {
        box.size[a] = integer[2 + a];
        box.from[a] = integer[2 + BOX_AXES + a];
        box.to[a] = integer[2 + 2 * BOX_AXES + a];
    }
    return box;
}

enum { BOX_INTEGERS = 2 + 3 * BOX_AXES };
enum { COPY_OFFSET = BOX_INTEGERS };
enum { COPY_SOURCE, COPY_RESULT };

/* result = a view of source.
   integer: bytes of an element, number of axes, then 8 places each for the sizes, the strides of
   the source and those of the result; offset of the first element in the source. Strides and offset
   are in elements. value: source, result. */
EXPORT int strided_copy(const Record *r, void *const *table)
{
    Box box = read_box(r->integer);
    const char *source = value_at(r, table, COPY_SOURCE);
    copy_box(&box, source + r->integer[COPY_OFFSET] * box.element, value_at(r, table, COPY_RESULT));
    return 0;
}

enum { PAD_OFFSET = BOX_INTEGERS, PAD_COUNT, PAD_FILL };

typedef struct {
    char *result;
    long element, count;
    uint64_t fill;
} Filling;

static void fill_task(void *context, long index)
{
    const Filling *f = context;
    long in_task = TASK_BYTES / f->element, first = index * in_task;
    copy_row(f->element, &f->fill, 0, f->result + first * f->element,
             smaller_of(in_task, f->count - first));
}

/* result = source with a border.
   integer: a box as in strided_copy; offset of the box in the result, number of elements of the
   result, and the bits of an element of the border. value: source, result. */
EXPORT int padded_copy(const Record *r, void *const *table)
{
    Box box = read_box(r->integer);
    char *result = value_at(r, table, COPY_RESULT);
    Filling filling = {result, box.element, r->integer[PAD_COUNT], 0};
    memcpy(&filling.fill, &r->integer[PAD_FILL], box.element);
    long tasks = (filling.count * box.element + TASK_BYTES - 1) / TASK_BYTES;
    parallel_for(tasks, fill_task, &filling);
    copy_box(&box, value_at(r, table, COPY_SOURCE), result + r->integer[PAD_OFFSET] * box.element);
    return 0;
}
