"""One threshold for five ReLUs: a variable shared in five ways."""

import numpy as np

import kerasish.compat.v1 as tf

X = np.array([[1.0, -2.0, 0.5], [3.0, 1.0, -1.0]], np.float32)


def _sum_of(relu, inputs):
    """Five of them added, and the variables that there are then."""
    return tf.add_n([relu(inputs, i) for i in range(5)], name="output")


def _hidden(inputs, i):
    width = int(inputs.shape[1])
    weights = tf.constant(np.eye(width, 1, -(i % width)), tf.float32, name="weights")
    return tf.matmul(inputs, weights, name="z")


def by_argument(inputs):
    """The caller makes it and hands it over."""
    threshold = tf.Variable(0.25, name="threshold")

    def relu(inputs, i):
        with tf.name_scope("relu"):
            return tf.maximum(_hidden(inputs, i), threshold, name="max")

    return _sum_of(relu, inputs)


def by_dictionary(inputs):
    """All shared variables are in a dict."""
    shared = {"threshold": tf.Variable(0.25, name="threshold")}

    def relu(inputs, i):
        with tf.name_scope("relu"):
            return tf.maximum(_hidden(inputs, i), shared["threshold"], name="max")

    return _sum_of(relu, inputs)


def by_attribute(inputs):
    """The function keeps it as an attribute, made at the first call."""

    def relu(inputs, i):
        with tf.name_scope("relu"):
            if not hasattr(relu, "threshold"):
                relu.threshold = tf.Variable(0.25, name="threshold")
            return tf.maximum(_hidden(inputs, i), relu.threshold, name="max")

    return _sum_of(relu, inputs)


def by_reuse(inputs):
    """`get_variable` makes it once, and finds it under `reuse=True`."""
    with tf.variable_scope("relu"):
        tf.get_variable("threshold", shape=(), initializer=tf.constant_initializer(0.25))

    def relu(inputs, i):
        with tf.variable_scope("relu", reuse=True):
            return tf.maximum(_hidden(inputs, i), tf.get_variable("threshold"), name="max")

    return _sum_of(relu, inputs)


def by_auto_reuse(inputs):
    """`AUTO_REUSE` makes it where it is missing."""

    def relu(inputs, i):
        with tf.variable_scope("relu", reuse=tf.AUTO_REUSE):
            threshold = tf.get_variable("threshold", (), initializer=tf.constant_initializer(0.25))
            return tf.maximum(_hidden(inputs, i), threshold, name="max")

    return _sum_of(relu, inputs)


def main():
    """Dict from the way to (names of the variables, output)."""
    found = {}
    for way in (by_argument, by_dictionary, by_attribute, by_reuse, by_auto_reuse):
        with tf.Graph().as_default(), tf.Session() as session:
            inputs = tf.placeholder(tf.float32, [None, X.shape[1]], name="X")
            output = way(inputs)
            session.run(tf.global_variables_initializer())
            value = session.run(output, {inputs: X}).ravel().tolist()
            found[way.__name__] = [v.name for v in tf.global_variables()], value
            print(way.__name__, *found[way.__name__])
    with tf.Graph().as_default(), tf.variable_scope("relu"):
        tf.get_variable("threshold", ())
        try:
            tf.get_variable("threshold", ())
        except ValueError as error:
            print("twice without reuse:", error)
    return found


if __name__ == "__main__":
    main()
