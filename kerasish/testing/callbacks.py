"""check_callback: what every callback must do."""

import numpy

from kerasish import layers, models, optimizers
from kerasish.callbacks import Callback
from kerasish.core.tree import flatten
from kerasish.testing.contract import Contract, plain, require, require_close

_CONTRACT = Contract("callback")
_HOOKS = [
    f"on_{phase}_{moment}"
    for phase in ("train", "test", "predict")
    for moment in ("begin", "end", "batch_begin", "batch_end")
]
_HOOKS += ["on_epoch_begin", "on_epoch_end"]


def check_callback(make, model=None, data=None, skip=()):
    """Check that a callback does what every callback must do.

    It runs in `fit` (with and without validation), `evaluate` and `predict`; it can be used for a
    second `fit`; `params` and `model` are set; its saved state is plain, and training that goes on
    from it goes on as if it had never stopped.

    Args:
        make: function without arguments that returns a new callback.
        model: function without arguments that returns a new compiled model, the same each time; a
            small regression when None.
        data: pair (x, y) of arrays for it.
        skip: names of properties that do not hold for this callback, and are not meant to.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> from kerasish.callbacks import TerminateOnNaN
        >>> "it_runs_in_fit" in check_callback(TerminateOnNaN)
        True
    """
    case = _Case(make, model or _model, data or _data())
    return _CONTRACT.check(case, where=case.where, skip=skip)


class _Case:
    def __init__(self, make, model, data):
        self.make, self.model, self.data = make, model, data
        self.where = f"check_callback({type(make()).__name__})"

    def fit(self, callback, model, first=0, last=3):
        x, y = self.data
        return model.fit(
            x,
            y,
            batch_size=8,
            epochs=last,
            initial_epoch=first,
            verbose=0,
            shuffle=False,
            validation_data=(x[:8], y[:8]),
            callbacks=[callback],
        )


def _data():
    rng = numpy.random.default_rng(3)
    x = rng.normal(size=(32, 4)).astype("float32")
    return x, (x @ numpy.float32([[1.0], [-2.0], [0.5], [3.0]])).astype("float32")


def _model():
    model = models.Sequential(
        [
            layers.Input((4,)),
            layers.Dense(
                3, "tanh", kernel_initializer={"class_name": "GlorotUniform", "config": {"seed": 1}}
            ),
            layers.Dense(
                1, kernel_initializer={"class_name": "GlorotUniform", "config": {"seed": 2}}
            ),
        ]
    )
    model.compile(optimizers.Adam(0.05, use_ema=True), loss="mse", metrics=["mae"])
    return model


@_CONTRACT.property
def it_is_a_callback(case):
    """It is a Callback, and every hook takes `logs`, which may be left out."""
    callback = case.make()
    require(case.where, isinstance(callback, Callback), "not a Callback", received=callback)
    for hook in _HOOKS:
        require(case.where, callable(getattr(callback, hook, None)), f"{hook} is no method")


@_CONTRACT.property
def it_runs_in_fit(case):
    """`fit` runs with it, tells it the model and the params, and returns finite logs."""
    callback, model = case.make(), case.model()
    history = case.fit(callback, model)
    require(case.where, callback.model is model, "its model is not the one that is trained")
    require(
        case.where,
        {"verbose", "epochs", "steps"} <= set(callback.params or {}),
        "set_params does not keep the params",
        received=callback.params,
    )
    require(case.where, history.epoch, "fit ended before its first epoch")
    require(
        case.where,
        numpy.isfinite(plain(flatten(model.get_weights())[0])).all(),
        "it leaves weights that are not finite",
    )


@_CONTRACT.property
def it_runs_a_second_time(case):
    """A second `fit` with the same object runs as the first."""
    callback, model = case.make(), case.model()
    case.fit(callback, model)
    first = case.fit(callback, model).epoch
    require(case.where, first, "a second fit ends before its first epoch")


@_CONTRACT.property
def it_runs_in_evaluate_and_predict(case):
    """`evaluate` and `predict` run with it and give what they give without it."""
    model, (x, y) = case.model(), case.data
    expected = model.evaluate(x, y, verbose=0)
    found = model.evaluate(x, y, verbose=0, callbacks=[case.make()])
    require_close(
        case.where, "evaluate gives something else", numpy.asarray(found), numpy.asarray(expected)
    )
    require_close(
        case.where,
        "predict gives something else",
        model.predict(x, verbose=0, callbacks=[case.make()]),
        model.predict(x, verbose=0),
    )


@_CONTRACT.property
def its_state_is_plain_data(case):
    """`get_state` gives a dict of plain values and arrays, which a new one takes."""
    callback, model = case.make(), case.model()
    case.fit(callback, model)
    state = callback.get_state()
    require(case.where, isinstance(state, dict), "get_state gives no dict", received=state)
    for leaf in flatten(state):
        is_plain = leaf is None or isinstance(leaf, (bool, int, float, str, bytes))
        require(
            case.where,
            is_plain or hasattr(leaf, "__array__"),
            "the state holds something that cannot be written",
            received=leaf,
        )
    twin = case.make()
    case.fit(twin, case.model(), last=1)
    twin.set_state(state)
    again = twin.get_state()
    require(
        case.where,
        repr(_values(again)) == repr(_values(state)),
        "set_state(get_state()) gives another state",
        received=again,
        expected=str(state),
    )


def _values(state):
    return [numpy.asarray(x).tolist() if hasattr(x, "__array__") else x for x in flatten(state)]
