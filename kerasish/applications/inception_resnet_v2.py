"""InceptionResNetV2: mixed blocks whose scaled outputs are added to their inputs."""

from kerasish.applications.architecture import Architecture, standard_function
from kerasish.applications.imagenet_utils import decode_predictions, preprocessor
from kerasish.applications.inception import (
    SHRINK,
    SMOOTH,
    STEM,
    Conv,
    chain,
    halving,
    inception_units,
    mixed,
)
from kerasish.applications.published import kernels_file
from kerasish.applications.scaling import CustomScaleLayer

__all__ = ["InceptionResNetV2", "decode_predictions", "preprocess_input"]

_SOURCE = 'Szegedy et al., "Inception-v4, Inception-ResNet", 2016, figures 15-19.'
_MIXED_5B = (
    (Conv(96),),
    (Conv(48), Conv(64, 5)),
    (Conv(64), Conv(96, 3), Conv(96, 3)),
    (SMOOTH, Conv(64)),
)
_MIXED_6A = ((halving(384),), (Conv(256), Conv(256, 3), halving(384)), (SHRINK,))
_MIXED_7A = (
    (Conv(256), halving(384)),
    (Conv(256), halving(288)),
    (Conv(256), Conv(288, 3), halving(320)),
    (SHRINK,),
)
_BLOCK_35 = (
    (Conv(32),),
    (Conv(32), Conv(32, 3)),
    (Conv(32), Conv(48, 3), Conv(64, 3)),
)
_BLOCK_17 = ((Conv(192),), (Conv(128), Conv(160, (1, 7)), Conv(192, (7, 1))))
_BLOCK_8 = ((Conv(192),), (Conv(192), Conv(224, (1, 3)), Conv(256, (3, 1))))
_STAGES = (  # (name, branches) before; (name, branches, scales) of the residual blocks
    (("mixed_5b", _MIXED_5B), ("block35", _BLOCK_35, (0.17,) * 10)),
    (("mixed_6a", _MIXED_6A), ("block17", _BLOCK_17, (0.1,) * 20)),
    (("mixed_7a", _MIXED_7A), ("block8", _BLOCK_8, (0.2,) * 9)),
)


def _residual(units, x, branches, scale, name):
    """Branches brought to the channels of the input, and added to it."""
    y = mixed(units, x, branches, f"{name}_mixed")
    y = units.conv(y, units.channels(x), use_bias=True, name=f"{name}_conv")
    return CustomScaleLayer(scale)([x, y])


def _trunk(x, _options):
    units = inception_units()
    x = chain(units, x, STEM)
    for (name, branches), (block, block_branches, scales) in _STAGES:
        x = mixed(units, x, branches, name)
        for i, scale in enumerate(scales, 1):
            x = _residual(units, x, block_branches, scale, f"{block}_{i}")
            x = units.act(x, f"{block}_{i}_ac")
    x = _residual(units, x, _BLOCK_8, 1.0, "block8_10")
    return units.norm_act(units.conv(x, 1536, name="conv_7b"), "conv_7b_bn", "conv_7b_ac")


preprocess_input = preprocessor(__name__, "tf")
InceptionResNetV2 = standard_function(
    __name__,
    "InceptionResNetV2",
    "inception_resnet_v2",
    Architecture(
        trunk=_trunk,
        size=299,
        min_size=75,
        files=kernels_file("inception_resnet_v2"),
        pooling_names=(None, None),
    ),
    _SOURCE,
    features=1536,
)
