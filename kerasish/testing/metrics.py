"""check_metric: what every metric must do."""

import numpy

from kerasish import metrics, ops
from kerasish.arrays import dtypes
from kerasish.core.function import function
from kerasish.core.spec import TensorSpec
from kerasish.testing.contract import (
    Contract,
    plain,
    require,
    require_close,
    require_config,
    serialized,
)

_CONTRACT = Contract("metric")


def check_metric(metric, *inputs, takes_weights=True, skip=(), tolerance=1e-5, custom_objects=None):
    """Check that a metric does what every metric must do; `metric` itself is only a pattern.

    Its config makes an equal metric; neither the split into batches nor merging changes the result;
    resetting forgets; a weight of n counts n times; a compiled update equals an eager one, for an
    unknown batch, too; the stateless methods leave it alone; half precision is measured in
    float32; its variables are named after it and not trainable.

    Args:
        metric: Metric.
        *inputs: arguments of `update_state` but the weights (`y_true, y_pred`, or values): arrays
            of at least 4 samples, batch first.
        takes_weights: bool. Whether `update_state` has `sample_weight`.
        skip: names of properties that do not hold for this metric, and are not meant to.
        tolerance: float. Between results that are computed in another order.
        custom_objects: dict from name to class, for what its config names besides its own class.

    Returns:
        tuple of the names of the properties that were checked.

    Raises:
        ContractError (an AssertionError): a property does not hold.

    Example:
        >>> y = numpy.arange(4.0)
        >>> "reset_forgets" in check_metric(metrics.MeanAbsoluteError(), y, y + 1)
        True
    """
    case = _Case(metric, inputs, takes_weights, tolerance, custom_objects)
    return _CONTRACT.check(case, where=case.where, skip=skip)


class _Case:
    def __init__(self, metric, inputs, takes_weights, tolerance, custom_objects):
        self.metric, self.cls = metric, type(metric)
        self.inputs = [_float32(numpy.asarray(x)) for x in inputs]
        self.count = len(self.inputs[0])
        self.takes_weights, self.tolerance = takes_weights, tolerance
        self.where = f"check_metric({metric.name})"
        self.custom_objects = {self.cls.__name__: self.cls, **(custom_objects or {})}

    def make(self):
        return self.cls.from_config(self.metric.get_config())

    def weights(self):
        rng = numpy.random.default_rng(100)
        if dtypes.is_float(self.metric.dtype):
            return rng.uniform(0, 2, self.count).astype("float32")
        return rng.integers(0, 4, self.count).astype("int32")  # of a metric that counts

    def fed(self, inputs=None, weights=None):
        """A new metric that has seen the inputs."""
        metric = self.make()
        self.update(metric, inputs or self.inputs, weights)
        return metric

    def update(self, metric, inputs, weights=None):
        if weights is None:
            metric.update_state(*inputs)
        else:
            metric.update_state(*inputs, sample_weight=weights)

    def parts(self):
        """Slices of batches of unequal size, one of a single sample."""
        middle = self.count // 2
        return slice(0, middle), slice(middle, middle + 1), slice(middle + 1, None)


def _float32(x):
    return x.astype("float32") if x.dtype == "float64" else x


@_CONTRACT.property
def config_makes_an_equal_metric(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal metrics."""
    require_config(case.where, case.metric, case.make())
    config = serialized(metrics.serialize(case.metric))
    twin = metrics.deserialize(config, custom_objects=case.custom_objects)
    require(case.where, type(twin) is case.cls, "deserialize makes another class", received=twin)
    require(case.where, twin.name == case.metric.name, "the name gets lost", received=twin.name)
    case.update(twin, case.inputs)
    require_close(
        case.where, "a metric from its config computes else", twin.result(), case.fed().result()
    )


@_CONTRACT.property
def call_updates_and_tells(case):
    """`metric(...)` is `update_state(...)`, then `result()`."""
    require_close(
        case.where, "a call tells something else", case.make()(*case.inputs), case.fed().result()
    )


@_CONTRACT.property
def batches_do_not_matter(case):
    """The result is that of all samples, however they are split into batches."""
    for weights in (None, case.weights()) if case.takes_weights else (None,):
        metric = case.make()
        for part in case.parts():
            case.update(
                metric, [x[part] for x in case.inputs], None if weights is None else weights[part]
            )
        require_close(
            case.where,
            "the split into batches changes the result",
            metric.result(),
            case.fed(weights=weights).result(),
            case.tolerance,
        )


@_CONTRACT.property
def merging_is_seeing_all(case):
    """`merge_state` gives the result of all that the merged metrics have seen."""
    others = [case.fed([x[part] for x in case.inputs]) for part in case.parts()]
    merged = case.make()
    merged.merge_state([*others, case.make()])
    require_close(
        case.where,
        "merging is not seeing all batches",
        merged.result(),
        case.fed().result(),
        case.tolerance,
    )


@_CONTRACT.property
def weights_count_samples(case):
    """A sample of weight n counts as n samples; a column of weights is a list of them."""
    if not case.takes_weights:
        return False
    times = numpy.arange(case.count) % 3
    repeated = case.fed([numpy.repeat(x, times, axis=0) for x in case.inputs])
    weighted = case.fed(weights=times.astype(case.weights().dtype))
    require_close(
        case.where,
        "a weight of n does not count as n samples",
        weighted.result(),
        repeated.result(),
        case.tolerance,
    )
    weights = case.weights()
    require_close(
        case.where,
        "a column of weights gives another result",
        case.fed(weights=weights[:, None]).result(),
        case.fed(weights=weights).result(),
        case.tolerance,
    )


@_CONTRACT.property
def reset_forgets(case):
    """After `reset_state` it is as new."""
    metric = case.fed()
    metric.reset_state()
    case.update(metric, case.inputs)
    require_close(case.where, "reset_state does not forget", metric.result(), case.fed().result())


@_CONTRACT.property
def variables_are_state(case):
    """It has variables, under its name, that no optimizer changes."""
    metric = case.fed()
    require(
        case.where,
        metric.variables,
        "it has no variables",
        fix="make them with self.add_variable in __init__",
    )
    for variable in metric.variables:
        require(case.where, not variable.trainable, f"{variable.path} is trainable")
        require(
            case.where,
            variable.path.startswith(f"{metric.name}/"),
            "a variable lies outside the metric's path",
            received=variable.path,
        )


@_CONTRACT.property
def compiled_equals_eager(case):
    """Compiled updates, also for an unknown batch, leave the state that eager ones leave."""
    arguments = [*case.inputs, *([case.weights()] if case.takes_weights else [])]
    arguments = [ops.convert_to_tensor(x) for x in arguments]
    count = len(case.inputs)
    for batch in ("static", "unknown"):
        eager, compiled = case.make(), case.make()

        def step(*given):
            case.update(compiled, given[:count], *given[count:])
            return compiled.result()

        specs = [
            TensorSpec((None if batch == "unknown" else x.shape[0], *x.shape[1:]), x.dtype)
            for x in arguments
        ]
        program = function(step, input_signature=specs)
        for _ in range(2):
            case.update(eager, arguments[:count], *arguments[count:])
            require_close(
                case.where,
                f"compiled ({batch} batch) is not eager",
                program(*arguments),
                eager.result(),
                case.tolerance,
            )
        for ours, theirs in zip(compiled.variables, eager.variables, strict=True):
            require_close(
                case.where,
                f"compiled updates leave another {ours.path}",
                ours,
                theirs,
                case.tolerance,
            )


@_CONTRACT.property
def stateless_methods_leave_it_alone(case):
    """`stateless_update_state` and its kin compute from given values, and change nothing."""
    metric = case.fed()
    before = [v.numpy() for v in metric.variables]
    state = metric.stateless_update_state(metric.stateless_reset_state(), *case.inputs)
    require_close(
        case.where,
        "stateless_result of its own state is not result()",
        metric.stateless_result(state),
        metric.result(),
        case.tolerance,
    )
    require_close(
        case.where,
        "stateless methods change the metric",
        [v.numpy() for v in metric.variables],
        before,
    )


@_CONTRACT.property
def half_precision_is_measured_in_float32(case):
    """Inputs of half precision are measured as the same values in float32 are."""
    if not all(x.dtype.kind == "f" for x in case.inputs[-1:]):
        return False
    half = [*case.inputs[:-1], case.inputs[-1].astype("float16")]
    whole = [*case.inputs[:-1], half[-1].astype("float32")]
    found = case.fed(half).result()
    require(
        case.where,
        "16" not in getattr(found, "dtype", ""),
        "the result has half precision",
        received=found,
    )
    require_close(
        case.where, "half precision gives another result", found, case.fed(whole).result(), 1e-3
    )


@_CONTRACT.property
def lists_are_arrays(case):
    """Nested lists are taken as arrays are."""
    found = case.fed([plain(x).tolist() for x in case.inputs])
    require_close(
        case.where, "lists give another result", found.result(), case.fed().result(), case.tolerance
    )
