"""Grad-CAM: where a network looks, from the gradient of a class by the last feature map."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def spots(count, generator):
    """Noise with a bright horizontal or vertical bar somewhere; classes and places."""
    x = generator.normal(0, 0.2, (count, 16, 16, 1)).astype("float32")
    y, places = generator.integers(0, 2, count), generator.integers(3, 13, (count, 2))
    for i, (a, b) in enumerate(places):
        rows, columns = (
            (slice(a, a + 1), slice(b - 3, b + 3))
            if y[i]
            else (slice(a - 3, a + 3), slice(b, b + 1))
        )
        x[i, rows, columns] += 1.5
    return x, y, places


def make_gradcam_heatmap(image, model, last_conv_layer_name, pred_index=None):
    """Feature maps weighed with the mean gradient of the class by each."""
    grad_model = keras.Model(
        model.inputs, [model.get_layer(last_conv_layer_name).output, model.layers[-1].output]
    )
    with keras.GradientTape() as tape:
        last_conv_layer_output, preds = grad_model(image)
        if pred_index is None:
            pred_index = int(ops.argmax(preds[0]))
        class_channel = preds[:, pred_index]
    grads = tape.gradient(class_channel, last_conv_layer_output)
    pooled_grads = ops.mean(grads, axis=(0, 1, 2))
    heatmap = ops.squeeze(last_conv_layer_output[0] @ pooled_grads[..., None])
    heatmap = ops.maximum(heatmap, 0) / (ops.max(heatmap) + 1e-6)
    return ops.convert_to_numpy(heatmap)


def main():
    """The hottest place is the bar."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    x, y, _ = spots(500, generator)
    model = keras.Sequential(
        [
            keras.Input((16, 16, 1)),
            layers.Conv2D(8, 3, padding="same", activation="relu"),
            layers.Conv2D(16, 5, padding="same", activation="relu", name="last_conv"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.005), loss, metrics=["accuracy"])
    model.fit(x, y, epochs=6, verbose=0)
    x_test, y_test, places = spots(40, generator)
    _, accuracy = model.evaluate(x_test, y_test, verbose=0)
    near = 0
    for image, place in zip(x_test, places, strict=True):
        heatmap = make_gradcam_heatmap(image[None], model, "last_conv")
        hottest = np.unravel_index(heatmap.argmax(), heatmap.shape)
        near += int(np.abs(np.array(hottest) - place).max() <= 4)
    colored = keras.utils.array_to_img(np.repeat(heatmap[..., None], 3, axis=-1)).resize((64, 64))
    print(
        f"accuracy {accuracy:.3f}; hottest place on the bar in {near} of 40; picture {colored.size}"
    )
    assert accuracy > 0.9 and near >= 30


if __name__ == "__main__":
    main()
