"""Trainer: `compile`, `fit`, `evaluate`, `predict` and the overridable steps, mixed into Model."""

import functools
import warnings

from kerasish import losses, metrics, ops, optimizers
from kerasish.core import tree
from kerasish.core.tape import GradientTape
from kerasish.data.adapters import unpack_x_y_sample_weight
from kerasish.errors import explain, nearest
from kerasish.metrics import Mean
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object
from kerasish.training.compiled_loss import (
    CompiledLoss,
    CompiledMetrics,
    batch_size_of,
    has_targets,
)
from kerasish.training.loop import LoopMixin
from kerasish.training.step import CompiledStep


class Trainer(LoopMixin):
    """What a model needs to be trained; the loops themselves are in `training/loop.py`."""

    optimizer = None
    compiled = False
    stop_training = False
    training_run = None  # Run, while `fit` runs
    run_eagerly = False
    steps_per_execution = 1
    _loss_tracker = _compiled_loss = _compiled_metrics = _compile_arguments = None

    def compile(
        self,
        optimizer="rmsprop",
        loss=None,
        loss_weights=None,
        metrics=None,
        weighted_metrics=None,
        run_eagerly=False,
        steps_per_execution=1,
        jit_compile="auto",
        auto_scale_loss=True,
    ):
        """Set what training minimizes, with which optimizer, and what it reports.

        Args:
            optimizer: name or Optimizer.
            loss: name, callable or Loss; a list or dict of them for several outputs.
            loss_weights: number, list or dict.
            metrics: list of names, callables or Metrics; a list of lists or a dict for several
                outputs.
            weighted_metrics: same, for metrics that see the sample weights.
            run_eagerly: bool. Run the steps uncompiled, to debug them.
            steps_per_execution: int. Batches between two calls of the batch callbacks.
            jit_compile: accepted for compatibility; steps are always compiled by kerasish.
            auto_scale_loss: bool. Wrap the optimizer in a LossScaleOptimizer under mixed_float16.

        Raises:
            ValueError: unknown names (with the nearest one).

        Source: Keras 3 names and defaults.
        """
        if not isinstance(steps_per_execution, int) or steps_per_execution < 1:
            raise ValueError(
                explain(
                    "compile",
                    "steps_per_execution must be a positive int",
                    received=steps_per_execution,
                )
            )
        new_optimizer = optimizers.get(optimizer)
        for item in tree.flatten(loss):
            if isinstance(item, str) and item not in ("crossentropy", "ce"):
                losses.get(item)  # an unknown name is told here, not at the first batch
        _check_metric_names(metrics)
        _check_metric_names(weighted_metrics)
        policy = getattr(self, "dtype_policy", None)
        if (
            auto_scale_loss
            and policy is not None
            and policy.name == "mixed_float16"
            and new_optimizer
        ):
            if not isinstance(new_optimizer, optimizers.LossScaleOptimizer):
                new_optimizer = optimizers.LossScaleOptimizer(
                    new_optimizer, name="loss_scale_optimizer"
                )
        self.optimizer = new_optimizer
        names = getattr(self, "output_names", None)
        self._compiled_loss = None if loss is None else CompiledLoss(loss, loss_weights, names)
        self._compiled_metrics = None
        if metrics is not None or weighted_metrics is not None:
            self._compiled_metrics = CompiledMetrics(metrics, weighted_metrics, names)
        self._loss_tracker = Mean(name="loss")
        self.run_eagerly, self.steps_per_execution = bool(run_eagerly), steps_per_execution
        self.stop_training, self.compiled = False, True
        self._compile_arguments = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": False,
        }
        self._forget_steps()

    def _forget_steps(self):
        self.train_function = self.test_function = self.predict_function = None

    # ---- what a step does ----

    def train_step(self, data):
        """One update from one batch; override it for a training of your own.

        Args:
            data: the batch, a tuple of nested tensors.

        Returns:
            dict from name to scalar tensor.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self._call_for_training(x, True)
            loss = self.compute_loss(x, y, y_pred, sample_weight, training=True)
            self._loss_tracker.update_state(loss, sample_weight=_samples(x))
            scaled = self.optimizer.scale_loss(loss)
        variables = self.trainable_variables
        if variables:
            gradients = tape.gradient(scaled, variables)
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        else:
            warnings.warn("The model does not have any trainable weights.", stacklevel=3)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data):
        """Loss and metrics of one batch."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self._call_for_training(x, False)
        loss = self.compute_loss(x, y, y_pred, sample_weight, training=False)
        self._loss_tracker.update_state(loss, sample_weight=_samples(x))
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data):
        """Outputs for one batch."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self._call_for_training(x, False)

    def _call_for_training(self, x, training):
        if self._call_facts().takes_training:
            return self(x, training=training)
        return self(x)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """Total loss: that of the outputs, plus what layers and weight regularizers add.

        Raises:
            ValueError: there is nothing to minimize.
        """
        found = []
        if self._compiled_loss is not None:
            value = self._compiled_loss(y, y_pred, sample_weight)
            if value is not None:
                found.append(value)
        found += [ops.cast(ops.sum(loss), "float32") for loss in self.losses]
        if not found:
            raise ValueError(
                explain(
                    self.name,
                    "there is no loss to compute",
                    fix="compile(loss=...), or call add_loss in a layer",
                )
            )
        total = found[0]
        for value in found[1:]:
            total = total + value
        return total

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        """Add a batch to the metrics; returns `get_metrics_result()`."""
        if self._compiled_metrics is not None and has_targets(y):
            self._compiled_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self):
        """Dict from name to the present value of each metric."""
        found = {}
        for metric in self.metrics:
            value = metric.result()
            found.update(value if isinstance(value, dict) else {metric.name: value})
        return found

    @property
    def metrics(self):
        """Metric objects: the loss, those of the layers, and those given to `compile` as one."""
        found = [self._loss_tracker] if self._loss_tracker is not None else []
        own = (self._compiled_metrics,)  # comes last
        for layer in self._flatten_layers():
            if layer is not self and isinstance(layer, Trainer):
                continue  # what a model inside measured when it was trained itself
            for value in layer.__dict__.values():
                if _may_hold_metrics(type(value)):
                    for item in value if isinstance(value, (list, tuple)) else (value,):
                        if isinstance(item, metrics.Metric) and not _is_among(item, (*found, *own)):
                            found.append(item)
        if self._compiled_loss is not None:
            found += self._compiled_loss.trackers
        if self._compiled_metrics is not None:
            found.append(self._compiled_metrics)
        return found

    @property
    def metrics_names(self):
        """Names under which the metrics are reported."""
        return list(self.get_metrics_result())

    def reset_metrics(self):
        """Start all metrics again."""
        for metric in self.metrics:
            metric.reset_state()

    # ---- compiled steps ----

    def make_train_function(self, force=False):
        """The compiled form of `train_step`."""
        if self.train_function is None or force:
            self.train_function = CompiledStep(self.train_step, "train_step", self.run_eagerly)
        return self.train_function

    def make_test_function(self, force=False):
        """The compiled form of `test_step`."""
        if self.test_function is None or force:
            self.test_function = CompiledStep(self.test_step, "test_step", self.run_eagerly)
        return self.test_function

    def make_predict_function(self, force=False):
        """The compiled form of `predict_step`."""
        if self.__dict__.get("predict_function") is None or force:
            self.predict_function = CompiledStep(
                self.predict_step, "predict_step", self.run_eagerly
            )
        return self.predict_function

    def _reports_metrics_only(self, phase):
        """Whether a step returns nothing but `get_metrics_result()`."""
        methods = (
            "train_step" if phase == "train" else "test_step",
            "compute_metrics",
            "get_metrics_result",
        )
        return all(getattr(type(self), m) is getattr(Trainer, m) for m in methods)

    def _require_compiled(self, method):
        if not self.compiled:
            raise ValueError(
                explain(
                    f"{self.name}.{method}",
                    "the model has not been compiled",
                    fix="model.compile(optimizer=..., loss=..., metrics=[...]) first",
                )
            )

    # ---- config ----

    def get_compile_config(self):
        """Arguments of `compile`, JSON-ready; None where they cannot be written."""
        if not self.compiled:
            return None
        arguments = dict(self._compile_arguments)
        arguments["optimizer"] = self.optimizer
        return serialize_keras_object(arguments)

    def compile_from_config(self, config):
        """Compile from `get_compile_config()`, with the optimizer's variables made."""
        known = (
            "optimizer",
            "loss",
            "loss_weights",
            "metrics",
            "weighted_metrics",
            "run_eagerly",
            "steps_per_execution",
            "jit_compile",
            "auto_scale_loss",
        )
        unknown = [k for k in config if k not in known]
        if unknown:
            raise ValueError(
                explain(
                    "compile_from_config",
                    f"unknown argument {unknown[0]!r}",
                    fix=nearest(unknown[0], known),
                )
            )
        self.compile(**deserialize_keras_object(config))
        if self.optimizer is not None and self.built:
            self.optimizer.build(self.trainable_variables)


def _is_among(item, others):
    return any(item is other for other in others)


@functools.cache  # a question for every attribute of every layer, at every epoch
def _may_hold_metrics(cls):
    return issubclass(cls, (metrics.Metric, list, tuple))


def _samples(x):
    leaf = next(leaf for leaf in tree.flatten(x) if leaf is not None)
    return batch_size_of(leaf)


def _check_metric_names(items):
    for item in tree.flatten(items):
        if isinstance(item, str) and item not in ("accuracy", "acc", "crossentropy", "ce"):
            metrics.get(item)
