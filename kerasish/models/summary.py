"""The table that `model.summary()` prints."""

import math

from kerasish.arrays import dtypes

_UNITS = ("B", "KB", "MB", "GB", "TB")


def print_summary(
    model,
    line_length=None,
    print_fn=None,
    expand_nested=False,
    show_trainable=False,
    layer_range=None,
):
    """Print layers, output shapes, numbers of weights, and what each layer is connected to.

    Args:
        model: Model.
        line_length: int or None. Least width in characters.
        print_fn: callable of one string; `print` when None.
        expand_nested: bool. Show the layers of inner models.
        show_trainable: bool. Add a column of yes and no.
        layer_range: pair of names of the first and last layer shown.
    """
    header = ["Layer (type)", "Output Shape", "Param #"]
    connected = _has_branches(model)
    if connected:
        header.append("Connected to")
    if show_trainable:
        header.append("Trainable")
    rows = _rows(model, connected, show_trainable, expand_nested, layer_range)
    lines = [
        f'Model: "{_printable(model.name)}"',
        *_table(header, rows, line_length),
        *_totals(model),
    ]
    (print_fn or print)("\n".join(lines))


def _rows(model, connected, show_trainable, expand_nested, layer_range, depth=0):
    rows = []
    layers = model.layers
    if layer_range:
        names = [layer.name for layer in layers]
        start, stop = names.index(layer_range[0]), names.index(layer_range[1])
        layers = layers[start : stop + 1]
    for layer in layers:
        label = f"{'  ' * depth}{_printable(layer.name)} ({type(layer).__name__})"
        row = [label, _shape_text(layer), _count_text(layer)]
        if connected:
            row.append(_connections(layer, model))
        if show_trainable:
            row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
        rows.append(row)
        if expand_nested and hasattr(layer, "layers"):
            rows += _rows(layer, connected, show_trainable, True, None, depth + 1)
    return rows


def _shape_text(layer):
    if not layer.built:
        return "? (not built)"
    if layer.inbound_nodes:
        shapes = [t.shape for t in layer.inbound_nodes[0].outputs]
    elif layer.get_build_config() is not None:
        try:
            structure = layer.compute_output_shape(*layer.get_build_config().values())
        except Exception:  # a table must print for any layer, however its call is made
            return "?"
        shapes = _shapes_in(structure)
    else:
        return "?"
    return ", ".join(str(tuple(s)) for s in shapes)


def _shapes_in(structure):
    if isinstance(structure, tuple) and all(n is None or isinstance(n, int) for n in structure):
        return [structure]
    leaves = structure.values() if isinstance(structure, dict) else structure
    return [s for item in leaves for s in _shapes_in(item)]


def _count_text(layer):
    return f"{layer.count_params():,}" if layer.built else "0 (not built)"


def _has_branches(model):
    """Whether any layer has several inputs, or is not simply called on the one before."""
    nodes = getattr(model, "_nodes", None)
    if nodes is None:
        return False
    uses = {}
    for node in nodes:
        for t in node.inputs:
            uses[t.key] = uses.get(t.key, 0) + 1
    return any(len(node.inputs) > 1 for node in nodes) or any(n > 1 for n in uses.values())


def _connections(layer, model):
    nodes = [n for n in getattr(model, "_nodes", ()) if n.operation is layer]
    names = [f"{_printable(t.node.operation.name)}[{t.index}]" for n in nodes for t in n.inputs]
    return ", ".join(names) or "-"


def _table(header, rows, line_length):
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    spare = (line_length or 0) - sum(widths) - 3 * len(widths) - 1
    if spare > 0:
        widths[0] += spare
    rule = "+".join("-" * (w + 2) for w in widths)

    def line(cells):
        padded = [
            str(c).rjust(w) if header[i] == "Param #" else str(c).ljust(w)
            for i, (c, w) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    return [f"+{rule}+", line(header), f"+{rule}+", *[line(r) for r in rows], f"+{rule}+"]


def _totals(model):
    if not model.built:
        return [" Total params: unknown (the model has not been built: call it on data)"]
    trainable = _unique(model.trainable_weights)
    others = _unique(model.non_trainable_weights)
    lines = [
        f" Total params: {_size_text([*trainable, *others])}",
        f" Trainable params: {_size_text(trainable)}",
        f" Non-trainable params: {_size_text(others)}",
    ]
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and getattr(optimizer, "built", False):
        lines.append(f" Optimizer params: {_size_text(optimizer.variables)}")
    return lines


def _unique(variables):
    return list({v.key: v for v in variables}.values())


def _size_text(variables):
    count = sum(math.prod(v.shape) for v in variables)
    size = sum(math.prod(v.shape) * dtypes.to_numpy(v.dtype).itemsize for v in variables)
    unit = 0
    value = float(size)
    while value >= 1024 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{count:,} ({value:.2f} {_UNITS[unit]})"


def _printable(text):
    """A name with control and direction characters escaped: files may bring any name."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
