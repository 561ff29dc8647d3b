"""Bidirectional: a recurrent layer run forwards and a twin run backwards over the same sequence."""

from kerasish import ops, registry
from kerasish.errors import explain
from kerasish.layers.layer import Layer
from kerasish.saving.serialization import serialize_keras_object

_MERGE_MODES = ("sum", "mul", "ave", "concat", None)


@registry.register("layers")
class Bidirectional(Layer):
    """Both directions of a recurrent layer, merged: y = merge(forward(x), flip(backward(x))).

    Both layers are made anew from the configuration of `layer`, under its name with "forward_" and
    "backward_" before it.

    Args:
        layer: recurrent Layer with `go_backwards`, `return_sequences`, `return_state`, `stateful`.
        merge_mode: "concat" (last axis), "sum", "mul", "ave", or None for both outputs.
        weights: list of arrays, the forward layer's before the backward layer's.
        backward_layer: Layer to use for the backward direction; must differ in `go_backwards`.

    Call arguments:
        sequences: float tensor (batch, time, features).
        initial_state: list of tensors, the forward layer's states before the backward layer's.
        mask: bool tensor (batch, time).
        training: bool.

    Returns:
        tensor (batch, time, 2 * units) for sequences merged by "concat"; with `return_state` a
        tuple that ends with the forward and the backward states.

    Raises:
        ValueError: not layers, an unknown `merge_mode`, or two layers that do not match.

    Example:
        >>> from kerasish import ops
        >>> from kerasish.layers.recurrent.lstm import LSTM
        >>> Bidirectional(LSTM(4, return_sequences=True))(ops.ones((2, 5, 3))).shape
        (2, 5, 8)

    Source: Keras 3 names and defaults.
    """

    def __init__(self, layer, merge_mode="concat", weights=None, backward_layer=None, **kwargs):
        for name, value in (("layer", layer), ("backward_layer", backward_layer)):
            if not isinstance(value, Layer) and not (value is None and name == "backward_layer"):
                raise ValueError(
                    explain(
                        "Bidirectional",
                        f"{name} must be a layer",
                        received=value,
                        fix="Bidirectional(layers.LSTM(8))",
                    )
                )
        if merge_mode not in _MERGE_MODES:
            raise ValueError(
                explain(
                    "Bidirectional",
                    "unknown merge_mode",
                    received=merge_mode,
                    expected=f"one of {_MERGE_MODES}",
                )
            )
        super().__init__(**kwargs)
        self.forward_layer = _twin(layer, "forward_")
        if backward_layer is None:
            backward_layer = _twin(layer, "backward_", go_backwards=True)
        self.backward_layer = backward_layer
        self._check_layers()
        for direction in (self.forward_layer, self.backward_layer):
            if hasattr(direction, "zero_output_for_mask"):
                # A padded step must not repeat what lies before it: read backwards, that is after.
                direction.zero_output_for_mask = direction.return_sequences
        self.merge_mode = merge_mode
        self.stateful, self.return_sequences = layer.stateful, layer.return_sequences
        self.return_state = layer.return_state
        self.supports_masking = True
        self.input_spec = layer.input_spec
        self._initial_weights = weights

    def _check_layers(self):
        forward, backward = self.forward_layer, self.backward_layer
        if forward.go_backwards == backward.go_backwards:
            raise ValueError(
                explain(
                    "Bidirectional",
                    "both layers run in the same direction",
                    received=f" go_backwards={forward.go_backwards} of both",
                    fix="backward_layer=LSTM(..., go_backwards=True)",
                )
            )
        for name in ("stateful", "return_sequences", "return_state"):
            values = getattr(forward, name), getattr(backward, name)
            if values[0] != values[1]:
                raise ValueError(
                    explain("Bidirectional", f"the layers differ in {name}", received=values)
                )

    @classmethod
    def _own_parameters(cls):
        parameters = super()._own_parameters()
        return {n: p for n, p in parameters.items() if n == "merge_mode"}

    def get_config(self):
        """Arguments that make an equal layer, with both directions' layers."""
        return {
            **super().get_config(),
            "layer": serialize_keras_object(self.forward_layer),
            "backward_layer": serialize_keras_object(self.backward_layer),
        }

    def build(self, sequences_shape, initial_state_shape=None):
        """Build both directions."""
        for layer in (self.forward_layer, self.backward_layer):
            if not layer.built:
                layer.build(sequences_shape)
        if self._initial_weights:
            self.set_weights(self._initial_weights)

    def reset_states(self):
        """Set the states of a stateful layer to zero."""
        self.reset_state()

    def reset_state(self):
        """Set the states of a stateful layer to zero."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    def compute_mask(self, inputs, previous_mask):
        """The input's mask for each sequence that is returned, None for states."""
        mask = previous_mask if self.return_sequences else None
        sequences = [mask, mask] if self.merge_mode is None else [mask]
        if not self.return_state:
            return sequences
        directions = (self.forward_layer, self.backward_layer)
        return sequences + [None for layer in directions for _ in layer.state_size]

    def call(self, sequences, initial_state=None, mask=None, training=None):
        kwargs = {"mask": mask, "training": training}
        forward_state = backward_state = None
        if initial_state is not None:
            half = len(initial_state) // 2
            forward_state, backward_state = initial_state[:half], initial_state[half:]
        y = self.forward_layer(sequences, initial_state=forward_state, **kwargs)
        y_backward = self.backward_layer(sequences, initial_state=backward_state, **kwargs)
        states = ()
        if self.return_state:
            states = (*y[1:], *y_backward[1:])
            y, y_backward = y[0], y_backward[0]
        y, y_backward = (ops.cast(x, self.compute_dtype) for x in (y, y_backward))
        if self.return_sequences:
            y_backward = ops.flip(y_backward, axis=1)
        output = _merge(y, y_backward, self.merge_mode)
        if not self.return_state:
            return output
        return (*output, *states) if self.merge_mode is None else (output, *states)


def _twin(layer, prefix, **changes):
    """A new, unbuilt layer of the same configuration with a prefix before its name."""
    config = layer.get_config()
    config.update(changes, name=prefix + layer.name.removeprefix(prefix))
    return type(layer).from_config(config)


def _merge(y, y_backward, mode):
    if mode == "concat":
        return ops.concatenate([y, y_backward], axis=-1)
    if mode == "sum":
        return ops.add(y, y_backward)
    if mode == "ave":
        return ops.multiply(ops.add(y, y_backward), 0.5)
    if mode == "mul":
        return ops.multiply(y, y_backward)
    return y, y_backward
