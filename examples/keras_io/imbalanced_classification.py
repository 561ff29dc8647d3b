"""One fraud in a hundred: class weights, and metrics that a lazy model cannot please."""

import numpy as np

import kerasish as keras
from kerasish import layers


def transactions(count, generator):
    """Thirty numbers each; frauds differ a little in five of them."""
    y = (generator.random(count) < 0.01).astype("float32")
    x = generator.normal(size=(count, 30))
    x[:, :5] += 2.0 * y[:, None]
    return (x * np.linspace(1, 50, 30)).astype("float32"), y[:, None]


def main():
    """Weights find the frauds that training without them misses."""
    generator = np.random.default_rng(0)
    x, y = transactions(6000, generator)
    x_test, y_test = transactions(3000, generator)
    mean, std = x.mean(axis=0), x.std(axis=0)
    x, x_test = (x - mean) / std, (x_test - mean) / std
    class_weight = {0: 1.0 / np.sum(y == 0), 1: 1.0 / np.sum(y == 1)}
    recalls = {}
    for name, weights in (("plain", None), ("weighted", class_weight)):
        keras.utils.set_random_seed(0)
        model = keras.Sequential(
            [
                keras.Input(shape=x.shape[1:]),
                layers.Dense(32, activation="relu"),
                layers.Dropout(0.3),
                layers.Dense(1, activation="sigmoid"),
            ]
        )
        metrics = [
            keras.metrics.FalseNegatives(name="fn"),
            keras.metrics.FalsePositives(name="fp"),
            keras.metrics.TruePositives(name="tp"),
            keras.metrics.Precision(name="precision"),
            keras.metrics.Recall(name="recall"),
        ]
        model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy", metrics=metrics)
        model.fit(x, y, batch_size=512, epochs=3, class_weight=weights, verbose=0)
        results = model.evaluate(x_test, y_test, batch_size=512, verbose=0, return_dict=True)
        recalls[name] = results["recall"]
        print(name, {key: round(float(value), 3) for key, value in results.items()})
    assert recalls["weighted"] > 0.8 and recalls["weighted"] >= recalls["plain"]


if __name__ == "__main__":
    main()
