"""`kerasish.optimizers.legacy`: the names of Keras 2's optimizers, which Keras 3 refuses, too."""

from kerasish.errors import explain

__all__ = ["SGD", "Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop"]


class _Legacy:
    """An optimizer of Keras 2: it cannot be made.

    Args:
        *args, **kwargs: whatever Keras 2 took.

    Raises:
        ImportError: always.
    """

    def __init__(self, *args, **kwargs):
        name = type(self).__name__
        raise ImportError(
            explain(
                f"optimizers.legacy.{name}",
                "the optimizers of Keras 2 do not exist here, nor in Keras 3",
                fix=f"kerasish.optimizers.{name}",
            )
        )


Adagrad, Adam, Ftrl, Optimizer, RMSprop, SGD = (
    type(name, (_Legacy,), {"__doc__": _Legacy.__doc__, "__module__": __name__})
    for name in ("Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop", "SGD")
)
