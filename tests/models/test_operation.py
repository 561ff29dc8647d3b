"""Operation and Function: computations without weights, alone and as parts of models."""

import numpy as np
import pytest

import kerasish
from kerasish import Function, Operation, layers, ops, saving
from kerasish.errors import NotBuiltError, ShapeError


class Scale(Operation):
    def __init__(self, factor, name=None):
        super().__init__(name)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return {"name": self.name, "factor": self.factor}


X = np.arange(6.0, dtype="float32").reshape(2, 3)


def test_operation_runs_on_values_and_is_recorded_on_inputs():
    scale, inputs = Scale(2.0), layers.Input((3,))
    with pytest.raises(NotBuiltError, match="scale: it has no output"):
        _ = scale.output
    outputs = scale(inputs)
    assert scale.input is inputs and scale.output is outputs
    assert outputs.shape == (None, 3)
    assert scale.compute_output_spec(inputs).shape == (None, 3)
    np.testing.assert_array_equal(scale(ops.convert_to_tensor(X)), 2 * X)
    np.testing.assert_array_equal(kerasish.Model(inputs, outputs)(X), 2 * X)


def test_model_with_an_operation_survives_a_file(tmp_path):
    inputs = layers.Input((3,))
    model = kerasish.Model(inputs, layers.Dense(2)(Scale(3.0, name="mine")(inputs)))
    model.save(tmp_path / "model.keras")
    twin = saving.load_model(tmp_path / "model.keras", custom_objects={"Scale": Scale})
    np.testing.assert_allclose(twin(X), model(X), rtol=1e-6)


def test_layers_are_operations():
    assert isinstance(layers.Dense(1), Operation)
    assert isinstance(kerasish.Sequential(), Operation)


def test_operation_without_call_and_wrong_names():
    with pytest.raises(NotImplementedError, match="needs a call"):
        Operation()(1.0)
    with pytest.raises(ValueError, match="without a slash"):
        Operation(name="a/b")


def test_function_is_the_part_between_its_ends():
    a, b = layers.Input((3,), name="a"), layers.Input((3,), name="b")
    middle = ops.add(a, b)
    dense = layers.Dense(2)
    function = Function({"a": a, "b": b}, {"sum": middle, "out": dense(middle)}, name="part")
    found = function({"a": X, "b": X})
    np.testing.assert_array_equal(found["sum"], 2 * X)
    np.testing.assert_allclose(found["out"], dense(ops.convert_to_tensor(2 * X)))
    assert dense in function.operations and len(function.inputs) == 2
    inner = Function(middle, dense(middle))
    np.testing.assert_allclose(inner(2 * X), found["out"], rtol=1e-6)
    assert kerasish.Model(a, inner(a)).count_params() == 0  # the function owns no weights


def test_function_refuses_what_does_not_fit():
    x = layers.Input((3,))
    function = Function(x, x * 2.0)
    with pytest.raises(ShapeError, match="wrong shape"):
        function(np.ones((2, 4)))
    with pytest.raises(ShapeError, match="wrong number of inputs"):
        function([X, X])
    with pytest.raises(ValueError, match="depends on an Input that is not listed"):
        Function(layers.Input((3,)), x * 2.0)


def test_name_scope():
    with kerasish.name_scope("outer"):
        assert kerasish.Variable(1.0, name="v").path == "outer/v"
    with pytest.raises(ValueError, match="without a slash"):
        kerasish.name_scope("a/b")
    with pytest.raises(ValueError, match="unsupported options"):
        kerasish.name_scope("a", override_parent="b")


def test_version():
    assert kerasish.version() == kerasish.__version__
