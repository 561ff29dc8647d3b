"""What VGG16 and VGG19 share: stacks of small convolutions, each stack with half the size."""

import functools

from kerasish import layers
from kerasish.applications.architecture import Architecture
from kerasish.applications.published import kernels_file

SOURCE = 'Simonyan and Zisserman, "Very deep convolutional networks", 2014, table 1.'
_FILTERS = (64, 128, 256, 512, 512)


def _trunk(x, _options, convolutions):
    for block, (count, filters) in enumerate(zip(convolutions, _FILTERS, strict=True), 1):
        for i in range(1, count + 1):
            name = f"block{block}_conv{i}"
            x = layers.Conv2D(filters, 3, padding="same", activation="relu", name=name)(x)
        x = layers.MaxPooling2D(2, strides=2, name=f"block{block}_pool")(x)
    return x


def _head(x, options):
    x = layers.Flatten(name="flatten")(x)
    for name in ("fc1", "fc2"):
        x = layers.Dense(4096, activation="relu", name=name)(x)
    return layers.Dense(options.classes, options.classifier_activation, name="predictions")(x)


def vgg(name, convolutions):
    """Architecture with the given numbers of convolutions in its five stacks."""
    return Architecture(
        trunk=functools.partial(_trunk, convolutions=convolutions),
        head=_head,
        size=224,
        files=kernels_file(name),
        pooling_names=(None, None),
    )
