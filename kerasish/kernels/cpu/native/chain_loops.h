/* The loops of the elementwise instructions, and their numbers. */
#ifndef KERASISH_CHAIN_LOOPS_H
#define KERASISH_CHAIN_LOOPS_H

/* d = f(a, b, c) for n elements. d may be one of the operands of the same element size; else it
   does not overlap them. */
typedef void (*Loop)(void *d, const void *a, const void *b, const void *c, long n);

/* d = f(a, b) for `rows` rows of `columns` elements, where d overlaps no operand. Returns an error
   number if a value is out of range, else 0. */
typedef int (*RowLoop)(void *d, const void *a, const void *b, long rows, long columns);

#define ROWWISE(...)
enum {
#define UNARY(name, ...) LOOP_##name,
#define BINARY UNARY
#define TERNARY UNARY
#define COPY UNARY
#define PLAIN UNARY
#include "instructions.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef COPY
#undef PLAIN
    LOOP_COUNT
};
#undef ROWWISE

/* Rowwise instructions are numbered after the others. */
#define UNARY(...)
#define BINARY UNARY
#define TERNARY UNARY
#define COPY UNARY
#define PLAIN UNARY
enum {
    BEFORE_ROW_LOOPS = LOOP_COUNT - 1,
#define ROWWISE(name, types) LOOP_##name,
#include "instructions.def"
    INSTRUCTION_COUNT
};
#undef ROWWISE
#define ROWWISE(name, types)                                                                       \
    int rows_##name(void *d, const void *a, const void *b, long rows, long columns);
#include "instructions.def"
#undef ROWWISE
#undef UNARY
#undef BINARY
#undef TERNARY
#undef COPY
#undef PLAIN

/* By the number of the instruction, then by which operands are one element instead of n: bit 0 for
   a, 1 for b, 2 for c. NULL for forms that do not exist. */
#define LOOP_FORMS 8
extern const Loop chain_loops[LOOP_COUNT][LOOP_FORMS];

/* Bytes of an element of the result and the operands. */
extern const unsigned char chain_sizes[LOOP_COUNT][4];

/* By the number of the instruction less LOOP_COUNT. */
extern const RowLoop chain_row_loops[INSTRUCTION_COUNT - LOOP_COUNT];

#endif
