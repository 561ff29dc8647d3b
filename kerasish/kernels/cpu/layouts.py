"""Layouts of views: how a transposed, reshaped or broadcast tensor lies in another's memory."""

from kerasish.core.spec import normalize_axes
from kerasish.kernels.cpu.binding import Layout, strides_of


def layout_of(x, layouts):
    """Layout of a tensor: its own memory unless it is a known view."""
    return layouts.get(x.key) or Layout(x, tuple(x.shape), strides_of(x.shape))


def view_layout(node, x, layouts):
    """Layout of the result of a view operation on a tensor, or None if it must be computed."""
    rule = _RULES.get(node.operation.name)
    if rule is None or not node.outputs[0].spec.is_static or not x.spec.is_static:
        return None
    return rule(layout_of(x, layouts), tuple(node.outputs[0].shape), node.params)


def _transpose(layout, shape, params):
    axes = params["axes"] or tuple(reversed(range(len(shape))))
    return Layout(layout.base, shape, tuple(layout.strides[a] for a in axes))


def _expand_dims(layout, shape, params):
    new = set(normalize_axes(params["axis"], len(shape)))
    old = iter(layout.strides)
    return Layout(
        layout.base, shape, tuple(0 if i in new else next(old) for i in range(len(shape)))
    )


def _same_elements(layout, shape, params):
    """A reshape: free where the elements lie in row-major order, or only axes of size 1 change."""
    if layout.is_contiguous:
        return Layout(layout.base, shape, strides_of(shape))
    kept = [(n, s) for n, s in zip(layout.shape, layout.strides, strict=True) if n != 1]
    if [n for n, _ in kept] != [n for n in shape if n != 1]:
        return None
    strides = iter([s for _, s in kept])
    return Layout(layout.base, shape, tuple(0 if n == 1 else next(strides) for n in shape))


def _broadcast_to(layout, shape, params):
    lead = len(shape) - len(layout.shape)
    pairs = zip(layout.shape, layout.strides, shape[lead:], strict=True)
    strides = [0 if n == 1 and wanted != 1 else s for n, s, wanted in pairs]
    return Layout(layout.base, shape, (0,) * lead + tuple(strides))


_RULES = {
    "transpose": _transpose,
    "expand_dims": _expand_dims,
    "squeeze": _same_elements,
    "reshape_static": _same_elements,
    "broadcast_to": _broadcast_to,
}
