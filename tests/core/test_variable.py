"""Variable: assignment, slices, shapes that do not fit, copies, sharing with compiled programs."""

import copy
import pickle

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.variable import autocast_scope
from kerasish.errors import ShapeError, SymbolicValueError


def zeros(n=3):
    return kerasish.Variable(np.zeros(n, np.float32), name="v")


# ---- assignment ------------------------------------------------------------------------------


def eagerly(f):
    return f


MODES = pytest.mark.parametrize("mode", [eagerly, kerasish.function], ids=["eager", "compiled"])


@MODES
def test_assign_and_what_it_returns(mode):
    v = zeros()
    assert mode(lambda: v.assign([1, 2, 3]))().tolist() == [1.0, 2.0, 3.0]
    assert mode(lambda: v.assign_add([1.0, 1.0, 1.0]))().tolist() == [2.0, 3.0, 4.0]
    assert mode(lambda: v.assign_sub(1.0))().tolist() == [1.0, 2.0, 3.0]
    assert v.numpy().tolist() == [1.0, 2.0, 3.0] and v.dtype == "float32"
    assert mode(lambda: v.assign(np.array([1.5, 2.5, 3.5])))().dtype == "float32"


SLICES = [0, -1, slice(0, 2), (slice(None), 1), (Ellipsis, 0), (0, 1), slice(None, None, 2)]


@MODES
@pytest.mark.parametrize("index", SLICES, ids=str)
def test_slices_read_and_assign_as_numpy_does(mode, index):
    wanted = np.arange(6, dtype=np.float32).reshape(3, 2)
    v = kerasish.Variable(wanted)
    assert np.array_equal(mode(lambda: v[index] * 1.0)().numpy(), wanted[index])
    assert np.array_equal(mode(lambda: v[index].assign(7.0))().numpy(), v.numpy())
    mode(lambda: v[index].assign_add(2.0))()
    mode(lambda: v[index].assign_sub(1.0))()
    wanted[index] = 8.0
    assert np.array_equal(v.numpy(), wanted)
    mode(lambda: v.assign_slice(index, 5.0))()
    wanted[index] = 5.0
    assert np.array_equal(v.numpy(), wanted)


@MODES
def test_slices_under_a_tape(mode):
    v = kerasish.Variable([[1.0, 2.0], [3.0, 4.0]])

    def slope():
        with kerasish.GradientTape() as tape:
            part = v[:, 0]
            v[0].assign([5.0, 5.0])
            y = ops.sum(part * part) + v[0][1]
        return tape.gradient(y, v)

    # `part` was read before the assignment, the last slice after it.
    assert mode(slope)().tolist() == [[2.0, 1.0], [6.0, 0.0]]
    assert v.numpy().tolist() == [[5.0, 5.0], [3.0, 4.0]]


def test_a_slice_keeps_the_value_it_was_read_with():
    v = zeros()
    part = v[0:2]
    v.assign([1.0, 1.0, 1.0])
    assert part.tolist() == [0.0, 0.0]
    with pytest.raises(TypeError, match=r"variable\[index\].assign"):
        v[0] = 1.0


READS = {
    "value": lambda v: v.value,
    "read_value": lambda v: v.read_value(),
    "convert": ops.convert_to_tensor,
    "iteration": lambda v: ops.stack(list(v)),
    "slice": lambda v: v[0:2],
    "operator": lambda v: v + 0.0,
    "method": lambda v: v.reshape(2),
    "cast": lambda v: ops.cast(v, "float64"),
    "list": lambda v: ops.sum([v, 0.0 * v], axis=0),
}


@MODES
@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_tapes_follow_every_way_of_reading(mode, read):
    v = kerasish.Variable([1.0, 2.0])

    def slope():
        with kerasish.GradientTape() as tape:
            y = ops.sum(read(v) ** 2)
        return tape.gradient(y, v)

    assert mode(slope)().tolist() == [2.0, 4.0]


# ---- what does not fit -----------------------------------------------------------------------

MISFITS = {
    "assign": lambda v: v.assign([1.0, 2.0]),
    "assign scalar": lambda v: v.assign(1.0),
    "assign one element": lambda v: v.assign([1.0]),
    "assign_add": lambda v: v.assign_add([1.0, 2.0]),
    "assign_sub": lambda v: v.assign_sub([[1.0, 2.0, 3.0]]),
    "assign_slice": lambda v: v.assign_slice(slice(0, 2), [1.0, 2.0, 3.0]),
}


@MODES
@pytest.mark.parametrize("misfit", MISFITS.values(), ids=MISFITS.keys())
def test_a_wrong_shape_is_refused_and_the_value_stays(mode, misfit):
    v = zeros()
    with pytest.raises(ShapeError):
        mode(lambda: misfit(v))()
    assert v.shape == (3,) and v.numpy().tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("reads_before", [False, True])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_a_size_known_only_at_run_time_is_checked_before_anything_is_written(reads_before, size):
    other, v = kerasish.Variable(0.0), zeros()

    @kerasish.function(input_signature=[kerasish.TensorSpec((None,))])
    def step(x):
        other.assign_add(1.0)
        if reads_before:
            v.assign_add(ops.zeros_like(v))
        v.assign(x)

    step(np.ones(3, np.float32))
    assert v.numpy().tolist() == [1.0, 1.0, 1.0]
    with pytest.raises(ShapeError, match=r"another shape.*Received: \(\d,\).*Expected: \(3,\)"):
        step(np.zeros(size, np.float32))
    assert v.numpy().tolist() == [1.0, 1.0, 1.0] and other.numpy() == 1.0


def test_an_update_that_fails_at_run_time_writes_nothing():
    first, second = zeros(), zeros()

    @kerasish.function(input_signature=[kerasish.TensorSpec((None,))])
    def step(x):
        first.assign(first + 1.0)
        second.assign(second + x)

    step(np.ones(3, np.float32))
    with pytest.raises(ValueError, match="broadcast"):
        step(np.ones(2, np.float32))
    assert first.numpy().tolist() == second.numpy().tolist() == [1.0, 1.0, 1.0]


def test_integers_to_negative_powers_write_nothing():
    first, second = zeros(), kerasish.Variable([2, 3], dtype="int32")

    @kerasish.function
    def step(n):
        first.assign(first + 1.0)
        second.assign(ops.power(second, n))

    step(np.int32(2))
    with pytest.raises(ValueError, match="negative integer powers"):
        step(np.int32(-1))
    assert first.numpy().tolist() == [1.0] * 3 and second.numpy().tolist() == [4, 9]


def test_construction_that_does_not_fit():
    with pytest.raises(ShapeError, match="callable initializer needs a shape"):
        kerasish.Variable(lambda shape, dtype: np.zeros(shape))
    with pytest.raises(ShapeError, match="another shape"):
        kerasish.Variable([1.0, 2.0], shape=(3,))
    with pytest.raises(TypeError):
        kerasish.Variable([1.0], dtype="float31")


def test_callable_initializers_and_dtypes():
    v = kerasish.Variable(
        lambda shape, dtype: np.full(shape, 2, dtype), shape=(2,), dtype="float16"
    )
    assert v.dtype == "float16" and v.numpy().tolist() == [2.0, 2.0]
    assert kerasish.Variable(lambda shape, dtype: np.ones(shape), shape=(1,)).dtype == "float32"
    assert kerasish.Variable([1, 2]).dtype == "int32"
    assert kerasish.Variable(np.ones(1)).dtype == "float64"


# ---- sharing ---------------------------------------------------------------------------------


def test_numpy_is_a_copy():
    v = zeros()
    array = v.numpy()
    array[:] = 9.0
    assert v.numpy().tolist() == [0.0, 0.0, 0.0]


HOLDS = {
    "value": lambda v: v.value,
    "array": np.asarray,
    "slice": lambda v: v[1:],
    "view": ops.transpose,
    "stop_gradient": ops.stop_gradient,
    "same dtype": lambda v: ops.cast(v, "float32"),
    "twin": lambda v: kerasish.Variable(v),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.mark.parametrize("hold", HOLDS.values(), ids=HOLDS.keys())
@pytest.mark.parametrize("runs", [1, 3])
def test_what_was_read_survives_updates_in_place(hold, runs):
    v = zeros()

    @kerasish.function
    def step():
        v.assign_add([1.0, 2.0, 3.0])

    step()
    held = hold(v)
    before = np.array(held)
    for _ in range(runs):
        step()
    assert np.array_equal(np.array(held), before)
    assert v.numpy().tolist() == [1.0 + runs, 2.0 + 2 * runs, 3.0 + 3 * runs]


def test_updates_are_in_place_while_nobody_looks():
    v = zeros()

    @kerasish.function
    def step():
        v.assign_add([1.0, 1.0, 1.0])

    step()
    array = v._buffer
    step()
    assert v._buffer is array
    v.value  # noqa: B018 - reading is what is tested
    step()
    assert v._buffer is not array


def test_a_value_assigned_to_two_variables_is_shared_by_neither():
    a, b, c = zeros(), zeros(), zeros()
    x = ops.convert_to_tensor([1.0, 1.0, 1.0])
    a.assign(x)
    b.assign(a)

    @kerasish.function
    def step():
        total = a + b
        a.assign(total)
        c.assign(total)
        b.assign_add([1.0, 1.0, 1.0])

    step()
    assert x.tolist() == [1.0] * 3
    assert [t.numpy().tolist() for t in (a, b, c)] == [[2.0] * 3] * 3


def test_copies_are_variables_of_their_own():
    v = kerasish.Variable([1.0, 2.0], trainable=False, autocast=False, aggregation="mean", name="w")
    v.regularizer, v.overwrite_with_gradient = "kept", True
    for twin in (copy.copy(v), copy.deepcopy(v), pickle.loads(pickle.dumps(v))):
        assert twin.key != v.key
        assert {**vars(twin), "_buffer": 0, "key": 0} == {**vars(v), "_buffer": 0, "key": 0}
        twin.assign([5.0, 5.0])
        assert v.numpy().tolist() == [1.0, 2.0]
        both = kerasish.function(lambda twin=twin: (v.value, twin.value))()
        assert [t.tolist() for t in both] == [[1.0, 2.0], [5.0, 5.0]]


def test_deepcopy_of_a_structure_copies_each_variable_once():
    v = zeros()
    a, b = copy.deepcopy([v, v])
    assert a is b and a is not v


# ---- Python's protocols and scopes -----------------------------------------------------------


def test_numbers_formats_and_length():
    v = kerasish.Variable(2.5, name="x")
    assert (float(v), int(v), bool(v), f"{v:.1f}") == (2.5, 2, True, "2.5")
    assert [1, 2, 3][kerasish.Variable(1)] == 2
    assert len(zeros()) == 3 and zeros().size == 3 and zeros().ndim == 1 and zeros().device == "cpu"
    assert repr(v) == "<Variable path=x, shape=(), dtype=float32, value=2.5>"
    assert {v: 1}[v] == 1 and zeros().spec == kerasish.TensorSpec((3,))


def test_values_are_not_to_be_had_inside_a_trace():
    v = kerasish.Variable(1.0)
    for demand in (lambda: v.numpy(), lambda: float(v), lambda: np.asarray(v), lambda: bool(v)):
        kerasish.function(lambda demand=demand: _refused(demand))()
    kerasish.function(lambda: repr(v))()


def _refused(demand):
    with pytest.raises(SymbolicValueError):
        demand()


def test_variables_made_inside_a_trace_or_tape_are_real():
    made = []

    @kerasish.function
    def f(x):
        if not made:
            with kerasish.GradientTape():
                made.append(kerasish.Variable(ops.ones((2,)) * 3.0))
        return x + made[0]

    assert f(np.float32(1.0)).tolist() == [4.0, 4.0]
    assert made[0].numpy().tolist() == [3.0, 3.0]


def test_autocast_reads_floats_in_the_compute_dtype():
    v, counter = kerasish.Variable([1.0]), kerasish.Variable([1])
    plain = kerasish.Variable([1.0], autocast=False)
    with autocast_scope("float16"):
        assert v.value.dtype == (v + v).dtype == ops.exp(v).dtype == "float16"
        assert plain.value.dtype == "float32" and counter.value.dtype == "int32"
        assert v.dtype == "float32"
        v.assign_add([1.0])
        with autocast_scope(None):
            assert v.value.dtype == "float32"
    assert v.value.dtype == "float32" and v.numpy().tolist() == [2.0]
    with pytest.raises(ZeroDivisionError), autocast_scope("float16"):
        raise ZeroDivisionError
    assert v.value.dtype == "float32"


def test_gradients_through_autocast_come_in_the_variables_dtype():
    v = kerasish.Variable([1.0, 2.0])
    with autocast_scope("bfloat16"), kerasish.GradientTape() as tape:
        y = ops.sum(v * v)
    g = tape.gradient(y, v)
    assert g.dtype == "float32" and g.tolist() == [2.0, 4.0]


def test_autocast_is_part_of_what_a_trace_depends_on():
    v = kerasish.Variable([1.0])
    f = kerasish.function(lambda: v * 2.0)
    assert f().dtype == "float32"
    with autocast_scope("float16"):
        assert f().dtype == "float16"
    assert f().dtype == "float32" and len(f.traces) == 2
