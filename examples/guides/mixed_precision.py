"""Mixed precision: computing in 16 bits with weights in 32, by policy, per layer and globally."""

import numpy as np

import kerasish as keras
from kerasish import layers


def main():
    """Train in bfloat16 and float16 and compare with float32."""
    (x, y), (x_test, y_test) = keras.datasets.digits.load_data()
    x, x_test = x.reshape(-1, 64).astype("float32") / 16, x_test.reshape(-1, 64) / 16
    accuracies = {}
    for policy in ("float32", "mixed_bfloat16", "mixed_float16"):
        keras.utils.set_random_seed(0)
        keras.mixed_precision.set_global_policy(policy)
        try:
            model = keras.Sequential(
                [
                    keras.Input((64,)),
                    layers.Dense(64, activation="relu"),
                    layers.Dense(10),
                    layers.Activation("softmax", dtype="float32"),  # the last step in 32 bits
                ]
            )
            model.compile(
                keras.optimizers.Adam(0.005),
                "sparse_categorical_crossentropy",
                metrics=["accuracy"],
            )
        finally:
            keras.mixed_precision.set_global_policy("float32")
        dense = model.layers[0]
        assert dense.kernel.dtype == "float32"
        assert dense.compute_dtype == policy.removeprefix("mixed_")
        assert model.outputs[0].dtype == "float32"
        scaled = isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)
        assert scaled == (policy == "mixed_float16")
        model.fit(x, y, epochs=6, verbose=0)
        accuracies[policy] = model.evaluate(x_test, y_test, verbose=0)[1]
    print({name: round(float(value), 3) for name, value in accuracies.items()})
    assert min(accuracies.values()) > 0.85
    assert np.ptp(list(accuracies.values())) < 0.06
    half = layers.Dense(2, dtype="float16")(np.ones((1, 3), "float32"))
    assert keras.backend.standardize_dtype(half.dtype) == "float16"


if __name__ == "__main__":
    main()
