"""Attention found in programs: the fused nodes give what the plain ones did."""

import numpy
import pytest

from kerasish import layers, ops
from kerasish.core import modes, passes
from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.core.tape import GradientTape
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.kernels.cpu import rewrites_attention
from tests.kernels.support import numpy_namespace

rng = numpy.random.default_rng(0)
B, T, S, H, D = 2, 5, 6, 3, 4
QUERY, KEY = rng.normal(size=(B, T, H, D)), rng.normal(size=(B, S, H, D))
VALUE = rng.normal(size=(B, S, H, 7))


def record(function, arrays, watched):
    """Nodes of a function and the gradients of its result, its inputs and what it returns."""
    graph = Graph("one")
    inputs = [graph.add_input(TensorSpec(a.shape, str(a.dtype))) for a in arrays]
    with modes.tracing(graph):
        with GradientTape() as tape:
            for i in watched:
                tape.watch(inputs[i])
            y = function(*inputs)
        gradients = tape.gradient(y, [inputs[i] for i in watched]) if watched else []
    graph.outputs = [y, *gradients]
    nodes, aliases = passes.merge_duplicates(passes.live_nodes(graph))

    def resolve(t):
        while t.key in aliases:
            t = aliases[t.key]
        return t

    return graph, nodes, resolve


def run(graph, nodes, resolve, arrays):
    """Arrays that the graph returns when these nodes run."""
    values = {t.key: a for t, a in zip(graph.inputs, arrays, strict=True)}
    for variable, inner in graph.captures.values():
        values[inner.key] = variable.numpy()

    def array_of(x):
        if isinstance(x, SymbolicTensor):
            return values[resolve(x).key]
        return x.numpy() if isinstance(x, Tensor) else x

    for node in nodes:
        found = modes.quietly(
            node.operation.forward, numpy_namespace(), *map(array_of, node.inputs), **node.params
        )
        found = found if node.is_multiple else (found,)
        values.update({o.key: a for o, a in zip(node.outputs, found, strict=True)})
    return [array_of(t) for t in graph.outputs]


def rewritten(function, arrays, watched=(0, 1, 2)):
    """Names of the nodes after the rewrite, whose results are compared."""
    arrays = [a.astype("float32") if a.dtype == float else a for a in arrays]
    graph, nodes, resolve = record(function, arrays, watched)
    returned = {resolve(t).key for t in graph.outputs}
    after = rewrites_attention.rewrite(nodes, resolve, returned)
    expected = run(graph, nodes, resolve, arrays)
    for a, b in zip(run(graph, after, resolve, arrays), expected, strict=True):
        numpy.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    if after is nodes:
        return None
    made = {x.key for n in after for x in n.outputs}
    assert returned <= made  # nothing that the program returns is lost
    return [n.operation.name for n in after]


def attend(**settings):
    return lambda q, k, v, *more: ops.dot_product_attention(q, k, v, *more, **settings)


MASK = rng.normal(size=(B, 1, T, S)) > 0
CASES = {
    "plain": (attend(), ()),
    "scale": (attend(scale=1.0), ()),
    "causal": (attend(is_causal=True), ()),
    "bias": (attend(), (rng.normal(size=(H, T, S)),)),
    "bias and causal": (attend(is_causal=True), (rng.normal(size=(1, 1, T, S)),)),
    "mask": (lambda q, k, v, m: ops.dot_product_attention(q, k, v, mask=m), (MASK,)),
    "all": (
        lambda q, k, v, b, m: ops.dot_product_attention(q, k, v, b, m, is_causal=True),
        (rng.normal(size=(T, S)), MASK),
    ),
    "scaled before": (
        lambda q, k, v: ops.dot_product_attention(q * 0.5, k, v, scale=1.0),
        (),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_attention_and_its_gradient(name):
    function, more = CASES[name]
    names = rewritten(function, [QUERY, KEY, VALUE, *more])
    assert names.count("attention") == names.count("attention_gradient") == 1
    assert not {"softmax", "matmul", "causal_fill", "where"} & set(names)


@pytest.mark.parametrize("name", CASES)
def test_attention_alone(name):
    function, more = CASES[name]
    names = rewritten(function, [QUERY, KEY, VALUE, *more], watched=())
    assert "attention" in names and "attention_gradient" not in names
    assert not {"softmax", "matmul"} & set(names)


@pytest.mark.parametrize("watched", [(0,), (1,), (0, 1), (0, 2), (1, 2)])
def test_some_gradients(watched):
    names = rewritten(attend(), [QUERY, KEY, VALUE], watched)
    assert names.count("attention_gradient") == 1 and "matmul" not in names


def test_one_tensor_as_query_key_and_value():
    names = rewritten(lambda x: ops.dot_product_attention(x, x, x), [QUERY], (0,))
    assert names.count("attention_gradient") == 1 and "matmul" not in names


def test_heads_before_the_length():
    """Attention written out by hand, on tensors (batch, heads, length, size)."""

    def function(q, k, v):
        weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, -1, -2)) / 2.0)
        return ops.matmul(weights, v)

    arrays = [a.transpose(0, 2, 1, 3) for a in (QUERY, KEY, VALUE)]
    names = rewritten(function, arrays)
    assert names.count("attention_gradient") == 1 and "matmul" not in names


def test_two_layers_one_after_another():
    def function(q, k, v):
        y = ops.dot_product_attention(q, k, k)
        return ops.dot_product_attention(y, k, v, is_causal=True)

    names = rewritten(function, [QUERY, KEY, VALUE])
    assert names.count("attention") == names.count("attention_gradient") == 2


def test_multi_head_attention():
    layer = layers.MultiHeadAttention(2, 4)
    layer.build((B, T, 8), (B, T, 8))
    names = rewritten(lambda x: layer(x, x), [rng.normal(size=(B, T, 8))], (0,))
    assert names.count("attention_gradient") == 1 and "softmax" not in names


LEFT_ALONE = {
    "the gradient of the bias": (attend(), (rng.normal(size=(H, T, S)),), (0, 1, 2, 3)),
    "soft cap": (attend(attn_logits_soft_cap=5.0), (), (0, 1, 2)),
    "the value alone has a gradient": (attend(), (), (2,)),
    "weights that are returned": (
        lambda q, k, v: ops.softmax(ops.matmul(q, ops.swapaxes(q, -1, -2))),
        (),
        (0,),
    ),
}


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_other_forms_are_left_alone(name):
    function, more, watched = LEFT_ALONE[name]
    assert rewritten(function, [QUERY, KEY, VALUE, *more], watched) is None


def test_weights_with_another_reader_stay():
    def function(q, k, v):
        weights = ops.softmax(ops.matmul(q, ops.swapaxes(k, -1, -2)))
        return ops.concatenate([ops.matmul(weights, v), weights], -1)

    arrays = [a.transpose(0, 2, 1, 3) for a in (QUERY, KEY, VALUE)]
    assert rewritten(function, arrays) is None


def test_shared_heads_are_left_alone():
    assert rewritten(attend(), [QUERY, KEY[:, :, :1], VALUE[:, :, :1]]) is None


def test_float64_is_left_alone():
    def function(q, k, v):
        return ops.dot_product_attention(*(ops.cast(x, "float64") for x in (q, k, v)))

    assert rewritten(function, [QUERY, KEY, VALUE], ()) is None
