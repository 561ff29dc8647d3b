"""Models, optimizers, losses and callbacks out of config tables."""

import pytest

from kerasish import callbacks, layers
from kerasish.cli import build, config, preparation, sources
from kerasish.cli.schema import ConfigError
from tests.support import REPOSITORY

SHIPPED = sorted((REPOSITORY / "configs").glob("*.toml"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_config_builds_and_compiles(path):
    settings = config.read(path)
    source = sources.find(settings["data"]["name"])
    plan = preparation.plan(source, settings["data"])
    num_outputs = len(source.class_names) or 1
    model = build.make_model(settings["model"], source.shape or (plan.maxlen,), num_outputs)
    build.compile_model(model, settings["compile"])
    assert model.name == path.stem
    assert model.output_shape in [(None, num_outputs), (None, 1)]
    assert len(build.make_callbacks(settings["fit"])) == len(settings["fit"].get("callbacks", []))


def test_resnet20_has_the_papers_size():
    model = build.make_model({"name": "r", "builder": "resnet20"}, (32, 32, 3), 10)
    weighted = [x for x in model.layers if isinstance(x, (layers.Conv2D, layers.Dense))]
    kernels = [x for x in weighted if getattr(x, "kernel_size", None) != (1, 1)]
    assert len(kernels) == 20
    assert model.count_params() == pytest.approx(274_000, rel=0.02)  # table 6: 0.27 M


def test_builder_takes_options():
    options = {"filters": 4, "blocks": 1, "augment": True}
    model = build.make_model({"name": "r", "builder": "resnet20", "options": options}, (8, 8, 1), 3)
    assert model.output_shape == (None, 3)
    assert any(isinstance(layer, layers.RandomFlip) for layer in model.layers)
    assert max(layer.filters for layer in model.layers if isinstance(layer, layers.Conv2D)) == 16


def test_nested_tables_become_objects():
    layer = build.make(
        {
            "class_name": "Bidirectional",
            "layer": {
                "class_name": "LSTM",
                "units": 4,
                "kernel_regularizer": {"class_name": "L2", "l2": 0.5},
            },
        },
        "layers",
        "layer 0",
    )
    assert isinstance(layer, layers.Bidirectional)
    assert float(layer.forward_layer.cell.kernel_regularizer.l2) == 0.5
    schedule = {"class_name": "CosineDecay", "initial_learning_rate": 0.5, "decay_steps": 10}
    optimizer = build.make(
        {"class_name": "Adam", "learning_rate": schedule}, "optimizers", "optimizer"
    )
    assert float(optimizer.learning_rate) == pytest.approx(0.5)


def test_callback_table_becomes_a_callback():
    table = {"class_name": "EarlyStopping", "monitor": "loss", "patience": 3}
    (made,) = build.make_callbacks({"callbacks": [table]})
    assert isinstance(made, callbacks.EarlyStopping)
    assert made.patience == 3


# table, family, text of the error
WRONG = [
    ({"class_name": "Dens", "units": 3}, "layers", "no layer of this name.*did you mean 'Dense'"),
    ({"class_name": "Dense", "unit": 3}, "layers", "unit is not one.*units.*mean 'units'"),
    ({"class_name": "Dense", "units": -3}, "layers", r"Dense.*units.*-3"),
    ("adm", "optimizers", "no optimizer of this name.*did you mean '[aA]dam'"),
    ({"class_name": "Adam", "learnin_rate": 1}, "optimizers", "did you mean 'learning_rate'"),
    ("sparse_categorical_crossentropi", "losses", "did you mean 'sparse_categorical_crossent"),
    ({"class_name": "Hubr"}, "losses", "no loss of this name.*did you mean 'Huber'"),
    ("acuracy", "metrics", "no metric of this name.*did you mean '[aA]ccuracy'"),
    ({"class_name": "EarlyStoping"}, "callbacks", "no callback.*did you mean 'EarlyStopping'"),
    (
        {"class_name": "Dense", "units": 1, "kernel_initializer": {"class_name": "HeNormall"}},
        "layers",
        "HeNormall",
    ),
]


@pytest.mark.parametrize(
    ("table", "family", "match"), WRONG, ids=[f"{row[1]}-{i}" for i, row in enumerate(WRONG)]
)
def test_wrong_name_or_argument_is_answered_with_the_nearest(table, family, match):
    with pytest.raises(ConfigError, match=match):
        build.make(table, family, "somewhere")


def test_last_layer_of_the_wrong_size_is_refused():
    section = {"name": "m", "layers": [{"class_name": "Dense", "units": 4}]}
    with pytest.raises(ConfigError, match=r"does not fit the data.*\(None, 4\).*units = 3"):
        build.make_model(section, (5,), 3)


@pytest.mark.parametrize(
    ("section", "match"),
    [
        ({"builder": "resnet21"}, "unknown architecture.*did you mean 'resnet20'"),
        ({"builder": "resnet20", "options": {"filter": 3}}, "did you mean 'filters'"),
    ],
)
def test_wrong_builder_or_option_is_answered_with_the_nearest(section, match):
    with pytest.raises(ValueError, match=match):
        build.make_model({"name": "m", **section}, (8, 8, 1), 3)
