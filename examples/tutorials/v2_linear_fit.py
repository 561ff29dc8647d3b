"""A line fitted by hand: a model with two variables, a loss, a tape, and small steps downhill."""

import kerasish.compat.v2 as tf

TRUE_SLOPE, TRUE_OFFSET, COUNT = 3.0, 2.0, 1000


class Line:
    """y = slope * x + offset, with both numbers to be found."""

    def __init__(self):
        self.slope = tf.Variable(5.0, name="slope")
        self.offset = tf.Variable(0.0, name="offset")

    def __call__(self, x):
        return self.slope * x + self.offset


def loss(target, predicted):
    """Mean of the squared distances."""
    return tf.reduce_mean(tf.square(target - predicted))


def train(model, inputs, outputs, rate):
    """One step of gradient descent."""
    with tf.GradientTape() as tape:
        current = loss(outputs, model(inputs))
    by_slope, by_offset = tape.gradient(current, [model.slope, model.offset])
    model.slope.assign_sub(rate * by_slope)
    model.offset.assign_sub(rate * by_offset)


tf.random.set_seed(7)
inputs = tf.random.normal(shape=[COUNT])
outputs = inputs * TRUE_SLOPE + TRUE_OFFSET + tf.random.normal(shape=[COUNT])
model = Line()
for epoch in range(40):
    if epoch % 8 == 0:
        print(f"epoch {epoch:2}: y = {model.slope.numpy():.2f} x + {model.offset.numpy():.2f}, "
              f"loss {loss(outputs, model(inputs)):.4f}")  # fmt: skip
    train(model, inputs, outputs, rate=0.1)
print(model.slope, model.offset)
assert abs(model.slope.numpy() - TRUE_SLOPE) < 0.15
assert abs(model.offset.numpy() - TRUE_OFFSET) < 0.15
