"""Losses between what a teacher and a student give for the same inputs."""

from kerasish import losses, ops, registry
from kerasish.core import tree
from kerasish.errors import explain


class DistillationLoss:
    """Base class: `compute_loss(teacher_outputs, student_outputs)` gives one number.

    Attributes:
        teacher_layer_name: str or None. The layer whose output is compared; the model's when None.
        student_layer_name: the same of the student.

    Example:
        >>> class Gap(DistillationLoss):
        ...     def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        ...         return ops.mean(ops.abs(teacher_outputs - student_outputs))
        >>> Gap().compute_loss(ops.ones((2, 1)), ops.zeros((2, 1))).item()
        1.0

    Source: Hinton, Vinyals, Dean, 2015; Keras 3 names and defaults.
    """

    teacher_layer_name = student_layer_name = None

    def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        """Scalar tensor; to be written by subclasses."""
        raise NotImplementedError(
            explain(type(self).__name__, "it needs compute_loss(teacher_outputs, student_outputs)")
        )

    def validate_outputs(self, teacher_outputs, student_outputs):
        """Raise ValueError unless the two are nested alike."""
        tree.assert_same_structure(teacher_outputs, student_outputs)

    def validate_model_compatibility(self, teacher, student):
        """Raise ValueError unless the layers that are named exist."""
        for label, model, name in (
            ("teacher", teacher, self.teacher_layer_name),
            ("student", student, self.student_layer_name),
        ):
            if name is None:
                continue
            if getattr(model, "inputs", None) is None:
                raise ValueError(
                    explain(
                        type(self).__name__,
                        f"layers of the {label} cannot be looked into: it is subclassed",
                        received=model,
                        fix="use a functional or Sequential model, or name no layers",
                    )
                )
            model.get_layer(name=name)


class _NamedLosses(DistillationLoss):
    """What the two losses share: a nested structure of losses, one for each output."""

    def __init__(self, loss):
        self.loss = tree.map_structure(_loss_of, loss)
        if all(item is None for item in tree.flatten(self.loss)):
            raise ValueError(explain(type(self).__name__, "there is no loss", received=loss))

    def validate_outputs(self, teacher_outputs, student_outputs):
        """Raise ValueError unless outputs and losses are nested alike."""
        super().validate_outputs(teacher_outputs, student_outputs)
        tree.assert_same_structure(self.loss, teacher_outputs)

    def _total(self, function, teacher_outputs, student_outputs):
        values = tree.map_structure(function, self.loss, teacher_outputs, student_outputs)
        return sum(v for v in tree.flatten(values) if v is not None)

    def _loss_config(self):
        return tree.map_structure(
            lambda item: None if item is None else losses.serialize(item), self.loss
        )

    @classmethod
    def from_config(cls, config):
        """A loss from `get_config()`."""
        return cls(**{**config, "loss": _from_config(config["loss"])})


def _loss_of(item):
    return losses.get(item) if isinstance(item, str) else item


def _from_config(config):
    if isinstance(config, dict) and "class_name" in config:
        return losses.deserialize(config)
    if isinstance(config, dict):
        return {key: _from_config(value) for key, value in config.items()}
    if isinstance(config, (list, tuple)):
        return [_from_config(item) for item in config]
    return config


@registry.register("losses")
class FeatureDistillation(_NamedLosses):
    """Loss between outputs of layers: mean of loss(teacher's features, student's features).

    Args:
        loss: name, Loss, or a nested structure of them (None leaves an output out).
        teacher_layer_name: str; the model's output when None.
        student_layer_name: str; the model's output when None.

    Raises:
        ValueError: no loss at all.

    Example:
        >>> FeatureDistillation("mae").compute_loss(ops.ones((2, 3)), ops.zeros((2, 3))).item()
        1.0

    Source: Romero et al., 2015, "FitNets"; Keras 3 names and defaults.
    """

    def __init__(self, loss="mse", teacher_layer_name=None, student_layer_name=None):
        super().__init__(loss)
        self.teacher_layer_name, self.student_layer_name = teacher_layer_name, student_layer_name

    def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        """Scalar tensor.

        Args:
            teacher_outputs: nested tensors.
            student_outputs: nested tensors.
            **kwargs: not used.
        """

        def mean(loss, teacher, student):
            return None if loss is None else ops.mean(loss(teacher, student))

        return self._total(mean, teacher_outputs, student_outputs)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {
            "loss": self._loss_config(),
            "teacher_layer_name": self.teacher_layer_name,
            "student_layer_name": self.student_layer_name,
        }


@registry.register("losses")
class LogitsDistillation(_NamedLosses):
    """Loss between logits divided by a temperature T; for KL divergence of softmax, times T^2.

    Args:
        temperature: float > 0. The higher, the more the small logits count.
        loss: name, Loss, or a nested structure of them (None leaves an output out).

    Raises:
        ValueError: no loss at all, or a temperature that is not positive.

    Example:
        >>> same = ops.array([[1.0, 2.0]])
        >>> abs(LogitsDistillation(2.0).compute_loss(same, same).item()) < 1e-6
        True

    Source: Hinton, Vinyals, Dean, 2015; Keras 3 names and defaults. (Keras 3.15 itself takes the
        KL divergence of the logits as they are where the loss is given by its name.)
    """

    def __init__(self, temperature=3.0, loss="kl_divergence"):
        super().__init__(loss)
        is_number = isinstance(temperature, (int, float)) and not isinstance(temperature, bool)
        if not is_number or temperature <= 0:
            raise ValueError(
                explain("LogitsDistillation", "temperature must be positive", received=temperature)
            )
        self.temperature = temperature

    def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        """Scalar tensor.

        Args:
            teacher_outputs: nested tensors of logits.
            student_outputs: nested tensors of logits.
            **kwargs: not used.
        """

        def scaled(loss, teacher, student):
            if loss is None:
                return None
            teacher, student = teacher / self.temperature, student / self.temperature
            if not (isinstance(loss, losses.KLDivergence) or loss is losses.kl_divergence):
                return ops.mean(loss(teacher, student))
            value = ops.mean(loss(ops.softmax(teacher), ops.softmax(student)))
            return value * self.temperature**2

        return self._total(scaled, teacher_outputs, student_outputs)

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {"temperature": self.temperature, "loss": self._loss_config()}
