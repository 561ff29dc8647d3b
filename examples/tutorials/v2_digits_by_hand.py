"""Digits by three layers written out by hand, with the two mistakes that everybody makes first.

Small pictures that look like digits stand in for MNIST, so that it runs anywhere in seconds.
"""

import numpy as np

import kerasish.compat.v2 as tf

SIDE, CLASSES, WIDTHS = 14, 10, (196, 64, 32, 10)


def digits(count, seed):
    """Blurred patterns, one for each class, shifted and with noise: (count, 196) and labels."""
    draws = np.random.default_rng(seed)
    patterns = np.kron(np.random.default_rng(0).integers(0, 2, (CLASSES, 7, 7)), np.ones((2, 2)))
    labels = draws.integers(0, CLASSES, count)
    shifts = draws.integers(-1, 2, count)
    pictures = [np.roll(patterns[k], s, axis=1) for k, s in zip(labels, shifts, strict=True)]
    pictures = np.stack(pictures) + draws.normal(0, 0.3, (count, SIDE, SIDE))
    return pictures.reshape(count, -1).astype("float32"), labels


def weights(scale, as_variable=True):
    """Kernels and biases of the three layers."""
    tf.random.set_seed(3)
    made = []
    for inputs, outputs in zip(WIDTHS[:-1], WIDTHS[1:], strict=True):
        made += [tf.random.normal([inputs, outputs], stddev=scale), tf.zeros([outputs])]
    return [tf.Variable(w) for w in made] if as_variable else made


def loss_of(w, x, labels):
    """Mean squared distance of three layers' output to one-hot labels."""
    h = tf.nn.relu(x @ w[0] + w[1])
    h = tf.nn.relu(h @ w[2] + w[3])
    out = h @ w[4] + w[5]
    return tf.reduce_mean(tf.square(tf.one_hot(labels, CLASSES) - out)), out


def step(w, x, labels, rate=0.1):
    """One step of gradient descent; returns the loss and the gradients."""
    with tf.GradientTape() as tape:
        loss, _ = loss_of(w, x, labels)
    gradients = tape.gradient(loss, w)
    if all(g is not None for g in gradients):
        for variable, g in zip(w, gradients, strict=True):
            variable.assign_sub(rate * g)
    return loss, gradients


x, labels = digits(2048, seed=1)
batches = [(tf.constant(x[i : i + 128]), tf.constant(labels[i : i + 128]))
           for i in range(0, len(x), 128)]  # fmt: skip

# First mistake: plain tensors. A tape watches variables only, so there are no gradients.
_, gradients = step(weights(0.1, as_variable=False), *batches[0])
print("without Variable:", gradients)
assert all(g is None for g in gradients)

# Second mistake: numbers of standard deviation 1. The loss is huge, and explodes.
w = weights(1.0)
losses = [float(step(w, *batches[i])[0]) for i in range(8)]
print("standard deviation 1:", [f"{value:.3g}" for value in losses])
assert losses[0] > 1e3 and not max(losses) < 1e6 * losses[0]

# Small numbers: it learns.
w = weights(0.1)
for epoch in range(12):
    for batch in batches:
        loss, _ = step(w, *batch, rate=0.3)
    if epoch % 3 == 0:
        print(f"epoch {epoch:2}: loss {loss:.4f}")

test_x, test_labels = digits(512, seed=2)
_, out = loss_of(w, tf.constant(test_x), tf.constant(test_labels))
predicted = tf.argmax(out, axis=1)
accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, test_labels), tf.float32))
print("accuracy on pictures not seen before:", accuracy)
assert accuracy > 0.9
