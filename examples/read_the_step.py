"""What kerasish runs: the compiled training step as a program, and inference as a NumPy script."""

import pathlib
import tempfile

import numpy as np

import kerasish as keras
from kerasish import layers


def main():
    """Print both."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [layers.Input((4,)), layers.Dense(3, activation="relu"), layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.1), "mse")
    x, y = np.ones((8, 4), "float32"), np.zeros((8, 1), "float32")
    model.fit(x, y, verbose=0)
    source = model.train_function.source()
    print(source)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "net.py")
        model.export_numpy(path)
        print(path.read_text())
    return source


if __name__ == "__main__":
    main()
