"""Functional, Sequential and subclassed models: graphs, sharing, nesting, configs, summaries."""

import numpy as np
import pytest

import kerasish
from kerasish import layers, models, ops


def rebuilt(model):
    config = model.get_config()
    twin = type(model).from_config(config)
    twin.set_weights(model.get_weights())
    return twin


def check_twin(model, *inputs):
    twin = rebuilt(model)
    a, b = model(*inputs), twin(*inputs)
    for x, y in zip(kerasish.tree.flatten(a), kerasish.tree.flatten(b), strict=True):
        assert np.array_equal(x.numpy(), y.numpy())
    assert twin.to_json() == model.to_json()


def test_functional_graph_with_branches_and_operations():
    x = layers.Input((4,), name="x")
    a = layers.Dense(3, activation="relu")(x)
    b = layers.Dense(3)(x)
    y = layers.Add()([a, b]) * 2.0 + ops.mean(x, axis=-1, keepdims=True)
    model = kerasish.Model(x, ops.tanh(y), name="branches")
    data = np.random.default_rng(0).random((5, 4), np.float32)
    wa, ba, wb, bb = [w.numpy() for w in model.weights]
    wanted = np.tanh(
        (np.maximum(data @ wa + ba, 0) + data @ wb + bb) * 2 + data.mean(-1, keepdims=True)
    )
    assert np.allclose(model(data).numpy(), wanted, atol=1e-5)
    assert model.output_shape == (None, 3) and model.input_shape == (None, 4)
    check_twin(model, data)


def test_a_shared_layer_has_one_set_of_weights():
    shared = layers.Dense(2, name="shared")
    a, b = layers.Input((3,)), layers.Input((3,))
    model = kerasish.Model([a, b], layers.Concatenate()([shared(a), shared(b)]))
    assert len(model.weights) == 2
    data = [np.random.default_rng(i).random((4, 3), np.float32) for i in range(2)]
    assert np.allclose(model(data).numpy()[:, :2], shared(data[0]).numpy())
    check_twin(model, data)


def test_nested_models():
    inner = kerasish.Sequential(
        [layers.Input((3,)), layers.Dense(4), layers.Dense(2)], name="inner"
    )
    x = layers.Input((3,))
    model = kerasish.Model(x, layers.Dense(1)(inner(x)))
    data = np.ones((2, 3), np.float32)
    assert model.weights[0].path.startswith("inner/dense")
    check_twin(model, data)
    inner.trainable = False
    assert len(model.trainable_weights) == 2


def test_several_inputs_by_list_dict_and_name():
    a, b = layers.Input((2,), name="a"), layers.Input((3,), name="b")
    model = kerasish.Model([a, b], layers.Concatenate()([a, b]))
    x, y = np.ones((1, 2), np.float32), np.zeros((1, 3), np.float32)
    assert np.array_equal(model([x, y]).numpy(), model({"b": y, "a": x}).numpy())
    with pytest.raises(ValueError, match="'b'"):
        model({"a": x})
    with pytest.raises(ValueError, match="wrong number of inputs"):
        model([x])


def test_inner_outputs_make_a_feature_model():
    model = kerasish.Sequential([layers.Input((3,)), layers.Dense(4, name="f"), layers.Dense(1)])
    features = kerasish.Model(model.inputs, model.get_layer("f").output)
    x = np.ones((2, 3), np.float32)
    assert np.array_equal(features(x).numpy(), model.layers[0](x).numpy())


def test_sequential_grows_and_shrinks():
    model = kerasish.Sequential()
    model.add(layers.Dense(3))
    model.add(layers.Dense(2))
    assert not model.built
    assert model(np.ones((1, 5), np.float32)).shape == (1, 2)
    assert model.input_shape == (None, 5)
    model.pop()
    assert model(np.ones((1, 5), np.float32)).shape == (1, 3)
    check_twin(model, np.ones((1, 5), np.float32))


def test_sequential_accepts_other_batch_sizes_after_its_first_call():
    model = kerasish.Sequential([layers.Dense(3)])
    model(np.ones((4, 5), np.float32))
    assert model(np.ones((7, 5), np.float32)).shape == (7, 3)


class Block(kerasish.Model):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.steps = [layers.Dense(width, activation="relu") for _ in range(2)]
        self.ends = {"out": layers.Dense(width)}

    def call(self, x, training=False):
        for step in self.steps:
            x = step(x) + x
        return self.ends["out"](x)


def test_subclassed_models_find_layers_in_lists_and_dicts():
    block = Block(4)
    block(np.ones((2, 4), np.float32))
    assert len(block.weights) == 6
    assert [layer.name for layer in block.layers][:1] == [block.steps[0].name]
    outer = kerasish.Sequential([layers.Input((4,)), Block(4), layers.Dense(1)])
    assert len(outer.weights) == 8
    assert Block.from_config(block.get_config()).width == 4


def test_a_functional_model_under_a_name_of_its_own():
    class Mine(kerasish.Model):
        def __init__(self, units):
            x = layers.Input((3,))
            super().__init__(inputs=x, outputs=layers.Dense(units)(x))
            self.units = units

    model = Mine(2)
    assert isinstance(model, models.Functional)
    assert model(np.ones((1, 3), np.float32)).shape == (1, 2)
    assert type(model).__name__ == "Mine"


def test_clone_model_has_its_own_weights():
    x = layers.Input((3,))
    model = kerasish.Model(x, layers.Dense(2)(ops.relu(x)))
    for original in (model, kerasish.Sequential([layers.Input((3,)), layers.Dense(2)])):
        twin = models.clone_model(original)
        assert twin.weights[0] is not original.weights[0]
        twin.set_weights(original.get_weights())
        data = np.ones((2, 3), np.float32)
        assert np.array_equal(twin(data).numpy(), original(data).numpy())


def test_summary_counts_and_survives_unbuilt_and_hostile_names(capsys):
    model = kerasish.Sequential([layers.Dense(3, name="\x1b]0;pwn\x07")])
    model.summary()
    text = capsys.readouterr().out
    assert "not built" in text and "\x1b" not in text
    model(np.ones((1, 4), np.float32))
    model.summary()
    text = capsys.readouterr().out
    assert "15" in text and text.isascii()
    lines = []
    a = layers.Input((2,))
    kerasish.Model(a, layers.Add()([layers.Dense(2)(a), a])).summary(print_fn=lines.append)
    assert "Connected to" in lines[0]


def test_a_long_chain_needs_no_deep_recursion():
    x = y = layers.Input((1,))
    for _ in range(1500):
        y = layers.Identity()(y)
    model = kerasish.Model(x, y)
    assert model(np.ones((1, 1), np.float32)).item() == 1.0
    assert len(type(model).from_config(model.get_config()).layers) == 1501


def test_model_from_config_takes_functional_configs():
    x = layers.Input((2,))
    model = kerasish.Model(x, layers.Dense(1)(x))
    assert isinstance(kerasish.Model.from_config(model.get_config()), models.Functional)


def test_get_layer():
    model = kerasish.Sequential([layers.Input((2,)), layers.Dense(1, name="only")])
    assert model.get_layer("only") is model.get_layer(index=0)
    with pytest.raises(ValueError, match="only"):
        model.get_layer("other")


def test_masks_pass_from_layer_to_layer():
    x = layers.Input((None,), dtype="int32")
    h = layers.Embedding(10, 4, mask_zero=True)(x)
    model = kerasish.Model(x, layers.LSTM(3)(h))
    ids = np.array([[1, 2, 0, 0], [3, 0, 0, 0]])
    full = model(ids).numpy()
    assert np.allclose(full[0], model(ids[:1, :2]).numpy()[0], atol=1e-6)
    assert np.allclose(full[1], model(ids[1:, :1]).numpy()[0], atol=1e-6)


def test_input_dtype_and_rank_are_mended_as_keras_does():
    model = kerasish.Sequential([layers.Input((3, 1)), layers.Flatten(), layers.Dense(1)])
    assert model(np.ones((2, 3), np.uint8)).shape == (2, 1)


def test_lists_that_contain_themselves_are_looked_through_once():
    layer = layers.Identity()
    layer.parts = [layers.Dense(1)]
    layer.parts.append(layer.parts)
    assert layer._layers == [layer.parts[0]]
