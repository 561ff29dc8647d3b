/* Indices as the gathering kernels read them: int32 or int64, negative ones from the end. */
#ifndef KERASISH_GATHER_H
#define KERASISH_GATHER_H

#include <stdint.h>

/* Whether all indices lie between -size and size - 1. */
int indices_fit(const void *indices, long index_bytes, long count, long size);

static inline long index_at(const void *indices, long index_bytes, long i, long size)
{
    long place = index_bytes == 4 ? ((const int32_t *)indices)[i] : ((const int64_t *)indices)[i];
    return place < 0 ? place + size : place;
}

#endif
