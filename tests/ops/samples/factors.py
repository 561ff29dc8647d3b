"""Solving, factors and spectra of matrices."""

import numpy as np

from kerasish import ops
from tests.ops.sample import Case, Sample, built, draw, pairs_of


def square(n, batch=(), low=0.5, spread=1.0):
    """Well conditioned matrices: random numbers and a strong diagonal."""

    def make(rng):
        return draw(rng, (*batch, n, n), -spread, spread) + (low + 2.0) * np.eye(n)

    return make


SIZES = [(1, ()), (2, ()), (3, ()), (4, ()), (2, (3,)), (3, (2, 2)), (2, (0,))]


def squares(rng):
    return [Case((square(n, b)(rng),)) for n, b in SIZES * 3]


def anything(rng):
    return [
        Case((draw(rng, (*b, m, n)),))
        for m, n, b in [(3, 2, ()), (4, 4, ()), (2, 3, ()), (3, 2, (2,)), (1, 1, ())] * 4
    ]


def tall(rng):
    return [
        Case((draw(rng, (*b, m, n)),))
        for m, n, b in [(3, 2, ()), (4, 4, ()), (5, 3, ()), (3, 2, (2,)), (1, 1, ())] * 4
    ]


def positive(f, x, **params):
    """A function of x @ x.T + 1, which is symmetric and positive definite."""
    x = x @ ops.swapaxes(x, -1, -2) + ops.eye(x.shape[-1], dtype=x.dtype)
    return f(x, **params)


def positive_reference(f):
    def call(x, **params):
        return f(x @ np.swapaxes(x, -1, -2) + np.eye(x.shape[-1]), **params)

    return call


def upper_or_not(rng):
    return [Case(c.inputs, {"upper": u}) for c in squares(rng)[:12] for u in (False, True)]


def cholesky(x, upper):
    y = np.linalg.cholesky(x)
    return np.swapaxes(y, -1, -2) if upper else y


def from_factor(x, upper):
    x = np.triu(x) if upper else np.tril(x)
    xt = np.swapaxes(x, -1, -2)
    return np.linalg.inv(xt @ x if upper else x @ xt)


def systems(rng):
    rows = [
        ((3, 3), (3,)),
        ((3, 3), (3, 2)),
        ((2, 3, 3), (2, 3, 2)),
        ((2, 3, 3), (2, 3)),
        ((1, 1), (1, 1)),
        ((2, 2, 2), (2, 2, 4)),
        ((3, 3), (3, 0)),
    ]
    return [Case((square(a[-1], a[:-2])(rng), draw(rng, b))) for a, b in rows * 3]


def solve(a, b):
    return (
        np.linalg.solve(a, b[..., None])[..., 0] if b.ndim == a.ndim - 1 else np.linalg.solve(a, b)
    )


def triangular_systems(rng):
    return [Case(c.inputs, {"lower": flag}) for c in systems(rng)[:14] for flag in (False, True)]


def solve_triangular(a, b, lower):
    return solve(np.tril(a) if lower else np.triu(a), b)


def overdetermined(rng):
    rows = [((5, 3), (5,)), ((4, 2), (4, 3)), ((3, 3), (3,)), ((2, 4), (2,)), ((4, 1), (4, 2))]
    return [Case((draw(rng, a), draw(rng, b))) for a, b in rows * 4]


def gauge_free_qr(f, x, mode="reduced"):
    """Products that do not depend on the signs that QR leaves open."""
    q, r = f(x, mode)
    weights = ops.convert_to_tensor(np.arange(1.0, q.shape[-1] + 1))
    return [(q * weights) @ ops.swapaxes(q, -1, -2), ops.swapaxes(r, -1, -2) @ r]


def gauge_free_qr_reference(x, mode="reduced"):
    q, r = np.linalg.qr(x, mode)
    weights = np.arange(1.0, q.shape[-1] + 1)
    return [(q * weights) @ np.swapaxes(q, -1, -2), np.swapaxes(r, -1, -2) @ r]


def spread_out(rng):
    """Matrices with singular values and eigenvalues that are far apart."""
    found = []
    for m, n, b in [(3, 3, ()), (4, 2, ()), (2, 4, ()), (3, 2, (2,)), (2, 2, (2,))] * 4:
        u, _, vh = np.linalg.svd(draw(rng, (*b, m, n)), full_matrices=False)
        values = np.arange(1.0, min(m, n) + 1)[::-1] + draw(rng, (*b, min(m, n)), -0.2, 0.2)
        found.append(Case(((u * values[..., None, :]) @ vh,)))
    return found


def square_spread_out(rng):
    return [c for c in built(spread_out, 4)(rng) if c.inputs[0].shape[-1] == c.inputs[0].shape[-2]]


def symmetric_eigh(f, x):
    """Spectral functions of x + x.T that do not depend on the vectors' signs."""
    w, v = f((x + ops.swapaxes(x, -1, -2)) * 0.5)
    weights = ops.convert_to_tensor(np.arange(1.0, x.shape[-1] + 1))
    return [w, (v * weights) @ ops.swapaxes(v, -1, -2)]


def symmetric_eigh_reference(x):
    w, v = np.linalg.eigh((x + np.swapaxes(x, -1, -2)) * 0.5)
    return [w, (v * np.arange(1.0, x.shape[-1] + 1)) @ np.swapaxes(v, -1, -2)]


def gauge_free_svd(full):
    def call(f, x):
        u, s, vh = f(x, full_matrices=full)
        weights = ops.convert_to_tensor(np.arange(1.0, s.shape[-1] + 1))
        return [
            (u * weights) @ ops.swapaxes(u, -1, -2),
            s,
            ops.swapaxes(vh, -1, -2) @ (vh * weights[:, None]),
            (u * weights) @ vh,
        ]

    return call


def gauge_free_svd_reference(x):
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    weights = np.arange(1.0, s.shape[-1] + 1)
    return [
        (u * weights) @ np.swapaxes(u, -1, -2),
        s,
        np.swapaxes(vh, -1, -2) @ (vh * weights[:, None]),
        (u * weights) @ vh,
    ]


def rebuilt_svd(f, x):
    u, s, vh = f(x, full_matrices=True)
    k = s.shape[-1]
    return [ops.matmul(u[..., :, :k] * s[..., None, :], vh[..., :k, :])]


def rebuilt_eig(f, x):
    w, v = f(x)
    return [ops.convert_to_tensor(np.sort(np.real(w.numpy()), axis=-1))]


def rebuilt_lu(f, x):
    """Rows of x in the order of the pivots, from the two factors."""
    lu, pivots = f(x)
    k = pivots.shape[-1]
    lower = ops.tril(lu, -1)[..., :, :k] + ops.eye(lu.shape[-2], k, dtype=lu.dtype)
    return [ops.matmul(lower, ops.triu(lu)[..., :k, :]), pivots]


def permuted(x):
    """What `rebuilt_lu` has to give: partial pivoting chooses the largest element of a column."""
    flat = x.reshape(-1, *x.shape[-2:]).copy()
    steps = min(flat.shape[1:])
    pivots = np.zeros((len(flat), steps), int)
    for b, matrix in enumerate(flat.copy()):
        for k in range(steps):
            p = k + np.abs(matrix[k:, k]).argmax()
            pivots[b, k] = p
            matrix[[k, p]] = matrix[[p, k]]
            flat[b][[k, p]] = flat[b][[p, k]]
            matrix[k + 1 :] -= np.outer(matrix[k + 1 :, k] / matrix[k, k], matrix[k])
    return [flat.reshape(x.shape), pivots.reshape(*x.shape[:-2], steps)]


def ranks(rng):
    found = []
    for m, n, r in [(3, 3, 1), (4, 3, 2), (3, 4, 3), (2, 2, 0), (5, 2, 2)] * 4:
        found.append(Case((draw(rng, (m, r)) @ draw(rng, (r, n)),)))
    return found


def slogdet(x):
    return tuple(np.linalg.slogdet(x))


SAMPLES = [
    Sample("inv", squares, np.linalg.inv),
    Sample("det", squares, np.linalg.det),
    Sample("slogdet", squares, slogdet),
    Sample("logdet", squares, lambda x: np.linalg.slogdet(x)[1]),
    Sample("solve", systems, solve),
    Sample("solve_triangular", triangular_systems, solve_triangular),
    Sample("pinv", tall, np.linalg.pinv),
    Sample("lstsq", overdetermined, lambda a, b: np.linalg.lstsq(a, b)[0], rtol=1e-8),
    Sample(
        "cholesky", upper_or_not, positive_reference(cholesky), call=positive, unknown_sizes="first"
    ),
    Sample(
        "cholesky_inverse",
        upper_or_not,
        from_factor,
        unknown_sizes="first",
        note="eye needs the size",
    ),
    Sample(
        "qr",
        tall,
        gauge_free_qr_reference,
        call=gauge_free_qr,
        unknown_sizes="none",
        note="weights need the size",
    ),
    Sample(
        "qr",
        pairs_of(
            [
                (((3, 2),), {"mode": "complete"}),
                (((2, 3),), {"mode": "reduced"}),
                (((2, 3),), {"mode": "complete"}),
                (((3, 3),), {"mode": "complete"}),
            ],
            repeats=5,
        ),
        lambda x, mode: [x, x],
        order=0,
        unknown_sizes="none",
        call=lambda f, x, mode: [f(x, mode)[0] @ f(x, mode)[1], x],
    ),
    Sample("lu_factor", anything, permuted, call=rebuilt_lu, order=0, unknown_sizes="none"),
    Sample(
        "eigh",
        square_spread_out,
        symmetric_eigh_reference,
        call=symmetric_eigh,
        unknown_sizes="none",
        rtol=1e-8,
    ),
    Sample(
        "eig",
        square_spread_out,
        lambda x: np.sort(np.real(np.linalg.eigvals(x))),
        call=rebuilt_eig,
        order=0,
        traced=False,
        note="the order of eigenvalues is open",
    ),
    Sample(
        "svd",
        spread_out,
        gauge_free_svd_reference,
        call=gauge_free_svd(False),
        unknown_sizes="none",
        rtol=1e-8,
    ),
    Sample(
        "svd",
        square_spread_out,
        gauge_free_svd_reference,
        call=gauge_free_svd(True),
        unknown_sizes="none",
        rtol=1e-8,
    ),
    Sample("svd", spread_out, lambda x: x, call=rebuilt_svd, order=0, unknown_sizes="none"),
    Sample(
        "svd",
        spread_out,
        lambda x: np.linalg.svd(x, compute_uv=False),
        call=lambda f, x: f(x, compute_uv=False),
        operations=("singular_values",),
    ),
    Sample("matrix_rank", ranks, np.linalg.matrix_rank, order=0, unknown_sizes="none"),
]
