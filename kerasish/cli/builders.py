"""Ready architectures that a config may name: `[model] builder = "resnet20"`."""

from kerasish import Model, layers, regularizers
from kerasish.errors import explain, nearest

_SHIFT = 0.125  # 4 of 32 pixels


def resnet20(
    shape,
    num_outputs,
    *,
    name="resnet20",
    filters=16,
    blocks=3,
    weight_decay=1e-4,
    augment=False,
):
    """Residual network of `6 * blocks + 2` weighted layers for small images.

    Args:
        shape: tuple (height, width, channels).
        num_outputs: int. Number of classes.
        name: str.
        filters: int. Channels of the first of three stages; each next one has twice as many.
        blocks: int. Residual blocks a stage; 3 gives ResNet-20.
        weight_decay: float. L2 penalty of every kernel.
        augment: bool. Mirror and shift the images of the training at random, as the paper does.

    Returns:
        Model with softmax output (batch, num_outputs).

    Source:
        He et al. 2015, https://arxiv.org/abs/1512.03385, section 4.2; the shortcut of a block that
        halves the size is a strided 1x1 convolution.
    """

    def convolve(x, channels, kernel_size, strides=1):
        x = layers.Conv2D(
            channels,
            kernel_size,
            strides=strides,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=regularizers.L2(weight_decay),
        )(x)
        return layers.BatchNormalization()(x)

    inputs = x = layers.Input(shape)
    if augment:
        x = layers.RandomFlip("horizontal")(x)
        x = layers.RandomTranslation(_SHIFT, _SHIFT, fill_mode="constant")(x)
    x = layers.Activation("relu")(convolve(x, filters, 3))
    for stage in range(3):
        channels = filters * 2**stage
        for block in range(blocks):
            strides = 2 if stage and not block else 1
            y = layers.Activation("relu")(convolve(x, channels, 3, strides))
            y = convolve(y, channels, 3)
            shortcut = x if strides == 1 else convolve(x, channels, 1, strides)
            x = layers.Activation("relu")(layers.Add()([y, shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(num_outputs, activation="softmax", kernel_initializer="he_normal")(x)
    return Model(inputs, outputs, name=name)


BUILDERS = {"resnet20": resnet20}


def find(name):
    """Return the builder of a name; ValueError with the nearest name where there is none."""
    if name not in BUILDERS:
        raise ValueError(
            explain(
                "[model] builder",
                "unknown architecture",
                received=name,
                expected="one of " + ", ".join(BUILDERS),
                fix=nearest(name, BUILDERS),
            )
        )
    return BUILDERS[name]
