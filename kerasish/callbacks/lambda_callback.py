"""LambdaCallback: hooks given as functions."""

from kerasish import registry
from kerasish.callbacks.callback import Callback
from kerasish.errors import explain, nearest

_HOOKS = tuple(name for name in vars(Callback) if name.startswith("on_"))


@registry.register("callbacks")
class LambdaCallback(Callback):
    """A callback from functions.

    Args:
        on_epoch_begin: function of (epoch, logs).
        on_epoch_end: function of (epoch, logs).
        on_train_begin: function of (logs).
        on_train_end: function of (logs).
        on_train_batch_begin: function of (batch, logs).
        on_train_batch_end: function of (batch, logs).
        **kwargs: functions for any other hook of Callback.

    Raises:
        ValueError: a keyword that is no hook.

    Example:
        >>> LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch)).on_epoch_end(2, {})
        2

    Source: Keras 3 names and defaults.
    """

    def __init__(self, on_epoch_begin=None, on_epoch_end=None, on_train_begin=None,
                 on_train_end=None, on_train_batch_begin=None, on_train_batch_end=None,
                 **kwargs):  # fmt: skip
        super().__init__()
        given = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in given.items():
            if name not in _HOOKS:
                raise ValueError(
                    explain(
                        "LambdaCallback", "no such hook", received=name, fix=nearest(name, _HOOKS)
                    )
                )
            if function is not None:
                setattr(self, name, function)
