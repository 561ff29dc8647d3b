/* Max pooling behind a convolution: what its forward and backward kernels share. The windows do not
   overlap; what they drop is not computed: the output sizes of the convolution cover them exactly. */
#ifndef KERASISH_CONVOLUTION_POOL_H
#define KERASISH_CONVOLUTION_POOL_H

#include "convolution.h"
#include "edge.h"

/* record->integer, after CONVOLUTION_... */
enum {
    POOL_WINDOW = CONVOLUTION_END,
    POOL_STRIDE = POOL_WINDOW + AXES,
    POOL_RECTIFIES = POOL_STRIDE + AXES, /* whether relu follows the convolution */
    POOL_END
};

enum { NO_CHOICE = 255 }; /* where the largest is NaN: nobody gets the cotangent */

typedef struct {
    long window[AXES], stride[AXES];
    long output[AXES]; /* pooled sizes */
    int rectifies;
} Pool;

static inline void read_pool(const Record *record, Convolution *convolution, Pool *pool)
{
    read_convolution(record, convolution);
    pool->rectifies = (int)record->integer[POOL_RECTIFIES];
    for (int i = 0; i < AXES; i++) {
        pool->window[i] = record->integer[POOL_WINDOW + i];
        pool->stride[i] = record->integer[POOL_STRIDE + i];
        long size = convolution->output[i];
        pool->output[i] = size ? (size - pool->window[i]) / pool->stride[i] + 1 : 0;
        convolution->unit[i] = pool->stride[i];
    }
}

/* Choices of LANES neighbouring channels, one byte each. */
typedef uint8_t Choices __attribute__((vector_size(LANES), aligned(1), may_alias));

static inline Lanes load_choices(const uint8_t *choice)
{
    return __builtin_convertvector(*(const Choices *)choice, Lanes);
}

static inline void store_choices(uint8_t *choice, Lanes lanes)
{
    *(Choices *)choice = __builtin_convertvector(lanes, Choices);
}

/* The same where only `count` channels are left. */
static inline Lanes load_some_choices(const uint8_t *choice, long count)
{
    Lanes lanes = {0};
    for (long i = 0; i < count; i++)
        lanes[i] = choice[i];
    return lanes;
}

static inline void store_some_choices(uint8_t *choice, Lanes lanes, long count)
{
    for (long i = 0; i < count; i++)
        choice[i] = (uint8_t)lanes[i];
}

#endif
