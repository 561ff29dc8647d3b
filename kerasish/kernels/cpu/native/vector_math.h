/* Elementary functions of vectors.

   Method throughout: the argument is reduced to a short interval (Cody and Waite, "Software Manual
   for the Elementary Functions", 1980: subtraction of a multiple of a constant in two or three
   parts), where a polynomial or a quotient of two follows the function. The coefficients are
   minimax fits in float64 (iteratively reweighted least squares on Chebyshev nodes, weighted for
   relative error). Greatest errors, measured against float64: 1 unit in the last place for exp, log,
   log1p, pow, sin and cos, 2 for expm1, sigmoid, softplus and log10, 6 for tanh and erf (near 1).
   NaN, infinities, denormal numbers and overflow come out as in the C library. */
#ifndef KERASISH_VECTOR_MATH_H
#define KERASISH_VECTOR_MATH_H

#include <math.h>

#include "elements.h"

#define INLINE static inline __attribute__((always_inline))
#define INFINITE splat(__builtin_inff())
#define NOT_A_NUMBER splat(__builtin_nanf(""))

/* NaN stays. */
INLINE Vector at_most(Vector x, float limit) { return smaller_or_second(splat(limit), x); }
INLINE Vector at_least(Vector x, float limit) { return larger_or_second(splat(limit), x); }
INLINE Vector magnitude(Vector x) { return (Vector)((Lanes)x & 0x7fffffff); }
INLINE Vector with_sign(Vector x, Vector sign)
{
    return (Vector)(((Lanes)x & 0x7fffffff) | ((Lanes)sign & ~0x7fffffff));
}

/* By the value for one lane: compilers make one instruction of such a loop over arrays. */
#define LANEWISE(name, function)                                                                   \
    INLINE Vector name(Vector a)                                                                   \
    {                                                                                              \
        float x[LANES], y[LANES];                                                                  \
        __builtin_memcpy(x, &a, sizeof x);                                                         \
        for (int i = 0; i < LANES; i++)                                                            \
            y[i] = function(x[i]);                                                                 \
        __builtin_memcpy(&a, y, sizeof y);                                                         \
        return a;                                                                                  \
    }
LANEWISE(vector_sqrt, __builtin_sqrtf)
LANEWISE(vector_floor, __builtin_floorf)
LANEWISE(vector_ceil, __builtin_ceilf)
LANEWISE(vector_trunc, __builtin_truncf)
LANEWISE(vector_round, __builtin_rintf)
LANEWISE(library_sin, sinf)
LANEWISE(library_cos, cosf)
#undef LANEWISE

INLINE int any_lane(Lanes mask)
{
    int found = 0;
    for (int i = 0; i < LANES; i++)
        found |= mask[i];
    return found;
}

/* ---- exponentials ------------------------------------------------------------------------- */

/* Adding this rounds to an integer, found in the low bits of the sum. */
#define ROUNDER 12582912.0f /* 1.5 * 2^23 */

INLINE Vector power_of_two(Lanes n) { return (Vector)((n + 127) << 23); }

/* x = n * log(2) + rest, |rest| <= log(2) / 2. */
INLINE Vector split_exponent(Vector x, Lanes *n)
{
    Vector shifted = x * 1.44269504f + ROUNDER;
    *n = (Lanes)shifted - (Lanes)splat(ROUNDER);
    Vector whole = shifted - ROUNDER;
    return (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
}

INLINE Vector vector_exp(Vector x)
{
    Lanes n;
    Vector r = split_exponent(at_least(at_most(x, 89.0f), -104.0f), &n);
    Vector p = r * 1.381314454e-03f + 8.369418832e-03f;
    p = p * r + 4.166845679e-02f;
    p = p * r + 1.666651479e-01f;
    p = p * r + 4.999999305e-01f;
    p = p * r * r + r + 1.0f;
    Lanes half = n >> 1; /* two steps, so that overflow and denormal results come by themselves */
    return p * power_of_two(half) * power_of_two(n - half);
}

INLINE Vector vector_exp2(Vector x)
{
    Vector bounded = at_least(at_most(x, 129.0f), -151.0f);
    Vector shifted = bounded + ROUNDER;
    Lanes n = (Lanes)shifted - (Lanes)splat(ROUNDER);
    Vector f = bounded - (shifted - ROUNDER);
    Vector r = f * 0.693147182f, low = f * -1.90465421e-9f;
    Vector p = r * 1.381314454e-03f + 8.369418832e-03f;
    p = p * r + 4.166845679e-02f;
    p = p * r + 1.666651479e-01f;
    p = p * r + 4.999999305e-01f;
    p = p * r * r + low + r + 1.0f;
    Lanes half = n >> 1;
    return p * power_of_two(half) * power_of_two(n - half);
}

INLINE Vector vector_expm1(Vector x)
{
    Lanes n;
    Vector r = split_exponent(at_least(at_most(x, 89.0f), -18.0f), &n);
    Vector p = r * 1.984595823e-04f + 1.394165251e-03f;
    p = p * r + 8.333391637e-03f;
    p = p * r + 4.166634871e-02f;
    p = p * r + 1.666666635e-01f;
    p = p * r + 5.000000047e-01f;
    p = p * r * r + r;
    Vector scale = power_of_two(n - 1); /* half of 2^n, which may be too large */
    Vector y = 2.0f * (scale * p + (scale - 0.5f));
    return choose(x == 0.0f, x, y);
}

INLINE Vector vector_sigmoid(Vector x)
{
    return 1.0f / (1.0f + vector_exp(-at_least(x, -88.0f)));
}

INLINE Vector vector_tanh(Vector x)
{
    Vector z = at_least(at_most(x, 9.02f), -9.02f);
    Vector s = z * z;
    Vector p = s * -1.220277612e-11f + 3.058480402e-08f;
    p = p * s + 2.800751827e-05f;
    p = p * s + 3.868328873e-03f;
    p = p * s + 1.367991716e-01f;
    Vector q = s * 1.287368718e-06f + 3.938634181e-04f;
    q = q * s + 2.724584565e-02f;
    q = q * s + 4.701324999e-01f;
    Vector y = z * (s * p + 1.0f) / (s * q + 1.0f);
    return choose(s == 0.0f, x, at_least(at_most(y, 1.0f), -1.0f));
}

/* ---- logarithms ---------------------------------------------------------------------------- */

/* x = 2^e * (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for x > 0. */
INLINE Vector split_fraction(Vector x, Vector *e)
{
    Lanes is_small = x < 1.17549435e-38f;
    Vector scaled = choose(is_small, x * 8388608.0f, x);
    Lanes bits = (Lanes)scaled;
    Lanes n = (bits - 0x3f3504f3) >> 23;
    *e = __builtin_convertvector(n, Vector) - (Vector)(is_small & (Lanes)splat(23.0f));
    return (Vector)(bits - (n << 23)) - 1.0f;
}

/* log(1 + f) - f */
INLINE Vector log_remainder(Vector f)
{
    Vector p = f * 6.746641046e-02f + -1.167565196e-01f;
    p = p * f + 1.188816210e-01f;
    p = p * f + -1.240558889e-01f;
    p = p * f + 1.421955238e-01f;
    p = p * f + -1.666799586e-01f;
    p = p * f + 2.000211866e-01f;
    p = p * f + -2.500000960e-01f;
    p = p * f + 3.333331260e-01f;
    Vector s = f * f;
    return s * (f * p) - 0.5f * s;
}

/* The values at 0, below it, at infinity and of NaN. */
INLINE Vector log_limits(Vector x, Vector y)
{
    y = choose(x == 0.0f, -INFINITE, y);
    y = choose(x < 0.0f, NOT_A_NUMBER, y);
    return choose(~(x < INFINITE), x, y);
}

INLINE Vector vector_log(Vector x)
{
    Vector e, f = split_fraction(x, &e);
    Vector y = (log_remainder(f) + e * -2.12194440e-4f) + f + e * 0.693359375f;
    return log_limits(x, y);
}

INLINE Vector vector_log2(Vector x)
{
    Vector e, f = split_fraction(x, &e);
    Vector r = log_remainder(f);
    Vector y = r * 1.44269504f + f * 4.42695041e-1f + f + e; /* 1 / log(2) = 1 + 0.4427 */
    return log_limits(x, y);
}

INLINE Vector vector_log10(Vector x)
{
    Vector e, f = split_fraction(x, &e);
    Vector y = e * 3.43260944e-7f + (log_remainder(f) + f) * 4.34294492e-1f + e * 3.01029652e-1f;
    return log_limits(x, y);
}

INLINE Vector vector_log1p(Vector x)
{
    Vector u = x + 1.0f;
    /* What rounding took from u, relative to it. */
    Vector lost = choose(magnitude(x) < 1.0f, x - (u - 1.0f), 1.0f - (u - x)) / u;
    Vector e, f = split_fraction(u, &e);
    Vector y = (log_remainder(f) + e * -2.12194440e-4f + lost) + f + e * 0.693359375f;
    return choose(u == 1.0f, x, log_limits(u, y));
}

INLINE Vector vector_softplus(Vector x)
{
    return at_least(x, 0.0f) + vector_log1p(vector_exp(-magnitude(x)));
}

/* ---- error function ------------------------------------------------------------------------ */

INLINE Vector vector_erf(Vector x)
{
    Vector z = at_least(at_most(x, 3.95f), -3.95f);
    Vector s = z * z;
    Vector p = s * -1.296713137e-08f + 4.640429779e-06f;
    p = p * s + 3.779366962e-04f;
    p = p * s + 3.843370592e-03f;
    p = p * s + 5.427476764e-02f;
    p = p * s + 1.851690561e-01f;
    p = p * s + 1.128379226e+00f;
    Vector q = s * 6.269245205e-05f + 1.304062433e-03f;
    q = q * s + 1.544371806e-02f;
    q = q * s + 1.139110029e-01f;
    q = q * s + 4.974352121e-01f;
    q = q * s + 1.0f;
    return at_least(at_most(z * p / q, 1.0f), -1.0f);
}

/* ---- powers, in float64 ---------------------------------------------------------------------- */

INLINE Doubles pick_double(Longs mask, Doubles yes, Doubles no)
{
    return (Doubles)((mask & (Longs)yes) | (~mask & (Longs)no));
}

/* log(x) for finite x > 0 that were floats (so that none is denormal here). */
INLINE Doubles double_log(Doubles x)
{
    Longs bits = (Longs)x;
    Longs n = (bits - 0x3fe6a09e667f3bcdLL) >> 52;
    Doubles m = (Doubles)(bits - (n << 52));
    Doubles s = (m - 1.0) / (m + 1.0), z = s * s;
    Doubles p = z * 9.79314637770977853e-02 + 1.10880251191516108e-01;
    p = p * z + 1.42860561030756283e-01;
    p = p * z + 1.99999977978949500e-01;
    p = p * z + 3.33333333379345065e-01;
    return __builtin_convertvector(n, Doubles) * 0.69314718055994530942 + 2.0 * (s + s * z * p);
}

/* exp(t) for |t| <= 200. */
INLINE Doubles double_exp(Doubles t)
{
    const double rounder = 6755399441055744.0; /* 1.5 * 2^52 */
    Doubles shifted = t * 1.4426950408889634074 + rounder;
    Longs n = (Longs)shifted - (Longs)((Doubles){0} + rounder);
    Doubles r = t - (shifted - rounder) * 0.69314718055994530942;
    Doubles p = r * 2.48878116780959826e-05 + 1.99094004170202244e-04;
    p = p * r + 1.38887959920506749e-03;
    p = p * r + 8.33328103074656296e-03;
    p = p * r + 4.16666670569078093e-02;
    p = p * r + 1.66666667874592500e-01;
    p = p * r + 4.99999999995150712e-01;
    p = p * r * r + r + 1.0;
    return p * (Doubles)((n + 1023) << 52);
}

INLINE Vector vector_pow(Vector x, Vector y)
{
    Doubles base = __builtin_convertvector(magnitude(x), Doubles);
    Doubles exponent = __builtin_convertvector(y, Doubles);
    const Doubles infinite = (Doubles){0} + (double)__builtin_inff();
    Doubles logarithm = double_log(base);
    logarithm = pick_double(base == 0.0, -infinite, logarithm);
    logarithm = pick_double(~(base < infinite), base, logarithm); /* infinity and NaN */
    Doubles t = exponent * logarithm;
    t = pick_double(t > 200.0, (Doubles){0} + 200.0, t);
    t = pick_double(t < -200.0, (Doubles){0} - 200.0, t);
    Vector power = __builtin_convertvector(double_exp(t), Vector);
    Lanes is_large = ~(magnitude(y) < 8388608.0f); /* then y is whole: even, or one of a few odd */
    Lanes whole = __builtin_convertvector(choose(is_large, splat(0.0f), y), Lanes);
    Lanes is_whole = is_large | (__builtin_convertvector(whole, Vector) == y);
    Lanes large_is_odd = (magnitude(y) < 16777216.0f) & -((Lanes)y & 1);
    Lanes is_odd = is_whole & ((is_large & large_is_odd) | (~is_large & -(whole & 1)));
    Lanes is_below = (Lanes)x < 0; /* -0.0 too */
    power = choose(is_below & is_odd, -power, power);
    Lanes is_invalid = (x < 0.0f) & ~is_whole & (x > -INFINITE);
    power = choose(is_invalid, NOT_A_NUMBER, power);
    Lanes is_one = (x == 1.0f) | (y == 0.0f) | ((x == -1.0f) & (magnitude(y) == INFINITE));
    return choose(is_one, splat(1.0f), power);
}

/* ---- angles ---------------------------------------------------------------------------------- */

#define LARGEST_ANGLE 1.0e6f /* beyond, the reduction in two parts loses digits */

/* x = quarter * pi / 2 + rest, |rest| <= pi / 4. */
INLINE Doubles split_angle(Vector x, Longs *quarter)
{
    const double rounder = 6755399441055744.0;
    Doubles wide = __builtin_convertvector(x, Doubles);
    Doubles shifted = wide * 6.36619772367581343e-01 + rounder;
    *quarter = (Longs)shifted;
    Doubles whole = shifted - rounder;
    return (wide - whole * 1.57079632673412561417) - whole * 6.07710050650619224932e-11;
}

INLINE Vector sine_of_parts(Doubles r, Longs quarter)
{
    Doubles z = r * r;
    Doubles s = z * -2.47611097648963022e-08 + 2.75553504402922410e-06;
    s = s * z + -1.98412637894547944e-04;
    s = s * z + 8.33333332521227557e-03;
    s = s * z + -1.66666666666312691e-01;
    s = s * z * r + r;
    Doubles c = z * 2.06471817897264834e-09 + -2.75555585422685044e-07;
    c = c * z + 2.48015809247587150e-05;
    c = c * z + -1.38888888781688188e-03;
    c = c * z + 4.16666666666014526e-02;
    c = c * z * z + z * -0.5 + 1.0;
    Doubles y = pick_double(-(quarter & 1), c, s);
    y = (Doubles)((Longs)y ^ ((quarter & 2) << 62));
    return __builtin_convertvector(y, Vector);
}

INLINE Vector vector_sin(Vector x)
{
    if (any_lane(magnitude(x) > LARGEST_ANGLE))
        return library_sin(x);
    Longs quarter;
    Doubles r = split_angle(x, &quarter);
    return choose(x == 0.0f, x, sine_of_parts(r, quarter));
}

INLINE Vector vector_cos(Vector x)
{
    if (any_lane(magnitude(x) > LARGEST_ANGLE))
        return library_cos(x);
    Longs quarter;
    Doubles r = split_angle(x, &quarter);
    return sine_of_parts(r, quarter + 1);
}

#endif
