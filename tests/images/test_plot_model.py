"""Pictures of models: what is in them, and that nothing lies over anything else."""

import sys
import types

import numpy as np
import pytest

import kerasish
from kerasish import layers
from kerasish.errors import NotBuiltError
from kerasish.utils import model_to_dot, plot_model
from kerasish.utils.diagram_layout import FRAME, Layout, layout_of
from kerasish.utils.model_diagram import Diagram, Shown, diagram_of

Image = pytest.importorskip("PIL.Image", reason="needs the extra 'pictures'")
pytest.importorskip("matplotlib", reason="needs the extra 'pictures'")

EVERYTHING = Shown(shapes=True, dtype=True, layer_names=True, activations=True, trainable=True)


def sequential():
    return kerasish.Sequential(
        [kerasish.Input((6,)), layers.Dense(4, activation="relu"), layers.Dense(2)], name="chain"
    )


def residual():
    x = start = kerasish.Input((8,), name="start")
    for n in range(3):
        y = layers.Dense(8, name=f"inner_{n}")(x)
        x = layers.Add(name=f"sum_{n}")([x, y])
    return kerasish.Model(start, [x, layers.Dense(1, name="end")(x * 2.0)])


def dense_net():
    found = [kerasish.Input((8,))]
    for _ in range(6):
        joined = layers.Concatenate()(found) if len(found) > 1 else found[0]
        found.append(layers.Dense(4)(joined))
    return kerasish.Model(found[0], layers.Add()([layers.Dense(4)(x) for x in found]))


def nested():
    a, b = kerasish.Input((6,), name="a"), kerasish.Input((6,), name="b")
    p, q = kerasish.Input((2,), name="p"), kerasish.Input((2,), name="q")
    inner = kerasish.Model([p, q], [layers.Add(name="plus")([p, q]), q], name="inner")
    shared = sequential()
    plus, second = inner([shared(a), shared(b)])
    return kerasish.Model([a, b], layers.Concatenate(name="both")([plus, second]), name="outer")


MODELS = {f.__name__: f for f in (sequential, residual, dense_net, nested)}
every_model = pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)


def titles(diagram):
    return [i.name if isinstance(i, Diagram) else i.title for i in diagram.items]


def named_arrows(diagram):
    known = {}

    def visit(part):
        for item in part.items:
            if isinstance(item, Diagram):
                visit(item)
            else:
                known[item.key] = item.title.split(" ")[0]

    visit(diagram)
    return [(known[a], known[b]) for a, b in diagram.arrows]


def test_boxes_say_what_is_asked_for():
    model = sequential()
    model.layers[0].trainable = False
    first, second = diagram_of(model, EVERYTHING, False, "test").items
    assert first.title.endswith("(Dense)") and first.trainable is False
    assert first.lines == [
        ("Activation", "relu"),
        ("Input shape", "(None, 6)"),
        ("Output shape", "(None, 4)"),
        ("Output dtype", "float32"),
    ]
    assert second.trainable is True
    plain = diagram_of(model, Shown(layer_names=False), False, "test")
    assert titles(plain) == ["Dense", "Dense"] and plain.items[0].lines == []


def test_arrows_follow_the_calls():
    arrows = named_arrows(diagram_of(residual(), Shown(), False, "test"))
    assert ("start", "inner_0") in arrows and ("start", "sum_0") in arrows
    assert ("sum_1", "sum_2") in arrows and len(arrows) == 3 * 3 + 2


def test_models_inside_are_one_box_or_opened():
    closed = diagram_of(nested(), Shown(), False, "test")
    assert "inner (Functional)" in titles(closed)
    assert set(named_arrows(closed)) == {
        ("a", "chain"), ("b", "chain"), ("chain", "inner"), ("inner", "both"),
    }  # fmt: skip
    opened = diagram_of(nested(), Shown(layer_names=True), True, "test")
    inner = next(i for i in opened.items if isinstance(i, Diagram) and i.name == "inner")
    assert set(named_arrows(inner)) == {("p", "plus"), ("q", "plus")}
    ends = {b for _, b in named_arrows(opened)}
    assert {"p", "q", "both"} <= ends
    assert ("q", "both") in named_arrows(opened) and ("plus", "both") in named_arrows(opened)


def test_model_of_its_own_kind_is_one_box():
    class Own(kerasish.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = Own()
    model(np.ones((1, 3), "float32"))
    assert titles(diagram_of(model, Shown(layer_names=False), True, "test")) == ["Own"]


def placed(layout, across=0.0, along=0.0):
    """(rectangle, is it a frame) of everything, from left and top."""
    for item in layout.items:
        left, top = across + item.x - item.across / 2, along + item.y
        is_frame = isinstance(item.content, Layout)
        yield (left, top, left + item.across, top + item.along), is_frame
        if is_frame:
            yield from placed(item.content, left + FRAME, top + FRAME)


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.01 and min(a[3], b[3]) - max(a[1], b[1]) > 0.01


@every_model
@pytest.mark.parametrize("expand", [False, True])
def test_nothing_lies_over_anything_else(make, expand):
    rng = np.random.default_rng(1)
    sizes = {}

    def size_of(box):
        return sizes.setdefault(box.key, (rng.uniform(40, 200), rng.uniform(20, 90)))

    layout = layout_of(diagram_of(make(), Shown(), expand, "test"), size_of)
    found = list(placed(layout))
    boxes = [r for r, is_frame in found if not is_frame]
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])
    for x1, y1, x2, y2 in boxes:
        assert x1 >= -0.01 and y1 >= -0.01
        assert x2 <= layout.across + 0.01 and y2 <= layout.along + 0.01
    if expand:
        return  # lines into frames cross these
    for points in layout.arrows:
        for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
            assert y2 >= y1 - 0.01  # downward
            line = (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))
            wide = (line[0] - 0.1, line[1] + 0.1, line[2] + 0.1, line[3] - 0.1)
            across = (line[0] - 0.1, line[1] - 0.1, line[2] + 0.1, line[3] + 0.1)
            assert not any(overlap(wide if y2 > y1 else across, box) for box in boxes)


@every_model
def test_chains_are_straight(make):
    """Layers that follow only each other stand below each other."""
    if make in (dense_net, nested):
        pytest.skip("no chain in it")
    layout = layout_of(diagram_of(make(), Shown(), False, "test"), lambda box: (80.0, 30.0))
    straight = [p for p in layout.arrows if len(p) == 2]
    assert straight and all(abs(p[0][0] - p[1][0]) < 0.01 for p in straight)


@every_model
@pytest.mark.parametrize("rankdir", ["TB", "BT", "LR", "RL"])
def test_model_is_drawn_in_every_direction(make, rankdir, tmp_path):
    splines = {"TB": "ortho", "BT": "line", "LR": "curved", "RL": "polyline"}[rankdir]
    assert (
        plot_model(make(), tmp_path / "m.png", show_shapes=True, rankdir=rankdir, dpi=50,
                   expand_nested=rankdir != "BT", splines=splines)
        is None
    )  # fmt: skip
    with Image.open(tmp_path / "m.png") as picture:
        width, height = picture.size
        pixels = np.asarray(picture.convert("L"))
    assert (height > width) == (rankdir in ("TB", "BT")) or make is dense_net
    assert pixels.min() < 60 and (pixels[0] == 255).all()


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "PNG", ""])
def test_ending_says_the_format(ending, tmp_path):
    path = tmp_path / (f"m.{ending}" if ending else "m")
    plot_model(sequential(), str(path), dpi=40)
    begin = {"svg": b"<?xml", "pdf": b"%PDF"}.get(ending, b"\x89PNG")
    assert path.read_bytes().startswith(begin)


def test_huge_models_still_are_pictures(tmp_path, monkeypatch):
    monkeypatch.setattr("kerasish.utils.diagram_drawing._MOST_PIXELS", 300)
    plot_model(sequential(), tmp_path / "m.png", dpi=2000)
    with Image.open(tmp_path / "m.png") as picture:
        assert max(picture.size) <= 301


def test_names_with_dollars_and_unknown_shapes_are_drawn(tmp_path):
    model = kerasish.Sequential([layers.Dense(2, name="a_$x$_$")])
    model.build((None, 3))
    plot_model(model, tmp_path / "m.png", show_layer_names=True, show_shapes=True, dpi=40)


@pytest.mark.parametrize("function", [plot_model, model_to_dot])
@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"rankdir": "UP"}, "unknown rankdir"),
        ({"layer_range": ("a", "b")}, "layer_range is no longer supported"),
        ({"colour": 1}, "unknown arguments.*colour"),
    ],
)
def test_unusable_arguments_are_explained(function, arguments, problem, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=problem):
        function(sequential(), **arguments)
    with pytest.raises(NotBuiltError, match="has not been built"):
        function(kerasish.Sequential([layers.Dense(1)]))
    assert list(tmp_path.iterdir()) == []


def test_unknown_formats_leave_no_file(tmp_path):
    with pytest.raises(ValueError, match="unknown file format.*'xyz'"):
        plot_model(sequential(), tmp_path / "m.xyz")
    assert list(tmp_path.iterdir()) == []


class _Element:
    """Stands for pydot's classes: remembers what it is made of."""

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs, self.parts = args, kwargs, []

    def add(self, part):
        self.parts.append(part)

    add_node = add_edge = add_subgraph = add

    def set_node_defaults(self, **kwargs):
        self.defaults = kwargs


def test_dot_has_nodes_edges_and_clusters(monkeypatch):
    kinds = {k: type(k, (_Element,), {}) for k in ("Dot", "Cluster", "Node", "Edge")}
    monkeypatch.setitem(sys.modules, "pydot", types.SimpleNamespace(**kinds))
    graph = model_to_dot(nested(), expand_nested=True, show_shapes=True, rankdir="LR")
    assert isinstance(graph, kinds["Dot"]) and graph.kwargs["rankdir"] == "LR"
    clusters = [p for p in graph.parts if isinstance(p, kinds["Cluster"])]
    assert sorted(c.kwargs["label"] for c in clusters) == ["chain", "inner"]
    known = {p.args[0] for c in (graph, *clusters) for p in c.parts if isinstance(p, kinds["Node"])}
    edges = [p.args for c in (graph, *clusters) for p in c.parts if isinstance(p, kinds["Edge"])]
    assert edges and all(name in known for edge in edges for name in edge)
    labels = [p.kwargs["label"] for p in graph.parts if isinstance(p, kinds["Node"])]
    assert any("both (Concatenate)" in text and "(None, 4)" in text for text in labels)
    assert isinstance(model_to_dot(nested(), subgraph=True), kinds["Cluster"])


def test_dot_names_the_missing_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "pydot", None)
    with pytest.raises(ImportError, match="model_to_dot needs pydot.*pip install pydot"):
        model_to_dot(sequential())
