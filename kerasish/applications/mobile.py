"""What the MobileNets share: widths with published weights, and names that tell the width."""

import dataclasses
import functools

from kerasish import config, layers
from kerasish.errors import explain

relu6 = functools.partial(layers.ReLU, 6.0)


def mobile_size(input_shape, sizes):
    """Side of the images whose weights are used: the given one where it was published, else 224."""
    if input_shape is None or len(input_shape) != 3:
        return 224
    first = config.image_data_format() == "channels_first"
    rows, columns = input_shape[1:] if first else input_shape[:2]
    return rows if rows == columns and rows in sizes else 224


def check_published(where, weights, argument, value, known):
    """Refuse "imagenet" for a network that no weights were published for."""
    if isinstance(weights, str) and weights == "imagenet" and value not in known:
        raise ValueError(
            explain(
                where,
                f"no ImageNet weights were published for this {argument}",
                received=value,
                expected=f"one of {known}",
                fix="weights=None",
            )
        )


def named_model(family, alpha, architecture, options):
    """Model that is named for its width and image size where no name is given.

    Args:
        family: str.
        alpha: float. The width.
        architecture: Architecture.
        options: Options.
    """
    if options.name is None:
        options = dataclasses.replace(options, name=family)
        shape = architecture.image_shape(options)
        rows = shape[1 if config.image_data_format() == "channels_first" else 0]
        if isinstance(options.weights, str) and options.weights == "imagenet":
            rows = architecture.size
        options = dataclasses.replace(options, name=f"{family}_{alpha:0.2f}_{rows}")
    return architecture.model(options)
