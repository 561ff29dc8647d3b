"""MonitorCallback: what callbacks share that follow one metric and its best value."""

import math

from kerasish import registry
from kerasish.callbacks.callback import Callback
from kerasish.errors import explain, nearest

# Parts of metric names that tell whether more or less of it is better.
_MORE_IS_BETTER = ("acc", "auc", "precision", "recall", "f1", "fbeta", "iou", "io_u", "r2",
                   "similarity", "top_k", "specificity", "sensitivity", "dice", "bleu")  # fmt: skip
_LESS_IS_BETTER = ("loss", "error", "mse", "mae", "mape", "msle", "rmse", "entropy", "divergence",
                   "hinge", "poisson", "perplexity", "log_cosh")  # fmt: skip


@registry.register("callbacks")
class MonitorCallback(Callback):
    """Base of callbacks that follow a metric of the logs.

    Args:
        monitor: str. Name of the metric.
        mode: "min", "max", or "auto": by the metric's own direction, else by its name.
        baseline: float or None. Value to beat from the start.
        min_delta: float. Smaller changes are no improvement.

    Raises:
        ValueError: an unknown mode.
    """

    def __init__(self, monitor="val_loss", mode="auto", baseline=None, min_delta=0):
        super().__init__()
        if mode not in ("auto", "min", "max"):
            raise ValueError(
                explain(
                    type(self).__name__,
                    "unknown mode",
                    received=mode,
                    expected='"auto", "min" or "max"',
                )
            )
        self.monitor, self.mode, self.best = monitor, mode, baseline
        self.min_delta = abs(min_delta)
        self._sign = {"min": -1, "max": 1}.get(mode)  # None until the metrics are known
        self._was_logged = False

    def monitored(self, epoch, logs):
        """Value of the metric, or None in an epoch without validation.

        Raises:
            ValueError: the metric is not, and will not be, among the logs.
        """
        if self.monitor in logs:
            self._was_logged = True
            return float(logs[self.monitor])
        if self._was_logged or self._is_awaited(epoch):
            return None
        wants_validation = self.monitor.startswith("val_")
        if wants_validation and not any(key.startswith("val_") for key in logs):
            fix = "pass validation_data or validation_split to fit"
        else:
            fix = nearest(self.monitor, logs)
        raise ValueError(
            explain(
                type(self).__name__,
                f"the monitored metric {self.monitor!r} is not among the logs",
                received=f" {', '.join(sorted(logs)) or 'no logs'}",
                fix=fix,
            )
        )

    def _is_awaited(self, epoch):
        """Whether validation will run in a later epoch, but has not in this one."""
        frequency = (self.params or {}).get("validation_freq")
        if frequency is None or not self.monitor.startswith("val_"):
            return False
        if isinstance(frequency, int):
            return (epoch + 1) % frequency != 0
        return epoch + 1 not in frequency and any(number > epoch + 1 for number in frequency)

    def is_improvement(self, value, reference):
        """Whether a value is better than another by more than `min_delta`; NaN never is.

        Raises:
            ValueError: mode "auto" cannot tell what is better.
        """
        if self._sign is None:
            self._sign = self._find_direction()
        if math.isnan(value):
            return False
        return reference is None or self._sign * (value - reference) > self.min_delta

    def _find_direction(self):
        name = self.monitor.removeprefix("val_")
        if name == "loss":
            return -1
        for metric in getattr(self.model, "metrics", None) or ():
            direction = getattr(metric, "_direction", None)
            if getattr(metric, "name", None) == name and direction is not None:
                return 1 if direction == "up" else -1
        lower = name.lower()
        is_less = any(part in lower for part in _LESS_IS_BETTER)
        is_more = any(part in lower for part in _MORE_IS_BETTER)
        if is_less == is_more:
            raise ValueError(
                explain(
                    type(self).__name__,
                    f"mode 'auto' cannot tell which values of {self.monitor!r} are better",
                    fix='pass mode="min" or mode="max"',
                )
            )
        return 1 if is_more else -1
