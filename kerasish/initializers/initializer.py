"""Initializer, the base of all: a callable from shape and dtype to the first value of a weight."""

from kerasish.registry import register


@register("initializers")
class Initializer:
    """Base of all initializers: `initializer(shape, dtype)` returns a tensor.

    Example:
        >>> from kerasish import ops
        >>> class Countdown(Initializer):
        ...     def __call__(self, shape, dtype=None):
        ...         return ops.cast(ops.flip(ops.arange(shape[0])), dtype or "float32")
        >>> Countdown()((3,)).tolist()
        [2.0, 1.0, 0.0]

    Source: Keras 3 names and defaults.
    """

    def __call__(self, shape, dtype=None):
        """First value of a weight.

        Args:
            shape: tuple of int.
            dtype: dtype-like; floatx when None.

        Returns:
            tensor.
        """
        raise NotImplementedError(f"{type(self).__name__} needs __call__(self, shape, dtype=None)")

    def get_config(self):
        """Dict of the constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config):
        """An initializer from `get_config()`."""
        return cls(**config)

    def clone(self):
        """Another initializer of the same configuration."""
        return type(self).from_config(self.get_config())
