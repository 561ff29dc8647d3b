"""What the Inception networks share: tables of branches, and the stem of both."""

import typing

from kerasish import layers
from kerasish.applications.units import Units


class Conv(typing.NamedTuple):
    """Convolution with normalization and activation: filters, (rows, columns), stride, border."""

    filters: int
    size: int | tuple = 1
    strides: int = 1
    padding: str = "same"


def halving(filters):
    """3x3 convolution that halves the size."""
    return Conv(filters, 3, 2, "valid")


class Fork(typing.NamedTuple):
    """Two convolutions of the same input, joined; `name` of the joint may be None."""

    first: Conv
    second: Conv
    name: str | None = None


SMOOTH = "average of the 3x3 neighbours"
SHRINK = "maximum of 3x3 neighbours at half the size"
STEM = (
    *(halving(32), Conv(32, 3, padding="valid"), Conv(64, 3), SHRINK),
    *(Conv(80, padding="valid"), Conv(192, 3, padding="valid"), SHRINK),
)


def inception_units():
    """Units in the manner of both networks: normalization without a scale."""
    return Units(axis=3, normalization={"scale": False})


def chain(units, x, parts):
    """Parts of one branch, one after another."""
    for part in parts:
        if part is SMOOTH:
            x = layers.AveragePooling2D(3, strides=1, padding="same")(x)
        elif part is SHRINK:
            x = layers.MaxPooling2D(3, strides=2)(x)
        elif isinstance(part, Fork):
            both = [chain(units, x, [conv]) for conv in (part.first, part.second)]
            x = units.concat(both, part.name)
        else:
            x = units.norm_act(units.conv(x, *part))
    return x


def mixed(units, x, branches, name):
    """Branches of the same input, joined along the channels."""
    return units.concat([chain(units, x, branch) for branch in branches], name)
