"""`clone_model`: a model of the same layers with new weights."""

from kerasish.core import tree
from kerasish.errors import explain
from kerasish.models.functional import Functional
from kerasish.models.sequential import Sequential


def clone_model(
    model, input_tensors=None, clone_function=None, call_function=None, recursive=False
):
    """A copy of a Sequential or functional model with weights of its own.

    Args:
        model: Model.
        input_tensors: Input tensors to build the copy on; new ones when None.
        clone_function: callable of a layer that returns its copy; `from_config` when None.
        call_function: callable `(layer, *args, **kwargs)` that calls a copied layer.
        recursive: bool. Clone the layers of inner models with `clone_function` too.

    Returns:
        Model.

    Raises:
        ValueError: a subclassed model, whose structure is code.

    Source: Keras 3 names and defaults.
    """

    def copy(layer):
        if recursive and isinstance(layer, (Sequential, Functional)):
            return clone_model(layer, None, clone_function, call_function, True)
        if clone_function is not None:
            return clone_function(layer)
        return type(layer).from_config(layer.get_config())

    if isinstance(model, Sequential):
        copies = [copy(layer) for layer in model.layers]
        stack = model._stack
        first = [] if not stack or stack[0] in model.layers else [copy_input(stack[0])]
        result = Sequential([*first, *copies], name=model.name)
        if model.built and not result.built:
            result.build(model.input_shape)
        return result
    if isinstance(model, Functional):
        return _clone_functional(model, input_tensors, copy, call_function)
    raise ValueError(
        explain(
            "clone_model",
            "only Sequential and functional models can be cloned",
            received=model,
            fix="type(model).from_config(model.get_config())",
        )
    )


def copy_input(layer):
    """A new InputLayer like another."""
    return type(layer).from_config(layer.get_config())


def _clone_functional(model, input_tensors, copy, call_function):
    given = (
        [copy_input(t.node.operation).output for t in model.inputs]
        if input_tensors is None
        else tree.flatten(input_tensors)
    )
    values = {t.key: new for t, new in zip(model.inputs, given, strict=True)}
    copies = {}
    for node in model._plan:
        operation = node.operation
        if id(operation) not in copies:
            copies[id(operation)] = (
                copy(operation) if hasattr(operation, "get_config") else operation
            )
        args, kwargs = node.fill(lambda t: values[t.key])
        target = copies[id(operation)]
        result = (
            call_function(target, *args, **kwargs) if call_function else target(*args, **kwargs)
        )
        for symbolic, value in zip(node.outputs, tree.flatten(result), strict=True):
            values[symbolic.key] = value
    outputs = tree.map_structure(lambda t: values[t.key], model._outputs_structure)
    inputs = tree.unflatten(model._inputs_structure, given)
    return Functional(inputs, outputs, name=model.name)
