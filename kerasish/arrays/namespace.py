"""Every difference between numpy and cupy, behind one `xp` that a primitive's forward receives.

`xp` has all names of the array module, and the few that one of the two lacks: `scatter_add`, `erf`,
`is_gpu`, `asnumpy`. Forward functions are written once against it.
"""

import importlib.util
import math

import numpy

from kerasish.arrays import scattering


class Namespace:
    """Attribute-for-attribute copy of an array module with the missing names added."""

    def __init__(self, module, is_gpu):
        self.__dict__.update({k: v for k, v in vars(module).items() if not k.startswith("_")})
        self.module = module
        self.is_gpu = is_gpu

    def __getattr__(self, name):  # names the module itself loads late (numpy.random, numpy.fft)
        value = getattr(self.module, name)
        setattr(self, name, value)
        return value

    def __repr__(self):
        return f"<arrays of {self.module.__name__}>"


def make_cpu():
    """The namespace of NumPy."""
    xp = Namespace(numpy, is_gpu=False)
    xp.scatter_add = numpy.add.at
    xp.scatter_max = numpy.maximum.at
    xp.scatter_min = numpy.minimum.at
    xp.scatter_multiply = numpy.multiply.at
    xp.erf = _erf
    xp.erfc = _erfc
    xp.asnumpy = numpy.asarray
    xp.as_strided = numpy.lib.stride_tricks.as_strided
    return xp


def cupy_installed():
    """Whether a cupy package can be found (without importing it)."""
    return importlib.util.find_spec("cupy") is not None


def make_gpu():
    """The namespace of CuPy; ImportError or a CUDA error where it cannot work."""
    import cupy
    import cupyx
    import cupyx.scipy.special

    xp = Namespace(cupy, is_gpu=True)
    xp.scatter_add = scattering.through_wider(cupyx.scatter_add, scattering.WIDER_FOR_SUMS)
    xp.scatter_max = scattering.through_wider(cupyx.scatter_max, scattering.WIDER_FOR_EXTREMES)
    xp.scatter_min = scattering.through_wider(cupyx.scatter_min, scattering.WIDER_FOR_EXTREMES)
    xp.scatter_multiply = scattering.multiply_in_rounds(cupy)
    xp.erf = cupyx.scipy.special.erf
    xp.erfc = cupyx.scipy.special.erfc
    xp.asnumpy = cupy.asnumpy
    xp.as_strided = cupy.lib.stride_tricks.as_strided
    return xp


# Coefficients of W. J. Cody, "Rational Chebyshev approximations for the error function",
# Math. Comp. 23 (1969), in the double-precision form of the SPECFUN routine CALERF.
_ERF_SMALL_P = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_ERF_SMALL_Q = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3,
                2.84423683343917062e3)  # fmt: skip
_ERFC_MID_P = (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594e0,
               6.61191906371416295e1, 2.98635138197400131e2, 8.81952221241769090e2,
               1.71204761263407058e3, 2.05107837782607147e3, 1.23033935479799725e3)  # fmt: skip
_ERFC_MID_Q = (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2,
               1.62138957456669019e3, 3.29079923573345963e3, 4.36261909014324716e3,
               3.43936767414372164e3, 1.23033935480374942e3)  # fmt: skip
_ERFC_FAR_P = (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1,
               1.25781726111229246e-1, 1.60837851487422766e-2, 6.58749161529837803e-4)  # fmt: skip
_ERFC_FAR_Q = (1.0, 2.56852019228982242e0, 1.87295284992346725e0, 5.27905102951428412e-1,
               6.05183413124413191e-2, 2.33520497626869185e-3)  # fmt: skip


def _polynomial(coefficients, x):
    total = numpy.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        total *= x
        total += c
    return total


def _erfc_tail(z):
    """1 - erf(z) for z > 0.46875, without cancellation."""
    tail = numpy.empty_like(z)
    is_far = z > 4.0
    near, far = z[~is_far], z[is_far]
    tail[~is_far] = (
        numpy.exp(-near * near) * _polynomial(_ERFC_MID_P, near) / _polynomial(_ERFC_MID_Q, near)
    )
    inverse = 1 / (far * far)
    ratio = inverse * _polynomial(_ERFC_FAR_P, inverse) / _polynomial(_ERFC_FAR_Q, inverse)
    tail[is_far] = numpy.exp(-far * far) / far * (1 / math.sqrt(math.pi) - ratio)
    return tail


def _erf_parts(x):
    """Working copy of x and |x|, erf near 0, and where that is."""
    dtype = x.dtype if x.dtype.kind == "f" else numpy.dtype("float64")
    work = numpy.asarray(x.astype(numpy.promote_types(dtype, numpy.float32)))
    is_small = numpy.abs(work) <= 0.46875
    z = work[is_small]
    squared = z * z
    near = z * _polynomial(_ERF_SMALL_P, squared) / _polynomial(_ERF_SMALL_Q, squared)
    return work, dtype, is_small, near


def _delivered(result, dtype, out):
    result = result.astype(dtype, copy=False)
    if out is None:
        return result
    out[...] = result
    return out


def _erf(x, out=None):
    """Error function in the precision of its input; three rational forms by size of |x|."""
    work, dtype, is_small, near = _erf_parts(numpy.asarray(x))
    # Beyond 6 the function is +-1 in double precision; NaN stays NaN.
    result = numpy.asarray(numpy.sign(work))
    result[is_small] = near
    is_middle = ~is_small & (numpy.abs(work) <= 6.0)
    z = work[is_middle]
    result[is_middle] = numpy.copysign(1 - _erfc_tail(numpy.abs(z)), z)
    return _delivered(result, dtype, out)


def _erfc(x, out=None):
    """1 - erf(x), without cancellation for large x."""
    work, dtype, is_small, near = _erf_parts(numpy.asarray(x))
    result = numpy.array(work)  # NaN stays NaN
    result[is_small] = 1 - near
    is_tail = ~is_small & ~numpy.isnan(work)
    z = work[is_tail]
    tail = _erfc_tail(numpy.abs(z))
    result[is_tail] = numpy.where(z > 0, tail, 2 - tail)
    return _delivered(result, dtype, out)
