"""How a layer's `call` is called: which arguments it takes, which masks and shapes go with them."""

import inspect

from kerasish.arrays import device as devices
from kerasish.core import masks, tree
from kerasish.core.tensor import Tensor


class CallFacts:
    """What `call` of a class takes, read off its signature once.

    Args:
        cls: the layer's class.
        base: the class `Layer`, whose `compute_mask` only hands masks on.
    """

    def __init__(self, cls, base):
        self.call = cls.call
        parameters = list(inspect.signature(cls.call).parameters.values())[1:]
        self.names = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
        by_name = {p.name: p for p in parameters}
        self.takes_training = "training" in by_name
        default = by_name["training"].default if "training" in by_name else None
        self.training_default = None if default is inspect.Parameter.empty else default
        self.training_index = self.names.index("training") if "training" in self.names else None
        tensor_names = [n for n in self.names if n not in ("training", "mask")]
        self.mask_names = {}
        if "mask" in by_name and tensor_names:
            self.mask_names["mask"] = tensor_names[0]
        for name in tensor_names:
            if f"{name}_mask" in by_name:
                self.mask_names[f"{name}_mask"] = name
        self.computes_mask = cls.compute_mask is not base.compute_mask


def bind(argument_names, args, kwargs):
    """Arguments of a call by name."""
    bound = dict(zip(argument_names, args, strict=False))
    bound.update(kwargs)
    return bound


def with_masks(args, kwargs, facts):
    """kwargs with the masks that the tensors bring and `call` takes."""
    bound = bind(facts.names, args, kwargs)
    found = {}
    for mask_name, name in facts.mask_names.items():
        if bound.get(mask_name) is None and name in bound:
            mask = mask_of(bound[name])
            if mask is not None:
                found[mask_name] = mask
    return {**kwargs, **found} if found else kwargs


def mask_of(value):
    """Mask (or nested masks) of a tensor or structure of tensors, None where there is none."""
    if isinstance(value, Tensor):
        return masks.get_mask(value)
    if isinstance(value, (list, tuple, dict)):
        found = [mask_of(v) for v in tree.flatten(value)]
        return tree.unflatten(value, found) if any(m is not None for m in found) else None
    return None


def holds_tensor(value):
    """Whether a value is, or contains, a tensor or array."""
    if isinstance(value, Tensor) or devices.is_array(value):
        return True
    if isinstance(value, dict):
        return any(holds_tensor(v) for v in value.values())
    return isinstance(value, (list, tuple)) and any(holds_tensor(v) for v in value)


def shape_of(value):
    """Shape of a tensor, or None for anything else."""
    return tuple(value.shape) if hasattr(value, "shape") else None


def is_shape(value):
    """Whether a value is a sequence of sizes."""
    return isinstance(value, (tuple, list)) and all(n is None or isinstance(n, int) for n in value)


def as_shapes(value):
    """Shapes out of JSON: lists of sizes become tuples again."""
    if isinstance(value, dict):
        return {k: as_shapes(v) for k, v in value.items()}
    if is_shape(value):
        return tuple(value)
    return [as_shapes(v) for v in value] if isinstance(value, list) else value
