"""Damaged and hostile files: one typed error each, and nothing of them is run."""

import json
import zipfile

import h5py
import pytest

from kerasish.errors import CheckpointError
from kerasish.saving import load_model
from tests.saving.small import ENDINGS, load, mlp, save, state


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.7, 0.95, 0.999])
def test_truncated_file_is_told(tmp_path, ending, share):
    path = tmp_path / f"m.{ending}"
    save(mlp(), path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CheckpointError, match=r"m\.(keras|h5|weights\.h5)"):
        load(path)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        b"\x89HDF\r\n\x1a\n" + b"\0" * 500,
        b"PK\x03\x04" + b"\0" * 500,
        b"\x80\x04\x95pickle",
        bytes(range(256)) * 20,
    ],
)
def test_other_content_is_told(tmp_path, ending, content):
    path = tmp_path / f"m.{ending}"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"m\."):
        load(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_missing_file_and_folder_are_told(tmp_path, ending):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        load(tmp_path / f"m.{ending}")
    (tmp_path / f"d.{ending}").mkdir()
    with pytest.raises(IsADirectoryError, match="this is a folder"):
        load(tmp_path / f"d.{ending}")


def rewritten(path, change):
    """Write a `.keras` file again with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members = change(members)
    pairs = members.items() if isinstance(members, dict) else members
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in pairs:
            archive.writestr(name, content)


def without(name):
    return lambda m: {k: v for k, v in m.items() if k != name}


MEMBERS = {
    "no config": without("config.json"),
    "no weights": without("model.weights.h5"),
    "no metadata": without("metadata.json"),
    "more members": lambda m: {**m, "assets/vocabulary.txt": b"a"},
    "member outside": lambda m: {**without("config.json")(m), "../config.json": m["config.json"]},
    "absolute member": lambda m: {**m, "/tmp/x": b"a"},
    "config twice": lambda m: [*m.items(), ("config.json", m["config.json"])],
    "empty": lambda m: {},
    "other weights": lambda m: {**m, "model.weights.h5": b"text"},
    "config no JSON": lambda m: {**m, "config.json": b"{"},
    "config a list": lambda m: {**m, "config.json": b"[]"},
    "config empty": lambda m: {**m, "config.json": b"{}"},
    "config of a loss": lambda m: {
        **m,
        "config.json": b'{"module": "keras.losses", "class_name": "Huber", "config": {}}',
    },
    "metadata no JSON": lambda m: {**m, "metadata.json": b"x"},
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", MEMBERS)
def test_archive_with_other_members_is_refused(tmp_path, case):
    path = tmp_path / "m.keras"
    mlp().save(path)
    rewritten(path, MEMBERS[case])
    with pytest.raises(CheckpointError, match=r"m\.keras"):
        load_model(path)


def test_packed_bomb_is_refused_unread(tmp_path):
    path = tmp_path / "m.keras"
    mlp().save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, b" " * 2**24 + content if name == "config.json" else content)
    with pytest.raises(CheckpointError, match="claims a size"):
        load_model(path)


def test_packed_archive_is_read(tmp_path):
    path = tmp_path / "m.keras"
    model = mlp()
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert state(load_model(path)) == state(model)


def test_flipped_byte_in_an_archive_is_noticed(tmp_path):
    path = tmp_path / "m.keras"
    mlp().save(path)
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("model.weights.h5").header_offset
    for place in range(start + 200, len(content) - 2000, 997):
        content[place] ^= 1
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="damaged"):
            load_model(path)
        content[place] ^= 1


def changed_config(path, change):
    def edit(members):
        config = json.loads(members["config.json"])
        change(config)
        return {**members, "config.json": json.dumps(config)}

    rewritten(path, edit)


def set_first_layer(**changes):
    return lambda config: config["config"]["layers"][1].update(changes)


CODE = {
    "class_name": "__lambda__",
    "config": {"code": "4wEAAAA=", "defaults": None, "closure": None},
}
SYSTEM = {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"}
CONFIGS = {
    "unknown class": (set_first_layer(class_name="Dens"), "did you mean 'Dense'"),
    "module to import": (
        set_first_layer(module="os", class_name="system"),
        "unknown class 'system'",
    ),
    "code": (lambda c: c["config"]["layers"][1]["config"].update(activation=CODE), "code"),
    "function of a module": (
        lambda c: c["config"]["layers"][1]["config"].update(activation=SYSTEM),
        "system",
    ),
    "evaluated initializer": (
        lambda c: c["config"]["layers"][1]["config"].update(kernel_initializer=SYSTEM),
        "system",
    ),
    "loss of a module": (lambda c: c["compile_config"].update(loss=SYSTEM), "system"),
    "optimizer of a module": (lambda c: c["compile_config"].update(optimizer=SYSTEM), "system"),
    "class name no text": (set_first_layer(class_name=3), "class_name must be a string"),
    "config no dict": (set_first_layer(config=[1]), "config must be a dict"),
    "negative units": (lambda c: c["config"]["layers"][1]["config"].update(units=-1), "units"),
    "other units": (lambda c: c["config"]["layers"][1]["config"].update(units=9), "another shape"),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_bad_config_is_one_value_error(tmp_path, case):
    change, text = CONFIGS[case]
    path = tmp_path / "m.keras"
    mlp().save(path)
    changed_config(path, change)
    with pytest.raises(ValueError, match=text) as caught:
        load_model(path)
    assert len(str(caught.value)) < 2000


def test_lambda_layer_is_refused_in_every_form(tmp_path):
    old = {"class_name": "Lambda", "config": {"name": "f", "function": ["4wEAAAA=", None, None]}}
    for version, function in (("2.15.0", old["config"]["function"]), ("3.15.1", CODE)):
        entry = {
            "class_name": "Lambda",
            "config": {"name": "f", "trainable": True, "function": function},
        }
        config = {"class_name": "Sequential", "config": {"name": "s", "layers": [entry]}}
        path = tmp_path / "m.h5"
        with h5py.File(path, "w") as file:
            file.attrs["model_config"], file.attrs["keras_version"] = json.dumps(config), version
            file.create_group("model_weights").attrs["layer_names"] = []
        with pytest.raises(ValueError, match="code"):
            load_model(path)
