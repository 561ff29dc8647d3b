/* What a Chain looks like in memory: written by lowering_image.py, read by chain.c.

   The chain's values are `outer` x `rows` x `columns` elements; a row number counts through all
   outer * rows rows. A value has one element for each place (FULL), row (COLUMN), column (ROW), or
   one in all (SCALAR). The interpreter takes a strip of whole rows (or a piece of one row) at a
   time and runs all instructions of the body on it; those before it run once, ahead of the first
   strip, and those after it once, when the sums are complete. */
#ifndef KERASISH_CHAIN_LAYOUT_H
#define KERASISH_CHAIN_LAYOUT_H

#include "chain.h"

enum Space { SPACE_SCALAR, SPACE_ROW, SPACE_COLUMN, SPACE_FULL, SPACES };

/* A slot holds the address of a value for the strip at hand. The slots of a chain are sorted: those
   whose address moves with the strip (all before CONSTANT) come first, registers last. */
enum SlotKind {
    SLOT_FULL,            /* table[place], FULL, contiguous */
    SLOT_COLUMN,          /* table[place], COLUMN, contiguous */
    SLOT_ROW,             /* table[place], ROW, contiguous */
    SLOT_ROW_REGISTER,    /* a ROW in the memory of the run: row register `source` */
    SLOT_REPEATED_ROW,    /* the ROW in slot `source`, as often as a strip has rows */
    SLOT_ROWS,            /* a row of table[place] for each row: where `axes` say */
    SLOT_COLUMNS,         /* an element of table[place] for each row: where `axes` say */
    SLOT_INCOMING,        /* the tile that a kernel hands over */
    SLOT_CONSTANT,        /* `constant` */
    SLOT_FIXED,           /* table[place], whatever the strip: scalars */
    SLOT_REGISTER,        /* strip memory of the task, from register `source` on */
    SLOT_SCALAR_REGISTER, /* 8 bytes in the memory of the run */
};

#define SLOT_AXES 4

typedef struct {
    int32_t kind, size;       /* size: bytes of an element */
    int32_t place;  /* in the table; of REPEATED_ROW: the how manieth of these it is */
    int32_t source; /* of registers: which; of REPEATED_ROW: slot of the row */
    int32_t copy;   /* register for a copy, where the strip is not found as it must be */
    int32_t is_read, is_written;
    int32_t unused;
    int64_t constant;
    int64_t count[SLOT_AXES]; /* sizes of the axes that make up the row number, outermost first */
    int64_t step[SLOT_AXES];  /* elements from one to the next along each */
} Slot;

typedef struct {
    uint16_t loop;    /* number of the instruction in instructions.def */
    uint8_t form;     /* which operands are one element: LOOP_FORMS */
    uint8_t space;    /* of the result; of the operand for a rowwise reduction */
    uint8_t stepping; /* operands that are a COLUMN in a FULL instruction: bit 0 for a, ... */
    uint8_t unused;
    uint16_t d, a, b, c; /* slots */
} Instruction;

enum SumKind { SUM_TOTAL, SUM_COLUMNS, SUM_GROUPS, SUM_STATISTICS };

typedef struct {
    int32_t kind;
    int32_t space;     /* of the source: FULL, or COLUMN for some totals */
    int32_t source;    /* slot */
    int32_t result[2]; /* slots: the sum; mean and variance. For GROUPS a place in the table. */
    int32_t unused;
    double divisor;    /* 1, or the count for a mean */
    int64_t offset;    /* of its partial sums in the memory of a part, bytes */
} Sum;

struct Chain {
    int64_t bytes; /* of the whole image: the next chain of several follows */
    int64_t outer, rows, columns;
    int64_t strip_rows, strip_columns; /* of the largest strip */
    int64_t strip_bytes;               /* of one register */
    int64_t part_rows;                 /* rows of a part when the chain runs by itself */
    int64_t splits_columns;
    int64_t slots, moving_slots;
    int64_t registers, row_registers, scalar_registers, repeated_rows;
    int64_t before, body, after; /* numbers of instructions, which follow each other */
    int64_t sums;
    int64_t sum_bytes;  /* partial sums of a part */
    int64_t period;     /* elements after which column sums repeat: columns, or several rows */
    int64_t slots_at, code_at, sums_at; /* bytes from the start of the image */
};

#define CHAIN_SLOTS 250

struct ChainRun {
    const Chain *chain;
    const Slot *slots;
    const Instruction *code;
    const Sum *sums;
    char *partials; /* parts x sum_bytes */
    long parts;
    int error, memory_kind;
    void *at[CHAIN_SLOTS]; /* addresses at the start of the values */
};

/* Partial sums of one part: chain_sums.c. */
void chain_add_sums(ChainRun *run, char *partials, void *const *at, long first, long rows,
                    long from, long columns);
void chain_finish_sums(ChainRun *run);

#endif
