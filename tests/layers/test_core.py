"""Dense, EinsumDense, Lambda, Input and the layer base where a row of cases does not reach."""

import numpy as np
import pytest

from kerasish import layers, ops
from kerasish.core.function import function
from kerasish.core.tape import GradientTape
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import ShapeError
from kerasish.layers.arguments import choice, defaults, fraction, int_pairs, int_tuple, positive_int
from kerasish.registry import CustomObjectScope


def random_array(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


# ---- Dense and EinsumDense ----


@pytest.mark.parametrize("units", [0, -3, 2.5, True, "4"])
def test_dense_refuses_units(units):
    with pytest.raises(ValueError, match="units must be a positive int"):
        layers.Dense(units)


def test_dense_needs_known_features():
    with pytest.raises(ShapeError, match="last axis must be known.*Fix"):
        layers.Dense(3).build((None, None))
    assert not hasattr(layers.Dense(3), "kernel")


def test_dense_refuses_quantization():
    with pytest.raises(ValueError, match="quantization is not supported"):
        layers.Dense(3, quantization_config={"mode": "int8"})


def test_dense_losses_hold_regularizers():
    layer = layers.Dense(3, kernel_regularizer="l2", activity_regularizer="l1")
    x = ops.ones((2, 4))
    y = layer(x)
    activity, kernel = [loss.item() for loss in layer.losses]
    assert activity == pytest.approx(0.01 * np.abs(y.numpy()).sum() / 2, rel=1e-5)
    assert kernel == pytest.approx(0.01 * np.square(layer.kernel.numpy()).sum(), rel=1e-5)


def test_shape_recordings_leave_losses_alone():
    layer = layers.Dense(3, activity_regularizer="l2")
    layer(layers.Input((4,)))
    assert layer.losses == []
    layer(ops.ones((2, 4)))
    before = layer.losses[0].item()
    layer.compute_output_spec(ops.ones((5, 4)))
    assert [loss.item() for loss in layer.losses] == [before]


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Dense(4, use_bias=False),
        lambda: layers.EinsumDense("ab,bc->ac", 4, bias_axes="c"),
    ],
    ids=["Dense", "EinsumDense"],
)
def test_low_rank_adaptation_trains_the_update_only(layer):
    layer, x = layer(), random_array(6, 5)
    layer(x)
    frozen, before = layer.kernel.numpy(), layer(x).numpy()
    layer.enable_lora(2, lora_alpha=8)
    np.testing.assert_allclose(layer(x).numpy(), before, rtol=1e-6)  # b begins at 0
    assert [w.name for w in layer.non_trainable_weights] == ["kernel"]
    layer.lora_kernel_b.assign(random_array(2, 4))
    update = layer.lora_kernel_a.numpy() @ layer.lora_kernel_b.numpy()
    np.testing.assert_allclose(layer.kernel.numpy(), frozen + 4 * update, rtol=1e-5)
    store, output = {}, layer(x).numpy()
    layer.save_own_variables(store)
    plain = type(layer).from_config({**layer.get_config(), "lora_rank": None, "lora_alpha": None})
    plain.build(x.shape)
    plain.load_own_variables(store)
    np.testing.assert_allclose(plain(x).numpy(), output, rtol=1e-5, atol=1e-5)
    layer.load_own_variables(store)
    np.testing.assert_allclose(layer(x).numpy(), output, rtol=1e-5, atol=1e-5)
    with pytest.raises(ShapeError, match="the file holds other weights"):
        layer.load_own_variables({"0": store["0"][:1]})
    with pytest.raises(ValueError, match="enabled already"):
        layer.enable_lora(2)


def test_low_rank_adaptation_needs_a_free_built_kernel():
    with pytest.raises(ValueError, match="must be built"):
        layers.Dense(3).enable_lora(1)
    layer = layers.Dense(3, kernel_constraint="non_neg")
    layer.build((None, 4))
    with pytest.raises(ValueError, match="kernel constraint"):
        layer.enable_lora(1)


@pytest.mark.parametrize(
    ("equation", "output_shape", "problem"),
    [
        ("ab->ab", 3, "not an equation"),
        ("ab,bc->ad", 3, "'c' is in only one"),
        ("ab,bc->ac", (3, 3), "another number of axes"),
        ("abc,cd->abd", (7, 4), "differs from the input along axis 'b'"),
        ("abcd,de->abce", (None, None, 4), "too few axes"),
        ("abc,cd->abd", (None, None), "size of kernel axis 'd' is unknown"),
    ],
)
def test_einsum_dense_explains_bad_equations(equation, output_shape, problem):
    with pytest.raises(ValueError, match=problem):
        layers.EinsumDense(equation, output_shape).build(
            (2, 5, 6)[: 2 if "abc" not in equation else 3]
        )


def test_einsum_dense_bias_axis_must_be_of_the_output():
    with pytest.raises(ValueError, match="bias_axes names an axis"):
        layers.EinsumDense("ab,bc->ac", 3, bias_axes="b")


def test_einsum_dense_tells_the_initializer_its_axes():
    layer = layers.EinsumDense("abc,cde->abde", (None, 8, 16), kernel_initializer="lecun_normal")
    layer.build((None, 3, 64))
    # fan-in is 64, the axis c, not 64 * 8 as for a kernel of a convolution
    assert layer.kernel.numpy().std() == pytest.approx(64**-0.5, rel=0.1)


# ---- Lambda ----


def scaled(x, factor=2.0):
    return x * factor


def test_lambda_saves_the_name_of_its_function():
    layer = layers.Lambda(scaled, arguments={"factor": 3.0}, name="scaling")
    config = layers.serialize(layer)
    assert config["config"]["function"]["config"] == "scaled"
    with CustomObjectScope({"scaled": scaled}):
        twin = layers.deserialize(config)
    assert twin(ops.ones((1,))).tolist() == [3.0]
    with pytest.raises(ValueError, match="unknown function 'scaled'"):
        layers.deserialize(config)


def test_lambda_never_writes_nor_reads_code():
    layer = layers.Lambda(lambda x: x + 1)
    assert layer(ops.ones((1,))).tolist() == [2.0]
    with pytest.raises(ValueError, match="lambda cannot be written"):
        layer.get_config()
    config = {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}}
    with pytest.raises(ValueError, match="code; it is never run"):
        layers.Lambda.from_config({"function": config})


def test_lambda_passes_mask_and_training_where_wanted():
    seen = []

    def remember(x, training, mask):
        seen.append((training, mask))
        return x

    layers.Lambda(remember)(ops.ones((1, 2)), mask=ops.array([True]), training=True)
    assert seen[0][0] is True
    assert seen[0][1].tolist() == [True]
    with pytest.raises(TypeError, match="function must be callable"):
        layers.Lambda("square")


# ---- Input ----


def test_input_is_a_node_of_an_input_layer():
    x = layers.Input((3, None), batch_size=2, dtype="int32", name="codes")
    assert isinstance(x, SymbolicTensor)
    assert (x.shape, x.dtype, x.name) == ((2, 3, None), "int32", "codes")
    layer = x.node.operation
    assert isinstance(layer, layers.InputLayer)
    assert (layer.output is x, layer.name, x.node.inputs, layer.weights) == (True, "codes", [], [])
    assert layer.get_config() == {
        "batch_shape": (2, 3, None), "dtype": "int32", "sparse": False, "ragged": False,
        "name": "codes", "optional": False,
    }  # fmt: skip
    twin = layers.deserialize(layers.serialize(layer))
    assert twin.output.shape == x.shape


def test_input_layer_reads_keras_2_configs():
    layer = layers.InputLayer.from_config({"batch_input_shape": [None, 4], "dtype": "float32"})
    assert layer.batch_shape == (None, 4)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({}, "a shape is needed"),
        ({"shape": (3,), "batch_shape": (2, 3)}, "batch_shape says it all"),
        ({"shape": (3,), "sparse": True}, "not supported"),
        ({"shape": (-3,)}, "sizes cannot be negative"),
    ],
)
def test_input_explains_bad_arguments(arguments, problem):
    with pytest.raises(ValueError, match=problem):
        layers.Input(**arguments)


def test_input_takes_a_symbolic_tensor_only():
    x = layers.Input((3,))
    assert layers.Input(tensor=x) is x
    with pytest.raises(ShapeError, match="contradict"):
        layers.Input((4,), tensor=x)
    with pytest.raises(TypeError, match="must be symbolic"):
        layers.Input(tensor=ops.ones((2, 3)))


# ---- by name and config ----


def test_layers_by_name_and_config():
    assert layers.get(None) is None
    flatten = layers.get("Flatten")
    assert layers.get(flatten) is flatten
    assert layers.get(layers.serialize(layers.Dense(3))).units == 3
    assert type(layers.get("MaxPool2D")) is layers.MaxPooling2D
    with pytest.raises(ValueError, match="did you mean 'Flatten'"):
        layers.get("Flaten")
    with pytest.raises(TypeError, match="not the config of a layer"):
        layers.deserialize({"class_name": "Adam", "config": {}, "module": "keras.optimizers"})


def test_unknown_argument_lists_the_known_ones():
    with pytest.raises(TypeError, match="unknown arguments.*'colour'.*kernel_initializer"):
        layers.Dense(3, colour="red")


# ---- argument checks ----


@pytest.mark.parametrize(
    ("check", "bad"),
    [
        (lambda v: positive_int(v, "n", "here"), [0, -1, 1.5, None, True]),
        (lambda v: int_tuple(v, 2, "n", "here"), [0, (1, 2, 3), (1, 0), "ab", (1.5, 2), None]),
        (lambda v: int_pairs(v, 2, "n", "here"), [-1, (1,), ((1, 2), (1, -2)), "ab"]),
        (lambda v: choice(v, "n", ("a", "b"), "here"), ["c", None, 3]),
        (lambda v: fraction(v, "n", "here"), [-0.1, 1.1, "a", True]),
    ],
    ids=["positive_int", "int_tuple", "int_pairs", "choice", "fraction"],
)
def test_argument_checks_name_the_layer(check, bad):
    for value in bad:
        with pytest.raises(ValueError, match="here: "):
            check(value)


def test_argument_checks_standardize():
    assert int_tuple(3, 2, "n", "") == (3, 3)
    assert int_tuple([np.int64(1), 2], 2, "n", "") == (1, 2)
    assert int_pairs(1, 2, "n", "") == ((1, 1), (1, 1))
    assert int_pairs((1, (2, 3)), 2, "n", "") == ((1, 1), (2, 3))
    assert choice("SAME", "n", ("same",), "") == "same"


def test_changed_defaults_leave_given_arguments_alone():
    class Base:
        def __init__(self, a, b=1, c=2):
            self.values = (a, b, c)

    @defaults(b=10)
    class Other(Base):
        pass

    assert Other(0).values == (0, 10, 2)
    assert Other(0, 5).values == (0, 5, 2)
    assert Other(0, c=3, b=4).values == (0, 4, 3)
    assert Base(0).values == (0, 1, 2)


def test_gradient_of_a_traced_layer_equals_the_eager_one():
    layer, x = layers.Dense(3, activation="gelu"), random_array(4, 5)
    layer(x)

    def gradients(x):
        with GradientTape() as tape:
            loss = ops.sum(ops.square(layer(x)))
        return tape.gradient(loss, layer.trainable_weights)

    for traced, eager in zip(function(gradients)(x), gradients(x), strict=True):
        np.testing.assert_allclose(traced.numpy(), eager.numpy(), rtol=1e-5, atol=1e-6)
