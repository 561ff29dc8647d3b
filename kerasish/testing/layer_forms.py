"""Properties of layers that concern their form: config, weights, shapes, masks, files, errors."""

import os
import tempfile

import numpy

from kerasish import layers, models, ops, saving
from kerasish.core import masks, tree
from kerasish.core.tensor import SymbolicTensor, Tensor
from kerasish.layers.layer import Layer
from kerasish.testing.contract import (
    is_float,
    require,
    require_close,
    require_config,
    serialized,
)
from kerasish.testing.layer_case import LAYER, copy_state


@LAYER.property
def config_makes_an_equal_layer(case):
    """`from_config(get_config())` and `deserialize(serialize())` make equal layers."""
    require_config(case.where, case.layer, case.make())
    expected = case.call(case.layer, training=False)
    config = layers.serialize(case.make())
    twin = layers.deserialize(serialized(config), custom_objects=case.custom_objects)
    require(case.where, type(twin) is case.cls, "deserialize makes another class", received=twin)
    first, second = case.built(), layers.deserialize(config, custom_objects=case.custom_objects)
    case.call(second, training=False)
    require(
        case.where,
        _described(first) == _described(second),
        "a layer from its config has other weights",
        received=_described(second),
        expected=str(_described(first)),
    )
    copy_state(first, second)
    require_close(
        case.where,
        "a layer from its config with the same weights computes else",
        case.call(second, training=False),
        case.call(first, training=False),
    )
    copy_state(case.layer, first)
    require_close(
        case.where,
        "a layer from its config with the same weights is not the one given",
        case.call(first, training=False),
        expected,
    )
    rebuilt = case.cls.from_config(serialized(first.get_config()))
    case.call(rebuilt, training=False)
    require_config(case.where, first, rebuilt)


@LAYER.property
def build_makes_the_weights_of_a_call(case):
    """`build(input_shape)` makes the weights that the first call makes; a second makes none."""
    called = case.built()
    require(case.where, called.built, "`built` is not set by a call")
    before = _described(called)
    case.call(called, training=False)
    require(case.where, _described(called) == before, "a second call makes weights")
    require(
        case.where,
        all(w.path.startswith(called.name) for w in called.weights),
        "weights lie outside the layer's path",
        received=before,
    )
    if len(case.inputs) != 1 or case.call_kwargs:
        return
    built = case.make()
    built.build(_shape_of(case.inputs[0]))
    require(
        case.where,
        _described(built) == before,
        "build makes other weights than a call",
        received=_described(built),
        expected=str(before),
    )


@LAYER.property
def announced_shapes_are_real(case):
    """compute_output_shape, compute_output_spec and a call on Input give the real shapes."""
    layer = case.built()
    real = case.call(layer, training=False)
    spec = layer.compute_output_spec(*case.inputs, **case.call_kwargs)
    _require_specs(case, "compute_output_spec", spec, real)
    if len(case.inputs) == 1 and not case.call_kwargs:
        shape = case.make().compute_output_shape(_shape_of(case.inputs[0]))
        told = serialized(shape)
        found = serialized(tree.map_structure(lambda t: tuple(t.shape), real))
        require(
            case.where,
            told == found,
            "compute_output_shape announces another shape",
            received=told,
            expected=str(found),
        )


@LAYER.property
def batch_may_be_unknown(case):
    """Called on Input tensors of unknown batch it announces shapes that fit, and their dtypes."""
    layer = case.make()
    symbolic = case.call(layer, _symbolic(case), training=False)
    real = case.call(layer, training=False)
    _require_specs(case, "a call on Input tensors", symbolic, real)
    leaf = next(t for t in tree.flatten(symbolic) if isinstance(t, SymbolicTensor))
    require(
        case.where,
        leaf.ndim == 0 or leaf.shape[0] is None or real is None,
        "the batch of the output is known though that of the input is not",
        received=leaf.shape,
    )


@LAYER.property
def masks_go_where_it_says(case):
    """A mask reaches the output if `supports_masking`, ends else, or is `compute_mask`'s."""
    layer = case.make()
    if case.supports_masking is not None:
        require(
            case.where,
            layer.supports_masking == case.supports_masking,
            "supports_masking is another",
            received=layer.supports_masking,
            expected=str(case.supports_masking),
        )
    x = case.lone_input()
    if x is None or x.ndim not in (2, 3) or not is_float(x):
        return None if case.supports_masking is not None else False
    masked = ops.reshape(x, x.shape)  # a tensor of its own: masks belong to tensors
    mask = ops.convert_to_tensor(numpy.random.default_rng(5).random(x.shape[:-1]) < 0.7)
    masks.set_mask(masked, mask)
    output = case.call(layer, [masked], training=False)
    if not isinstance(output, Tensor):
        return False
    if output is masked:  # handed through, it keeps the mask it came with
        return None
    found, expected = masks.get_mask(output), layer.compute_mask(masked, mask)
    require(
        case.where,
        (found is None) == (expected is None),
        "the output's mask is not compute_mask's",
        received=found,
        expected=str(expected),
    )
    if type(layer).compute_mask is Layer.compute_mask:
        require(
            case.where,
            (found is mask) == layer.supports_masking,
            "the mask does not go where supports_masking says",
        )


@LAYER.property
def model_of_it_survives_a_file(case):
    """A functional model of it, written and read again, predicts the same."""
    layer = case.make()
    symbolic = _symbolic(case)
    model = models.Model(symbolic, case.call(layer, symbolic))
    expected = model(case.leaves)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.keras")
        model.save(path)
        twin = saving.load_model(path, custom_objects=case.custom_objects)
    require_close(
        case.where,
        "a model read from a file computes else",
        twin(case.leaves),
        expected,
        case.tolerance,
    )


@LAYER.property
def wrong_rank_is_refused(case):
    """Inputs that do not fit raise ValueError with the layer's name, and change nothing."""
    wrong = case.wrong_inputs
    layer = case.built()
    if wrong is None:
        x, spec = case.lone_input(), layer.input_spec
        if x is None or spec is None or getattr(spec, "ndim", None) is None or x.ndim < 2:
            return False
        wrong = (x[..., 0],)
    before = [w.numpy() for w in layer.weights]
    try:
        layer(*wrong)
    except (ValueError, TypeError) as error:
        text = "\n".join([str(error), *getattr(error, "__notes__", ())])
        require(
            case.where, layer.name in text, "the error does not name the layer", received=f" {text}"
        )
    else:
        require(
            case.where,
            False,
            "inputs that do not fit are taken",
            received=[tuple(x.shape) for x in tree.flatten(wrong)],
            fix="set self.input_spec = InputSpec(ndim=...) in __init__ or build",
        )
    require_close(case.where, "a refused call changes weights", layer.weights, before)


# ---- parts of the properties -----------------------------------------------------------------


def _symbolic(case):
    return [layers.Input(batch_shape=s.shape, dtype=s.dtype) for s in case.open_specs()]


def _described(layer):
    return [(w.path, tuple(w.shape), w.dtype, w.trainable) for w in layer.weights]


def _shape_of(argument):
    return tree.map_structure(lambda x: tuple(x.shape), argument)


def _require_specs(case, label, announced, real):
    first, second = tree.flatten(announced), tree.flatten(real)
    require(
        case.where,
        len(first) == len(second),
        f"{label} announces another structure",
        received=announced,
        expected=str(real),
    )
    for told, found in zip(first, second, strict=True):
        if not hasattr(told, "shape"):
            continue
        fits = len(told.shape) == len(found.shape) and all(
            n is None or n == m for n, m in zip(told.shape, found.shape, strict=True)
        )
        require(
            case.where,
            fits,
            f"{label} announces another shape",
            received=tuple(told.shape),
            expected=str(tuple(found.shape)),
        )
        require(
            case.where,
            told.dtype == found.dtype,
            f"{label} announces another dtype",
            received=told.dtype,
            expected=found.dtype,
        )
