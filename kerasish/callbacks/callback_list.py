"""CallbackList: calls the hooks of several callbacks, in the order of their roles."""

from kerasish.callbacks.callback import ROLES, Callback
from kerasish.callbacks.history import History
from kerasish.callbacks.progbar_logger import ProgbarLogger
from kerasish.core import tree
from kerasish.errors import explain

_PHASES = ("train", "test", "predict")


class CallbackList(Callback):
    """Callbacks as one, in the order of `callback.ROLES`.

    Batch hooks that no callback overrides cost nothing. Where logs are expected, a function that
    returns them will do: it is called only if some callback reads them.

    Args:
        callbacks: Callback, nested list of them, or None.
        add_history: bool. Add a History unless there is one.
        add_progbar: bool. Add a ProgbarLogger unless there is one.
        model: the model, whose attribute `history` is set to the History.
        **params: facts on the run: `verbose`, `epochs`, `steps`, and for `fit` `validation_freq`
            (None without validation).

    Raises:
        TypeError: something that is not a Callback instance.
        ValueError: a callback with an unknown role.

    Example:
        >>> from kerasish.callbacks import LambdaCallback
        >>> shout = LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs))
        >>> calls = CallbackList(shout)
        >>> calls.on_epoch_end(0, {"loss": 0.5})
        0 {'loss': 0.5}

    Source: Keras 3 names and defaults; order by role instead of list position.
    """

    def __init__(self, callbacks=None, add_history=False, add_progbar=False, model=None, **params):
        super().__init__()
        found = [] if callbacks is None else tree.flatten(callbacks)
        found = [callback for callback in found if callback is not None]
        for callback in found:
            _check(callback)
        if add_history and not any(isinstance(c, History) for c in found):
            found.append(History())
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in found):
            found.append(ProgbarLogger())
        self.callbacks = sorted(found, key=lambda callback: ROLES.index(callback.role))
        self._batch_hooks = {}
        self.set_model(model)
        self.set_params(params)

    def set_params(self, params):
        """Hand the dict of facts on the run to all callbacks."""
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)
        self._find_batch_hooks()

    def set_model(self, model):
        """Hand the model to all callbacks."""
        if model is None:
            return
        super().set_model(model)
        for callback in self.callbacks:
            if isinstance(callback, History):
                model.history = callback
            callback.set_model(model)

    def _find_batch_hooks(self):
        """List the batch hooks that do something: [(method, whether it reads logs)] by name."""
        for phase in _PHASES:
            for moment in ("begin", "end"):
                hook = f"on_{phase}_batch_{moment}"
                self._batch_hooks[hook] = [
                    (getattr(c, hook), moment == "end" and c.reads_batch_logs)
                    for c in self.callbacks
                    if self._has_hook(c, hook, phase)
                ]

    @property
    def needs_batch_logs(self):
        """Whether a callback reads the logs of every batch."""
        return any(self.reads_logs(phase) for phase in _PHASES)

    def reads_logs(self, phase):
        """Whether a callback reads the logs of every batch of "train", "test" or "predict"."""
        return any(reads for _, reads in self._batch_hooks[f"on_{phase}_batch_end"])

    def only_counts(self, phase):
        """Whether one call at the end of the last batch will do, as nobody acts at every batch.

        Args:
            phase: "train", "test" or "predict".
        """
        hooks = (f"on_{phase}_batch_begin", f"on_{phase}_batch_end")
        if any(getattr(type(self), hook) is not getattr(CallbackList, hook) for hook in hooks):
            return False  # a subclass that listens itself
        return all(
            callback.only_counts_batches(phase)
            for callback in self.callbacks
            if any(self._has_hook(callback, hook, phase) for hook in hooks)
        )

    @staticmethod
    def _has_hook(callback, hook, phase):
        older = hook.replace("train_", "") if phase == "train" else hook
        return callback.uses_hook(hook) or callback.uses_hook(older)

    def get_state(self):
        """Dict from "<class>:<its number>" to the state of each callback that keeps any."""
        states = {key: callback.get_state() for key, callback in self._by_key().items()}
        return {key: state for key, state in states.items() if state}

    def set_state(self, state):
        """Continue from `get_state()` of a list with the same callbacks that keep a state.

        Raises:
            ValueError: a state without its callback; none has been changed.
        """
        by_key = self._by_key()
        if set(state) - set(by_key):
            raise ValueError(
                explain(
                    "CallbackList",
                    "there are states of callbacks that are not in the list",
                    received=sorted(set(state) - set(by_key)),
                    expected=str(sorted(by_key)),
                    fix="resume with the callbacks that the run was started with",
                )
            )
        for key, value in state.items():
            by_key[key].set_state(value)

    def _by_key(self):
        found, counts = {}, {}
        for callback in self.callbacks:
            name = type(callback).__name__
            counts[name] = counts.get(name, -1) + 1
            found[f"{name}:{counts[name]}"] = callback
        return found

    # ---- hooks ----

    def _call(self, hook, *arguments, logs=None):
        logs = plain_logs(logs)
        for callback in self.callbacks:
            getattr(callback, hook)(*arguments, logs)

    def _call_batch(self, hook, batch, logs):
        for method, reads_logs in self._batch_hooks[hook]:
            if reads_logs and (logs is None or callable(logs)):
                logs = plain_logs(logs)
            method(batch, logs)

    def on_train_begin(self, logs=None):
        """`fit` starts."""
        self._find_batch_hooks()
        self._call("on_train_begin", logs=logs)

    def on_train_end(self, logs=None):
        """`fit` ends."""
        self._call("on_train_end", logs=logs)

    def on_train_interrupted(self):
        """A signal ends `fit` after the present step."""
        for callback in self.callbacks:
            callback.on_train_interrupted()

    def on_epoch_begin(self, epoch, logs=None):
        """An epoch starts."""
        self._call("on_epoch_begin", epoch, logs=logs)

    def on_epoch_end(self, epoch, logs=None):
        """An epoch ends."""
        self._call("on_epoch_end", epoch, logs=logs)

    def on_test_begin(self, logs=None):
        """`evaluate` or a validation starts."""
        self._find_batch_hooks()
        self._call("on_test_begin", logs=logs)

    def on_test_end(self, logs=None):
        """`evaluate` or a validation ends."""
        self._call("on_test_end", logs=logs)

    def on_predict_begin(self, logs=None):
        """`predict` starts."""
        self._find_batch_hooks()
        self._call("on_predict_begin", logs=logs)

    def on_predict_end(self, logs=None):
        """`predict` ends."""
        self._call("on_predict_end", logs=logs)

    def on_batch_begin(self, batch, logs=None):
        """Older name of `on_train_batch_begin`."""
        self._call_batch("on_train_batch_begin", batch, logs)

    def on_batch_end(self, batch, logs=None):
        """Older name of `on_train_batch_end`."""
        self._call_batch("on_train_batch_end", batch, logs)

    def on_train_batch_begin(self, batch, logs=None):
        """A training batch starts."""
        self._call_batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch, logs=None):
        """A training batch ends; `logs` may be a function that returns them."""
        self._call_batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch, logs=None):
        """A batch of `evaluate` starts."""
        self._call_batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch, logs=None):
        """A batch of `evaluate` ends; `logs` may be a function that returns them."""
        self._call_batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch, logs=None):
        """A batch of `predict` starts."""
        self._call_batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch, logs=None):
        """A batch of `predict` ends; `logs` may be a function that returns them."""
        self._call_batch("on_predict_batch_end", batch, logs)


def _check(callback):
    if not isinstance(callback, Callback):
        is_class = isinstance(callback, type) and issubclass(callback, Callback)
        raise TypeError(
            explain(
                "callbacks",
                "every item must be an instance of Callback",
                received=callback,
                fix=f"{callback.__name__}(...)" if is_class else "derive its class from Callback",
            )
        )
    if callback.role not in ROLES:
        raise ValueError(
            explain(
                type(callback).__name__,
                "unknown role",
                received=callback.role,
                expected=f"one of {ROLES}",
            )
        )


def plain_logs(logs):
    """A dict of its own from logs, or from a function that returns them; scalars as floats."""
    logs = logs() if callable(logs) else logs
    return {key: _plain(value) for key, value in (logs or {}).items()}


def _plain(value):
    is_scalar_array = hasattr(value, "shape") and tuple(value.shape) == ()
    return float(value) if is_scalar_array else value
