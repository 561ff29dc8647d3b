"""A U-Net with residual and separable convolutions: a class for every pixel."""

import numpy as np

import kerasish as keras
from kerasish import layers


def pictures(count, generator):
    """Noisy pictures with a grey disc or a bright square; masks: 0 ground, 1 disc, 2 square."""
    rows, columns = np.mgrid[:16, :16]
    x, masks = generator.normal(0, 0.3, (count, 16, 16, 1)), np.zeros((count, 16, 16, 1), "uint8")
    for i in range(count):
        kind, size = generator.integers(1, 3), generator.integers(3, 5)
        a, b = generator.integers(4, 12, 2)
        inside = (
            (rows - a) ** 2 + (columns - b) ** 2 <= size**2
            if kind == 1
            else (abs(rows - a) < size) & (abs(columns - b) < size)
        )
        x[i, inside, 0] += 1.0 if kind == 1 else 2.0
        masks[i, inside, 0] = kind
    return x.astype("float32"), masks


def get_model(num_classes):
    """Down in two blocks, up in two, with residuals."""
    inputs = keras.Input(shape=(16, 16, 1))
    x = layers.Conv2D(16, 3, strides=2, padding="same")(inputs)
    x = layers.Activation("relu")(layers.BatchNormalization(momentum=0.9)(x))
    previous = x
    for filters in (24, 32):
        x = layers.Activation("relu")(x)
        x = layers.SeparableConv2D(filters, 3, padding="same")(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.MaxPooling2D(3, strides=2, padding="same")(x)
        residual = layers.Conv2D(filters, 1, strides=2, padding="same")(previous)
        x = previous = layers.add([x, residual])
    for filters in (32, 24, 16):
        x = layers.Activation("relu")(x)
        x = layers.Conv2DTranspose(filters, 3, padding="same")(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.UpSampling2D(2)(x)
        residual = layers.Conv2D(filters, 1, padding="same")(layers.UpSampling2D(2)(previous))
        x = previous = layers.add([x, residual])
    outputs = layers.Conv2D(num_classes, 3, activation="softmax", padding="same")(x)
    return keras.Model(inputs, outputs)


def main():
    """Train, measure the mean intersection over union."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x, masks = pictures(300, generator)
    x_test, test_masks = pictures(60, generator)
    model = get_model(num_classes=3)
    model.compile(
        optimizer=keras.optimizers.Adam(5e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy", keras.metrics.MeanIoU(num_classes=3, sparse_y_pred=False, name="iou")],
    )
    model.fit(x, masks, epochs=15, batch_size=20, verbose=0)
    results = model.evaluate(x_test, test_masks, verbose=0, return_dict=True)
    print({name: round(float(value), 3) for name, value in results.items()})
    assert results["iou"] > 0.6 and results["accuracy"] > 0.9


if __name__ == "__main__":
    main()
