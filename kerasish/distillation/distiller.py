"""Distiller: the model that trains a student on labels and on what its teacher says."""

from kerasish import losses, ops, registry
from kerasish.core import tree
from kerasish.errors import explain
from kerasish.metrics import Mean
from kerasish.models import Model
from kerasish.saving.serialization import deserialize_keras_object, serialize_keras_object


@registry.register("layers")
class Distiller(Model):
    """Trains a student by a * loss(labels) + (1 - a) * sum of w_i * distillation loss i.

    The teacher is frozen. Called, it is the student, which can be used alone afterwards.

    Args:
        teacher: Model, trained.
        student: Model of the same inputs and outputs.
        distillation_losses: DistillationLoss, or list of them.
        distillation_loss_weights: list of float w, one for each; ones when None.
        student_loss_weight: float a from 0 to 1.
        name: str.
        **kwargs: as of Model.

    Raises:
        ValueError: models that do not go together, or weights that do not fit.

    Example:
        >>> from kerasish import Sequential, layers
        >>> from kerasish.distillation import LogitsDistillation
        >>> teacher, student = (Sequential([layers.Input((3,)), layers.Dense(2)]) for _ in "ab")
        >>> distiller = Distiller(teacher, student, LogitsDistillation())
        >>> distiller.compile("sgd", "mse")
        >>> history = distiller.fit(ops.ones((4, 3)), ops.ones((4, 2)), verbose=0)
        >>> sorted(history.history)
        ['distillation_loss', 'loss', 'student_loss', 'total_loss']

    Source: Hinton, Vinyals, Dean, 2015; Keras 3 names and defaults.
    """

    def __init__(self, teacher, student, distillation_losses, distillation_loss_weights=None,
                 student_loss_weight=0.5, name="distiller", **kwargs):  # fmt: skip
        super().__init__(name=name, **kwargs)
        _check_models(teacher, student)
        is_number = isinstance(student_loss_weight, (int, float))
        if not is_number or not 0 <= student_loss_weight <= 1:
            raise ValueError(explain("Distiller", "student_loss_weight must be from 0 to 1",
                                     received=student_loss_weight))  # fmt: skip
        if distillation_losses is None:
            raise ValueError(explain("Distiller", "distillation_losses is missing"))
        is_list = isinstance(distillation_losses, (list, tuple))
        found = list(distillation_losses) if is_list else [distillation_losses]
        weights = distillation_loss_weights if is_list else None
        weights = [1.0] * len(found) if weights is None else list(weights)
        if len(weights) != len(found):
            raise ValueError(
                explain("Distiller", "each distillation loss needs a weight",
                        received=f" {len(found)} losses, {len(weights)} weights")
            )  # fmt: skip
        for loss in found:
            loss.validate_model_compatibility(teacher, student)
        self.teacher, self.student = teacher, student
        self.distillation_losses, self.distillation_loss_weights = found, weights
        self.student_loss_weight = student_loss_weight
        self._teacher_features = _features(teacher, [x.teacher_layer_name for x in found])
        self._student_features = _features(student, [x.student_layer_name for x in found])
        teacher.trainable = False
        self.student_loss_tracker = Mean(name="student_loss")
        self.distillation_loss_tracker = Mean(name="distillation_loss")
        self.total_loss_tracker = Mean(name="total_loss")

    _untracked = Model._untracked | {"_teacher_features", "_student_features"}

    def compile(self, optimizer="adam", loss=None, metrics=None, **kwargs):
        """As of Model; `loss` is the student's on the labels, and must be given.

        Args:
            optimizer: name or Optimizer.
            loss: name or Loss, nested like the outputs.
            metrics: list of names or Metrics.
            **kwargs: as of `Model.compile`.
        """
        if loss is None:
            raise ValueError(explain("Distiller.compile", "loss is missing"))
        self._student_loss = tree.map_structure(losses.get, loss)
        super().compile(optimizer=optimizer, loss=None, metrics=metrics, **kwargs)
        self._compile_arguments["loss"] = loss

    def call(self, inputs, training=None, **kwargs):
        """The student's output."""
        return self.student(inputs, training=training, **kwargs)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        """The weighted sum of the student's and the distillation losses."""
        if y_pred is None:
            y_pred = self(x, training=training)
        zero = ops.zeros(())
        student = distilled = zero
        if self.student_loss_weight > 0 and y is not None:
            values = tree.map_structure(
                lambda loss, t, p: ops.mean(loss(t, p)), self._student_loss, y, y_pred
            )
            student = sum(tree.flatten(values), zero)
        if self.student_loss_weight < 1:
            distilled = self._distilled(x, y_pred, training)
        weight = self.student_loss_weight
        total = weight * student + (1 - weight) * distilled
        self.student_loss_tracker.update_state(student)
        self.distillation_loss_tracker.update_state(distilled)
        self.total_loss_tracker.update_state(total)
        return total

    def _distilled(self, x, y_pred, training):
        teacher = self._teacher_features(x, training=False)
        student = {"": y_pred}
        if any(loss.student_layer_name for loss in self.distillation_losses):
            student = {**self._student_features(x, training=training), "": y_pred}
        total = ops.zeros(())
        pairs = zip(self.distillation_losses, self.distillation_loss_weights, strict=True)
        for loss, weight in pairs:
            outputs = (teacher[loss.teacher_layer_name or ""],
                       student[loss.student_layer_name or ""])  # fmt: skip
            loss.validate_outputs(*outputs)
            value = loss.compute_loss(*outputs)
            if tuple(value.shape) != ():
                raise ValueError(explain(type(loss).__name__, "compute_loss gives no scalar",
                                         received=value))  # fmt: skip
            total = total + weight * value
        return total

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "name": self.name,
            "teacher": serialize_keras_object(self.teacher),
            "student": serialize_keras_object(self.student),
            "distillation_losses": [serialize_keras_object(x) for x in self.distillation_losses],
            "distillation_loss_weights": self.distillation_loss_weights,
            "student_loss_weight": self.student_loss_weight,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        """A distiller from `get_config()`."""
        with registry.CustomObjectScope(custom_objects):
            parts = ("teacher", "student", "distillation_losses")
            made = {key: deserialize_keras_object(config[key]) for key in parts}
        return cls(**{**config, **made})


def _features(model, layer_names):
    """A model that gives the outputs of named layers, and its own under ""."""
    names = [name for name in dict.fromkeys(layer_names) if name]
    if not names:
        return lambda x, training: {"": model(x, training=training)}
    outputs = {name: model.get_layer(name=name).output for name in names}
    return Model(model.inputs, {**outputs, "": tree.unflatten(model.output, model.outputs)},
                 name=f"{model.name}_features")  # fmt: skip


def _check_models(teacher, student):
    for label, model in (("teacher", teacher), ("student", student)):
        if not isinstance(model, Model):
            raise ValueError(explain("Distiller", f"the {label} is no Model", received=model))
    for end in ("inputs", "outputs"):
        first, second = getattr(teacher, end, None), getattr(student, end, None)
        if first is None or second is None:
            continue
        if len(first) != len(second) or not all(map(_fit, first, second)):
            raise ValueError(
                explain("Distiller", f"teacher and student have other {end}",
                        received=[t.spec for t in second], expected=str([t.spec for t in first]))
            )  # fmt: skip


def _fit(a, b):
    sizes = zip(a.shape, b.shape, strict=False)
    same = all(n is None or m is None or n == m for n, m in sizes)
    return len(a.shape) == len(b.shape) and same and a.dtype == b.dtype
