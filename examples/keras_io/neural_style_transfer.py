"""Neural style: an image with the content of one and the textures (Gram matrices) of another."""

import numpy as np

import kerasish as keras
from kerasish import layers, ops


def gram_matrix(features):
    """Which features occur together, wherever that is."""
    features = ops.transpose(features, (2, 0, 1))
    features = ops.reshape(features, (features.shape[0], -1))
    return ops.matmul(features, ops.transpose(features))


def main():
    """Stripes as a style for a disc."""
    keras.utils.set_random_seed(0)
    rows, columns = np.mgrid[:24, :24]
    disc = ((rows - 12) ** 2 + (columns - 12) ** 2 < 50).astype("float32")
    stripes = (np.sin(columns * 1.5) > 0).astype("float32")
    content, style = (np.stack([a] * 3, axis=-1)[None] for a in (disc, stripes))
    inputs = keras.Input((24, 24, 3))
    first = layers.Conv2D(16, 3, activation="relu", padding="same", name="block1")(inputs)
    second = layers.Conv2D(16, 3, activation="relu", padding="same", name="block2")(first)
    extractor = keras.Model(inputs, {"block1": first, "block2": second})
    extractor.trainable = False

    def losses(image):
        features = extractor(ops.concatenate([content, style, image], axis=0))
        content_loss = ops.sum(ops.square(features["block2"][2] - features["block2"][0]))
        style_loss = 0.0
        for name in ("block1", "block2"):
            distance = gram_matrix(features[name][1]) - gram_matrix(features[name][2])
            style_loss += ops.sum(ops.square(distance)) / (4.0 * 9 * (24 * 24) ** 2)
        down, right = image[:, 1:] - image[:, :-1], image[:, :, 1:] - image[:, :, :-1]
        variation = ops.sum(ops.square(down)) + ops.sum(ops.square(right))
        return 1e-4 * content_loss + style_loss + 1e-5 * variation, style_loss

    @keras.function
    def compute_loss_and_grads(image):
        with keras.GradientTape() as tape:
            tape.watch(image)
            loss, style_loss = losses(image)
        return loss, style_loss, tape.gradient(loss, image)

    schedule = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=20, decay_rate=0.9)
    optimizer = keras.optimizers.Adam(learning_rate=schedule)
    combination = keras.Variable(content)
    found = []
    for _ in range(60):
        loss, style_loss, grads = compute_loss_and_grads(ops.convert_to_tensor(combination))
        optimizer.apply_gradients([(grads, combination)])
        found.append((float(loss), float(style_loss)))
    (loss, style_loss), (last, last_style) = found[0], found[-1]
    print(f"loss {loss:.3f} -> {last:.3f}, of style {style_loss:.3f} -> {last_style:.3f}")
    assert last < 0.5 * loss and last_style < 0.5 * style_loss


if __name__ == "__main__":
    main()
