"""Each pass over graphs made by hand: dead code, duplicates, storage, order, buffers."""

import numpy as np
import pytest

import kerasish
from kerasish import ops
from kerasish.core import modes, passes
from kerasish.core.graph import Graph
from kerasish.core.primitive import primitive, same_spec

pytestmark = pytest.mark.usefixtures("plain_programs")


@primitive(spec=same_spec, tags=("effect", "view"), name="example_announce")
def announce(xp, x, /):
    """Stands for an operation with a side effect."""
    return x


def record(function, *specs):
    """Graph of a function of tensors of these shapes, with its outputs set."""
    graph = Graph()
    inputs = [graph.add_input(kerasish.TensorSpec(s)) for s in specs]
    with modes.tracing(graph):
        graph.outputs = list(function(*inputs))
    return graph


def operations_of(nodes):
    return [node.operation.name for node in nodes]


def itself(tensor):
    return tensor


# ---- dead code and duplicates ----------------------------------------------------------------


def test_only_what_is_wanted_stays():
    v = kerasish.Variable([0.0])

    def f(x):
        ops.sin(x)
        ops.cos(ops.tan(x))
        announce(ops.negative(x))
        v.assign(ops.exp(x))
        return [ops.sqrt(x)]

    graph = record(f, (1,))
    assert operations_of(passes.live_nodes(graph)) == [
        "negative", "example_announce", "exp", "sqrt",
    ]  # fmt: skip
    assert operations_of(passes.live_nodes(graph.without_outputs())) == [
        "negative", "example_announce", "exp",
    ]  # fmt: skip


def test_what_only_an_overwritten_assignment_needed_is_dead():
    v = kerasish.Variable([0.0])

    def f(x):
        v.assign(ops.exp(x))
        v.assign(ops.sin(x))
        return []

    assert operations_of(passes.live_nodes(record(f, (1,)))) == ["sin"]


MERGED = {
    "the same call": lambda x: [ops.exp(x), ops.exp(x)],
    "calls of merged values": lambda x: [ops.sin(ops.exp(x)), ops.sin(ops.exp(x))],
    "equal scalars": lambda x: [x * 2.0, x * 2.0],
    "equal small constants": lambda x: [x * np.ones(2, np.float32), x * np.ones(2, np.float32)],
    "equal parameters": lambda x: [ops.sum(x, axis=0), ops.sum(x, axis=0)],
    "several outputs": lambda x: [*ops.split(x, 2), *ops.split(x, 2)],
}
KEPT = {
    "scalars of two types": lambda x: [ops.maximum(x, 0.0), ops.maximum(x, -0.0)],
    "int and bool": lambda x: [x + 1, x + True],
    "parameters": lambda x: [ops.sum(x, keepdims=True), ops.sum(x)],
    "order of inputs": lambda x: [x - 2.0, 2.0 - x],
    "effects": lambda x: [announce(x), announce(x)],
    "dtypes": lambda x: [ops.cast(x, "float64"), ops.cast(x, "float16")],
    "constants of two dtypes": lambda x: [x * np.ones(2, np.float16), x * np.ones(2, np.float64)],
}


WEIGHT = kerasish.Variable([1.0, 2.0])
HANDED_ON = {
    "identity": lambda x: [ops.stop_gradient(x)],
    "cast to its own dtype": lambda x: [ops.cast(WEIGHT, "float32")],
    "times one": lambda x: [x * 1.0, 1.0 * x, x * np.float32(1.0)],
    "sum of a number": lambda x: [ops.sum(x[0]), ops.mean(x[0])],
}


@pytest.mark.parametrize("function", HANDED_ON.values(), ids=HANDED_ON.keys())
def test_nodes_that_hand_on_their_input_are_left_out(function):
    graph = record(function, (2,))
    kept, aliases = passes.merge_duplicates(graph.nodes)
    assert [n.operation.name for n in kept] in ([], ["get_item"])
    assert {o.key for o in graph.outputs} <= set(aliases)


def test_nodes_that_only_look_like_it_are_kept():
    def look_alikes(x):
        ones = np.ones((3, 2), np.float32)
        return [x * -1.0, x * ones, ops.cast(x, "float64"), ops.sum(x), ops.sum(x, keepdims=True)]

    graph = record(look_alikes, (2,))
    assert passes.merge_duplicates(graph.nodes) == (graph.nodes, {})


@pytest.mark.parametrize("function", MERGED.values(), ids=MERGED.keys())
def test_duplicates_are_merged(function):
    graph = record(function, (2,))
    kept, aliases = passes.merge_duplicates(graph.nodes)
    assert 2 * len(kept) == len(graph.nodes)
    assert {aliases[o.key].key for o in graph.outputs if o.key in aliases} <= {
        o.key for node in kept for o in node.outputs
    }
    compiled = kerasish.function(function)
    x = np.array([1.0, 2.0], np.float32)
    for a, b in zip(compiled(x), function(ops.convert_to_tensor(x)), strict=True):
        assert np.array_equal(a, b)


@pytest.mark.parametrize("function", KEPT.values(), ids=KEPT.keys())
def test_what_differs_is_kept(function):
    graph = record(function, (2,))
    kept, aliases = passes.merge_duplicates(graph.nodes)
    assert kept == graph.nodes and not aliases


def test_zeros_of_two_signs_as_parameters_are_not_merged():
    @kerasish.function(input_signature=[kerasish.TensorSpec((None,))])
    def f(x):
        return 1.0 / ops.full_like(x, 0.0), 1.0 / ops.full_like(x, -0.0)

    a, b = f(np.ones(1, np.float32))
    assert a.tolist() == [np.inf] and b.tolist() == [-np.inf]


def test_a_parameter_that_cannot_be_compared_is_no_reason_to_fail():
    @primitive(spec=lambda x, table: x.with_shape(x.shape), name="example_unhashable")
    def looked_up(xp, x, /, table=None):
        return x + table["a"]

    f = kerasish.function(lambda x: (looked_up(x, table={"a": 1}), looked_up(x, table={"a": 2})))
    assert [t.item() for t in f(np.float32(1.0))] == [2.0, 3.0]


# ---- storage ---------------------------------------------------------------------------------


def test_roots_of_views_are_what_they_look_at():
    graph = record(lambda x: [ops.transpose(ops.reshape(ops.exp(x), (3, 2)))], (2, 3))
    roots = passes.storage_roots(graph.nodes, itself)
    exp, reshape, transpose = (node.outputs[0].key for node in graph.nodes)
    assert roots == {exp: {exp}, reshape: {exp, reshape}, transpose: {exp, reshape, transpose}}


def test_a_view_of_an_input_looks_at_the_input():
    graph = record(lambda x: [ops.transpose(x)], (2, 3))
    (node,) = graph.nodes
    assert passes.storage_roots(graph.nodes, itself)[node.outputs[0].key] >= {graph.inputs[0].key}


def test_memory_is_needed_until_the_last_view_is_read():
    def f(x):
        a = ops.exp(x)
        view = ops.transpose(a)
        b = ops.sin(x)
        return [view + b, b]

    graph = record(f, (2, 2))
    roots = passes.storage_roots(graph.nodes, itself)
    last = passes.last_uses(graph.nodes, roots, itself, graph.outputs)
    by_name = {node.operation.name: last[node.outputs[0].key] for node in graph.nodes}
    assert by_name == {"exp": 3, "transpose": 3, "sin": 4, "add": 4}


def test_buffers_are_reused_after_their_last_value():
    plan = passes.BufferPlan()
    plan.allocate("a", 100)
    plan.allocate("b", 100)
    plan.release("a")
    plan.release("a")
    plan.allocate("c", 80)
    plan.allocate("d", 80)
    assert plan.places == {"a": 0, "b": 1, "c": 0, "d": 2} and plan.sizes == [100, 100, 80]
    plan.release("not a key")


def test_a_buffer_that_is_handed_over_is_free_after_the_second_value():
    plan = passes.BufferPlan()
    plan.allocate("old", 64)
    plan.hand_over("old", "new")
    assert not plan.holds("old") and plan.holds("new")
    plan.release("old")
    plan.allocate("other", 64)
    plan.release("new")
    plan.allocate("last", 64)
    assert plan.places == {"old": 0, "new": 0, "other": 1, "last": 0}


def test_buffers_that_are_far_too_large_are_left_alone():
    plan = passes.BufferPlan()
    for key, size in (("large", 10**6), ("middle", 2000)):
        plan.allocate(key, size)
        plan.release(key)
    plan.allocate("small", 1000)
    assert plan.places["small"] == plan.places["middle"]
    assert plan.sizes == [10**6, 2000]


# ---- order -----------------------------------------------------------------------------------


def test_calls_that_cannot_fail():
    graph = record(
        lambda x, y: [x + x, x + y, ops.power(ops.cast(x, "int32"), 5), ops.matmul(x, x), x**2.5],
        (2, 2),
        (None, 2),
    )
    assert operations_of(graph.nodes) == ["add", "add", "cast", "power", "matmul", "power"]
    assert [passes.cannot_fail(node) for node in graph.nodes] == [True, *[False] * 4, True]


def test_updates_come_last_with_what_only_feeds_them():
    v = kerasish.Variable([0.0, 0.0])

    def f(x):
        step = ops.negative(x)
        v.assign(v + step)
        y = ops.take(x, np.array([0]))
        return [y]

    graph = record(f, (2,))
    finals = {t.key for t in graph.updates.values()}
    kept = (*graph.outputs, *graph.updates.values())
    assert passes.safe_finals(graph.nodes, finals, itself) == finals
    early, late = passes.updates_last(graph.nodes, finals, itself, kept)
    assert operations_of(early)[-1] == "take" and operations_of(late) == ["negative", "add"]
    assert operations_of(graph.nodes)[-1] != "add"


def test_a_final_value_that_others_need_is_not_safe_to_write_early():
    v = kerasish.Variable([0.0, 0.0])

    def f(index):
        return [ops.take(v.assign(v + 1.0), ops.cast(index, "int32"))]

    graph = record(f, (1,))
    finals = {t.key for t in graph.updates.values()}
    assert passes.safe_finals(graph.nodes, finals, itself) == set()


def test_a_final_value_of_unknown_sizes_is_not_safe_to_write_early():
    v = kerasish.Variable([0.0, 0.0])

    def f(x):
        v.assign(v + x)
        return []

    graph = record(f, (None,))
    assert passes.safe_finals(graph.nodes, {t.key for t in graph.updates.values()}, itself) == set()


def test_effects_stay_in_order():
    heard = []

    @primitive(spec=same_spec, tags=("effect",), name="example_hear")
    def hear(xp, x, /, name=""):
        heard.append(name)
        return x + 0

    v = kerasish.Variable(0.0)

    @kerasish.function
    def f(x):
        hear(v.assign(v + x), name="first")
        hear(x, name="second")
        v.assign_add(1.0)
        hear(v * 1.0, name="third")
        hear(x, name="second")

    f(np.float32(1.0))
    assert heard == ["first", "second", "third", "second"]
    assert v.numpy() == 2.0


def test_what_only_hands_on_its_input_is_no_call():
    v = kerasish.Variable([1.0, 2.0])

    @kerasish.function
    def f(x):
        with kerasish.GradientTape() as tape:  # reading a variable under a tape is an operation
            y = ops.stop_gradient(ops.stop_gradient(x)) * v.value
        v.assign_sub(tape.gradient(y, v))
        return ops.stop_gradient(x), v.value

    x = np.array([3.0, 4.0], np.float32)
    assert [t.tolist() for t in f(x)] == [[3.0, 4.0], [-2.0, -2.0]]
    source = f.source()
    assert "identity" not in source and "stop_gradient" not in source
    assert "np.subtract(s0_variable" in source and ", out=s0_variable" in source
