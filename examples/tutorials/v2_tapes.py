"""Derivatives by tapes: watched tensors, Python control flow, persistent tapes, second order."""

import kerasish.compat.v2 as tf

x = tf.ones((2, 2))
with tf.GradientTape() as tape:
    tape.watch(x)
    y = tf.reduce_sum(x)
    z = y * y
dz_dx = tape.gradient(z, x)
print("d(sum^2)/dx:", dz_dx.numpy().tolist())
assert dz_dx.numpy().tolist() == [[8.0, 8.0], [8.0, 8.0]]

x = tf.constant(3.0)
with tf.GradientTape(persistent=True) as tape:
    tape.watch(x)
    y = x * x
    z = y * y
print("dz/dx", tape.gradient(z, x).numpy(), "dy/dx", tape.gradient(y, x).numpy())
assert tape.gradient(z, x).numpy() == 108.0


def product(x, count):
    """`x` for each i from 2 to 4 below `count`, multiplied: a tape records what really ran."""
    output = 1.0
    for i in range(count):
        if 1 < i < 5:
            output = tf.multiply(output, x)
    return output


def slope(x, count):
    """Derivative of `product`."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        out = product(x, count)
    return tape.gradient(out, x)


two = tf.constant(2.0)
print("slopes:", [slope(two, count).numpy() for count in (6, 5, 4)])
assert [slope(two, count).numpy() for count in (6, 5, 4)] == [12.0, 12.0, 4.0]

x = tf.Variable(1.0)
with tf.GradientTape() as outer:
    with tf.GradientTape() as inner:
        y = x * x * x
    first = inner.gradient(y, x)
second = outer.gradient(first, x)
print("first and second derivative of x^3 at 1:", first.numpy(), second.numpy())
assert (first.numpy(), second.numpy()) == (3.0, 6.0)
