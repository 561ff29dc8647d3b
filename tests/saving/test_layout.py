"""Names of parts in files, shared and nested parts, long chains, and what loading touches."""

import subprocess
import sys

import h5py
import numpy as np
import pytest

from kerasish import layers, models, saving
from kerasish.errors import CorruptFileError
from kerasish.saving import deserialize_keras_object, load_model, register_keras_serializable
from kerasish.saving.state_walk import walk
from tests.saving.small import mlp, save, state
from tests.support import REPOSITORY


def attention():
    x = layers.Input((4, 3))
    return models.Model(x, layers.MultiHeadAttention(2, 3)(x, x))


def paths(model):
    return [part.path for part in walk(model)]


class Holder(models.Model):
    """Parts in every place where a part can be."""

    def __init__(self):
        super().__init__()
        self.b = layers.Dense(2)
        self.a = [layers.Dense(2), {"x": layers.Dense(2), "y": [layers.Dense(2), 3]}, "text"]
        self.also_b = self.b
        self._private = layers.Dense(2)
        self._behind = layers.Dense(2)

    @property
    def behind(self):
        return self._behind

    @property
    def broken(self):
        raise RuntimeError("not computable")


def test_parts_are_named_as_keras_does():
    assert paths(Holder()) == [
        "",
        "a/dense",
        "a/container/dense",
        "a/container/container/dense",
        "also_b",
        "behind",
        "layers/dense_4",
    ]


def test_layers_of_graphs_come_first_and_are_numbered_by_class():
    model = mlp()
    assert paths(model) == [
        "",
        "layers/dense",
        "layers/batch_normalization",
        "layers/dense_1",
        "optimizer",
    ]
    outer = models.Sequential([model, layers.Dense(1)])
    assert paths(outer)[:3] == ["", "layers/sequential", "layers/sequential/layers/dense"]


@pytest.mark.parametrize(
    "renamed",
    [
        {"layers/multi_head_attention/query_dense": "layers/multi_head_attention/_query_dense"},
        {"layers": "_layer_checkpoint_dependencies"},
    ],
    ids=["private attributes", "checkpoint dependencies"],
)
def test_names_of_older_versions_are_found(tmp_path, renamed):
    path = tmp_path / "m.weights.h5"
    source, model = attention(), attention()
    save(source, path)
    with h5py.File(path, "r+") as file:
        for old, new in renamed.items():
            file.move(old, new)
    saving.seal(path)
    model.load_weights(path)
    assert state(model) == state(source)


def test_a_missing_part_is_not_taken_from_elsewhere(tmp_path):
    path = tmp_path / "m.weights.h5"
    source, model = attention(), attention()
    save(source, path)
    with h5py.File(path, "r+") as file:
        file.move("layers/multi_head_attention/query_dense", "layers/other")
    with pytest.raises(CorruptFileError, match="its seal, the last line, is missing"):
        model.load_weights(path)
    saving.seal(path)
    before = state(model)
    with pytest.raises(ValueError, match="query"):
        model.load_weights(path)
    assert state(model) == before


def test_more_than_ten_weights_keep_their_order(tmp_path):
    model = mlp()
    save(model, tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as file:
        assert len(file["optimizer/vars"]) > 10
    again = mlp()
    again.load_weights(tmp_path / "m.weights.h5")
    assert state(again) == state(model)


@register_keras_serializable("layout")
class Tied(layers.Layer):
    """Two inner layers that may be one and the same."""

    def __init__(self, first, second, **kwargs):
        super().__init__(**kwargs)
        self.first, self.second = first, second

    def call(self, x):
        return self.second(self.first(x))

    @classmethod
    def from_config(cls, config):
        config = {**config}
        for key in ("first", "second"):
            config[key] = deserialize_keras_object(config[key])
        return cls(**config)


@pytest.mark.parametrize("is_shared", [True, False])
def test_shared_layers_stay_shared(tmp_path, is_shared):
    dense = layers.Dense(3)
    tied = Tied(dense, dense if is_shared else layers.Dense(3))
    model = models.Sequential([layers.Input((3,)), tied])
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    assert (again.layers[0].first is again.layers[0].second) == is_shared
    assert state(again) == state(model)


def test_saving_twice_gives_the_same_weights_file(tmp_path):
    model = mlp()
    for name in ("a", "b"):
        save(model, tmp_path / f"{name}.weights.h5")
    assert (tmp_path / "a.weights.h5").read_bytes() == (tmp_path / "b.weights.h5").read_bytes()


def test_long_chain_is_saved_at_the_default_recursion_limit(tmp_path):
    chain = [layers.Dense(1, use_bias=False, kernel_initializer="ones") for _ in range(1100)]
    model = models.Sequential([layers.Input((1,)), *chain])
    model.save(tmp_path / "m.keras")
    assert len(load_model(tmp_path / "m.keras").weights) == 1100


def test_deeply_nested_models_are_saved(tmp_path):
    model = layers.Dense(1)
    for _ in range(12):
        model = models.Sequential([model])
    model.build((None, 2))
    model.save(tmp_path / "m.keras")
    assert state(load_model(tmp_path / "m.keras")) == state(model)


def child(code, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_h5py_is_imported_with_the_first_file_only(tmp_path):
    child(
        "import sys, kerasish, kerasish.models, kerasish.saving\n"
        "kerasish.saving.load_model, kerasish.saving.save_weights\n"
        "assert 'h5py' not in sys.modules\n"
        "m = kerasish.Sequential([kerasish.layers.Input((2,)), kerasish.layers.Dense(1)])\n"
        "m.save_weights(sys.argv[1])\n"
        "assert 'h5py' in sys.modules\n",
        tmp_path / "m.weights.h5",
    )


def test_file_is_loaded_by_a_process_that_has_used_nothing_yet(tmp_path):
    save(mlp(), tmp_path / "m.keras")
    save(mlp(), tmp_path / "m.h5")
    for name in ("m.keras", "m.h5"):
        code = "import sys, kerasish.saving as s; print(s.load_model(sys.argv[1]).name)"
        assert child(code, tmp_path / name) == "mlp\n"


WATCHED = """
import sys
from kerasish.saving import load_model
path = sys.argv[1]
load_model(path)  # modules and numbers of Python that are read once
events = []
watched = ("open", "import", "exec", "compile", "marshal.loads", "pickle.find_class", "os.system",
           "subprocess.Popen", "socket.connect", "socket.getaddrinfo", "os.mkdir", "os.rename",
           "os.remove", "ctypes.dlopen")
note = lambda name, args: events.append((name, str(args)[:200])) if name in watched else None
sys.addaudithook(note)
load_model(path)
other = [e for e in events if not (e[0] == "open" and path in e[1])]
assert events and not other, other
"""


@pytest.mark.parametrize("ending", ["keras", "h5"])
def test_loading_opens_the_file_and_nothing_else(tmp_path, ending):
    path = tmp_path / f"m.{ending}"
    save(mlp(), path)
    child(WATCHED, path)


def test_weights_survive_exactly_including_special_values(tmp_path):
    model = models.Sequential([layers.Input((4,)), layers.Dense(2)])
    values = np.array([[np.nan, np.inf], [-np.inf, -0.0], [1e-45, 3.4e38], [1.0, 2.0]], "float32")
    model.layers[0].kernel.assign(values)
    for ending in ("keras", "h5"):
        model.save(tmp_path / f"m.{ending}")
        found = load_model(tmp_path / f"m.{ending}").layers[0].kernel.numpy()
        assert found.tobytes() == values.tobytes()
