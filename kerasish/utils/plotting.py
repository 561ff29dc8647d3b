"""Pictures of models: `plot_model` draws them, `model_to_dot` describes them for Graphviz."""

import io
import os
import sys

from kerasish.errors import explain, nearest
from kerasish.optional import notebook_display, pydot
from kerasish.saving.atomic import atomic_write
from kerasish.utils.diagram_drawing import draw
from kerasish.utils.model_diagram import Diagram, Shown, diagram_of

_DIRECTIONS = ("TB", "BT", "LR", "RL")


def _check(where, rankdir, kwargs):
    if kwargs.pop("layer_range", None) is not None:
        raise ValueError(explain(where, "layer_range is no longer supported"))
    if kwargs:
        raise ValueError(explain(where, "unknown arguments", received=sorted(kwargs)))
    if rankdir not in _DIRECTIONS:
        raise ValueError(
            explain(where, "unknown rankdir", received=rankdir, fix=nearest(rankdir, _DIRECTIONS))
        )


def plot_model(model, to_file="model.png", show_shapes=False, show_dtype=False,
               show_layer_names=False, rankdir="TB", expand_nested=False, dpi=200,
               show_layer_activations=False, show_trainable=False, splines="ortho",
               **kwargs):  # fmt: skip
    """Draw the layers of a model and their connections into a file.

    The picture is drawn by matplotlib, which needs no program besides Python; for Graphviz's
    layout use `model_to_dot(model).write_png("model.png")`.

    Args:
        model: Model that has been built. Models that are neither sequential nor functional are
            one box.
        to_file: str or path-like; its ending (png, pdf, svg, ...) says the format.
        show_shapes: bool. Show the shapes that go in and come out.
        show_dtype: bool. Show the dtype that comes out.
        show_layer_names: bool. Show the names besides the kinds of the layers.
        rankdir: "TB" (downward), "BT", "LR" (to the right) or "RL".
        expand_nested: bool. Show the layers of models inside the model, in a frame.
        dpi: int. Pixels an inch; less where the picture would become too large.
        show_layer_activations: bool. Show the activation functions.
        show_trainable: bool. Show whether layers are trained.
        splines: "ortho" (lines with right angles), "line", "polyline" or "curved".
        **kwargs: none; unknown ones are refused.

    Returns:
        an image to be shown, in notebooks; otherwise None.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the model has not been built, or an unknown argument or format.

    Example:
        >>> from kerasish import Input, Sequential, layers
        >>> plot_model(Sequential([Input((4,)), layers.Dense(3)]), "model.png", show_shapes=True)

    Source: Keras 3 names and defaults.
    """
    _check("plot_model", rankdir, kwargs)
    shown = Shown(show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable)
    figure = draw(diagram_of(model, shown, expand_nested, "plot_model"), rankdir, splines, dpi)
    file_format = os.path.splitext(os.fspath(to_file))[1][1:].lower() or "png"
    known = sorted(figure.canvas.get_supported_filetypes())
    if file_format not in known:
        raise ValueError(
            explain("plot_model", "unknown file format", received=file_format, expected=str(known))
        )
    buffer = io.BytesIO()
    figure.savefig(buffer, format=file_format, dpi=figure.dpi)
    with atomic_write(to_file) as file:
        file.write(buffer.getvalue())
    if "IPython.core.magics.namespace" in sys.modules and file_format != "pdf":
        return notebook_display().Image(data=buffer.getvalue(), format=file_format)
    return None


def model_to_dot(model, show_shapes=False, show_dtype=False, show_layer_names=True, rankdir="TB",
                 expand_nested=False, dpi=200, subgraph=False, show_layer_activations=False,
                 show_trainable=False, splines="ortho", **kwargs):  # fmt: skip
    """Describe the layers of a model and their connections for Graphviz.

    Args:
        model: Model that has been built.
        show_shapes: bool. Show the shapes that go in and come out.
        show_dtype: bool. Show the dtype that comes out.
        show_layer_names: bool. Show the names besides the kinds of the layers.
        rankdir: "TB" (downward), "BT", "LR" (to the right) or "RL".
        expand_nested: bool. Show the layers of models inside the model, in a frame.
        dpi: int. Pixels an inch.
        subgraph: bool. Return a cluster, to be put into another graph.
        show_layer_activations: bool. Show the activation functions.
        show_trainable: bool. Show whether layers are trained.
        splines: as of Graphviz.
        **kwargs: none; unknown ones are refused.

    Returns:
        pydot.Dot, or pydot.Cluster where `subgraph`.

    Raises:
        ImportError: pydot is not installed.
        ValueError: the model has not been built, or an unknown argument.

    Example:
        >>> from kerasish import Model
        >>> model_to_dot(Model())  # doctest: +ELLIPSIS
        Traceback (most recent call last):
            ...
        kerasish.errors.NotBuiltError: model_to_dot: the model has not been built, ...

    Source: Keras 3 names and defaults.
    """
    _check("model_to_dot", rankdir, kwargs)
    shown = Shown(show_shapes, show_dtype, show_layer_names, show_layer_activations, show_trainable)
    diagram = diagram_of(model, shown, expand_nested, "model_to_dot")
    module = pydot("model_to_dot")
    if subgraph:
        graph = _cluster(module, diagram)
    else:
        graph = module.Dot(rankdir=rankdir, concentrate=True, dpi=dpi, splines=splines)
        graph.set_node_defaults(shape="none", fontname="Helvetica", margin="0")
    _fill(module, graph, diagram)
    return graph


def _cluster(module, diagram):
    name = _identifier(diagram.key)
    return module.Cluster(name, label=diagram.name, labeljust="l", style="dashed")


def _fill(module, graph, diagram):
    for item in diagram.items:
        if isinstance(item, Diagram):
            inner = _cluster(module, item)
            _fill(module, inner, item)
            graph.add_subgraph(inner)
        else:
            graph.add_node(module.Node(_identifier(item.key), label=_label(item)))
    for start, end in diagram.arrows:
        graph.add_edge(module.Edge(_identifier(start), _identifier(end), penwidth=2))


def _identifier(key):
    return "n" + "_".join(map(str, key))


def _label(box):
    """Graphviz's table of a box: the title white on black, the lines below."""
    rows = [("black", "white", f"<b>{_escaped(box.title)}</b>")]
    rows += [("white", "black", f"{n}: <b>{_escaped(v)}</b>") for n, v in box.lines]
    if box.trainable is not None:
        color = "forestgreen" if box.trainable else "firebrick"
        rows.append((color, "white", "<b>Trainable</b>" if box.trainable else "Non-trainable"))
    cells = "".join(
        f'<tr><td bgcolor="{ground}"><font color="{color}">{text}</font></td></tr>'
        for ground, color, text in rows
    )
    return f'<<table border="0" cellborder="1" cellspacing="0" cellpadding="8">{cells}</table>>'


def _escaped(text):
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
