/* Vectors of LANES elements of every type that chains know, and how they are read and written.

   A type has one letter: F float, I int32, U uint32, L int64, M mask (int32, 0 or -1: what a bool
   is inside a chain), B bool in memory (one byte, 0 or 1), C uint8. */
#ifndef KERASISH_ELEMENTS_H
#define KERASISH_ELEMENTS_H

#include "vector.h"

typedef uint32_t Unsigned __attribute__((vector_size(4 * LANES), may_alias));
typedef int64_t Longs __attribute__((vector_size(8 * LANES), may_alias));
typedef double Doubles __attribute__((vector_size(8 * LANES), may_alias));
typedef uint8_t Bytes __attribute__((vector_size(LANES), may_alias));

#define EACH_TYPE(X)                                                                               \
    X(F, float, Vector)                                                                            \
    X(I, int32_t, Lanes)                                                                           \
    X(U, uint32_t, Unsigned)                                                                       \
    X(L, int64_t, Longs)                                                                           \
    X(M, int32_t, Lanes)                                                                           \
    X(B, uint8_t, Bytes)                                                                           \
    X(C, uint8_t, Bytes)

/* For each type: whole vectors at any address, one element in all lanes, and the first n elements
   (the other lanes repeat the first, so that they are as harmless as it). */
#define DEFINE_ACCESS(T, One, All)                                                                 \
    typedef One Element##T;                                                                        \
    typedef All Whole##T;                                                                          \
    typedef One Unaligned##T                                                                       \
        __attribute__((vector_size(sizeof(One) * LANES), aligned(sizeof(One)), may_alias));        \
    static inline All read##T(const One *p) { return *(const Unaligned##T *)p; }                   \
    static inline All spread##T(const One *p) { return *p - (All){0}; }                            \
    static inline All read_some##T(const One *p, long n)                                           \
    {                                                                                              \
        All v = spread##T(p);                                                                      \
        for (long i = 1; i < n; i++)                                                               \
            v[i] = p[i];                                                                           \
        return v;                                                                                  \
    }                                                                                              \
    static inline void write_some##T(One *p, const All *v, long n)                                 \
    {                                                                                              \
        p[0] = (*v)[0];                                                                            \
        for (long i = 1; i < n; i++)                                                               \
            p[i] = (*v)[i];                                                                        \
    }
EACH_TYPE(DEFINE_ACCESS)
#undef DEFINE_ACCESS

#define WRITE(T, p, v) (*(Unaligned##T *)(p) = (v))

static inline void writeF(float *p, Vector v) { WRITE(F, p, v); }

/* The number of the lane in each lane. */
static inline Lanes lane_numbers(void)
{
    Lanes v = {0};
    for (int i = 0; i < LANES; i++)
        v[i] = i;
    return v;
}

/* v with its lanes moved down by `step`, those that fall out coming in at the top. */
static inline Vector rotate(Vector v, int step)
{
    return __builtin_shuffle(v, (lane_numbers() + step) & (LANES - 1));
}

static inline float sum_of_lanes(Vector v)
{
    for (int step = LANES / 2; step; step /= 2)
        v += rotate(v, step);
    return v[0];
}

#endif
