"""Gradients without a model: a line fitted by hand, a second derivative, a Jacobian."""

import numpy as np

import kerasish as keras
from kerasish import ops


def fit_line(steps=200, learning_rate=0.1):
    """Fit y = 3 x + 2 by gradient descent; returns slope and intercept."""
    keras.utils.set_random_seed(0)
    x = keras.random.normal((200,))
    y = 3.0 * x + 2.0 + 0.1 * keras.random.normal((200,))
    slope, intercept = keras.Variable(0.0), keras.Variable(0.0)

    @keras.function
    def step():
        with keras.GradientTape() as tape:
            loss = ops.mean(ops.square(slope * x + intercept - y))
        for variable, gradient in zip(
            (slope, intercept), tape.gradient(loss, [slope, intercept]), strict=True
        ):
            variable.assign_sub(learning_rate * gradient)
        return loss

    for _ in range(steps):
        loss = step()
    print(f"slope {float(slope):.3f}, intercept {float(intercept):.3f}, loss {float(loss):.4f}")
    return float(slope), float(intercept)


def second_derivative(value):
    """d2/dx2 of x ** 3 by a tape inside a tape."""
    x = ops.convert_to_tensor(value)
    with keras.GradientTape() as outer:
        outer.watch(x)
        with keras.GradientTape() as inner:
            inner.watch(x)
            y = x**3.0
        slope = inner.gradient(y, x)
    return float(outer.gradient(slope, x))


def jacobian_of_softmax():
    """3 x 3 matrix d softmax_i / d x_j."""
    x = ops.convert_to_tensor([1.0, 2.0, 3.0])
    with keras.GradientTape() as tape:
        tape.watch(x)
        y = ops.softmax(x)
    return tape.jacobian(y, x).numpy()


def main():
    """Run all three."""
    fit_line()
    print("second derivative of x ** 3 at 2:", second_derivative(2.0))
    print("Jacobian of softmax:\n", np.round(jacobian_of_softmax(), 3))


if __name__ == "__main__":
    main()
