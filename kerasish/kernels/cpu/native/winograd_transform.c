/* The transforms of Winograd's convolutions, for as many channels at once as a vector has lanes. */
#include "edge.h"
#include "winograd.h"

#define UNROLLED _Pragma("GCC unroll 6")
#define INLINE static inline __attribute__((always_inline))

/* ---- one axis ---- */

/* Each of the five matrices along one axis, as a function of the vectors along it. Places 1 and 2,
   and 3 and 4, belong to points that differ in sign: the sum and the difference of the same two. */

/* B^T: 6 inputs to 6 places. */
INLINE void input_axis(const Vector *d, Vector *v)
{
    Vector even = d[4] - 2 * d[2], odd = ROOT_HALF * (d[3] - 2 * d[1]);
    v[0] = (d[0] + d[4]) - 2.5f * d[2];
    v[1] = even + odd;
    v[2] = even - odd;
    even = d[4] - 0.5f * d[2];
    odd = ROOT_TWO * (d[3] - 0.5f * d[1]);
    v[3] = even + odd;
    v[4] = even - odd;
    v[5] = (d[1] + d[5]) - 2.5f * d[3];
}

/* A^T: 6 places to 4 outputs. */
INLINE void output_axis(const Vector *m, Vector *y)
{
    Vector sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    Vector sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    y[0] = m[0] + sum1 + sum2;
    y[1] = ROOT_HALF * difference1 + ROOT_TWO * difference2;
    y[2] = 0.5f * sum1 + 2.f * sum2;
    y[3] = (0.5f * ROOT_HALF) * difference1 + (2 * ROOT_TWO) * difference2 + m[5];
}

/* A: 4 cotangents to 6 places. */
INLINE void cotangent_axis(const Vector *e, Vector *w)
{
    Vector even = e[0] + 0.5f * e[2], odd = e[1] + 0.5f * e[3];
    w[0] = e[0];
    w[1] = even + ROOT_HALF * odd;
    w[2] = even - ROOT_HALF * odd;
    even = e[0] + 2.f * e[2];
    odd = e[1] + 2.f * e[3];
    w[3] = even + ROOT_TWO * odd;
    w[4] = even - ROOT_TWO * odd;
    w[5] = e[3];
}

/* G: 3 weights to 6 places. */
INLINE void weights_axis(const Vector *g, Vector *u)
{
    Vector even = (-2 / 3.f) * g[0] + (-1 / 3.f) * g[2], odd = (-2 / 3.f * ROOT_HALF) * g[1];
    u[0] = g[0];
    u[1] = even + odd;
    u[2] = even - odd;
    even = (1 / 6.f) * g[0] + (1 / 3.f) * g[2];
    odd = (1 / 6.f * ROOT_TWO) * g[1];
    u[3] = even + odd;
    u[4] = even - odd;
    u[5] = g[2];
}

/* G^T: 6 places to 3 gradients. */
INLINE void gradient_axis(const Vector *s, Vector *g)
{
    Vector sum1 = s[1] + s[2], sum2 = s[3] + s[4];
    g[0] = s[0] + (-2 / 3.f) * sum1 + (1 / 6.f) * sum2;
    g[1] = (-2 / 3.f * ROOT_HALF) * (s[1] - s[2]) + (1 / 6.f * ROOT_TWO) * (s[3] - s[4]);
    g[2] = (-1 / 3.f) * sum1 + (1 / 3.f) * sum2 + s[5];
}

/* ---- both axes ---- */

/* `width` is known to the compiler below: a tile's places lie at fixed distances. */
INLINE float *place_at(float *places, long width, int row, int column)
{
    return places + (row * SEEN + column) * width * LANES;
}

INLINE void store_places(float *places, long width, int row, const Vector *values)
{
    UNROLLED for (int c = 0; c < SEEN; c++)
        store(place_at(places, width, row, c), values[c]);
}

/* Two rows of places at a time: all 36 would not fit into the registers. */
INLINE void input_places(const Window *tile, float *places, long width, Vector *check)
{
    const float *pixels = tile->pixels;
    const long row_step = tile->row_step, step = tile->step;
#define AT(r, c) load(pixels + (r) * row_step + (c) * step)
    Vector row[SEEN], other[SEEN], out[SEEN], seen = *check;
    UNROLLED for (int c = 0; c < SEEN; c++)
        row[c] = AT(0, c) - 2.5f * AT(2, c) + AT(4, c);
    input_axis(row, out);
    store_places(places, width, 0, out);
    seen += 0.f * out[0] + 0.f * out[5];
    UNROLLED for (int c = 0; c < SEEN; c++) {
        Vector even = AT(4, c) - 2.f * AT(2, c), odd = AT(3, c) - 2.f * AT(1, c);
        row[c] = even + ROOT_HALF * odd;
        other[c] = even - ROOT_HALF * odd;
    }
    input_axis(row, out);
    store_places(places, width, 1, out);
    input_axis(other, out);
    store_places(places, width, 2, out);
    UNROLLED for (int c = 0; c < SEEN; c++) {
        Vector even = AT(4, c) - 0.5f * AT(2, c), odd = AT(3, c) - 0.5f * AT(1, c);
        row[c] = even + ROOT_TWO * odd;
        other[c] = even - ROOT_TWO * odd;
    }
    input_axis(row, out);
    store_places(places, width, 3, out);
    input_axis(other, out);
    store_places(places, width, 4, out);
    UNROLLED for (int c = 0; c < SEEN; c++)
        row[c] = AT(1, c) - 2.5f * AT(3, c) + AT(5, c);
    input_axis(row, out);
    store_places(places, width, 5, out);
    seen += 0.f * out[0] + 0.f * out[5];
#undef AT
    *check = seen;
}

INLINE void cotangent_places(const Window *tile, float *places, long width, Vector *check)
{
    const float *pixels = tile->pixels;
    const long row_step = tile->row_step, step = tile->step;
#define AT(r, c) load(pixels + (r) * row_step + (c) * step)
    Vector row[TILE], other[TILE], out[SEEN], seen = *check;
    UNROLLED for (int c = 0; c < TILE; c++)
        row[c] = AT(0, c);
    cotangent_axis(row, out);
    store_places(places, width, 0, out);
    UNROLLED for (int c = 0; c < TILE; c++) {
        Vector even = AT(0, c) + 0.5f * AT(2, c), odd = AT(1, c) + 0.5f * AT(3, c);
        row[c] = even + ROOT_HALF * odd;
        other[c] = even - ROOT_HALF * odd;
    }
    cotangent_axis(row, out);
    store_places(places, width, 1, out);
    seen += 0.f * out[1]; /* every element is in it */
    cotangent_axis(other, out);
    store_places(places, width, 2, out);
    UNROLLED for (int c = 0; c < TILE; c++) {
        Vector even = AT(0, c) + 2.f * AT(2, c), odd = AT(1, c) + 2.f * AT(3, c);
        row[c] = even + ROOT_TWO * odd;
        other[c] = even - ROOT_TWO * odd;
    }
    cotangent_axis(row, out);
    store_places(places, width, 3, out);
    cotangent_axis(other, out);
    store_places(places, width, 4, out);
    UNROLLED for (int c = 0; c < TILE; c++)
        row[c] = AT(3, c);
    cotangent_axis(row, out);
    store_places(places, width, 5, out);
#undef AT
    *check = seen;
}

INLINE void store_row(float *pixels, long step, const Vector *values)
{
    UNROLLED for (int c = 0; c < TILE; c++)
        store(pixels + c * step, values[c]);
}

/* Rows 0 and 2 of the outputs need the sums of places of opposite points, 1 and 3 the differences:
   one pair after the other fits into the registers. */
INLINE void output_pixels(const float *places, long width, float *pixels, long row_step, long step)
{
#define AT(r, c) load(place_at((float *)places, width, r, c))
    Vector one[SEEN], two[SEEN], row[SEEN], y[TILE];
    UNROLLED for (int c = 0; c < SEEN; c++) {
        one[c] = AT(1, c) + AT(2, c);
        two[c] = AT(3, c) + AT(4, c);
        row[c] = AT(0, c) + one[c] + two[c];
    }
    output_axis(row, y);
    store_row(pixels, step, y);
    UNROLLED for (int c = 0; c < SEEN; c++)
        row[c] = 0.5f * one[c] + 2.f * two[c];
    output_axis(row, y);
    store_row(pixels + 2 * row_step, step, y);
    UNROLLED for (int c = 0; c < SEEN; c++) {
        one[c] = AT(1, c) - AT(2, c);
        two[c] = AT(3, c) - AT(4, c);
        row[c] = ROOT_HALF * one[c] + ROOT_TWO * two[c];
    }
    output_axis(row, y);
    store_row(pixels + row_step, step, y);
    UNROLLED for (int c = 0; c < SEEN; c++)
        row[c] = AT(5, c) + (0.5f * ROOT_HALF) * one[c] + (2 * ROOT_TWO) * two[c];
    output_axis(row, y);
    store_row(pixels + 3 * row_step, step, y);
#undef AT
}

/* ---- for each width of a panel ---- */

void transform_input(const Window *tile, float *places, long width, Vector *check)
{
    if (width == 1)
        input_places(tile, places, 1, check);
    else
        input_places(tile, places, 2, check);
}

void transform_cotangent(const Window *tile, float *places, long width, Vector *check)
{
    if (width == 1)
        cotangent_places(tile, places, 1, check);
    else
        cotangent_places(tile, places, 2, check);
}

static void transform_to_pixels(const float *places, long width, float *pixels, long row_step,
                                long step)
{
    if (width == 1)
        output_pixels(places, 1, pixels, row_step, step);
    else
        output_pixels(places, 2, pixels, row_step, step);
}

void transform_output(const float *places, long width, long channels, const Image *image)
{
    if (image->rows >= TILE && image->columns >= TILE && channels == LANES) {
        transform_to_pixels(places, width, image->pixels, image->row_step, image->step);
        return;
    }
    float pixels[TILE * TILE * LANES];
    transform_to_pixels(places, width, pixels, TILE * LANES, LANES);
    long rows = smallest(image->rows, TILE), columns = smallest(image->columns, TILE);
    for (long r = 0; r < rows; r++)
        for (long c = 0; c < columns; c++) {
            float *to = image->pixels + r * image->row_step + c * image->step;
            Vector pixel = load(pixels + (r * TILE + c) * LANES);
            if (channels == LANES)
                store(to, pixel);
            else
                store_first(to, pixel, channels);
        }
}

/* ---- weights ---- */

void transform_weights(const float *window, long tap_step, long count, float *places,
                       long place_step, Vector *check)
{
    for (long i = 0; i < count; i += LANES) {
        Vector rows[WINDOW][SEEN], g[WINDOW], u[SEEN];
        UNROLLED for (int r = 0; r < WINDOW; r++) {
            UNROLLED for (int c = 0; c < WINDOW; c++)
                g[c] = load(window + (r * WINDOW + c) * tap_step + i);
            weights_axis(g, rows[r]);
        }
        UNROLLED for (int c = 0; c < SEEN; c++) {
            UNROLLED for (int r = 0; r < WINDOW; r++)
                g[r] = rows[r][c];
            weights_axis(g, u);
            UNROLLED for (int r = 0; r < SEEN; r++)
                store(places + (r * SEEN + c) * place_step + i, u[r]);
            if (c == 1)
                *check += 0.f * u[1]; /* every weight is in it */
        }
    }
}

void transform_gradient(const float *places, long place_step, long count, float *window,
                        long tap_step)
{
    for (long i = 0; i < count; i += LANES) {
        Vector rows[SEEN][WINDOW], s[SEEN], g[WINDOW];
        long left = smallest(count - i, LANES);
        UNROLLED for (int r = 0; r < SEEN; r++) {
            UNROLLED for (int c = 0; c < SEEN; c++)
                s[c] = load(places + (r * SEEN + c) * place_step + i);
            gradient_axis(s, rows[r]);
        }
        UNROLLED for (int c = 0; c < WINDOW; c++) {
            UNROLLED for (int r = 0; r < SEEN; r++)
                s[r] = rows[r][c];
            gradient_axis(s, g);
            UNROLLED for (int r = 0; r < WINDOW; r++) {
                float *to = window + (r * WINDOW + c) * tap_step + i;
                if (left == LANES)
                    store(to, g[r]);
                else
                    store_first(to, g[r], left);
            }
        }
    }
}
