"""check_optimizer: what every optimizer must do."""

import numpy

from kerasish import ops, optimizers
from kerasish.core.function import function
from kerasish.core.tape import GradientTape
from kerasish.core.variable import Variable
from kerasish.testing.contract import (
    Contract,
    plain,
    quiet_numpy,
    require,
    require_close,
    require_config,
    serialized,
)

_CONTRACT = Contract("optimizer")
_SHAPES = {"kernel": (4, 3), "bias": (3,)}


def check_optimizer(
    optimizer,
    learning_rate=None,
    dtypes=("float64", "float16", "bfloat16"),
    skip=(),
    tolerance=1e-5,
    custom_objects=None,
):
    """Check that an optimizer does what every optimizer must do; `optimizer` is only a pattern.

    Its config makes one that updates alike; saved state continues exactly; a compiled step equals
    an eager one; a loss gets smaller; variables and their slots keep their dtypes; gradients that
    do not fit, and gradients of zero, do no harm; `build` makes all the state.

    Args:
        optimizer: Optimizer, not built.
        learning_rate: float. With it the loss gets smaller; the optimizer's own when None.
        dtypes: dtypes of variables that it must take, besides float32.
        skip: names of properties that do not hold for this optimizer, and are not meant to.
        tolerance: float. Between results that are computed in another order.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> "the_loss_gets_smaller" in check_optimizer(optimizers.SGD(0.1, momentum=0.9))
        True
    """
    case = _Case(optimizer, learning_rate, dtypes, tolerance, custom_objects)
    return _CONTRACT.check(case, where=case.where, skip=skip)


class _Case:
    def __init__(self, optimizer, learning_rate, dtypes, tolerance, custom_objects):
        self.optimizer, self.cls = optimizer, type(optimizer)
        self.learning_rate, self.dtypes, self.tolerance = learning_rate, dtypes, tolerance
        self.where = f"check_optimizer({optimizer.name})"
        self.custom_objects = {self.cls.__name__: self.cls, **(custom_objects or {})}

    def make(self):
        return self.cls.from_config(self.optimizer.get_config())

    def started(self, steps=0):
        """A new optimizer, built, and its variables, after some steps."""
        optimizer, variables = self.make(), _variables()
        optimizer.build(variables)
        for i in range(steps):
            optimizer.apply(_gradients(i), variables)
        return optimizer, variables


def _variables(dtype="float32"):
    rng = numpy.random.default_rng(7)
    return [Variable(rng.normal(size=s), dtype=dtype, name=n) for n, s in _SHAPES.items()]


def _gradients(seed, dtype="float32"):
    rng = numpy.random.default_rng(seed)
    return [ops.cast(rng.normal(size=s).astype("float32"), dtype) for s in _SHAPES.values()]


def _values(variables):
    return [v.numpy() for v in variables]


@_CONTRACT.property
def config_makes_one_that_updates_alike(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal optimizers."""
    require_config(case.where, case.optimizer, case.make())
    config = serialized(optimizers.serialize(case.make()))
    second = optimizers.deserialize(config, custom_objects=case.custom_objects)
    require(
        case.where, type(second) is case.cls, "deserialize makes another class", received=second
    )
    first, a = case.started(3)
    b = _variables()
    for i in range(3):
        second.apply(_gradients(i), b)
    require_close(case.where, "an optimizer from its config updates else", _values(b), _values(a))


@_CONTRACT.property
def saved_state_continues_exactly(case):
    """`load_own_variables` of what `save_own_variables` wrote continues bit by bit."""
    first, a = case.started(3)
    store = {}
    first.save_own_variables(store)
    second, b = case.started()
    for variable, value in zip(b, _values(a), strict=True):
        variable.assign(value)
    second.load_own_variables(store)
    for i in range(3, 6):
        first.apply(_gradients(i), a)
        second.apply(_gradients(i), b)
    require_close(case.where, "loaded state continues in another way", _values(b), _values(a))
    require_close(
        case.where, "loaded state is another", _values(second.variables), _values(first.variables)
    )


@_CONTRACT.property
def compiled_equals_eager(case):
    """A compiled step leaves the variables and the state that an eager one leaves."""
    (eager, a), (compiled, b) = case.started(), case.started()
    step = function(lambda gradients: compiled.apply(gradients, b))
    for i in range(6):
        eager.apply(_gradients(i), a)
        step(_gradients(i))
    require_close(
        case.where, "compiled steps leave other variables", _values(b), _values(a), case.tolerance
    )
    require_close(
        case.where,
        "compiled steps leave another state",
        _values(compiled.variables),
        _values(eager.variables),
        case.tolerance,
    )


@_CONTRACT.property
def the_loss_gets_smaller(case):
    """Twenty steps on a convex loss make it smaller."""
    optimizer, variables = case.started()
    if case.learning_rate is not None:
        optimizer.learning_rate = case.learning_rate
    target = _gradients(99)

    def loss():
        pairs = zip(variables, target, strict=True)
        return sum(ops.sum(ops.square(v - t)) for v, t in pairs)

    first = float(plain(loss()))
    for _ in range(20):
        with GradientTape() as tape:
            value = loss()
        optimizer.apply(tape.gradient(value, variables), variables)
    last = float(plain(loss()))
    require(
        case.where,
        last < first,
        "twenty steps do not make a convex loss smaller",
        received=last,
        expected=f"less than {first:.6g}",
    )


@_CONTRACT.property
def dtypes_are_kept(case):
    """Variables and the state of their shape keep the variables' dtype."""
    for dtype in case.dtypes:
        optimizer, variables = case.make(), _variables(dtype)
        with quiet_numpy():  # float16 cannot hold some of the small constants
            optimizer.apply(_gradients(0, dtype), variables)
        for v in variables:
            require(
                case.where,
                v.dtype == dtype,
                f"a {dtype} variable becomes another",
                received=v.dtype,
            )
        for slot in optimizer.variables:
            require(
                case.where,
                tuple(slot.shape) != (4, 3) or slot.dtype == dtype,
                f"{slot.path} of a {dtype} variable has another dtype",
                received=slot.dtype,
            )


@_CONTRACT.property
def gradients_of_zero_do_no_harm(case):
    """Gradients of zero leave everything finite, from the first step on."""
    optimizer, variables = case.started()
    for _ in range(3):
        optimizer.apply([ops.zeros_like(v.value) for v in variables], variables)
    for v in [*variables, *optimizer.variables]:
        require(case.where, numpy.isfinite(plain(v)).all(), f"{v.path} is not finite")


@_CONTRACT.property
def gradients_that_do_not_fit_change_nothing(case):
    """A gradient of another shape raises ValueError before anything is changed."""
    optimizer, variables = case.started(1)
    before = _values([*variables, *optimizer.variables])
    wrong = [_gradients(1)[0], ops.zeros((4,))]
    try:
        optimizer.apply(wrong, variables)
    except ValueError:
        require_close(
            case.where,
            "a refused step changes something",
            _values([*variables, *optimizer.variables]),
            before,
        )
        return
    require(case.where, False, "a gradient of another shape is taken", received=wrong[1])


@_CONTRACT.property
def build_makes_all_state(case):
    """The first step makes no state that `build` has not made."""
    optimizer, variables = case.started()
    paths = [v.path for v in optimizer.variables]
    optimizer.apply(_gradients(0), variables)
    require(
        case.where,
        [v.path for v in optimizer.variables] == paths,
        "the first step makes state that build did not",
        received=[v.path for v in optimizer.variables],
        expected=str(paths),
    )
