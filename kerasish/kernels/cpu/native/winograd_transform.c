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

INLINE void store_places(float *places, long place_step, const Vector *row)
{
    UNROLLED for (int j = 0; j < SEEN; j++)
        store(places + j * place_step, row[j]);
}

/* Two rows of places at a time: all 36 would not fit into the registers. */
void transform_input(const float *tile, long row_step, long step, long channels, float *places,
                     long place_step, Vector *check)
{
    const long next = SEEN * place_step;
    Vector seen = *check;
    for (long k = 0; k < channels; k += LANES, tile += LANES, places += LANES) {
#define AT(r, c) load(tile + (r) * row_step + (c) * step)
        Vector row[SEEN], other[SEEN], out[SEEN];
        UNROLLED for (int c = 0; c < SEEN; c++)
            row[c] = AT(0, c) - 2.5f * AT(2, c) + AT(4, c);
        input_axis(row, out);
        store_places(places, place_step, out);
        seen += 0.f * out[0] + 0.f * out[5];
        UNROLLED for (int c = 0; c < SEEN; c++) {
            Vector even = AT(4, c) - 2.f * AT(2, c), odd = AT(3, c) - 2.f * AT(1, c);
            row[c] = even + ROOT_HALF * odd;
            other[c] = even - ROOT_HALF * odd;
        }
        input_axis(row, out);
        store_places(places + next, place_step, out);
        input_axis(other, out);
        store_places(places + 2 * next, place_step, out);
        UNROLLED for (int c = 0; c < SEEN; c++) {
            Vector even = AT(4, c) - 0.5f * AT(2, c), odd = AT(3, c) - 0.5f * AT(1, c);
            row[c] = even + ROOT_TWO * odd;
            other[c] = even - ROOT_TWO * odd;
        }
        input_axis(row, out);
        store_places(places + 3 * next, place_step, out);
        input_axis(other, out);
        store_places(places + 4 * next, place_step, out);
        UNROLLED for (int c = 0; c < SEEN; c++)
            row[c] = AT(1, c) - 2.5f * AT(3, c) + AT(5, c);
        input_axis(row, out);
        store_places(places + 5 * next, place_step, out);
        seen += 0.f * out[0] + 0.f * out[5];
#undef AT
    }
    *check = seen;
}

void transform_cotangent(const float *tile, long row_step, long step, long channels, float *places,
                         long place_step, Vector *check)
{
    const long next = SEEN * place_step;
    Vector seen = *check;
    for (long k = 0; k < channels; k += LANES, tile += LANES, places += LANES) {
#define AT(r, c) load(tile + (r) * row_step + (c) * step)
        Vector row[TILE], other[TILE], out[SEEN];
        UNROLLED for (int c = 0; c < TILE; c++)
            row[c] = AT(0, c);
        cotangent_axis(row, out);
        store_places(places, place_step, out);
        UNROLLED for (int c = 0; c < TILE; c++) {
            Vector even = AT(0, c) + 0.5f * AT(2, c), odd = AT(1, c) + 0.5f * AT(3, c);
            row[c] = even + ROOT_HALF * odd;
            other[c] = even - ROOT_HALF * odd;
        }
        cotangent_axis(row, out);
        store_places(places + next, place_step, out);
        seen += 0.f * out[1]; /* every element is in it */
        cotangent_axis(other, out);
        store_places(places + 2 * next, place_step, out);
        UNROLLED for (int c = 0; c < TILE; c++) {
            Vector even = AT(0, c) + 2.f * AT(2, c), odd = AT(1, c) + 2.f * AT(3, c);
            row[c] = even + ROOT_TWO * odd;
            other[c] = even - ROOT_TWO * odd;
        }
        cotangent_axis(row, out);
        store_places(places + 3 * next, place_step, out);
        cotangent_axis(other, out);
        store_places(places + 4 * next, place_step, out);
        UNROLLED for (int c = 0; c < TILE; c++)
            row[c] = AT(3, c);
        cotangent_axis(row, out);
        store_places(places + 5 * next, place_step, out);
#undef AT
    }
    *check = seen;
}

/* The outputs of LANES channels (fewer at the end) that lie inside the image. */
INLINE void store_output(Vector y[TILE][TILE], const Image *image, long k, long count, int is_whole)
{
    float *pixels = image->pixels;
    const long row_step = image->row_step, step = image->step;
    UNROLLED for (int r = 0; r < TILE; r++)
        UNROLLED for (int c = 0; c < TILE; c++) {
            float *pixel = pixels + r * row_step + c * step + k;
            if (is_whole)
                store(pixel, y[r][c]);
            else if (r < image->rows && c < image->columns) {
                if (count == LANES)
                    store(pixel, y[r][c]);
                else
                    store_first(pixel, y[r][c], count);
            }
        }
}

void transform_output(const float *places, long place_step, long channels, const Image *image)
{
    int is_inside = image->rows >= TILE && image->columns >= TILE;
    for (long k = 0; k < channels; k += LANES, places += LANES) {
        Vector rows[SEEN][TILE], y[TILE][TILE];
        UNROLLED for (int r = 0; r < SEEN; r++) {
            Vector m[SEEN];
            UNROLLED for (int c = 0; c < SEEN; c++)
                m[c] = load(places + (r * SEEN + c) * place_step);
            output_axis(m, rows[r]);
        }
        UNROLLED for (int c = 0; c < TILE; c++) {
            Vector m[SEEN], out[TILE];
            UNROLLED for (int r = 0; r < SEEN; r++)
                m[r] = rows[r][c];
            output_axis(m, out);
            UNROLLED for (int r = 0; r < TILE; r++)
                y[r][c] = out[r];
        }
        long count = smallest(channels - k, LANES);
        if (is_inside && count == LANES)
            store_output(y, image, k, LANES, 1);
        else
            store_output(y, image, k, count, 0);
    }
}

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
