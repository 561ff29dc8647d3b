"""tf.GradientTape: the package's tape with TensorFlow's errors and results."""

import enum
import logging

from kerasish.arrays import dtypes
from kerasish.compat.v2.tensors import faces
from kerasish.core import tape as core
from kerasish.core import tree
from kerasish.errors import GradientError


class UnconnectedGradients(enum.Enum):
    """What a gradient is where there is no path from source to target."""

    NONE = "none"
    ZERO = "zero"


class GradientTape(core.GradientTape):
    """Records operations on watched tensors, to differentiate them.

    Args:
        persistent: bool. Allow more than one call of `gradient` and `jacobian`.
        watch_accessed_variables: bool. Watch trainable variables without `watch`.

    Example:
        >>> from kerasish.compat import v2 as tf
        >>> x = tf.Variable(3.0)
        >>> with tf.GradientTape() as tape:
        ...     y = x**2
        >>> print(tape.gradient(y, x))
        tf.Tensor(6.0, shape=(), dtype=float32)

    Source: TensorFlow `tf.GradientTape`.
    """

    def watch(self, tensor):
        """Follow a tensor, variable, or nested structure of them; integers have no gradients."""
        leaves = tree.flatten(tensor)
        for leaf in leaves:
            if not dtypes.is_differentiable(getattr(leaf, "dtype", "float32")):
                logging.getLogger("tensorflow").warning(
                    "The dtype of the watched tensor must be floating (e.g. tf.float32), got %r",
                    leaf.dtype,
                )
            else:
                super().watch(leaf)

    def gradient(self, target, sources, output_gradients=None,
                 unconnected_gradients=UnconnectedGradients.NONE):  # fmt: skip
        """Derivatives of the sum of the targets by each source, in the structure of `sources`.

        Args:
            target: tensor, or nested structure of tensors.
            sources: tensor, variable, or nested structure of them.
            output_gradients: cotangents of the targets, or None for ones.
            unconnected_gradients: UnconnectedGradients, or "none" or "zero".

        Raises:
            RuntimeError: a second call, and the tape is not persistent.
        """
        how = UnconnectedGradients(unconnected_gradients).value
        self._require_unused()
        return self._seen(super().gradient, _tensors(target), sources, output_gradients, how)

    def jacobian(self, target, sources, unconnected_gradients=UnconnectedGradients.NONE,
                 parallel_iterations=None, experimental_use_pfor=True):  # fmt: skip
        """Derivative of every element of `target` by every element of each source."""
        how = UnconnectedGradients(unconnected_gradients).value
        self._require_unused()
        return self._seen(super().jacobian, target, sources, how)

    def batch_jacobian(self, target, source, unconnected_gradients=UnconnectedGradients.NONE,
                       parallel_iterations=None, experimental_use_pfor=True):  # fmt: skip
        """Jacobian of each sample: target (batch, ...) by source (batch, ...)."""
        how = UnconnectedGradients(unconnected_gradients).value
        self._require_unused()
        return self._seen(super().batch_jacobian, target, source, how)

    def _require_unused(self):
        if self._is_used and not self.is_persistent:
            raise RuntimeError(
                "A non-persistent GradientTape can only be used to compute one set of gradients "
                "(or jacobians)"
            )

    @staticmethod
    def _seen(compute, *args):
        try:
            return faces(compute(*args))
        except GradientError as error:
            raise ValueError(str(error)) from error


def _tensors(target):
    """A dict of targets as a list: the order does not matter, since they are summed."""
    return tree.flatten(target) if isinstance(target, dict) else target
