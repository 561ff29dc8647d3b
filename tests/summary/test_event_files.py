"""Event files: what is written is read back, after kills, full disks and hostile names, too."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kerasish
from kerasish import layers, summary
from kerasish.core.graph import Graph
from kerasish.core.modes import tracing
from kerasish.core.names import name_scope, reset
from kerasish.errors import CorruptFileError, ShapeError
from kerasish.summary import values as values_module
from tests.support import REPOSITORY, shared_path

pytest.importorskip("tensorboard", reason="needs the extra 'tensorboard'")

from tensorboard.backend.event_processing.event_file_loader import EventFileLoader  # noqa: E402

SOUND = np.sin(np.arange(100) / 5)[None, :, None]
PIXELS = np.arange(2 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 4, 5, 3)


def buckets(values, count):
    counts, edges = np.histogram(values, count)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


# function, arguments, plugin, check of the value that is read
RECORDS = {
    "scalar": (summary.scalar, (0.1,), "scalars", lambda v: v == np.float32(0.1)),
    "scalar of a tensor": (
        summary.scalar, (kerasish.ops.convert_to_tensor([2.0]),), "scalars", lambda v: v == 2.0,
    ),
    "scalar not finite": (summary.scalar, (np.nan,), "scalars", np.isnan),
    "histogram": (
        summary.histogram, ([1.0, 2.0, 2.5, 5.0],), "histograms",
        lambda v: np.allclose(v, buckets([1.0, 2.0, 2.5, 5.0], 30)),
    ),
    "histogram of one value": (
        summary.histogram, (np.full(7, 3.0), None, 4), "histograms",
        lambda v: v.tolist() == [[3, 3, 0]] * 3 + [[3, 3, 7]],
    ),
    "histogram of nothing": (
        summary.histogram, ([],), "histograms", lambda v: v.shape == (30, 3) and not v.any(),
    ),
    "histogram with gaps": (
        summary.histogram, ([0.0, np.inf, 1.0, np.nan], None, 2), "histograms",
        lambda v: v[:, 2].tolist() == [1, 1],
    ),
    "image": (
        summary.image, (PIXELS,), "images", lambda v: np.array_equal(np.stack(v), PIXELS),
    ),
    "image of floats": (
        summary.image, (np.array([0.0, 0.5, 1.0, 2.0, -1.0, np.nan]).reshape(1, 2, 3, 1),),
        "images", lambda v: v[0].reshape(-1).tolist() == [0, 127, 255, 255, 0, 0],
    ),
    "image with alpha": (
        summary.image, (PIXELS[:1, :, :, :2],), "images",
        lambda v: np.array_equal(v[0], PIXELS[0, :, :, :2]),
    ),
    "image, some of many": (summary.image, (PIXELS, None, 1), "images", lambda v: len(v) == 1),
    "text": (summary.text, ("# a\n**ü**",), "text", lambda v: v == "# a\n**ü**"),
    "text table": (
        summary.text, ([["a", "b"], ["c", "d"]],), "text",
        lambda v: v.tolist() == [["a", "b"], ["c", "d"]],
    ),
    "audio": (
        summary.audio, (SOUND, 8000), "audio", lambda v: v[0][:4] == b"RIFF" and len(v[0]) == 244,
    ),
    "tensor": (
        summary.write, (np.arange(4).reshape(2, 2),), "", lambda v: v.tolist() == [[0, 1], [2, 3]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RECORDS)
def test_what_is_written_is_read(case, tmp_path):
    function, arguments, plugin, is_right = RECORDS[case]
    with summary.create_file_writer(tmp_path) as writer, writer.as_default(step=7):
        assert function("group/tag", *arguments)
    (record,) = summary.read(tmp_path)
    assert (record.step, record.tag, record.plugin) == (7, "group/tag", plugin)
    assert is_right(record.value), record.value


REFUSALS = {
    "scalar of two": (lambda: summary.scalar("a", [1.0, 2.0]), ShapeError, "one value"),
    "image without batch": (lambda: summary.image("a", PIXELS[0]), ShapeError, "four axes"),
    "audio without batch": (lambda: summary.audio("a", SOUND[0], 8), ShapeError, "three axes"),
    "buckets": (lambda: summary.histogram("a", [1.0], buckets=-1), ValueError, "count"),
    "hparam": (lambda: summary.hparams({"a": [1]}), TypeError, "'a' is no bool"),
    "graph": (lambda: summary.graph(3), TypeError, "no graph"),
    "name": (lambda: summary.scalar(3, 1.0), TypeError, "must be a str"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_does_not_fit_is_refused_and_the_file_stays_whole(case, tmp_path):
    call, error, words = REFUSALS[case]
    with summary.create_file_writer(tmp_path) as writer, writer.as_default(step=1):
        with pytest.raises(error, match=words):
            call()
        summary.scalar("after", 1.0)
    assert [r.tag for r in summary.read(tmp_path)] == ["after"]


def test_tensorflows_files():
    expected = json.loads(shared_path("fixtures/tf_files/events_expected.json").read_text())
    arrays = np.load(shared_path("fixtures/tf_files/events_expected.npz"))
    file = shared_path("fixtures/tf_files/events.out.tfevents.1700000000.host.1.0.v2")
    found = summary.read(file)
    of = {p: [r for r in found if r.plugin == p] for p in {r.plugin for r in found}}
    assert [[r.tag, r.step, r.value] for r in of["scalars"]] == expected["scalars"]
    assert [[r.tag, r.step] for r in of["histograms"]] == expected["histograms"]
    for record in of["histograms"]:
        values = arrays[f"hist/{record.step}"].astype(np.float64)
        ours = values_module.histogram_buckets(values, 30)
        np.testing.assert_allclose(record.value[:, :2], ours[:, :2], rtol=1e-6)
        assert np.abs(record.value[:, 2] - ours[:, 2]).sum() <= 2  # edges in another precision
    for record in of["images"]:
        np.testing.assert_array_equal(np.stack(record.value), arrays[f"image/{record.step}"])
    assert [[r.tag, r.step, r.value] for r in of["text"]] == [expected["text"]]
    assert of[""][0].tag == "raw_tensor"
    assert len(list(summary.read_events(file))) == expected["number_of_events"]
    older = summary.read(file.parent / "events.out.tfevents.1700000001.host.v1")
    expected = {(tag, step): value for tag, step, value in expected["v1_scalars"]}
    assert {(r.tag, r.step): pytest.approx(r.value) for r in older} == expected


def test_our_files_through_tensorboards_own_loader(tmp_path):
    with summary.create_file_writer(tmp_path) as writer, writer.as_default():
        for step in range(3):
            summary.scalar("loss", step / 2, step)
        summary.graph([summary.GraphNode("a", "Placeholder")])
    events = list(EventFileLoader(writer.path).Load())
    assert events[0].file_version == "brain.Event:2"
    values = [v.tensor.float_val[0] for e in events for v in e.summary.value if v.tag == "loss"]
    assert values == [0.0, 0.5, 1.0]


# ---- which, where and when ---------------------------------------------------------------------


def test_nothing_is_recorded_without_a_writer():
    assert summary.scalar("a", 1.0) is False
    assert summary.hparams({"a": 1}) is False
    assert not summary.should_record_summaries()


def test_steps_conditions_and_scopes(tmp_path):
    step = kerasish.Variable(5, dtype="int32")
    with summary.create_file_writer(tmp_path) as writer:
        with writer.as_default():
            with pytest.raises(ValueError, match="no step is given"):
                summary.scalar("a", 1.0)
            summary.experimental.set_step(step)
            summary.scalar("a", 1.0)
            step.assign(6)
            with summary.record_if(lambda: False):
                assert summary.scalar("b", 1.0) is False
            with name_scope("scope"):
                summary.scalar("c", 2.0)
            message = summary.scalar_proto("d", 3.0).SerializeToString()
            summary.experimental.write_raw_pb(message)
        assert summary.experimental.get_step() is step
        summary.experimental.set_step(None)
    found = [(r.tag, r.step, r.value) for r in summary.read(tmp_path)]
    assert found == [("a", 5, 1.0), ("scope/c", 6, 2.0), ("d", 6, 3.0)]


def test_contexts_nest(tmp_path):
    first = summary.create_file_writer(tmp_path / "first")
    second = summary.create_file_writer(tmp_path / "second")
    with first.as_default(1):
        with second.as_default(2):
            summary.scalar("a", 1.0)
        summary.scalar("b", 1.0)
    first.close()
    second.close()
    second.close()
    assert [(r.tag, r.step) for r in summary.read(tmp_path / "first")] == [("b", 1)]
    assert [(r.tag, r.step) for r in summary.read(tmp_path / "second")] == [("a", 2)]
    with first.as_default(1), pytest.raises(ValueError, match="the writer is closed"):
        summary.scalar("a", 1.0)


# ---- hostile names, and folders ----------------------------------------------------------------


NAMES = {
    "../../x": "../../x",
    "<script>alert(1)</script>": "<script>alert(1)</script>",
    "a\x1b[2J": "a_[2J",
    "a\nb\x00c\x7f": "a_b_c_",
    "a\u202eb": "a_b",
    "\ud800": "_",
    "": "",
}


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_of_summaries_are_made_harmless(name, tmp_path):
    with summary.create_file_writer(tmp_path / "run") as writer, writer.as_default(1):
        summary.scalar(name, 1.0)
    assert [r.tag for r in summary.read(tmp_path / "run")] == [NAMES[name]]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    assert len(list((tmp_path / "run").iterdir())) == 1


def test_names_of_a_megabyte_are_cut_and_stay_apart(tmp_path):
    with summary.create_file_writer(tmp_path) as writer, writer.as_default(1):
        summary.scalar("n" * 2**20, 1.0)
        summary.scalar("n" * 2**20 + "m", 2.0)
    first, second = [r.tag for r in summary.read(tmp_path)]
    assert len(first) == len(second) == 512
    assert first != second


def test_unusable_places(tmp_path):
    with pytest.raises(ValueError, match="folders of this machine"):
        summary.create_file_writer("gs://bucket/logs")
    with pytest.raises(ValueError, match="part of a name"):
        summary.create_file_writer(tmp_path, filename_suffix="/../../evil")
    with pytest.raises(FileNotFoundError, match="there is no event file"):
        summary.read(tmp_path)


# ---- kills, full disks, damage -----------------------------------------------------------------


def written(folder, count=40):
    with summary.create_file_writer(folder) as writer, writer.as_default():
        for step in range(count):
            summary.scalar("loss", float(step), step)
    return writer.path


def test_every_truncation_leaves_a_readable_prefix(tmp_path):
    path = written(tmp_path, 4)
    whole = Path(path).read_bytes()
    counts = []
    for size in range(len(whole) + 1):
        Path(path).write_bytes(whole[:size])
        values = [r.value for r in summary.read(path)]
        assert values == [0.0, 1.0, 2.0, 3.0][: len(values)]
        counts.append(len(values))
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3, 4}


def test_damage_is_noticed(tmp_path):
    path = written(tmp_path)
    data = bytearray(Path(path).read_bytes())
    data[len(data) // 2] ^= 1
    Path(path).write_bytes(data)
    with pytest.raises(CorruptFileError, match="damaged"):
        summary.read(path)


_KILLED = """
import os, sys
from kerasish import summary
writer = summary.create_file_writer(sys.argv[1])
with writer.as_default():
    for step in range(1000):
        summary.scalar("loss", float(step), step)
        if step == 995:
            print("here", flush=True)
            os.kill(os.getpid(), 9)
"""
_LEFT_OPEN = """
import sys
from kerasish import summary
summary.create_file_writer(sys.argv[1]).set_as_default()
summary.scalar("loss", 0.0, 0)
"""


def run_python(code, *arguments, path=()):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*path, str(REPOSITORY)])}
    return subprocess.run([sys.executable, "-c", code, *map(str, arguments)], env=environment,
                          capture_output=True, text=True, timeout=120)  # fmt: skip


def test_a_kill_loses_no_more_than_what_waits(tmp_path):
    result = run_python(_KILLED, tmp_path)
    assert result.returncode == -9, result.stderr
    values = [r.value for r in summary.read(tmp_path)]
    assert values == [float(step) for step in range(len(values))]
    assert len(values) >= 996 - 10


def test_a_writer_left_open_is_written_at_the_end_of_the_process(tmp_path):
    result = run_python(_LEFT_OPEN, tmp_path)
    assert result.returncode == 0, result.stderr
    assert [r.value for r in summary.read(tmp_path)] == [0.0]


class FullDisk:
    """A file that takes some bytes, and then has no room for a while."""

    def __init__(self, file, room):
        self._file, self.room = file, room

    def write(self, data):
        taken = min(len(data), self.room)
        if not taken:
            raise OSError(errno.ENOSPC, "no space left")
        self.room -= taken
        return self._file.write(data[:taken])

    def __getattr__(self, name):
        return getattr(self._file, name)


def test_a_full_disk_leaves_whole_records_and_writing_can_go_on(tmp_path):
    writer = summary.create_file_writer(tmp_path)
    log = writer._events._log
    log.file = disk = FullDisk(log.file, 75)
    with writer.as_default():
        for step in range(4):
            summary.scalar("loss", float(step), step)
        with pytest.raises(OSError, match="no space left"):
            writer.flush()
        assert summary.read(tmp_path) == []
        disk.room = 10**6
        summary.scalar("loss", 4.0, 4)
    writer.close()
    assert [r.value for r in summary.read(tmp_path)] == [0.0, 1.0, 2.0, 3.0, 4.0]


# ---- graphs, hyperparameters, TensorFlow 1 -----------------------------------------------------


def model_with_everything():
    reset()
    x = layers.Input((6,), name="x")
    inner = kerasish.Sequential([layers.Input((6,)), layers.Dense(6, name="in")], name="inner")
    shared = layers.Dense(6, "relu", name="shared")
    y = kerasish.ops.add(shared(inner(x)), 1.0)
    return kerasish.Model(x, layers.Add(name="sum")([shared(y), x]), name="model")


def test_graph_of_a_model():
    nodes = {node.name: node for node in summary.graph_def(model_with_everything()).node}
    assert list(nodes["sum"].input) == ["shared_1", "x"]
    assert list(nodes["shared"].input) == ["inner/in", "shared/kernel", "shared/bias"]
    assert list(nodes["shared_1"].input)[1:] == ["shared/kernel", "shared/bias"]
    assert (nodes["sum"].op, nodes["shared"].op) == ("Add", "Dense")
    assert nodes["shared"].attr["activation"].s == b"relu"
    sizes = [d.size for d in nodes["shared"].attr["_output_shapes"].list.shape[0].dim]
    assert sizes == [-1, 6]
    known = set(nodes)
    assert all(source in known for node in nodes.values() for source in node.input)


def test_graph_of_a_model_of_ones_own():
    class Own(kerasish.Model):
        def __init__(self):
            super().__init__()
            self.first = layers.Dense(2, name="first")

        def call(self, x):
            return self.first(x)

    model = Own()
    model(np.zeros((1, 3), np.float32))
    names = [node.name for node in summary.graph_def(model).node]
    assert names == ["first/kernel", "first/bias", "first"]


def test_graph_of_a_trace():
    v = kerasish.Variable([1.0], name="v")
    spec = kerasish.TensorSpec((None, 1), "float32")
    graph = Graph("trace")
    x = graph.add_input(spec, "x")
    with tracing(graph):
        y = kerasish.ops.add(x, v)
        v.assign(kerasish.ops.sum(y, axis=0))
    graph.outputs = [y]
    nodes = {node.name: node for node in summary.graph_def(graph).node}
    assert nodes["inputs/x"].op == "Placeholder"
    assert list(nodes["add"].input) == ["inputs/x", "variables/v"]
    assert nodes["updates/v"].op == "Assign"


def test_hyperparameters(tmp_path):
    values = {"rate": 0.1, "units": np.int64(3), "name": "adam", "is_wide": True}
    with summary.create_file_writer(tmp_path) as writer, writer.as_default():
        assert summary.hparams(values, trial_id="first")
    (record,) = summary.read(tmp_path)
    assert (record.plugin, record.value) == ("hparams", values)


def test_file_writer(tmp_path):
    graph = [summary.GraphNode("a", "Const"), summary.GraphNode("b", "Neg", ["a:0", "^a"])]
    with summary.FileWriter(tmp_path, graph) as writer:
        assert writer.get_logdir() == str(tmp_path)
        both = [summary.scalar_proto("loss", 0.5), summary.scalar_proto("rate", 2.0)]
        writer.add_summary(summary.merge_protos(both).SerializeToString(), 3)
        writer.add_summary(summary.histogram_proto("h", [-3.0, 1.0, 2.0, 2.0]), 4)
        writer.add_summary(summary.image_proto("i", PIXELS), 5)
        writer.add_summary(summary.text_proto("t", "text"), 6)
        writer.add_summary(summary.audio_proto("s", SOUND, 8000), 7)
    found = {r.tag: r for r in summary.read(tmp_path)}
    assert (found["loss"].step, found["loss"].value, found["rate"].value) == (3, 0.5, 2.0)
    assert found["h"].value[:, 2].sum() == 4
    np.testing.assert_array_equal(found["i/image/1"].value[0], PIXELS[1])
    assert found["t"].value == "text"
    assert found["s/audio/0"].value[0][:4] == b"RIFF"
    assert [list(n.input) for n in found["__run_graph__"].value.node] == [[], ["a", "^a"]]
    writer.reopen()
    writer.add_summary(both[0])
    writer.close()
    assert len(list(tmp_path.iterdir())) == 2


def test_older_histograms_have_growing_buckets():
    histogram = summary.histogram_proto("h", [0.0, 1.0, 1.0, -5.0]).value[0].histo
    assert (histogram.num, histogram.min, histogram.max, histogram.sum) == (4, -5.0, 1.0, -3.0)
    assert sum(histogram.bucket) == 4
    limits = np.array(histogram.bucket_limit)
    assert (np.diff(limits) > 0).all()
    with pytest.raises(ValueError, match="Nan in summary histogram for: h"):
        summary.histogram_proto("h", [np.nan])


def test_older_images_use_the_whole_range():
    image = np.array([[-1.0, 0.0, 1.0, 2.0]])[None, ..., None]
    for values, expected in [(image, [64, 128, 191, 255]), (image + 1, [0, 85, 170, 255])]:
        data = summary.image_proto("i", values).value[0].image.encoded_image_string
        assert values_module.from_png(data).reshape(-1).tolist() == expected


# ---- what is imported --------------------------------------------------------------------------

_ALL = """
import sys
import numpy as np
from kerasish import callbacks, layers, summary
import kerasish
model = kerasish.Sequential([layers.Input((2,)), layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0,
          callbacks=[callbacks.TensorBoard(sys.argv[1], histogram_freq=1, write_images=True)])
print(len(summary.read(sys.argv[1] + "/train")))
"""


def test_tensorflow_is_not_imported_where_it_is_installed(tmp_path):
    fake = tmp_path / "packages" / "tensorflow"
    fake.mkdir(parents=True)
    (fake / "__init__.py").write_text("raise SystemExit('tensorflow was imported')")
    result = run_python(_ALL, tmp_path / "logs", path=[str(fake.parent)])
    assert result.returncode == 0, result.stdout + result.stderr
    assert int(result.stdout) == 6  # graph, loss, rate, two histograms, one image
