"""A small trained model, and saving and loading by file name, for the tests of mistakes."""

import numpy as np

from kerasish import layers, models
from kerasish.saving import load_model, load_weights, save_model, save_weights

ENDINGS = ["keras", "h5", "weights.h5"]


def mlp(units=4, inputs=3, compiled=True, name="mlp"):
    model = models.Sequential(
        [
            layers.Input((inputs,)),
            layers.Dense(units, name="hidden"),
            layers.BatchNormalization(),
            layers.Dense(2, name="out"),
        ],
        name=name,
    )
    if compiled:
        model.compile("adam", "mse")
        model.train_on_batch(np.ones((5, inputs), "float32"), np.ones((5, 2), "float32"))
    return model


def state(model):
    variables = [*model.weights, *(model.optimizer.variables if model.optimizer else [])]
    return [v.numpy().tobytes() for v in variables]


def save(model, path):
    (save_weights if path.name.endswith(".weights.h5") else save_model)(model, path)


def load(path):
    """Load a file in the way that its ending asks for; returns the model."""
    if not path.name.endswith(".weights.h5"):
        return load_model(path)
    model = mlp()
    before = state(model)
    try:
        load_weights(model, path)
    except Exception:
        assert state(model) == before
        raise
    return model
