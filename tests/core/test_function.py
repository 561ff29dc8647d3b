"""function: traces by spec, unknown sizes, state, fallback, retraces, sources, buffers."""

import collections
import copy
import pickle
import threading
import warnings

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.function import EagerFallbackWarning, RetraceWarning

pytestmark = pytest.mark.usefixtures("plain_programs")


def test_one_trace_per_spec():
    calls = []

    @kerasish.function
    def double(x):
        calls.append(x.shape)
        return x * 2

    assert double(np.ones(2, np.float32)).tolist() == [2, 2]
    double(np.zeros(2, np.float32))
    double(np.ones(3, np.float32))
    assert calls == [(2,), (3,)]
    assert len(double.traces) == 2


def test_unknown_sizes_share_one_trace():
    @kerasish.function(input_signature=[kerasish.TensorSpec((None, 3), "float32")])
    def total(x):
        return ops.sum(x, axis=0), ops.mean(x)

    for n in (1, 4, 0):
        x = np.random.default_rng(n).random((n, 3), np.float32)
        with np.errstate(all="ignore"):
            s, _ = total(x)
        assert np.allclose(s.numpy(), x.sum(0))
    assert len(total.traces) == 1
    with pytest.raises(TypeError, match="does not fit the signature"):
        total(np.ones((2, 4), np.float32))


def test_gradient_with_unknown_batch_size():
    w = kerasish.Variable(np.ones((3, 2), np.float32))

    @kerasish.function(input_signature=[kerasish.TensorSpec((None, 3), "float32")])
    def slope(x):
        with kerasish.GradientTape() as tape:
            y = ops.mean(ops.tanh(x @ w) + ops.sum(x, axis=1, keepdims=True))
        return tape.gradient(y, w)

    for n in (2, 5):
        x = np.random.default_rng(n).random((n, 3), np.float32)
        assert np.allclose(slope(x).numpy(), slope.python_function(x).numpy(), atol=1e-6)


def test_variables_are_read_and_assigned_in_order():
    v = kerasish.Variable(1.0)

    @kerasish.function
    def f(x):
        before = v * 1.0
        v.assign(v + x)
        middle = v * 1.0
        v.assign_add(x)
        return before, middle

    a, b = f(np.float32(2.0))
    assert (a.item(), b.item(), v.numpy()) == (1.0, 3.0, 5.0)
    f(np.float32(1.0))
    assert v.numpy() == 7.0


def test_swapping_variables_loses_nothing():
    a, b = kerasish.Variable([1.0, 1.0]), kerasish.Variable([2.0, 2.0])

    @kerasish.function
    def swap():
        x, y = a.value, b.value
        a.assign(y)
        b.assign(x)

    swap()
    assert a.numpy().tolist() == [2.0, 2.0] and b.numpy().tolist() == [1.0, 1.0]


def test_values_handed_out_survive_later_runs():
    v = kerasish.Variable(np.zeros(3, np.float32))

    @kerasish.function
    def step(x):
        v.assign(v + x)
        y = x * 2.0
        return y, v.value, ops.reshape(y, (3, 1))

    held = v.value
    first = step(np.ones(3, np.float32))
    kept = [t.numpy().copy() for t in first]
    step(np.full(3, 5.0, np.float32))
    assert all(np.array_equal(t.numpy(), k) for t, k in zip(first, kept, strict=True))
    assert held.tolist() == [0.0, 0.0, 0.0]


def test_a_failing_step_leaves_variables_as_they_were():
    v = kerasish.Variable(np.zeros(4, np.float32))

    @kerasish.function
    def step(index):
        v.assign(v + 1.0)
        return ops.take(v, index)

    step(np.array([1]))
    before = v.numpy()
    with pytest.raises(Exception, match="(?i)bounds|range"):
        step(np.array([9]))
    assert np.array_equal(v.numpy(), before)


def test_python_control_flow_on_values_falls_back_with_one_warning():
    @kerasish.function
    def sign(x):
        if x > 0:
            return x
        return -x

    with pytest.warns(EagerFallbackWarning, match=r"test_function\.py:\d+: if x > 0"):
        assert sign(np.float32(-2.0)).item() == 2.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sign(np.float32(3.0)).item() == 3.0


def test_retraces_are_explained():
    @kerasish.function
    def f(x, factor):
        return x * factor

    with pytest.warns(RetraceWarning, match="Python value that changes"):
        for i in range(12):
            f(np.float32(1.0), i)


def test_source_is_a_numpy_program():
    @kerasish.function
    def f(x):
        return ops.exp(x) + 1.0

    text = f.source(kerasish.TensorSpec((2,), "float32"))
    assert "np.exp(x0" in text and "np.add(" in text
    compile(text, "source", "exec")


def test_dead_and_repeated_work_is_left_out():
    @kerasish.function
    def f(x):
        ops.sin(x)
        return ops.exp(x) * ops.exp(x)

    text = f.source(kerasish.TensorSpec((2,), "float32"))
    assert "sin" not in text
    assert text.count("np.exp") == 1


def test_threads_do_not_share_buffers():
    @kerasish.function
    def f(x):
        for _ in range(20):
            x = ops.tanh(x) * 1.5 + 0.1
        return x

    inputs = [np.random.default_rng(i).random((64, 64), np.float32) for i in range(8)]
    wanted = [f(x).numpy().copy() for x in inputs]
    wrong = []

    def work(i):
        for _ in range(20):
            if not np.array_equal(f(inputs[i]).numpy(), wanted[i]):
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not wrong


def test_methods_and_nesting():
    class Thing:
        def __init__(self):
            self.v = kerasish.Variable(2.0)

        @kerasish.function
        def scaled(self, x):
            return inner(x) * self.v

    @kerasish.function
    def inner(x):
        return x + 1.0

    assert Thing().scaled(np.float32(3.0)).item() == 8.0


def test_static_results_pass_through():
    @kerasish.function
    def f(x):
        return {"y": x + 1, "n": 3, "none": None}

    out = f(np.float32(1.0))
    assert out["n"] == 3 and out["none"] is None and out["y"].item() == 2.0


def test_run_functions_eagerly():
    seen = []

    @kerasish.function
    def f(x):
        seen.append(1)
        return x

    kerasish.config.run_functions_eagerly(True)
    try:
        f(np.float32(1.0))
        f(np.float32(1.0))
    finally:
        kerasish.config.run_functions_eagerly(False)
    assert len(seen) == 2


def test_random_numbers_go_on_inside_a_trace():
    kerasish.utils.set_random_seed(3)
    eager = [kerasish.random.uniform((2,)).tolist() for _ in range(3)]

    @kerasish.function
    def draw():
        return kerasish.random.uniform((2,))

    kerasish.utils.set_random_seed(3)
    assert [draw().tolist() for _ in range(3)] == eager


# ---- what a trace is looked up by ------------------------------------------------------------


def test_static_arguments_are_told_apart_as_python_tells_them():
    f = kerasish.function(lambda x, s: x / s if isinstance(s, float) else x * s)
    x = np.float32(1.0)
    assert f(x, 0.0).item() == np.inf and f(x, -0.0).item() == -np.inf
    assert f(x, 1).dtype == f(x, 1.0).dtype == f(x, True).dtype == "float32"
    assert np.isnan(f(x, float("nan")).item()) and np.isnan(f(x, float("nan")).item())
    assert len(f.traces) == 6


def test_static_arguments_that_cannot_be_hashed_are_known_by_identity():
    f = kerasish.function(lambda x, s: x + float(len(s)))
    # Each set is freed before the next is made, so that they may have one address.
    assert [f(np.float32(0.0), set(range(n))).item() for n in range(1, 6)] == [1, 2, 3, 4, 5]
    one = {1, 2}
    assert f(np.float32(0.0), one).item() == f(np.float32(0.0), one).item() == 2.0
    assert len(f.traces) == 6


def test_variables_as_arguments_are_known_by_identity():
    variables = [kerasish.Variable(np.full(3, i, np.float32)) for i in range(10)]
    f = kerasish.function(lambda v: v * 2.0)
    with pytest.warns(RetraceWarning, match="Argument 0 is a Python value that changes"):
        for _ in range(2):
            for i, v in enumerate(variables):
                assert f(v).tolist() == [2.0 * i] * 3
    assert len(f.traces) == 10


def test_settings_that_change_what_is_recorded_are_part_of_the_key():
    f = kerasish.function(lambda: ops.ones((1,)) * 0.1)
    assert f().dtype == "float32"
    kerasish.config.set_floatx("float64")
    try:
        assert f().dtype == "float64"
    finally:
        kerasish.config.set_floatx("float32")
    assert f().dtype == "float32" and len(f.traces) == 2


def test_structures_are_part_of_the_key():
    f = kerasish.function(lambda s: ops.sum(ops.stack(kerasish.tree.flatten(s))))
    a, b = np.float32(1.0), np.float32(2.0)
    for structure in ([a, b], (a, b), [a, [b]], {"a": a, "b": b}, {"a": a, "c": b}):
        assert f(structure).item() == 3.0
    assert len(f.traces) == 5


def test_signatures():
    spec = kerasish.TensorSpec((None,), "float32")
    f = kerasish.function(lambda x, y: x + y, input_signature=[spec, spec])
    assert f(ops.ones((2,)), ops.ones((2,))).tolist() == [2.0, 2.0]
    with pytest.raises(TypeError, match=r"argument 1 does not fit.*float64.*Expected: TensorSpec"):
        f(ops.ones((2,)), np.ones(2))
    with pytest.raises(TypeError, match="argument 2 does not fit"):
        f(ops.ones((2,)), ops.ones((2,)), ops.ones((2,)))
    with pytest.raises(TypeError, match="positional.*'y'"):
        f(ops.ones((2,)), y=ops.ones((2,)))
    scalar = kerasish.function(lambda x: x * 2, input_signature=[kerasish.TensorSpec(())])
    assert scalar(1.5).item() == 3.0 and scalar(2.5).item() == 5.0 and len(scalar.traces) == 1
    with pytest.raises(TypeError, match="unknown arguments.*'jit'"):
        kerasish.function(lambda x: x, jit=True)


def test_an_unknown_first_trace_has_no_source():
    f = kerasish.function(lambda x: x + 1)
    with pytest.raises(kerasish.errors.KerasishError, match="not been traced yet"):
        f.source()
    assert "np.add(x0, 1)" in f.source(np.ones(2, np.float32))


# ---- methods and copies ----------------------------------------------------------------------


class Counter:
    """An object with compiled methods."""

    def __init__(self):
        self.total = kerasish.Variable(0.0)

    @kerasish.function
    def step(self, x):
        """Add to the total."""
        return self.total.assign_add(x)


def test_methods_keep_their_traces_for_each_object():
    a, b = Counter(), Counter()
    for _ in range(3):
        a.step(np.float32(1.0))
    b.step(np.float32(5.0))
    assert (a.total.numpy(), b.total.numpy()) == (3.0, 5.0)
    assert len(a.step.traces) == len(b.step.traces) == 1 and Counter.step.traces == []
    assert a.step.__doc__ == "Add to the total." and a.step.__name__ == "step"


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_of_objects_have_their_own_variables_and_traces(copied):
    a = Counter()
    a.step(np.float32(1.0))
    b = copied(a)
    assert b.step.traces == []
    for _ in range(2):
        b.step(np.float32(10.0))
    a.step(np.float32(1.0))
    assert (a.total.numpy(), b.total.numpy()) == (2.0, 21.0)


@kerasish.function
def module_level(x):
    return x + 1.0


def test_functions_copy_as_plain_functions_do():
    a = Counter()
    bound = a.step
    bound(np.float32(1.0))
    twin = copy.deepcopy(bound)
    twin(np.float32(1.0))
    assert a.total.numpy() == 1.0
    assert copy.deepcopy(module_level) is module_level
    assert pickle.loads(pickle.dumps(module_level)) is module_level
    assert pickle.loads(pickle.dumps(Counter.step)) is Counter.step


def test_results_nest_as_the_function_returned_them():
    pair = collections.namedtuple("pair", "a b")

    @kerasish.function
    def f(x):
        return pair(x, {"z": [x + 1.0], "y": (None, "text", 5)}), []

    (a, b), empty = f(np.float32(1.0))
    assert type(f(np.float32(1.0))[0]) is pair and a.item() == 1.0 and empty == []
    assert list(b) == ["z", "y"] and b["z"][0].item() == 2.0 and b["y"] == (None, "text", 5)
    assert f(np.float32(1.0))[1] is not f(np.float32(1.0))[1]


def test_a_function_under_a_tape_or_inside_a_trace_is_not_run_as_a_program():
    runs = []

    @kerasish.function
    def f(x):
        runs.append(type(x).__name__)
        return x * 2.0

    x = ops.convert_to_tensor(1.0)
    with kerasish.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    assert tape.gradient(y, x).item() == 2.0 and runs == ["Tensor"]
    assert kerasish.function(lambda x: f(x) + 1.0)(x).item() == 3.0
    assert runs == ["Tensor", "SymbolicTensor"] and f.traces == []
