"""Operations as nodes: what a row's call is made of, with the arrays that flow through."""

import numpy as np

from kerasish import GradientTape, ops
from kerasish.arrays import device as devices
from kerasish.core import modes
from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, Tensor
from tests.ops.sample import outputs_of


def specs_of(case, sizes="known"):
    """Specs of a case's arrays; sizes "all" or "first" are unknown."""
    found = []
    for a in case.inputs:
        if not isinstance(a, np.ndarray):
            found.append(a)
            continue
        shape = list(a.shape)
        if sizes == "all":
            shape = [None] * len(shape)
        elif sizes == "first" and shape:
            shape[0] = None
        found.append(TensorSpec(shape, a.dtype))
    return found


def record(row, case, sizes="known", order=0):
    """Graph of a row's call, with its gradients up to an order."""
    graph = Graph(row.op)
    arguments = [
        graph.add_input(s) if isinstance(s, TensorSpec) else s for s in specs_of(case, sizes)
    ]
    chosen = range(len(arguments)) if row.wrt is None else row.wrt
    sources = [
        arguments[i]
        for i in chosen
        if isinstance(arguments[i], Tensor) and arguments[i].dtype.startswith("float")
    ]
    with modes.tracing(graph):
        _gradients(lambda: outputs_of(row.run(case, arguments)), sources, order if sources else 0)
    return graph


def _gradients(function, sources, order):
    """Outputs of a function of no arguments, or gradients of their sum of squares, nested."""
    if order == 0:
        return function()
    with GradientTape() as tape:
        tape.watch(sources)
        outputs = [t for t in _gradients(function, sources, order - 1) if t is not None]
        squares = [ops.sum(t * t) for t in outputs if t.dtype.startswith("float")]
        total = sum(squares[1:], squares[0]) if squares else ops.zeros(())
    return tape.gradient(total, sources)


def run_nodes(graph, case, visit):
    """Run a graph node by node on a case's arrays; `visit(node, arrays, result)` sees each one."""
    arrays = [a for a in case.inputs if isinstance(a, np.ndarray)]
    values = {s.key: a for s, a in zip(graph.inputs, arrays, strict=True)}

    def value_of(x):
        if isinstance(x, SymbolicTensor):
            return values[x.key]
        return x._array if isinstance(x, Tensor) else x

    for node in graph.nodes:
        inputs = [value_of(x) for x in node.inputs]
        result = modes.compute(node.operation, inputs, node.params)
        visit(node, inputs, result)
        results = result if isinstance(result, tuple) else (result,)
        for output, array in zip(node.outputs, results, strict=True):
            values[output.key] = array


def cpu():
    """The NumPy namespace that forwards receive."""
    return devices.cpu.xp
