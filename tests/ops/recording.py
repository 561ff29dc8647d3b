"""Operations as nodes: what a row's call is made of, with the arrays that flow through."""

import numpy as np

from kerasish.arrays import device as devices
from kerasish.core import modes
from kerasish.core.graph import Graph
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import SymbolicTensor, Tensor


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


def record(row, case, sizes="known"):
    """Graph of a row's call, and what it returned (symbolic tensors or constants)."""
    graph = Graph(row.op)
    arguments = [
        graph.add_input(s) if isinstance(s, TensorSpec) else s for s in specs_of(case, sizes)
    ]
    with modes.tracing(graph):
        result = row.run(case, arguments)
    return graph, result


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
