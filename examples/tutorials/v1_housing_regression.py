"""The price of a house by linear regression, five ways from closed form to mini-batches."""

import numpy as np
import v1_housing_data

import kerasish.compat.v1 as tf

STEPS, RATE = 300, 0.05


def normal_equation(x, y):
    """theta = (X^T X)^-1 X^T y."""
    with tf.Graph().as_default(), tf.Session() as session:
        inputs, targets = tf.constant(x, tf.float64), tf.constant(y, tf.float64)
        transposed = tf.transpose(inputs)
        theta = tf.matmul(tf.matmul(tf.matrix_inverse(tf.matmul(transposed, inputs)), transposed),
                          targets)  # fmt: skip
        return _error(session.run(theta), x, y)


def _error(theta, x, y):
    return float(np.mean((x @ theta - y) ** 2))


def _descend(x, y, make_step):
    """Mean squared error after STEPS runs of the step that `make_step` adds to the graph."""
    with tf.Graph().as_default(), tf.Session() as session:
        inputs, targets = tf.constant(x), tf.constant(y)
        theta = tf.Variable(tf.zeros([x.shape[1], 1]), name="theta")
        error = tf.matmul(inputs, theta) - targets
        loss = tf.reduce_mean(tf.square(error), name="loss")
        step = make_step(inputs, error, theta, loss)
        session.run(tf.global_variables_initializer())
        for i in range(STEPS):
            session.run(step)
            if i % 100 == 0:
                print(f"  step {i}: {loss.eval():.4f}")
        return _error(theta.eval(), x, y)


def by_hand(inputs, error, theta, loss):
    """The gradient written down: 2/n X^T (X theta - y)."""
    gradient = 2.0 / int(inputs.shape[0]) * tf.matmul(tf.transpose(inputs), error)
    return tf.assign(theta, theta - RATE * gradient)


def by_gradients(inputs, error, theta, loss):
    """The same, found by `tf.gradients`."""
    return tf.assign(theta, theta - RATE * tf.gradients(loss, [theta])[0])


def by_optimizer(inputs, error, theta, loss):
    """The same again, by an optimizer."""
    return tf.train.GradientDescentOptimizer(RATE).minimize(loss)


def in_batches(x, y, epochs=5, size=100):
    """Mini-batches through placeholders, with momentum."""
    with tf.Graph().as_default(), tf.Session() as session:
        inputs = tf.placeholder(tf.float32, [None, x.shape[1]], name="x")
        targets = tf.placeholder(tf.float32, [None, 1], name="y")
        theta = tf.Variable(tf.random_uniform([x.shape[1], 1], -1.0, 1.0, seed=42), name="theta")
        loss = tf.reduce_mean(tf.square(tf.matmul(inputs, theta) - targets))
        step = tf.train.MomentumOptimizer(0.005, 0.9).minimize(loss)
        session.run(tf.global_variables_initializer())
        rng = np.random.default_rng(1)
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for start in range(0, len(x), size):
                rows = order[start : start + size]
                session.run(step, {inputs: x[rows], targets: y[rows]})
        return float(session.run(loss, {inputs: x, targets: y}))


def main():
    """Dict of the mean squared errors."""
    x, y = v1_housing_data.load()
    found = {"normal equation": normal_equation(x, y)}
    for way in (by_hand, by_gradients, by_optimizer):
        print(way.__doc__)
        found[way.__name__] = _descend(x, y, way)
    found["in batches"] = in_batches(x, y)
    for name, error in found.items():
        print(f"{name}: {error:.4f}")
    return found


if __name__ == "__main__":
    main()
