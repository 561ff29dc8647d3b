"""Test figures of a model: accuracy for classes, mean absolute error for regression."""

import numpy as np


def measure(model, preparation, x, y, batch_size=32):
    """Return the test figures of a compiled model on raw data.

    Args:
        model: compiled Model.
        preparation: Preparation.
        x: raw inputs.
        y: raw labels or targets.
        batch_size: int.

    Returns:
        dict: "loss" and the model's metrics by name; for regression also "mean_absolute_error" in
        the unit of the raw targets.
    """
    inputs = preparation.inputs(x)
    results = model.evaluate(
        inputs, preparation.targets(y), batch_size=batch_size, verbose=0, return_dict=True
    )
    figures = {name: float(value) for name, value in results.items()}
    if not preparation.num_classes:
        predicted = np.asarray(model.predict(inputs, batch_size=batch_size, verbose=0))[:, 0]
        error = np.abs(predicted.astype(np.float64) * preparation.target_scale - y).mean()
        figures["mean_absolute_error"] = float(error)
    return figures


def describe(figures, source):
    """Return the figures as one line, the most telling first."""
    parts = []
    if "mean_absolute_error" in figures:
        parts.append(f"mean absolute error {_amount(figures['mean_absolute_error'])} {source.unit}")
    if "linear_regression_mean_absolute_error" in figures:
        baseline = figures["linear_regression_mean_absolute_error"]
        parts.append(f"linear regression's {_amount(baseline)} {source.unit}")
    for name, value in figures.items():
        if name == "loss" or "mean_absolute_error" in name:
            continue
        percent = f" ({value:.2%})" if "accuracy" in name else ""
        parts.append(f"{name} {value:.4f}{percent}")
    parts.append(f"loss {figures['loss']:.4f}")
    return ", ".join(parts)


def _amount(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
