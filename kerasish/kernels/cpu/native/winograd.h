/* Winograd's short convolutions for 3x3 windows with stride 1: tiles of 4x4 outputs from tiles of 6x6
   inputs with 36 products for each pair of channels instead of 144 (Lavin and Gray, 2016,
   arXiv:1509.09308).

       output = A^T [(G weights G^T) * (B^T input B)] A        (* element by element)

   The polynomials are evaluated at 0, +-sqrt(1/2), +-sqrt(2) and infinity: with these points the
   error is 3 to 4 times that of the direct sum (with the usual 0, +-1, +-2: 15 times). Measured over
   channels of 16 to 256: below 1e-6 of the sum of |input * weight| (4e-6 in the corners of an image,
   where an output has few products and shares a tile with larger ones), and in the mean 5e-7 to
   1.5e-6 of the results. Every 3x3 convolution with stride 1, one group and at least 8 channels on
   both sides goes this way, as do its derivatives: see suits_winograd().

   An input that is not finite would spread through its tile: such blocks are computed directly. */
#ifndef KERASISH_WINOGRAD_H
#define KERASISH_WINOGRAD_H

#include "convolution.h"
#include "pack.h"

enum {
    TILE = 4,                /* outputs along an axis */
    WINDOW = 3,
    SEEN = TILE + WINDOW - 1, /* inputs along an axis */
    PLACES = SEEN * SEEN      /* products of a tile */
};

#define ROOT_HALF 0.70710678118654752f /* the points: +- this, */
#define ROOT_TWO 1.41421356237309505f  /* and +- this */

/* ---- places ---- */

/* Transformed tiles of some channels: [panel][tile][place][channel of the panel]. A panel is
   PANEL channels wide, the last one as few whole vectors as it needs; so all places of a tile are
   neighbours at distances known to the compiler, whatever the number of channels. */
typedef struct {
    float *data;
    long capacity; /* tiles */
    long vectors;  /* of channels */
} Places;

static inline long places_size(long capacity, long vectors)
{
    return PLACES * LANES * capacity * vectors;
}

static inline float *panel_of_places(const Places *places, long panel)
{
    return places->data + panel * places->capacity * PLACES * PANEL;
}

/* Vectors side by side in a panel. */
static inline long width_of_panel(const Places *places, long panel)
{
    return smallest(places->vectors - panel * PANEL_VECTORS, PANEL_VECTORS);
}

/* Place 0 of one vector of channels of a tile. */
static inline float *places_of_tile(const Places *places, long tile, long vector)
{
    long panel = vector / PANEL_VECTORS;
    return panel_of_places(places, panel) + tile * PLACES * LANES * width_of_panel(places, panel)
           + vector % PANEL_VECTORS * LANES;
}

/* ---- pictures (winograd_window.c) ---- */

/* What tiles are read from: one plane of an image, with zeros around. */
typedef struct {
    const float *pixels;
    long rows, columns, channels;
    long row_step;    /* elements */
    const float *end; /* of the memory that may be read */
} Picture;

/* A square of pixels, of which whole vectors of channels may be read. */
typedef struct {
    const float *pixels;
    long row_step, step; /* elements between rows, between neighbours */
} Window;

/* Floats that a window needs where it cannot be read in place. */
size_t patch_size(long channels);

/* The window of size x size pixels, from a row and column on that may lie outside: in place or
   copied to `patch`. */
Window window_of(const Picture *picture, long row, long column, long size, float *patch);

/* ---- transforms (winograd_transform.c) ---- */

/* Where the pixels of an image, or a part of it, lie. */
typedef struct {
    float *pixels;
    long row_step, step; /* elements between rows, between neighbours */
    long rows, columns;
} Image;

/* One vector of channels of a tile, whose places are `width` <= PANEL_VECTORS vectors apart. */

/* places = B^T tile B of 6x6 pixels. Adds NaN to *check where one is not finite. */
void transform_input(const Window *tile, float *places, long width, Vector *check);

/* places = A tile A^T of 4x4 pixels: transform_output backwards. */
void transform_cotangent(const Window *tile, float *places, long width, Vector *check);

/* 4x4 pixels = A^T places A: `channels` <= LANES of them, those inside the image. */
void transform_output(const float *places, long width, long channels, const Image *image);

/* All channels of a tile, with one of the first two. */
typedef void (*Transform)(const Window *tile, float *places, long width, Vector *check);

static inline void transform_tile(Transform transform, const Window *tile, const Places *places,
                                  long index, Vector *check)
{
    Window part = *tile;
    for (long v = 0; v < places->vectors; v++, part.pixels += LANES)
        transform(&part, places_of_tile(places, index, v),
                  width_of_panel(places, v / PANEL_VECTORS), check);
}

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
   tiles (what sees nothing of the source is left out first): its blocks are whole rows of tiles, its
   packed weights are what is transformed. */
typedef struct {
    Plan plan;
    long rows, columns;   /* of the target, as they are */
    long source_vectors, target_vectors; /* of channels */
    const float *weights;                /* panels of [PLACES][depth][width] */
    long *offsets;                       /* between panels of a source's places */
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

/* Rows of the target as it is that come from a block: the last one fills up what is left out. */
static inline long rows_of_block(const Winograd *winograd, const Block *block)
{
    int is_last = block->row_end == winograd->plan.axes[ROW].target;
    return (is_last ? winograd->rows : block->row_end) - block->row;
}

static inline long most_rows_of_block(const Winograd *winograd)
{
    const Plan *plan = &winograd->plan;
    return plan->blocks.rows + largest(winograd->rows - plan->axes[ROW].target, 0);
}

/* What a block of the plan sees of a source, which starts with the first image. */
Picture source_of_block(const Winograd *winograd, const Block *block, const float *source);

/* Blocks whose tiles are multiplied together. */
typedef struct {
    const Winograd *winograd;
    Places inputs, products;
    float *patch, *copy;
    long tiles, blocks;
    long first[MOST_BLOCKS];     /* first tile of each block */
    uint8_t is_bad[MOST_BLOCKS]; /* whether a block holds what is not finite */
} Group;

/* Floats of TASK memory of a group. */
size_t group_size(const Winograd *winograd);
void begin_group(Group *group, const Winograd *winograd, float *memory);

/* Adds the tiles of a block of a picture. */
void add_to_group(Group *group, const Block *block, const Picture *picture);

/* Memory that is wanted soon, in up to two pieces: fetched into the cache during products. */
typedef struct {
    const float *data;
    long count;
} Piece;
typedef struct {
    Piece pieces[2];
} Soon;

/* The rows that the blocks [first, end) see, about, of what has `rows` rows of `row_size` elements
   for each plane of the target; nothing beyond the last block. */
Piece rows_of_blocks(const Plan *plan, long first, long end, const float *data, long rows,
                     long row_size);

/* The same for the source of the plan. */
Piece source_of_blocks(const Plan *plan, long first, long end, const float *source);

void multiply_group(Group *group, const Soon *soon);

/* The outputs of block number `index` of the group: rows_of_block() rows. */
void take_from_group(const Group *group, long index, const Block *block, const Picture *picture,
                     const Image *image);

/* Fetches part `index` of `parts` of what is wanted soon. Inline, since GCC leaves out calls of a
   function that does nothing but fetch. */
static inline __attribute__((always_inline)) void fetch(const Soon *soon, long parts, long index)
{
    enum { LINE = 16 }; /* floats of a cache line */
    for (int k = 0; k < 2; k++) {
        const Piece *piece = soon->pieces + k;
        long from = part_start(piece->count, parts, index) / LINE * LINE;
        for (long i = from; i < part_start(piece->count, parts, index + 1); i += LINE)
            __builtin_prefetch(piece->data + i, 0, 2);
    }
}

/* ---- gradient of the weights by tiles (winograd_gradient.c) ---- */

/* gradient = G^T [sum over tiles of (B^T input B) * (A cotangent A^T)] G: the sum stays in the domain
   of the places, and is transformed once for each partial sum. */
typedef struct {
    const Winograd *winograd; /* of a FORWARD plan without weights */
    Places inputs, cotangents;
    float *sums;   /* [PLACES][channel][filter in whole vectors] */
    float *direct; /* gradient of the blocks that are not finite */
    float *patch, *copy;
    long tiles;
    int is_empty, has_direct;
} GradientSum;

int suits_winograd_gradient(const Convolution *convolution);
PartialSums plan_tiled_sums(const Winograd *winograd);

/* Floats of TASK memory of a sum. */
size_t gradient_sum_size(const Winograd *winograd);
void begin_gradient_sum(GradientSum *sum, const Winograd *winograd, float *memory);

/* Adds a block of an image, given the picture of its plane and that of the plane's cotangent; what
   the next blocks see is wanted soon. */
void add_to_gradient_sum(GradientSum *sum, const Block *block, const Picture *picture,
                         const Picture *cotangent, const Soon *soon);

/* Stores the gradient (3, 3, channels, filters). */
void take_gradient(GradientSum *sum, float *gradient);

#endif
