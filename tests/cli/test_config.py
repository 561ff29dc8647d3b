"""Configs: the shipped ones are right, and a wrong key or value is answered helpfully."""

import pytest

from kerasish.cli import config, schema
from kerasish.cli.schema import ConfigError
from tests.support import REPOSITORY

SHIPPED = sorted((REPOSITORY / "configs").glob("*.toml"))
SMALL = """
seed = 3
[data]
name = "iris"
[model]
layers = [{ class_name = "Dense", units = 3 }]
[compile]
loss = "mse"
[fit]
epochs = 2
"""


@pytest.fixture
def small(tmp_path):
    """A small right config as a file."""
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_config_is_right_and_tells_how_to_run_it(path):
    settings = config.read(path)
    assert settings["output"]["directory"] == f"runs/{path.stem}"
    assert settings["model"]["name"] == path.stem
    assert f"kerasish train configs/{path.name}" in path.read_text()


def test_read_fills_in_defaults(small):
    settings = config.read(small)
    assert settings["seed"] == 3
    assert settings["fit"] == {
        "epochs": 2,
        "batch_size": 32,
        "validation_split": 0.0,
        "shuffle": True,
    }
    assert settings["compile"]["optimizer"] == "rmsprop"
    assert "device" not in settings


# what is added to the small config or overridden in it, and what the error says
WRONG = [
    ('[dta]\nname = "iris"', "dta is not a known section or key.*did you mean 'data'"),
    ("[output]\ndirectry = 'x'", "directry is not a known key.*did you mean 'directory'"),
    ("[output]\nepochs = 3", r"\[output\] epochs is not a known key.*epochs belongs to \[fit\]"),
    ("fit.epochs=ten", r"epochs has a wrong value.*'ten'.*a whole number above 0"),
    ("fit.epochs=0", r"epochs has a wrong value.*Received: 0"),
    ("fit.epochs=true", "epochs has a wrong value"),
    ("fit.batch_sise=8", r"batch_sise is not a known key.*one of epochs, batch_size.*'batch_size'"),
    ("fit.validation_split=1.5", "validation_split has a wrong value.*a number from 0 up to 1"),
    ("fit.shuffle=1", "shuffle has a wrong value.*true or false"),
    ("seed=-1", "seed has a wrong value.*a whole number from 0 up"),
    ("data.scale=0", "scale has a wrong value.*a number above 0"),
    ("model.builder=resnet20", "either layers or builder"),
    ("model.layers=[]", "either layers or builder"),
    ("model.layers=[{units = 3}]", "layers has a wrong value.*class_name"),
    ("compile.loss=3", "loss has a wrong value.*a name or a table"),
    ("fit=3", "fit is a section.*write"),
    ("epochs=3", r"epochs is not a known section or key.*epochs belongs to \[fit\]"),
]


@pytest.mark.parametrize(("change", "match"), WRONG, ids=[row[0].split("\n")[-1] for row in WRONG])
def test_wrong_config_is_answered_with_place_and_fix(small, change, match):
    overrides = []
    if change.startswith("["):
        small.write_text(f"{SMALL}\n{change}\n")
    elif change == "model.layers=[]":
        small.write_text(SMALL.replace("layers =", "name = 'x' #"))
    else:
        overrides = [change]
    with pytest.raises(ConfigError, match=match) as caught:
        config.read(small, overrides)
    assert str(small) in str(caught.value)


@pytest.mark.parametrize(("section", "key"), [("data", "name"), ("compile", "loss")])
def test_missing_key_is_named(small, section, key):
    lines = [line for line in SMALL.splitlines() if not line.startswith(f"{key} =")]
    small.write_text("\n".join(lines))
    with pytest.raises(ConfigError, match=rf"\[{section}\] {key} is missing"):
        config.read(small)


def test_overrides_take_toml_values_and_plain_text(small):
    settings = config.read(
        small,
        ["fit.epochs=7", "data.name=digits", "compile.optimizer.class_name=SGD", "data.scale=2.5"],
        {"seed": 9, "output.directory": "c:\\x y'\"", "device": None},
    )
    assert settings["fit"]["epochs"] == 7
    assert settings["data"] == {**settings["data"], "name": "digits", "scale": 2.5}
    assert settings["compile"]["optimizer"] == {"class_name": "SGD"}
    assert settings["seed"] == 9
    assert settings["output"]["directory"] == "c:\\x y'\""
    assert "device" not in settings


@pytest.mark.parametrize("override", ["epochs", "data.name.x=3"])
def test_override_that_cannot_be_applied_is_refused(small, override):
    with pytest.raises(ConfigError, match="--set"):
        config.read(small, [override])


def test_absent_config_offers_the_nearest_file(small):
    with pytest.raises(ConfigError, match=r"no such config.*did you mean 'small\.toml'"):
        config.read(small.with_name("smal.toml"))


def test_damaged_toml_names_file_and_line(small):
    small.write_text("seed = \n")
    with pytest.raises(ConfigError, match=r"small\.toml: it is not valid TOML.*line 1"):
        config.read(small)


def test_checked_config_passes_the_check_again(small):
    settings = config.read(small)
    assert schema.check(settings, "again") == settings


def test_describe_lists_every_key():
    text = schema.describe()
    for keys in schema.SECTIONS.values():
        assert all(f"  {name} " in text for name in keys)
