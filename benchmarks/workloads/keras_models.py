"""The models, written once for the Keras API: `keras` is kerasish or Keras itself."""

from workloads import arrays


def build(keras, workload, layout="channels_last"):
    """An uncompiled model whose weights are the common initial ones.

    Args:
        keras: module with the Keras API.
        workload: Workload.
        layout: str. Layout of the images inside the model.
    """
    keras.config.set_image_data_format(layout)
    shape = arrays.sample_shape(workload)
    if layout == "channels_first" and len(shape) == 3:
        shape = (shape[2], *shape[:2])
    x = keras.Input(shape, dtype="int32" if workload.model == "transformer" else "float32")
    y = BUILDERS[workload.model](keras, x, **dict(workload.options))
    model = keras.Model(x, y)
    for layer in model.layers:
        values = layer.get_weights()
        if values:
            names = range(len(values))
            layer.set_weights([arrays.initial_weight(layer.name, i, values[i]) for i in names])
    return model


def compile_model(keras, model, **options):
    """Adam, cross-entropy from logits, accuracy: as users write it."""
    model.compile(
        optimizer="adam",
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        **options,
    )


def mlp(keras, x, sizes):
    for i, size in enumerate(sizes[1:-1]):
        x = keras.layers.Dense(size, activation="relu", name=f"dense{i}")(x)
    return keras.layers.Dense(sizes[-1], name="logits")(x)


def convnet(keras, x):
    layers = keras.layers
    x = layers.Conv2D(32, 3, activation="relu", name="conv0")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, activation="relu", name="conv1")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.5)(x)
    return layers.Dense(10, name="logits")(x)


def resnet(keras, x):
    """ResNet-20 for CIFAR-10: 3 stages of 3 blocks, projections where the shape changes."""
    layers = keras.layers
    axis = -1 if keras.config.image_data_format() == "channels_last" else 1

    def convolution(x, filters, size, stride, name):
        x = layers.Conv2D(
            filters, size, stride, padding="same", use_bias=False, name=f"conv_{name}"
        )(x)
        return layers.BatchNormalization(axis=axis, name=f"bn_{name}")(x)

    x = layers.Activation("relu")(convolution(x, 16, 3, 1, "first"))
    for stage, filters in enumerate((16, 32, 64)):
        for block in range(3):
            stride = 2 if stage and block == 0 else 1
            name = f"{stage}{block}"
            y = layers.Activation("relu")(convolution(x, filters, 3, stride, f"{name}a"))
            y = convolution(y, filters, 3, 1, f"{name}b")
            if stride == 2:
                x = convolution(x, filters, 1, stride, f"{name}c")
            x = layers.Activation("relu")(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling2D()(x)
    return layers.Dense(10, name="logits")(x)


def lstm(keras, x):
    x = keras.layers.LSTM(128, name="lstm")(x)
    return keras.layers.Dense(10, name="logits")(x)


def transformer(keras, x):
    """Two post-norm encoder blocks: width 256, 4 heads, feed-forward 1024."""
    layers = keras.layers
    x = layers.Embedding(arrays.VOCABULARY, 256, name="embedding")(x)
    for i in range(2):
        y = layers.MultiHeadAttention(4, 64, name=f"attention{i}")(x, x)
        x = layers.LayerNormalization(name=f"norm{i}a")(layers.Add()([x, y]))
        y = layers.Dense(1024, activation="gelu", name=f"up{i}")(x)
        y = layers.Dense(256, name=f"down{i}")(y)
        x = layers.LayerNormalization(name=f"norm{i}b")(layers.Add()([x, y]))
    x = layers.GlobalAveragePooling1D()(x)
    return layers.Dense(10, name="logits")(x)


BUILDERS = {
    "mlp": mlp,
    "convnet": convnet,
    "resnet": resnet,
    "lstm": lstm,
    "transformer": transformer,
}
