"""Programs: their source is safe and readable, results are nobody else's, buffers are few."""

import itertools

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core.program import Program
from kerasish.core.source_text import identifier, is_plain, letters, on_one_line
from kerasish.errors import ShapeError

pytestmark = pytest.mark.usefixtures("plain_programs")

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], np.float32)


# ---- source ----------------------------------------------------------------------------------

NASTY = [
    "x\n    raise SystemExit",
    "x\r    raise SystemExit",
    "x\x00y",
    "x\x0cy\x85z\u2028w",
    "σ²",
    "ﬁ",
    "a b/c-d",
    "",
    "\ud800",
]


@pytest.mark.parametrize("name", NASTY, ids=ascii)
def test_names_of_variables_scopes_and_functions_cannot_become_code(name):
    v = kerasish.Variable(1.0, name=name)

    def add(x):
        with kerasish.core.names.scope(name):
            return x + v

    f = kerasish.function(add, name=name)
    assert f(np.float32(2.0)).item() == 3.0
    assert len(f.source().splitlines()) == 5 and f.source().count("\n") == 5


@pytest.mark.parametrize("name", ["np", "cp", "inf", "nan", "take", "x0", "v0", "class", "None"])
def test_functions_may_have_the_name_of_anything_in_the_program(name):
    v = kerasish.Variable(1.0, name=name)
    f = kerasish.function(lambda x, i: ops.take(x * 2.0, i) + v, name=name)
    assert f(X[0], np.array([0, 2])).tolist() == [3.0, 7.0]


def test_variables_of_one_name_are_told_apart():
    a, b = (kerasish.Variable(x, name="v") for x in (1.0, 2.0))
    assert kerasish.function(lambda: a - b)().item() == -1.0


def test_pieces_of_source():
    assert letters("a b²ñ_1") == "a_b___1" and on_one_line("a\nb c") == "a?b c"
    taken = set()
    assert [identifier("a.b", taken) for _ in range(2)] == ["a_b", "a_b_"]
    plain = [None, True, -0.0, float("inf"), "a\n'", (1, (2.5, None)), slice(None, 2), Ellipsis]
    assert all(is_plain(v) for v in plain)
    for value in (np.float32(1), np.int64(2), [1], {1: 2}, (np.int64(2),), object(), 1j):
        assert not is_plain(value)


def test_literals_come_back_as_they_were():
    f = kerasish.function(lambda x: (x * float("inf"), x - float("-inf"),
                                     1.0 / (x * -0.0),
                                     ops.full_like(x, float("nan")), x + 1e-45, x * 2**60))  # fmt: skip
    x = ops.convert_to_tensor(2.0)
    for a, b in zip(f(x), f.python_function(x), strict=True):
        assert np.array_equal(a, b, equal_nan=True) and np.signbit(a) == np.signbit(b)


def test_source_names_layers_and_variables():
    w = kerasish.Variable(np.ones((3, 2), np.float32), name="kernel")

    @kerasish.function
    def forward(x):
        with kerasish.core.names.scope("dense"):
            return ops.matmul(x, w)

    source = forward.source(X)
    assert source.startswith("def forward(x0, s0_kernel):\n")
    assert "# x0: float32[2, 3]  input" in source and "# s0_kernel: float32[3, 2]  kernel" in source
    assert "# float32[2, 2]  dense" in source and source.endswith("return [v0]\n")


# ---- errors ----------------------------------------------------------------------------------


def test_errors_of_a_run_are_those_of_eager_and_name_the_line():
    f = kerasish.function(lambda x, i: ops.take(x, i, axis=0))
    f(X, np.array([0]))
    with pytest.raises(ShapeError) as eager:
        f.python_function(ops.convert_to_tensor(X), ops.convert_to_tensor([5]))
    with pytest.raises(ShapeError, match="compiled '.*lambda': .*out of bounds") as compiled:
        f(X, np.array([5]))
    assert "out of bounds" in str(eager.value)
    assert compiled.value.__notes__[0].startswith("in compiled 'program_lambda', line 4: v0 = ")


def test_a_program_runs_again_after_an_error():
    f = kerasish.function(lambda x, i: ops.exp(ops.take(ops.exp(x), i, axis=0)))
    wanted = f(X, np.array([1])).numpy().copy()
    for _ in range(3):
        with pytest.raises(ShapeError):
            f(X, np.array([5]))
    assert np.array_equal(f(X, np.array([1])), wanted)
    assert len(f.traces[0].program._idle) == 1


# ---- values without axes ---------------------------------------------------------------------


def test_numbers_are_arrays_inside_a_program():
    """NumPy returns its scalars, which cannot be written to, for results without axes."""

    @kerasish.function
    def f(x):
        y = ops.negative(x)
        z = ops.slice_update(y, [], x)
        low, high = ops.min(x), ops.sum(x)
        return y, z, ops.slice_update(low, [], high), *ops.split(ops.reshape(x, (1,)), 1)

    for value in (1.5, -2.0):
        found = f(np.float32(value))
        assert [t.numpy().tolist() for t in found] == [-value, value, value, [value]]
        assert all(type(t._array) is np.ndarray for t in found)


# ---- memory ----------------------------------------------------------------------------------


def chain(x):
    for _ in range(20):
        x = ops.tanh(x) * 1.5 + 0.1
    return x


def test_a_chain_of_elementwise_calls_needs_one_buffer():
    f = kerasish.function(chain)
    f(X)
    assert f.traces[0].program._plan.buffers.sizes == [X.nbytes]
    assert f.traces[0].program.buffer_bytes == X.nbytes


def test_buffers_are_aligned():
    f = kerasish.function(lambda x: chain(ops.matmul(x, ops.transpose(x))))
    f(X)
    (run,) = f.traces[0].program._idle
    buffers = [
        b
        for name, b in run.function.__globals__.items()
        if name.startswith("b") and name[1:].isdigit()
    ]
    assert buffers and all(b.ctypes.data % 64 == 0 for b in buffers)


def test_without_buffers_the_result_is_the_same():
    f = kerasish.function(chain)
    graph = f.concrete(X).graph
    plain = Program(graph, f.traces[0].program.device, reuses_buffers=False, is_plain=True)
    assert plain.buffer_bytes == 0
    assert np.array_equal(plain([X])[0], f(X))


OUTPUTS = {
    "an input": lambda x, v: [x],
    "a view of an input": lambda x, v: [ops.transpose(x)],
    "the same twice": lambda x, v: [x + 1.0] * 2,
    "a value and its view": lambda x, v: [x + 1.0, ops.transpose(x + 1.0)],
    "views of one value": lambda x, v: [ops.transpose(x + v), ops.reshape(x + v, (3, 2))],
    "a variable": lambda x, v: [v, v.value, ops.transpose(v)],
    "an assigned value": lambda x, v: [v.assign(v + x), v.value],
    "the value before": lambda x, v: [v.value, v.assign(v + x)],
    "a view of the value before": lambda x, v: [ops.transpose(v), v.assign(v + x)],
    "a constant": lambda x, v: [ops.ones((2, 3)), ops.ones((2, 3))],
    "a constant assigned": lambda x, v: [v.assign(ops.ones((2, 3)))],
    "a value assigned unread": lambda x, v: [v.assign(x * 2.0)],
    "a view assigned unread": lambda x, v: [v.assign(ops.flip(x * 2.0)), x],
    "an input assigned": lambda x, v: [v.assign(x), x],
    "parts": lambda x, v: ops.split(x * 2.0, 3, axis=1),
    "diagonal": lambda x, v: [ops.diagonal(x + v), ops.broadcast_to(x[0] * v[1], (4, 3))],
}


@pytest.mark.parametrize("case", OUTPUTS.values(), ids=OUTPUTS.keys())
def test_outputs_are_nobody_elses(case):
    v, twin = kerasish.Variable(X), kerasish.Variable(X)
    f = kerasish.function(lambda x: case(x, v))
    results, arrays = [], []
    for i in range(3):
        x = X + i
        found = [t._array for t in f(x)]
        wanted = [np.array(t) for t in case(ops.convert_to_tensor(x), twin)]
        for a, b in zip(found, wanted, strict=True):
            assert np.array_equal(a, b)
        results += [(a, b.copy()) for a, b in zip(found, wanted, strict=True)]
        arrays += [x, v._buffer, *found]
    assert all(np.array_equal(a, b) for a, b in results)
    constants = list(f.traces[0].program.constants.values())  # the only ones that are shared
    own = {id(a): a for a in arrays if not any(a is c for c in constants)}
    for a, b in itertools.combinations(own.values(), 2):
        assert not np.shares_memory(a, b)
    assert np.array_equal(v.numpy(), twin.numpy())


def test_without_its_outputs_a_step_assigns_and_computes_nothing_else():
    v = kerasish.Variable(0.0)

    @kerasish.function
    def step(x):
        v.assign_add(ops.sum(x))
        return ops.sort(ops.exp(x))

    concrete = step.concrete(X)
    assert concrete.run_silently([X]) is None and v.numpy() == 21.0
    assert "sort" in concrete.program.source() and "sort" not in concrete._silent.source()
