/* Runs chains: prepares one for a run, and takes its instructions over strips of rows. */
#include "chain_layout.h"
#include "chain_loops.h"
#include "threads.h"

#include <string.h>

static inline long round_up(long n) { return (n + 63) & ~63L; }

static _Thread_local int prepared; /* chains of this thread between prepare and finish */

/* ---- instructions --------------------------------------------------------------------------- */

/* A FULL instruction with COLUMN operands: row by row, these then being one element. */
static void run_by_rows(const Instruction *i, void *const *at, long rows, long columns)
{
    const unsigned char *size = chain_sizes[i->loop];
    Loop loop = chain_loops[i->loop][i->form | i->stepping];
    char *d = at[i->d];
    const char *operand[3] = {at[i->a], at[i->b], at[i->c]};
    long step[3];
    for (int k = 0; k < 3; k++)
        step[k] = i->stepping >> k & 1 ? size[k + 1]
                  : i->form >> k & 1   ? 0
                                       : columns * size[k + 1];
    for (long r = 0; r < rows; r++) {
        loop(d, operand[0], operand[1], operand[2], columns);
        d += columns * size[0];
        for (int k = 0; k < 3; k++)
            operand[k] += step[k];
    }
}

static int run_code(const Instruction *i, long count, void *const *at, long rows, long columns)
{
    const long number[SPACES] = {1, columns, rows, rows * columns};
    int error = 0;
    for (const Instruction *end = i + count; i < end; i++) {
        if (i->loop >= LOOP_COUNT)
            error |= chain_row_loops[i->loop - LOOP_COUNT](
                at[i->d], at[i->a], at[i->b], i->space == SPACE_ROW ? 1 : rows, columns);
        else if (i->stepping)
            run_by_rows(i, at, rows, columns);
        else
            chain_loops[i->loop][i->form](at[i->d], at[i->a], at[i->b], at[i->c],
                                          number[i->space]);
    }
    return error;
}

/* ---- preparing and finishing ----------------------------------------------------------------- */

static void repeat(char *to, const char *row, long bytes, long times)
{
    for (long i = 0; i < times; i++, to += bytes)
        memcpy(to, row, bytes);
}

ChainRun *chain_prepare(const Chain *chain, void *const *table, long parts)
{
    if (!chain)
        return 0;
    const char *image = (const char *)chain;
    const long row_bytes = round_up(chain->columns * 8);
    const long scalars = round_up(8 * chain->scalar_registers);
    const int kind = prepared++ ? MEMORY_PROLOGUE : MEMORY_CHAIN;
    char *memory = thread_memory(kind, sizeof(ChainRun) + 64 + scalars +
                                           chain->row_registers * row_bytes +
                                           chain->repeated_rows * chain->strip_bytes +
                                           parts * chain->sum_bytes);
    ChainRun *run = (ChainRun *)memory;
    run->chain = chain;
    run->slots = (const Slot *)(image + chain->slots_at);
    run->code = (const Instruction *)(image + chain->code_at);
    run->sums = (const Sum *)(image + chain->sums_at);
    run->parts = parts;
    run->error = 0;
    char *scalar_registers = memory + round_up(sizeof(ChainRun));
    char *row_registers = scalar_registers + scalars;
    char *repeated = row_registers + chain->row_registers * row_bytes;
    run->partials = repeated + chain->repeated_rows * chain->strip_bytes;
    if (chain->sums)
        memset(run->partials, 0, parts * chain->sum_bytes);

    const Slot *slot = run->slots;
    for (long s = 0; s < chain->slots && slot[s].kind != SLOT_REGISTER; s++) {
        if (slot[s].kind == SLOT_CONSTANT)
            run->at[s] = (void *)&slot[s].constant;
        else if (slot[s].kind == SLOT_SCALAR_REGISTER)
            run->at[s] = scalar_registers + 8 * slot[s].source;
        else if (slot[s].kind == SLOT_ROW_REGISTER)
            run->at[s] = row_registers + row_bytes * slot[s].source;
        else if (slot[s].kind == SLOT_REPEATED_ROW)
            run->at[s] = chain->strip_rows == 1 ? run->at[slot[s].source]
                                                : repeated + slot[s].place * chain->strip_bytes;
        else if (slot[s].kind != SLOT_INCOMING)
            run->at[s] = table[slot[s].place];
    }
    if (chain->before)
        run->error = run_code(run->code, chain->before, run->at, 0, chain->columns);
    if (chain->repeated_rows) {
        const long all = chain->outer * chain->rows;
        const long times = all < chain->strip_rows ? all : chain->strip_rows;
        for (long s = 0; s < chain->moving_slots; s++)
            if (slot[s].kind == SLOT_REPEATED_ROW)
                repeat(run->at[s], run->at[slot[s].source], chain->columns * slot[s].size, times);
    }
    return run;
}

int chain_finish(ChainRun *run)
{
    if (!run)
        return 0;
    const Chain *chain = run->chain;
    if (chain->sums)
        chain_finish_sums(run);
    if (chain->after)
        run->error |= run_code(run->code + chain->before + chain->body, chain->after, run->at, 0,
                               chain->columns);
    prepared--;
    return run->error;
}

int chain_splits_columns(const Chain *chain) { return chain->splits_columns; }

/* ---- strips----------------------------------------------------------------------------------- */

/* What a task works with. */
typedef struct {
    ChainRun *run;
    char *memory;      /* its registers */
    const char *tile;  /* incoming values of row `tile_first` on, from column `tile_from` on */
    long tile_first, tile_from, stride;
    char *partials;
    void *at[CHAIN_SLOTS];
} Strips;

/* Number of the element that a row begins at, by the axes of a slot. */
static inline long row_offset(const Slot *slot, long row)
{
    long offset = 0;
    for (int k = SLOT_AXES - 1; k >= 0 && row; k--) {
        offset += row % slot->count[k] * slot->step[k];
        row /= slot->count[k];
    }
    return offset;
}

static void gather_elements(char *to, const char *base, const Slot *slot, long first, long rows)
{
    for (long r = 0; r < rows; r++) {
        const char *element = base + row_offset(slot, first + r) * slot->size;
        if (slot->size == 4)
            ((int32_t *)to)[r] = *(const int32_t *)element;
        else if (slot->size == 8)
            ((int64_t *)to)[r] = *(const int64_t *)element;
        else
            to[r] = *element;
    }
}

/* Copies a block of rows that lie `from_stride` and `to_stride` bytes apart. */
static void copy_rows(char *to, long to_stride, const char *from, long from_stride, long bytes,
                      long rows)
{
    for (long r = 0; r < rows; r++, to += to_stride, from += from_stride)
        memcpy(to, from, bytes);
}

/* Address of the elements of a slot in rows [first, first + rows), columns [from, from + columns):
   where they lie, if the strip is whole rows or one row; else a copy in the task's memory. */
static void *find(Strips *strips, const Slot *slot, char *base, long first, long rows, long from,
                  long columns)
{
    const Chain *chain = strips->run->chain;
    const long size = slot->size, width = chain->columns * size, bytes = columns * size;
    char *copy = strips->memory + slot->copy * chain->strip_bytes;
    switch (slot->kind) {
    case SLOT_FULL:
        base += first * width + from * size;
        if (rows == 1 || columns == chain->columns)
            return base;
        if (slot->is_read)
            copy_rows(copy, bytes, base, width, bytes, rows);
        return copy;
    case SLOT_COLUMN:
        return base + first * size;
    case SLOT_ROW:
    case SLOT_ROW_REGISTER:
        return base + from * size;
    case SLOT_REPEATED_ROW:
        if (rows == 1 || columns == chain->columns)
            return base + from * size;
        copy_rows(copy, bytes, base + from * size, 0, bytes, rows);
        return copy;
    case SLOT_ROWS:
        if (rows == 1)
            return base + (row_offset(slot, first) + from) * size;
        for (long r = 0; r < rows; r++)
            memcpy(copy + r * bytes, base + (row_offset(slot, first + r) + from) * size, bytes);
        return copy;
    case SLOT_COLUMNS:
        gather_elements(copy, base, slot, first, rows);
        return copy;
    default: /* SLOT_INCOMING */
        base = (char *)strips->tile + ((first - strips->tile_first) * strips->stride + from -
                                       strips->tile_from) * size;
        if (rows == 1 || strips->stride == columns)
            return base;
        copy_rows(copy, bytes, base, strips->stride * size, bytes, rows);
        return copy;
    }
}

#define LINE 64      /* bytes of a cache line */
#define FAR (1 << 17) /* elements of a value from which it does not stay in the second cache */

/* Asks for what a strip of whole rows reads and writes, ahead of time: strips are too short for the
   processor to see where their operands go on. */
static void fetch(const ChainRun *run, long first, long rows)
{
    const Chain *chain = run->chain;
    for (const Slot *slot = run->slots; slot < run->slots + chain->moving_slots; slot++) {
        if (slot->kind != SLOT_FULL)
            break; /* the others come after these */
        const long width = chain->columns * slot->size;
        const char *at = (const char *)run->at[slot - run->slots] + first * width;
        for (const char *end = at + rows * width; at < end; at += LINE)
            __builtin_prefetch(at, 0, 2);
    }
}

static void run_strip(Strips *strips, long first, long rows, long from, long columns)
{
    ChainRun *run = strips->run;
    const Chain *chain = run->chain;
    void **at = strips->at;
    for (long s = 0; s < chain->moving_slots; s++)
        at[s] = find(strips, run->slots + s, run->at[s], first, rows, from, columns);
    int error = run_code(run->code + chain->before, chain->body, at, rows, columns);
    if (error)
        __atomic_store_n(&run->error, error, __ATOMIC_RELAXED);
    if (rows > 1 && columns < chain->columns) /* results of a block that were made in a copy */
        for (long s = 0; s < chain->moving_slots; s++) {
            const Slot *slot = run->slots + s;
            const long size = slot->size, width = chain->columns * size;
            if (slot->kind == SLOT_FULL && slot->is_written)
                copy_rows((char *)run->at[s] + first * width + from * size, width, at[s],
                          columns * size, columns * size, rows);
        }
    if (chain->sums)
        chain_add_sums(run, strips->partials, at, first, rows, from, columns);
}

/* Lays out the memory of a task and takes over the addresses that stay. */
static void begin(Strips *strips, ChainRun *run, long first, long from, const float *tile,
                  long stride, long part)
{
    const Chain *chain = run->chain;
    strips->run = run;
    strips->memory = thread_memory(MEMORY_STRIPS, chain->registers * chain->strip_bytes);
    strips->tile = (const char *)tile;
    strips->tile_first = first, strips->tile_from = from, strips->stride = stride;
    strips->partials = run->partials + part * chain->sum_bytes;
    for (long s = chain->moving_slots; s < chain->slots; s++)
        strips->at[s] = run->slots[s].kind == SLOT_REGISTER
                            ? strips->memory + run->slots[s].source * chain->strip_bytes
                            : run->at[s];
}

#define ROW_ALONE 128 /* columns from which the rows of a strided tile are taken one by one */

void chain_rows(ChainRun *run, long first, long last, const float *tile, long stride, long part)
{
    const Chain *chain = run->chain;
    const long columns = chain->columns;
    Strips strips;
    begin(&strips, run, first, 0, tile, stride, part);
    if (chain->strip_columns < columns) {
        for (; first < last; first++)
            for (long from = 0; from < columns; from += chain->strip_columns) {
                const long left = columns - from;
                run_strip(&strips, first, 1, from,
                          left < chain->strip_columns ? left : chain->strip_columns);
            }
        return;
    }
    const int is_far = chain->outer * chain->rows * columns >= FAR;
    long most = chain->strip_rows;
    if (tile && stride != columns && columns >= ROW_ALONE)
        most = 1;
    while (first < last) {
        long rows = last - first < most ? last - first : most;
        if (chain->outer > 1 && chain->sums) { /* sums of groups: no strip lies in two */
            const long left = chain->rows - first % chain->rows;
            rows = rows < left ? rows : left;
        }
        const long next = first + rows, left = last - next;
        if (is_far && left > 0)
            fetch(run, next, left < rows ? left : rows);
        run_strip(&strips, first, rows, 0, columns);
        first = next;
    }
}

void chain_block(ChainRun *run, long first, long last, long from, long to, const float *tile,
                 long stride, long part)
{
    const Chain *chain = run->chain;
    const long strip = chain->strip_rows * chain->strip_columns;
    Strips strips;
    if (from == 0 && to == chain->columns) {
        chain_rows(run, first, last, tile, stride, part);
        return;
    }
    begin(&strips, run, first, from, tile, stride, part);
    while (from < to) {
        const long columns = to - from < strip ? to - from : strip;
        const long most = columns >= ROW_ALONE ? 1 : strip / columns;
        for (long row = first; row < last; row += most)
            run_strip(&strips, row, last - row < most ? last - row : most, from, columns);
        from += columns;
    }
}
