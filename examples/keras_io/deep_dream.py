"""Deep dream: gradient ascent on an image, in octaves, until a layer is excited."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def main():
    """An untouched image excites a feature less than the dreamt one."""
    keras.utils.set_random_seed(0)
    (x, y), _ = keras.datasets.digits.load_data()
    inputs = keras.Input((None, None, 1))
    hidden = layers.Conv2D(16, 3, activation="relu", name="mixed1")(inputs)
    hidden = layers.Conv2D(16, 3, activation="relu", name="mixed2")(hidden)
    outputs = layers.Dense(10)(layers.GlobalAveragePooling2D()(hidden))
    model = keras.Model(inputs, outputs)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss)
    model.fit(x[..., None] / 16, y, epochs=3, verbose=0)

    layer_settings = {"mixed1": 1.0, "mixed2": 1.5}
    outputs_dict = {name: model.get_layer(name).output for name in layer_settings}
    feature_extractor = keras.Model(inputs=model.inputs, outputs=outputs_dict)

    def compute_loss(image):
        features = feature_extractor(image)
        loss = ops.zeros(shape=())
        for name, activation in features.items():
            loss = loss + layer_settings[name] * ops.mean(ops.square(activation[:, 2:-2, 2:-2, :]))
        return loss

    def ascend(image, iterations, learning_rate):
        for _ in range(iterations):
            with keras.GradientTape() as tape:
                tape.watch(image)
                loss = compute_loss(image)
            grads = tape.gradient(loss, image)
            grads /= ops.maximum(ops.mean(ops.abs(grads)), 1e-6)
            image = image + learning_rate * grads
        return image, float(loss)

    original = ops.convert_to_tensor(x[:1, ..., None].astype("float32") / 16)
    before = float(compute_loss(ops.image.resize(original, (20, 20))))
    shapes = [(12, 12), (16, 16), (20, 20)]
    image = ops.image.resize(original, shapes[0])
    shrunk = image
    for shape in shapes:
        image = ops.image.resize(image, shape)
        detail = ops.image.resize(original, shape) - ops.image.resize(shrunk, shape)
        image, after = ascend(image + detail, iterations=8, learning_rate=0.02)
        shrunk = ops.image.resize(original, shape)
        print(f"octave {shape}: excitement {after:.3f}")
    change = float(np.abs(np.asarray(image) - np.asarray(shrunk)).mean())
    print(f"before {before:.3f}, after {after:.3f}; mean change of a pixel {change:.3f}")
    assert after > 2 * before


if __name__ == "__main__":
    main()
