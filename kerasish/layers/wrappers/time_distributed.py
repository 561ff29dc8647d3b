"""TimeDistributed: one layer applied to every step of a sequence."""

from kerasish import ops, registry
from kerasish.core import masks, tree
from kerasish.errors import ShapeError, explain
from kerasish.layers.wrappers.wrapper import Wrapper


@registry.register("layers")
class TimeDistributed(Wrapper):
    """A layer applied to each step alike: outputs[:, t] = layer(inputs[:, t]).

    Batch and time are merged into one axis and the layer is called once. A layer with state that
    changes in training (BatchNormalization) is called step by step where the length is known.

    Args:
        layer: Layer.

    Call arguments:
        inputs: tensor (batch, time, ...).
        training: bool.
        mask: bool tensor (batch, time) or (batch, time, ...); given to the layer where it takes a
            mask.

    Returns:
        tensor (batch, time, ...), or the layer's structure of them.

    Raises:
        ValueError: `layer` is not a Layer.
        ShapeError: an input of fewer than 3 axes, or a mask that does not fit.

    Example:
        >>> from kerasish import ops
        >>> from kerasish.layers.embedding.masking import Masking
        >>> TimeDistributed(Masking())(ops.ones((2, 3, 4, 5))).shape
        (2, 3, 4, 5)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, layer, **kwargs):
        super().__init__(layer, **kwargs)
        self.supports_masking = True

    def build(self, input_shape):
        """Build the wrapped layer for the shape of one step."""
        self._check_rank(input_shape)
        super().build((input_shape[0], *input_shape[2:]))

    def compute_mask(self, inputs, previous_mask):
        """Mask (batch, time): a step is real where any part of it is."""
        if previous_mask is None or previous_mask.ndim == 2:
            return previous_mask
        return ops.any(previous_mask, axis=tuple(range(2, previous_mask.ndim)))

    def call(self, inputs, training=None, mask=None):
        self._check_rank(inputs.shape)
        if mask is not None:
            self._check_mask(inputs, mask)
        if inputs.shape[1] is not None and self._changes_in_training(training):
            return self._call_step_by_step(inputs, mask)
        flat = _merged(inputs)
        if mask is not None:
            masks.set_mask(flat, _merged(mask))
        outputs = self.layer(flat)

        def split(tensor):
            result = _split(tensor, inputs)
            inner_mask = masks.get_mask(tensor)
            if inner_mask is not None:
                masks.set_mask(result, _split(inner_mask, inputs))
            return result

        return tree.map_structure(split, outputs)

    def _changes_in_training(self, training):
        return training and any(not w.declared_trainable for w in self.layer.weights)

    def _call_step_by_step(self, inputs, mask):
        steps = ops.unstack(inputs, axis=1)
        if mask is not None:
            for step, step_mask in zip(steps, ops.unstack(mask, axis=1), strict=True):
                masks.set_mask(step, step_mask)
        outputs = [self.layer(step) for step in steps]
        return tree.map_structure(lambda *parts: ops.stack(parts, axis=1), *outputs)

    def _check_rank(self, shape):
        if not isinstance(shape, (tuple, list)) or len(shape) < 3:
            raise ShapeError(
                explain(
                    self.path,
                    "the input has too few axes",
                    received=f" shape {shape}",
                    expected="(batch, time, ...), at least 3 axes",
                )
            )

    def _check_mask(self, inputs, mask):
        fits = len(mask.shape) >= 2 and all(
            n is None or m is None or n == m
            for n, m in zip(inputs.shape[:2], mask.shape, strict=False)
        )
        if not fits:
            raise ShapeError(
                explain(
                    self.path,
                    "the mask does not fit the input",
                    received=f" mask {mask.shape}, input {inputs.shape}",
                    expected="a mask that starts with the input's (batch, time)",
                )
            )


def _merged(x):
    """(batch, time, ...) as (batch * time, ...)."""
    return ops.reshape(x, (-1, *ops.shape(x)[2:]))


def _split(x, like):
    """(batch * time, ...) as (batch, time, ...), with the sizes of `like`."""
    batch, time = like.shape[:2]
    if batch is None and time is not None:
        leading = (-1, time)
    else:
        leading = ops.shape(like)[:2]
    return ops.reshape(x, (*leading, *ops.shape(x)[1:]))
