"""Arithmetic on elements, comparison, logic, choice and bits."""

import numpy as np

from tests.ops.sample import SPECIALS, Case, Sample, binary, built, draw, strided, unary


def integers(low, high, second_low=None, second_high=None):
    """Cases of two integer tensors: broadcasting, scalars, size 0."""

    def make(rng):
        lows = low if second_low is None else second_low
        highs = high if second_high is None else second_high
        pairs = [
            ((), ()),
            ((4,), ()),
            ((2, 3), (3,)),
            ((2, 1), (1, 3)),
            ((0,), (1,)),
            ((3, 2), (3, 2)),
        ]
        found = [
            Case((rng.integers(low, high, a), rng.integers(lows, highs, b)))
            for _ in range(4)
            for a, b in pairs
        ]
        return found + [
            Case((rng.integers(low, high, (4, 3)).T, rng.integers(lows, highs, (3, 4))))
        ]

    return built(make)


def one_integer(rng):
    """Cases of one integer tensor."""
    shapes = [(), (3,), (2, 3), (0,), (4, 1)]
    return [Case((rng.integers(-9, 9, s),)) for _ in range(4) for s in shapes]


def truths(rng):
    """Cases of two bool tensors."""
    shapes = [((), ()), ((4,), ()), ((2, 3), (3,)), ((2, 1), (1, 3)), ((0,), (1,))]
    return [
        Case((rng.integers(0, 2, a).astype(bool), rng.integers(0, 2, b).astype(bool)))
        for _ in range(5)
        for a, b in shapes
    ]


def near(low=-2.0, high=2.0):
    """Cases of two tensors that agree here and there."""

    def make(rng):
        found = binary(low, high)(rng)
        for gap in (1e-9, 1e-4):
            x = draw(rng, (5,), low, high)
            found.append(Case((x, x + gap * np.arange(5))))
        return found

    return make


def choices(rng):
    """Cases of where: conditions that broadcast, scalars, special values."""
    shapes = [((), (3,), ()), ((3,), (3,), (3,)), ((2, 1), (3,), (2, 3)), ((0,), (1,), ()),
              ((2, 3), (), ()), ((2, 3), (2, 1), (3,)), ((4,), (4,), (1,))]  # fmt: skip
    found = [
        Case((rng.integers(0, 2, c).astype(bool), draw(rng, a), draw(rng, b)))
        for _ in range(2)
        for c, a, b in shapes
    ]
    found += [Case((rng.integers(0, 2, 5).astype(bool), draw(rng, (5,)), 0.0)) for _ in range(2)]
    found += [Case((rng.integers(0, 2, 5).astype(bool), 1.0, draw(rng, (5,)))) for _ in range(2)]
    found += [Case((rng.integers(0, 2, (3, 4)).astype(bool), strided(rng, (3, 4)), 2.0))]
    specials = np.array(SPECIALS)
    found.append(Case((specials > 0, specials, specials[::-1]), is_smooth=False))
    return found


def selections(rng):
    """Cases of select: two conditions, two choices, a default."""
    found = []
    for shape in [(), (4,), (2, 3), (0,)] * 5:
        masks = [rng.integers(0, 2, shape).astype(bool) for _ in range(2)]
        found.append(Case((*masks, draw(rng, shape), draw(rng, shape)), {"default": 3.0}))
    return found


def limits(rng):
    """Cases of clip: scalar and tensor limits, ties with the limits, special values."""
    shapes = [(), (5,), (2, 3), (0,), (3, 1, 2)]
    found = [Case((draw(rng, s), -1.0, 0.5)) for _ in range(3) for s in shapes]
    found += [Case((draw(rng, (4, 3)), draw(rng, (3,), -2, 0), draw(rng, (4, 1), 0, 2)))]
    found += [Case((strided(rng, (3, 4)), draw(rng, ()), 2.0))]
    found += [Case((np.array([-1.0, 0.5, -2.0, 3.0]), -1.0, 0.5), is_smooth=False)]
    found += [Case((np.array(SPECIALS), -1.0, 0.5), is_smooth=False)]
    return found + [Case((rng.integers(-5, 5, (6,)), -2, 3))]


def safe_divide(a, b):
    return np.where(np.equal(b, 0), 0.0, np.divide(a, np.where(np.equal(b, 0), 1.0, b)))


SAMPLES = [
    Sample("add", binary(), np.add),
    Sample("subtract", binary(), np.subtract),
    Sample("multiply", binary(), np.multiply),
    Sample("divide", binary(0.5, 2.0), np.divide),
    Sample("true_divide", binary(-2.0, -0.5), np.divide),
    Sample("divide_no_nan", binary(0.5, 2.0), safe_divide),
    Sample("floor_divide", binary(-3, 3, 0.5, 2.0), np.floor_divide, order=0),
    Sample("mod", binary(-3, 3, 0.6, 2.0), np.mod),
    Sample("fmod", binary(-3, 3, 0.6, 2.0), np.fmod),
    Sample("maximum", binary(), np.maximum),
    Sample("minimum", binary(), np.minimum),
    Sample("fmax", binary(), np.fmax),
    Sample("fmin", binary(), np.fmin),
    Sample("heaviside", binary(), np.heaviside, order=0),
    Sample("negative", unary(), np.negative),
    Sample("abs", unary(), np.abs),
    Sample("absolute", unary(), np.abs),
    Sample("fabs", unary(), np.fabs),
    Sample("sign", unary(), np.sign, order=0),
    Sample("square", unary(), np.square),
    Sample("reciprocal", unary(0.5, 2.0), np.reciprocal),
    Sample("clip", limits, np.clip),
    Sample("where", choices, np.where),
    Sample(
        "select",
        selections,
        lambda c1, c2, a, b, default: np.select([c1, c2], [a, b], default),
        call=lambda f, c1, c2, a, b, default: f([c1, c2], [a, b], default),
    ),
    Sample("equal", binary(), np.equal, order=0),
    Sample("not_equal", binary(), np.not_equal, order=0),
    Sample("less", binary(), np.less, order=0),
    Sample("less_equal", binary(), np.less_equal, order=0),
    Sample("greater", binary(), np.greater, order=0),
    Sample("greater_equal", binary(), np.greater_equal, order=0),
    Sample("isclose", near(), np.isclose, order=0),
    Sample("allclose", near(), np.allclose, order=0),
    Sample("logical_and", truths, np.logical_and, order=0),
    Sample("logical_or", binary(), np.logical_or, order=0),
    Sample("logical_xor", truths, np.logical_xor, order=0),
    Sample("logical_not", unary(), np.logical_not, order=0),
    Sample("isfinite", unary(), np.isfinite, order=0),
    Sample("isinf", unary(), np.isinf, order=0),
    Sample("isnan", unary(), np.isnan, order=0),
    Sample("isposinf", unary(), np.isposinf, order=0),
    Sample("isneginf", unary(), np.isneginf, order=0),
    Sample("isreal", unary(), np.isreal, order=0),
    Sample("signbit", unary(), np.signbit, order=0),
    Sample("bitwise_and", integers(-9, 9), np.bitwise_and, order=0),
    Sample("bitwise_or", integers(-9, 9), np.bitwise_or, order=0),
    Sample("bitwise_xor", integers(-9, 9), np.bitwise_xor, order=0),
    Sample("bitwise_invert", one_integer, np.invert, order=0),
    Sample("bitwise_not", one_integer, np.invert, order=0),
    Sample("bitwise_left_shift", integers(-9, 9, 0, 5), np.left_shift, order=0),
    Sample("left_shift", integers(-9, 9, 0, 5), np.left_shift, order=0),
    Sample("bitwise_right_shift", integers(-99, 99, 0, 5), np.right_shift, order=0),
    Sample("right_shift", integers(-99, 99, 0, 5), np.right_shift, order=0),
    Sample("gcd", integers(0, 30), np.gcd, order=0),
    Sample("lcm", integers(0, 30), np.lcm, order=0),
]
