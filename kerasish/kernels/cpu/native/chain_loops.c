/* The loops of the elementwise instructions, made from instructions.def. */
#include "chain_loops.h"

#include "record.h"
#include "vector_math.h"

typedef uint64_t UnsignedLongs __attribute__((vector_size(8 * LANES), may_alias));
#define wrap(a, operator, b) ((Longs)((UnsignedLongs)(a)operator(UnsignedLongs)(b)))

#define choose_long(mask, yes, no)                                                                 \
    ((__builtin_convertvector(mask, Longs) & (yes)) |                                              \
     (~__builtin_convertvector(mask, Longs) & (no)))

/* One loop. ONE_x: operand x is one element. The last vector is calculated first and stored last:
   it overlaps the one before, whose operands may be overwritten in place. */
#define READ(T, x, at) (ONE_##x ? one_##x : read##T(x##_ + (at)))
#define READ_SOME(T, x) (ONE_##x ? one_##x : read_some##T(x##_, n))
#define BODY(TD, OPERANDS_AT, OPERANDS_SOME, expression)                                           \
    if (n < LANES) {                                                                               \
        if (n > 0) {                                                                               \
            OPERANDS_SOME Whole##TD some = expression;                                             \
            write_some##TD(d_, &some, n);                                                          \
        }                                                                                          \
        return;                                                                                    \
    }                                                                                              \
    Whole##TD end;                                                                                 \
    long last = n - LANES, i = last;                                                               \
    {                                                                                              \
        OPERANDS_AT end = expression;                                                              \
    }                                                                                              \
    for (i = 0; i < last; i += LANES) {                                                            \
        OPERANDS_AT WRITE(TD, d_ + i, expression);                                                 \
    }                                                                                              \
    WRITE(TD, d_ + last, end);

#define OPERAND(T, x)                                                                              \
    const Element##T *x##_ = x##_pointer;                                                          \
    const Whole##T one_##x = ONE_##x ? spread##T(x##_) : (Whole##T){0};                            \
    (void)one_##x;

#define UNARY_FORM(form, name, TD, TA, expression)                                                 \
    static void loop_##name##form(void *d_pointer, const void *a_pointer, const void *b_pointer,   \
                                  const void *c_pointer, long n)                                   \
    {                                                                                              \
        enum { ONE_a = form };                                                                     \
        (void)b_pointer, (void)c_pointer;                                                          \
        Element##TD *d_ = d_pointer;                                                               \
        OPERAND(TA, a)                                                                             \
        BODY(TD, Whole##TA a = READ(TA, a, i);, Whole##TA a = READ_SOME(TA, a);, expression)       \
    }
#define UNARY(...) UNARY_FORM(0, __VA_ARGS__)
#define COPY(...) UNARY_FORM(0, __VA_ARGS__) UNARY_FORM(1, __VA_ARGS__)
#define PLAIN(name, TD, TA, expression)                                                            \
    static void loop_##name##0(void *restrict d_pointer, const void *restrict a_pointer,           \
                               const void *b_pointer, const void *c_pointer, long n)               \
    {                                                                                              \
        (void)b_pointer, (void)c_pointer;                                                          \
        Element##TD *restrict d = d_pointer;                                                       \
        const Element##TA *restrict a = a_pointer;                                                 \
        for (long i = 0; i < n; i++) {                                                             \
            const Element##TA x = a[i];                                                            \
            d[i] = expression;                                                                     \
        }                                                                                          \
    }

#define BINARY_FORM(form, name, TD, TA, TB, expression)                                            \
    static void loop_##name##form(void *d_pointer, const void *a_pointer, const void *b_pointer,   \
                                  const void *c_pointer, long n)                                   \
    {                                                                                              \
        enum { ONE_a = form & 1, ONE_b = form >> 1 & 1 };                                          \
        (void)c_pointer;                                                                           \
        Element##TD *d_ = d_pointer;                                                               \
        OPERAND(TA, a)                                                                             \
        OPERAND(TB, b)                                                                             \
        BODY(TD, Whole##TA a = READ(TA, a, i); Whole##TB b = READ(TB, b, i);                       \
             , Whole##TA a = READ_SOME(TA, a); Whole##TB b = READ_SOME(TB, b);, expression)        \
    }
#define BINARY(...)                                                                                \
    BINARY_FORM(0, __VA_ARGS__) BINARY_FORM(1, __VA_ARGS__) BINARY_FORM(2, __VA_ARGS__)

#define TERNARY_FORM(form, name, TD, TA, TB, TC, expression)                                       \
    static void loop_##name##form(void *d_pointer, const void *a_pointer, const void *b_pointer,   \
                                  const void *c_pointer, long n)                                   \
    {                                                                                              \
        enum { ONE_a = form & 1, ONE_b = form >> 1 & 1, ONE_c = form >> 2 & 1 };                   \
        Element##TD *d_ = d_pointer;                                                               \
        OPERAND(TA, a)                                                                             \
        OPERAND(TB, b)                                                                             \
        OPERAND(TC, c)                                                                             \
        BODY(TD, Whole##TA a = READ(TA, a, i); Whole##TB b = READ(TB, b, i);                       \
             Whole##TC c = READ(TC, c, i);, Whole##TA a = READ_SOME(TA, a);                        \
             Whole##TB b = READ_SOME(TB, b); Whole##TC c = READ_SOME(TC, c);, expression)          \
    }
#define TERNARY(...)                                                                               \
    TERNARY_FORM(0, __VA_ARGS__) TERNARY_FORM(1, __VA_ARGS__) TERNARY_FORM(2, __VA_ARGS__)         \
    TERNARY_FORM(3, __VA_ARGS__) TERNARY_FORM(4, __VA_ARGS__) TERNARY_FORM(5, __VA_ARGS__)         \
    TERNARY_FORM(6, __VA_ARGS__)

#define ROWWISE(...)
#include "instructions.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef COPY
#undef PLAIN

/* ---- tables --------------------------------------------------------------------------------- */

const Loop chain_loops[LOOP_COUNT][LOOP_FORMS] = {
#define UNARY(name, ...) {loop_##name##0},
#define PLAIN UNARY
#define COPY(name, ...) {loop_##name##0, loop_##name##1},
#define BINARY(name, ...) {loop_##name##0, loop_##name##1, loop_##name##2},
#define TERNARY(name, ...)                                                                         \
    {loop_##name##0, loop_##name##1, loop_##name##2, loop_##name##3,                               \
     loop_##name##4, loop_##name##5, loop_##name##6},
#include "instructions.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef COPY
#undef PLAIN
};

const unsigned char chain_sizes[LOOP_COUNT][4] = {
#define UNARY(name, d, a, e) {sizeof(Element##d), sizeof(Element##a)},
#define COPY UNARY
#define PLAIN UNARY
#define BINARY(name, d, a, b, e) {sizeof(Element##d), sizeof(Element##a), sizeof(Element##b)},
#define TERNARY(name, d, a, b, c, e)                                                               \
    {sizeof(Element##d), sizeof(Element##a), sizeof(Element##b), sizeof(Element##c)},
#include "instructions.def"
#undef UNARY
#undef BINARY
#undef TERNARY
#undef COPY
#undef PLAIN
};

#undef ROWWISE
#define UNARY(...)
#define BINARY UNARY
#define TERNARY UNARY
#define COPY UNARY
#define PLAIN UNARY
const RowLoop chain_row_loops[INSTRUCTION_COUNT - LOOP_COUNT] = {
#define ROWWISE(name, types) rows_##name,
#include "instructions.def"
#undef ROWWISE
};
#undef UNARY
#undef BINARY
#undef TERNARY
#undef COPY
#undef PLAIN

/* The table as Python reads it: "name result operand ...", one letter for each type, upper case for
   a value per element, lower case for one per row. NULL beyond the last instruction. */
EXPORT const char *chain_instruction(int number)
{
    static const char *const texts[] = {
#define UNARY(name, d, a, e) #name " " #d " " #a,
#define COPY UNARY
#define PLAIN UNARY
#define BINARY(name, d, a, b, e) #name " " #d " " #a " " #b,
#define TERNARY(name, d, a, b, c, e) #name " " #d " " #a " " #b " " #c,
#define ROWWISE(name, types) #name " " types,
#include "instructions.def"
    };
    return number >= 0 && number < INSTRUCTION_COUNT ? texts[number] : 0;
}
