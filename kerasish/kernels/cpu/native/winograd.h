/* Winograd's short convolutions for 3x3 windows with stride 1: tiles of 4x4 outputs from tiles of 6x6
   inputs with 36 products for each pair of channels instead of 144 (Lavin and Gray, 2016,
   arXiv:1509.09308).

       output = A^T [(G weights G^T) * (B^T input B)] A        (* element by element)

   The polynomials are evaluated at 0, +-sqrt(1/2), +-sqrt(2) and infinity: with these points the
   error is 3 to 4 times that of the direct sum (with the usual 0, +-1, +-2: 15 times). Measured over
   channels of 16 to 256: below 1e-6 of the sum of |input * weight|.

   An input that is not finite would spread through its tile: such blocks are computed directly. */
#ifndef KERASISH_WINOGRAD_H
#define KERASISH_WINOGRAD_H

#include "convolution.h"

enum {
    TILE = 4,                /* outputs along an axis */
    WINDOW = 3,
    SEEN = TILE + WINDOW - 1, /* inputs along an axis */
    PLACES = SEEN * SEEN      /* products of a tile */
};

#define ROOT_HALF 0.70710678118654752f /* the points: +- this, */
#define ROOT_TWO 1.41421356237309505f  /* and +- this */

/* Floats between the places of `count` tiles of `channels`: an odd number of cache lines, so that
   the 36 places of a tile do not fall into the same set of the cache. */
static inline long place_step(long count, long channels)
{
    return (round_up(count * channels, 16) / 16 | 1) * 16;
}

/* ---- transforms (winograd_transform.c) ---- */

/* Where the pixels of an image, or a part of it, lie. */
typedef struct {
    float *pixels;
    long row_step, step; /* elements between rows, between neighbours */
    long rows, columns;
} Image;

/* places[place * place_step + channel] = B^T tile B of one tile of 6x6 pixels, for `channels`
   channels, a multiple of LANES. Adds NaN to *check where an input is not finite. */
void transform_input(const float *tile, long row_step, long step, long channels, float *places,
                     long place_step, Vector *check);

/* 4x4 pixels = A^T places A, for the pixels inside an image of `rows` x `columns` from here on. */
void transform_output(const float *places, long place_step, long channels, const Image *image);

/* places = A tile A^T for a tile of 4x4 pixels: transform_output backwards. */
void transform_cotangent(const float *tile, long row_step, long step, long channels, float *places,
                         long place_step, Vector *check);

/* places[place * place_step + i] = G window G^T, window[tap * tap_step + i], for i < count, a
   multiple of LANES. */
void transform_weights(const float *window, long tap_step, long count, float *places,
                       long place_step, Vector *check);

/* window[tap * tap_step + i] = G^T places G for i < count: transform_weights backwards. */
void transform_gradient(const float *places, long place_step, long count, float *window,
                        long tap_step);

static inline int is_finite(Vector check)
{
    Lanes is_nan = check != check;
    int32_t any = 0;
    for (int i = 0; i < LANES; i++)
        any |= is_nan[i];
    return !any;
}

/* ---- convolution by tiles (winograd_tiles.c) ---- */

enum { MOST_BLOCKS = 128 }; /* of a group */

/* What a call needs. The plan is that of the direct sum, with the target sizes rounded up to whole
   tiles: its blocks are whole rows of tiles, its packed weights are what is transformed. */
typedef struct {
    Plan plan;
    long rows, columns;   /* of the target, as they are */
    long source_width, target_width; /* channels in whole vectors */
    const float *weights; /* panels of [PLACES][depth][width] */
    int is_direct;        /* some weight is not finite */
    long capacity;        /* tiles of a group, at most */
    long group;           /* blocks of a group, at most */
} Winograd;

/* Whether a convolution can, and should, be computed in this way. */
int suits_winograd(const Convolution *convolution, Direction direction);

/* As plan_bytes and make_plan. */
size_t winograd_bytes(const Convolution *convolution, Direction direction);
char *make_winograd(Winograd *winograd, const Convolution *convolution, Direction direction,
                    const float *kernel, char *memory);

/* Blocks whose tiles are multiplied together. */
typedef struct {
    const Winograd *winograd;
    float *inputs, *products; /* [PLACES][tile][channel] */
    long input_step, product_step;
    long tiles, blocks;
    long first[MOST_BLOCKS];     /* first tile of each block */
    uint8_t is_bad[MOST_BLOCKS]; /* whether a block holds what is not finite */
} Group;

/* Floats of TASK memory of a group. */
size_t group_size(const Winograd *winograd);
void begin_group(Group *group, const Winograd *winograd, float *memory);

/* Adds the tiles of a block that read_block or place_block has made readable. The memory must go on
   for LANES - 1 floats behind what the block sees. */
void add_to_group(Group *group, const Block *block);

/* Memory that is wanted soon: fetched into the cache while the group is multiplied. */
typedef struct {
    const float *source; /* read */
    long source_count;
    float *result;       /* written */
    long result_count;
} Soon;

/* The source of the blocks [first, end), about; nothing beyond the last block. */
Soon source_of_blocks(const Plan *plan, const float *source, long first, long end);

void multiply_group(Group *group, const Soon *soon);

/* The outputs of block number `index` of the group, which must be readable again if it is bad. Rows
   of the image lie behind each other without gaps. */
void take_from_group(const Group *group, long index, const Block *block, const Image *image);

/* ---- gradient of the weights by tiles (winograd_gradient.c) ---- */

/* gradient = G^T [sum over tiles of (B^T input B) * (A cotangent A^T)] G: the sum stays in the domain
   of the places, and is transformed once for each partial sum. */
typedef struct {
    const Winograd *winograd; /* of a FORWARD plan without weights */
    float *inputs, *cotangents; /* [PLACES][tile][channel] */
    float *sums;              /* [PLACES][channel][filter in whole vectors] */
    float *direct;            /* gradient of the blocks that are not finite */
    long input_step, cotangent_step, tiles;
    int is_empty, has_direct;
} GradientSum;

int suits_winograd_gradient(const Convolution *convolution);
PartialSums plan_tiled_sums(const Winograd *winograd);

/* Floats of TASK memory of a sum. */
size_t gradient_sum_size(const Winograd *winograd);
void begin_gradient_sum(GradientSum *sum, const Winograd *winograd, float *memory);

/* Adds a block that is readable, as for add_to_group. The cotangent starts at the block's first
   position, with zeros beyond the target up to whole tiles. */
void add_to_gradient_sum(GradientSum *sum, const Block *block, const float *cotangent,
                         long row_step);

/* Stores the gradient (3, 3, channels, filters). */
void take_gradient(GradientSum *sum, float *gradient);

#endif
