"""InceptionV3: mixed blocks of branches with factorized convolutions."""

from kerasish.applications.architecture import Architecture, standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.inception import (
    SHRINK,
    SMOOTH,
    STEM,
    Conv,
    Fork,
    chain,
    halving,
    inception_units,
    mixed,
)
from kerasish.applications.published import kernels_file

__all__ = ["InceptionV3", "decode_predictions", "preprocess_input"]

_SOURCE = 'Szegedy et al., "Rethinking the Inception architecture", 2015, table 1, figures 5-7.'


def _with_5x5(pooled):
    """Figure 5."""
    return (
        (Conv(64),),
        (Conv(48), Conv(64, 5)),
        (Conv(64), Conv(96, 3), Conv(96, 3)),
        (SMOOTH, Conv(pooled)),
    )


def _with_7x7(n):
    """Figure 6: 7x7 in two steps."""
    row, column = (1, 7), (7, 1)
    return (
        (Conv(192),),
        (Conv(n), Conv(n, row), Conv(192, column)),
        (Conv(n), Conv(n, column), Conv(n, row), Conv(n, column), Conv(192, row)),
        (SMOOTH, Conv(192)),
    )


def _forked(name):
    """Figure 7: 3x3 side by side."""
    row, column = Conv(384, (1, 3)), Conv(384, (3, 1))
    return (
        (Conv(320),),
        (Conv(384), Fork(row, column, name)),
        (Conv(448), Conv(384, 3), Fork(row, column)),
        (SMOOTH, Conv(192)),
    )


_BLOCKS = (
    *(_with_5x5(32), _with_5x5(64), _with_5x5(64)),
    ((halving(384),), (Conv(64), Conv(96, 3), halving(96)), (SHRINK,)),
    *(_with_7x7(128), _with_7x7(160), _with_7x7(160), _with_7x7(192)),
    (
        (Conv(192), halving(320)),
        (Conv(192), Conv(192, (1, 7)), Conv(192, (7, 1)), halving(192)),
        (SHRINK,),
    ),
    *(_forked("mixed9_0"), _forked("mixed9_1")),
)


def _trunk(x, _options):
    units = inception_units()
    x = chain(units, x, STEM)
    for i, branches in enumerate(_BLOCKS):
        x = mixed(units, x, branches, f"mixed{i}")
    return x


preprocess_input = preprocessor(__name__, "tf")
InceptionV3 = standard_function(
    __name__,
    "InceptionV3",
    "inception_v3",
    Architecture(
        trunk=_trunk,
        size=299,
        min_size=75,
        files=kernels_file("inception_v3"),
        pooling_names=(None, None),
    ),
    _SOURCE,
    features=2048,
)
