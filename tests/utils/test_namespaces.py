"""Small public namespaces: backend, config switches, tree, legacy names, sub-namespaces of ops."""

import collections
import pickle

import numpy as np
import pytest

import kerasish
from kerasish import backend, config, layers, ops, optimizers, tree, utils
from kerasish.config import settings


def make_model():
    model = kerasish.Sequential([layers.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


X, Y = np.ones((8, 2), "float32"), np.ones((8, 1), "float32")


# ---- backend ---------------------------------------------------------------------------------


def test_backend_answers():
    assert backend.backend() == config.backend() == "kerasish"
    assert backend.result_type("int32", "float16", float) == "float16"
    assert backend.is_float_dtype("bfloat16") and not backend.is_float_dtype("int8")
    assert backend.is_int_dtype(np.dtype("uint8")) and not backend.is_int_dtype("bool")
    assert backend.standardize_dtype(float) == "float32"
    first = backend.get_uid("something")
    assert backend.get_uid("something") == first + 1
    backend.clear_session()
    assert backend.get_uid("something") == 1


def test_set_backend_takes_its_own_name_only():
    config.set_backend("kerasish")
    with pytest.raises(ValueError, match="there is one backend"):
        config.set_backend("jax")


# ---- config ----------------------------------------------------------------------------------


@pytest.fixture
def settings_as_before():
    before = dict(vars(type(settings)), **vars(settings))
    yield
    for name in ("is_interactive", "filters_tracebacks", "flash_attention", "max_epochs",
                 "max_steps_per_epoch"):  # fmt: skip
        setattr(settings, name, before[name])


SWITCHES = ["interactive_logging", "traceback_filtering", "flash_attention"]


@pytest.mark.parametrize("name", SWITCHES)
def test_switches_go_off_and_on(name, settings_as_before):
    is_enabled = getattr(config, f"is_{name}_enabled")
    getattr(config, f"disable_{name}")()
    assert is_enabled() is False
    getattr(config, f"enable_{name}")()
    assert is_enabled() is True


def test_fit_makes_at_most_so_many_epochs(settings_as_before):
    config.set_max_epochs(2)
    assert config.max_epochs() == 2
    with pytest.warns(UserWarning, match="2 epochs instead of 5"):
        assert len(make_model().fit(X, Y, epochs=5, verbose=0).epoch) == 2
    assert len(make_model().fit(X, Y, epochs=1, verbose=0).epoch) == 1


def test_epochs_have_at_most_so_many_steps(settings_as_before):
    config.set_max_steps_per_epoch(2)
    model = make_model()
    model.fit(X, Y, batch_size=2, epochs=3, verbose=0)
    assert int(model.optimizer.iterations) == 6
    assert len(model.predict(X, batch_size=2, verbose=0)) == 4
    config.set_max_steps_per_epoch(None)
    model.fit(X, Y, batch_size=2, verbose=0)
    assert int(model.optimizer.iterations) == 10


def test_limits_come_from_the_environment(monkeypatch, settings_as_before):
    monkeypatch.setenv("KERAS_MAX_EPOCHS", "3")
    monkeypatch.setenv("KERAS_MAX_STEPS_PER_EPOCH", "many")
    settings.max_epochs = settings.max_steps_per_epoch = "unread"
    assert config.max_epochs() == 3
    with pytest.raises(ValueError, match="KERAS_MAX_STEPS_PER_EPOCH: not a positive int"):
        config.max_steps_per_epoch()
    with pytest.raises(ValueError, match="not a positive int"):
        config.set_max_epochs(0)


class Fails(layers.Layer):
    def call(self, inputs):
        raise RuntimeError("told by the user's layer")


def frames_of(error):
    found, traceback = [], error.__traceback__
    while traceback is not None:
        found.append(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    return found


@pytest.mark.parametrize("is_filtered", [True, False])
def test_tracebacks_show_the_lines_of_the_user(is_filtered, settings_as_before):
    getattr(config, f"{'enable' if is_filtered else 'disable'}_traceback_filtering")()
    model = kerasish.Sequential([Fails()])
    model.compile("sgd", "mse")
    with pytest.raises(RuntimeError, match="told by") as caught:
        model.fit(X, Y, verbose=0)
    ours = [f for f in frames_of(caught.value) if f.startswith(kerasish.__path__[0])]
    assert frames_of(caught.value)[-1] == __file__
    assert len(ours) <= 1 if is_filtered else len(ours) > 3


def test_unsafe_deserialization_cannot_be_enabled():
    with pytest.warns(UserWarning, match="never runs code"):
        config.enable_unsafe_deserialization()
    assert not config.is_nnx_enabled()
    with pytest.raises(AttributeError, match="no attribute 'enable_magic'"):
        config.enable_magic  # noqa: B018


def test_interactive_logging_off_prints_lines(settings_as_before, capsys):
    utils.disable_interactive_logging()
    assert not utils.is_interactive_logging_enabled()
    make_model().fit(X, Y, epochs=2)
    assert len(capsys.readouterr().out.splitlines()) == 2
    utils.enable_interactive_logging()


# ---- tree ------------------------------------------------------------------------------------

Point = collections.namedtuple("Point", ["x", "y"])


def test_traverse_goes_in_both_orders():
    for top_down, expected in (
        (True, [[(1, 2), [3], {"a": 4}], (1, 2), 1, 2, [3], 3, {"a": 4}, 4]),
        (False, [1, 2, (1, 2), 3, [3], 4, {"a": 4}, [(1, 2), [3], {"a": 4}]]),
    ):
        seen = []
        tree.traverse(seen.append, [(1, 2), [3], {"a": 4}], top_down=top_down)
        assert seen == expected
    swapped = tree.traverse(lambda x: tree.MAP_TO_NONE if x == 1 else None, {"b": 1, "a": [1, 2]})
    assert swapped == {"b": None, "a": [None, 2]}
    assert list(swapped) == ["b", "a"]
    assert tree.traverse(lambda x: 0 if isinstance(x, tuple) else None, [(1,), 2]) == [0, 2]
    with pytest.raises(TypeError, match="not a callable"):
        tree.traverse(None, [])


def test_paths_and_shapes():
    assert tree.flatten_with_path({"b": (1, [2]), "a": Point(3, 4)}) == [
        (("a", 0), 3), (("a", 1), 4), (("b", 0), 1), (("b", 1, 0), 2)]  # fmt: skip
    tree.assert_same_paths(Point(0, 1), [2, 3])
    with pytest.raises(ValueError, match="other places"):
        tree.assert_same_paths([0, 1], [0, [1]])
    assert tree.lists_to_tuples([1, {"a": [2]}, Point(1, [3])]) == (1, {"a": (2,)}, Point(1, (3,)))
    assert tree.map_shape_structure(lambda s: s + (1,), {"a": (2, None), "b": [(3,)]}) == {
        "a": (2, None, 1), "b": [(3, 1)]}  # fmt: skip
    with pytest.raises(ValueError, match="no shape"):
        tree.map_shape_structure(len, ["text"])


def test_map_structure_up_to():
    shallow = [None, [None, None]]
    assert tree.map_structure_up_to(shallow, str, [[1, 1], [2, 2]]) == ["[1, 1]", ["2", "2"]]
    assert tree.map_structure_up_to({"a": 0}, lambda x, y: x + y, {"a": [1]}, {"a": [2]}) == {
        "a": [1, 2]}  # fmt: skip
    for wrong in (1, [1], [1, 2], {"a": 1}):
        with pytest.raises(ValueError, match="map_structure_up_to"):
            tree.map_structure_up_to(shallow, str, wrong)
    with pytest.raises(TypeError):
        tree.map_structure_up_to(shallow, str)


def test_map_structure_may_leave_none_out():
    assert tree.map_structure(lambda x: x is None, [None, 1]) == [True, False]
    assert tree.map_structure(lambda x: x + 1, [None, 1], none_is_leaf=False) == [None, 2]
    with pytest.warns(DeprecationWarning):
        tree.assert_same_structure([1], [2], check_types=True)


# ---- ops -------------------------------------------------------------------------------------


def test_namespaces_of_ops_hold_the_same_functions():
    assert ops.numpy.add is ops.add and ops.nn.relu is ops.relu and ops.linalg.jvp is ops.jvp
    assert "relu" not in ops.numpy.__all__ and "cast" not in ops.numpy.__all__
    x = layers.Input((3,))
    assert ops.nn.softmax(ops.numpy.add(x, 1.0)).shape == (None, 3)
    from kerasish.ops import numpy as knp

    assert knp is ops.numpy


# ---- legacy ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", optimizers.legacy.__all__)
def test_legacy_optimizers_cannot_be_made(name):
    with pytest.raises(ImportError, match=f"kerasish.optimizers.{name}"):
        getattr(optimizers.legacy, name)(learning_rate=0.1)


def test_legacy_configs_make_equal_objects():
    loss = kerasish.losses.Huber(delta=0.5)
    config = utils.legacy.serialize_keras_object(loss)
    assert set(config) == {"class_name", "config"} and config["class_name"] == "Huber"
    twin = utils.legacy.deserialize_keras_object(config, vars(kerasish.losses))
    assert twin.get_config() == loss.get_config()
    assert utils.legacy.deserialize_keras_object(config).get_config() == loss.get_config()
    assert utils.legacy.serialize_keras_object(None) is None
    assert utils.legacy.deserialize_keras_object("relu", vars(kerasish.activations)) is (
        kerasish.activations.relu
    )
    with pytest.raises(ValueError, match="unknown loss.*did you mean 'Huber'"):
        utils.legacy.deserialize_keras_object("Hubert", vars(kerasish.losses), None, "loss")
    with pytest.raises(ValueError, match="no config"):
        utils.legacy.serialize_keras_object(3)


# ---- utils -----------------------------------------------------------------------------------


def test_config_is_a_dict_with_attributes_that_can_be_frozen():
    found = utils.Config(rate=0.1)
    found.seed = 3
    found["name"] = "a"
    assert (found.rate, found["seed"], len(found), "name" in found) == (0.1, 3, 3, True)
    assert list(found) == ["name", "rate", "seed"] and found.get("none", 7) == 7
    assert found.pop("name") == "a" and found.as_dict() == {"rate": 0.1, "seed": 3}
    with pytest.raises(AttributeError, match="did you mean 'rate'"):
        found.rat  # noqa: B018
    found.freeze()
    assert found.frozen
    for change in (lambda: setattr(found, "seed", 1), lambda: found.pop("seed"),
                   lambda: found.update(a=1), lambda: found.__delitem__("seed")):  # fmt: skip
        with pytest.raises(ValueError, match="frozen"):
            change()
    found.unfreeze()
    found.update(a=1)
    assert pickle.loads(pickle.dumps(found)).as_dict() == found.as_dict()


def test_progbar_averages_and_prints(capsys):
    bar = utils.Progbar(3, verbose=2, stateful_metrics=["lr"], unit_name="file")
    bar.update(1, [("loss", 1.0), ("lr", 0.5)])
    bar.add(2, [("loss", 4.0), ("lr", 0.25)])
    text = capsys.readouterr().out
    assert "3/3" in text and "/file" in text
    assert "loss: 3.0000" in text and "lr: 0.2500" in text


def test_source_inputs_and_keras_tensors():
    a, b = layers.Input((2,)), layers.Input((2,))
    y = layers.Dense(1)(ops.add(layers.Dense(2)(a), b))
    assert utils.get_source_inputs(y) == [a, b]
    assert utils.get_source_inputs(a) == [a]
    assert utils.is_keras_tensor(y) and not utils.is_keras_tensor(X)


def test_packing():
    pack, unpack = utils.pack_x_y_sample_weight, utils.unpack_x_y_sample_weight
    assert [pack(1), pack([1]), pack(1, 2), pack(1, 2, 3)] == [1, ([1],), (1, 2), (1, 2, 3)]
    assert [unpack(1), unpack([1]), unpack((1, 2))] == [
        (1, None, None), (1, None, None), (1, 2, None)]  # fmt: skip
    with pytest.raises(ValueError, match="one to three parts"):
        unpack((1, 2, 3, 4))


def test_custom_objects_by_scope_and_name():
    class Mine(layers.Dense):
        pass

    with utils.custom_object_scope({"Mine": Mine}):
        assert utils.get_registered_object("Mine") is Mine
    assert utils.get_registered_object("Mine") is None
    assert utils.get_registered_object("Mine", module_objects={"Mine": Mine}) is Mine
    assert utils.get_registered_name(Mine) == "Mine"
