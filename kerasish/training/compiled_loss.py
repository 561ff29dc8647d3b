"""CompiledLoss: the losses of all outputs as one number, and CompiledMetrics: what is reported."""

import numbers

from kerasish import losses, metrics, ops
from kerasish.core import masks, tree
from kerasish.errors import explain
from kerasish.training.outputs import output_leaves, per_output


class CompiledLoss:
    """Total loss of a model with any number of outputs: sum of weight * loss(y_true, y_pred).

    Args:
        loss: name, callable, Loss, None, or a list or dict of them.
        loss_weights: number, or list or dict of numbers, or None.
        output_names: list of str or None.
    """

    def __init__(self, loss, loss_weights=None, output_names=None):
        self.loss, self.loss_weights, self.output_names = loss, loss_weights, output_names
        self._losses = self._weights = None
        self.trackers = []

    def build(self, y_true, y_pred):
        """Resolve names once the outputs are known."""
        names, preds = output_leaves(y_pred, self.output_names)
        targets = per_output(y_true, names, "y")
        wanted = per_output(self.loss, names, "compile(loss=)", shared=True)
        self._losses = [
            None if item is None else resolve_loss(item, t, p)
            for item, t, p in zip(wanted, targets, preds, strict=True)
        ]
        self._weights = per_output(self.loss_weights, names, "compile(loss_weights=)", shared=True)
        odd = next((w for w in self._weights if w is not None and not _is_number(w)), None)
        if odd is not None:
            raise ValueError(
                explain(
                    "compile",
                    "loss_weights must be numbers, one for each output",
                    received=odd,
                    fix="metrics are passed by name: compile(optimizer, loss, metrics=[...])",
                )
            )
        if len(names) > 1:
            self.trackers = [metrics.Mean(name=f"{name}_loss") for name in names]

    def __call__(self, y_true, y_pred, sample_weight=None):
        """Scalar tensor.

        Raises:
            ValueError: targets are missing for an output that has a loss.
        """
        if self._losses is None:
            self.build(y_true, y_pred)
        names, preds = output_leaves(y_pred, self.output_names)
        targets = per_output(y_true, names, "y")
        weights = per_output(sample_weight, names, "sample_weight", shared=True)
        total = None
        for i, function in enumerate(self._losses):
            if function is None:
                continue
            if targets[i] is None:
                raise ValueError(
                    explain(
                        "fit",
                        f"there is no target for output {names[i]!r}",
                        received=y_true,
                        expected=f"y for the outputs {names}",
                    )
                )
            value = ops.cast(function(targets[i], preds[i], weights[i]), "float32")
            if self.trackers:
                self.trackers[i].update_state(value, sample_weight=batch_size_of(preds[i]))
            if self._weights[i] is not None:
                value = value * self._weights[i]
            total = value if total is None else total + value
        return total


def _is_number(value):
    return isinstance(value, numbers.Real) or tuple(getattr(value, "shape", (0,))) == ()


def batch_size_of(tensor):
    """Number of samples of a batch: int where it is known, else a tensor."""
    return ops.shape(tensor)[0]


def _kinds(y_true, y_pred):
    """How labels and predictions relate: "binary", "sparse_categorical" or "categorical"."""
    true_shape, pred_shape = tuple(y_true.shape), tuple(y_pred.shape)
    if len(pred_shape) == 0 or pred_shape[-1] == 1 or len(pred_shape) == 1:
        return "binary"
    if len(true_shape) < len(pred_shape) or (true_shape[-1] == 1 and pred_shape[-1] > 1):
        return "sparse_categorical"
    return "categorical"


def resolve_loss(item, y_true, y_pred):
    """Loss object of a name, function or object; "crossentropy" is chosen by the shapes."""
    if item in ("crossentropy", "ce"):
        item = {"binary": "binary_crossentropy"}.get(
            _kinds(y_true, y_pred), f"{_kinds(y_true, y_pred)}_crossentropy"
        )
    found = losses.get(item)
    if isinstance(found, losses.Loss):
        return found
    return losses.LossFunctionWrapper(found, name=getattr(found, "__name__", "loss"))


def resolve_metric(item, y_true, y_pred):
    """Metric object of a name, function or object; "accuracy" is chosen by the shapes."""
    if isinstance(item, metrics.Metric):
        return item
    if item in ("accuracy", "acc"):
        kinds = {
            "binary": metrics.BinaryAccuracy,
            "categorical": metrics.CategoricalAccuracy,
            "sparse_categorical": metrics.SparseCategoricalAccuracy,
        }
        return kinds[_kinds(y_true, y_pred)](name=item)
    if item in ("crossentropy", "ce"):
        kinds = {
            "binary": metrics.BinaryCrossentropy,
            "categorical": metrics.CategoricalCrossentropy,
            "sparse_categorical": metrics.SparseCategoricalCrossentropy,
        }
        return kinds[_kinds(y_true, y_pred)](name=item)
    found = metrics.get(item)
    if isinstance(found, metrics.Metric):
        if isinstance(item, str) and item != type(found).__name__:
            found.name = item  # reported under the name that was asked for: "mae" stays "mae"
        return found
    name = item if isinstance(item, str) else getattr(found, "__name__", "metric")
    return metrics.MeanMetricWrapper(found, name=name)


class CompiledMetrics(metrics.Metric):
    """The metrics of all outputs as one, whose result is a dict by reported name.

    Args:
        metric: list (for one output), list of lists, dict by output name, or None.
        weighted: same, for metrics that see the sample weights.
        output_names: list of str or None.
    """

    def __init__(self, metric=None, weighted=None, output_names=None):
        super().__init__(name="compile_metrics")
        self.metric, self.weighted, self.output_names = metric, weighted, output_names
        self._plain = self._weighted = None
        self._names = []

    def reset_state(self):
        """Start all metrics again, each in its own way."""
        for metric in self.metrics:
            metric.reset_state()

    @property
    def variables(self):
        """Those of the metrics, in the order of reports."""
        return [v for metric in self.metrics for v in metric.variables]

    @property
    def is_built(self):
        """Whether the metrics are resolved."""
        return self._plain is not None

    @property
    def metrics(self):
        """Metric objects, in the order of reports."""
        if not self.is_built:
            return []
        groups = zip(self._plain, self._weighted, strict=True)
        return [m for plain, weighted in groups for m in (*plain, *weighted)]

    def build(self, y_true, y_pred):
        """Resolve names once the outputs are known."""
        self._names, preds = output_leaves(y_pred, self.output_names)
        targets = per_output(y_true, self._names, "y")
        self._plain = self._resolve(self.metric, targets, preds)
        self._weighted = self._resolve(self.weighted, targets, preds)

    def _resolve(self, items, targets, preds):
        count = len(self._names)
        if items is None:
            groups = [[] for _ in range(count)]
        elif isinstance(items, dict):
            groups = [_as_list(v) for v in per_output(items, self._names, "compile(metrics=)")]
        elif count == 1:
            groups = [[m for item in _as_list(items) for m in _as_list(item)]]
        elif len(items) == count:
            groups = [_as_list(i) for i in items]
        else:
            groups = [_as_list(v) for v in per_output(items, self._names, "compile(metrics=)")]
        return [
            [resolve_metric(m, t, p) for m in group if m is not None] if t is not None else []
            for group, t, p in zip(groups, targets, preds, strict=True)
        ]

    def update_state(self, y_true, y_pred, sample_weight=None):
        """Add a batch to every metric; masked steps do not count."""
        if not self.is_built:
            self.build(y_true, y_pred)
        names, preds = output_leaves(y_pred, self.output_names)
        targets = per_output(y_true, names, "y")
        weights = per_output(sample_weight, names, "sample_weight", shared=True)
        for i, (t, p) in enumerate(zip(targets, preds, strict=True)):
            mask = masks.get_mask(p)
            for metric in self._plain[i]:
                metric.update_state(
                    t, p, sample_weight=None if mask is None else ops.cast(mask, "float32")
                )
            for metric in self._weighted[i]:
                metric.update_state(t, p, sample_weight=_masked(weights[i], mask))

    def result(self):
        """Dict from reported name to tensor."""
        found = {}
        if not self.is_built:
            return found
        several = len(self._names) > 1
        for name, plain, weighted in zip(self._names, self._plain, self._weighted, strict=True):
            for metric in (*plain, *weighted):
                key = f"{name}_{metric.name}" if several else metric.name
                number = 1
                unique = key
                while unique in found:
                    unique, number = f"{key}_{number}", number + 1
                value = metric.result()
                if isinstance(value, dict):
                    found.update({f"{name}_{k}" if several else k: v for k, v in value.items()})
                else:
                    found[unique] = value
        return found


def _masked(weight, mask):
    if mask is None:
        return weight
    mask = ops.cast(mask, "float32")
    return mask if weight is None else mask * _expand(weight, mask)


def _expand(weight, mask):
    while len(weight.shape) < len(mask.shape):
        weight = ops.expand_dims(weight, -1)
    return weight


def _as_list(value):
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def has_targets(structure):
    """Whether a batch's targets hold any array."""
    return any(leaf is not None for leaf in tree.flatten(structure))
