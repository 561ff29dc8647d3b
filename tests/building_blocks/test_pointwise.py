"""Activations, regularizers and constraints against values that real Keras computed."""

import numpy as np
import pytest

from kerasish import GradientTape, Variable, activations, constraints, ops, regularizers
from kerasish.errors import ShapeError
from kerasish.registry import register_keras_serializable
from tests.support import shared_path

TOLERANCE = 1e-5
ON_AXES = ("glu", "softmax", "log_softmax")  # not sparsemax: Keras's rows do not sum to 1
NOT_ACTIVATIONS = {"get", "serialize", "deserialize"}
ELEMENTWISE = sorted(set(activations.__all__) - NOT_ACTIVATIONS - {*ON_AXES, "sparsemax"})
# Keras adds up two halves whose derivatives are both 1 at 0, and so gets 2 there.
KINKS = {"celu": 0.0}


@pytest.fixture(scope="module")
def traces():
    with np.load(shared_path("fixtures/traces/pointwise.npz")) as arrays:
        return dict(arrays)


def assert_close(value, wanted):
    np.testing.assert_allclose(np.asarray(value), wanted, rtol=TOLERANCE, atol=1e-6)


def call(name, x):
    function = activations.get(name)
    return function(x, 0.3, 0.1) if name == "threshold" else function(x)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_elementwise_activation_and_derivative(traces, name):
    x = Variable(traces["x"])
    with GradientTape() as tape:
        y = call(name, x)
        total = ops.sum(y)
    assert_close(y, traces[f"act/{name}"])
    is_compared = traces["x"] != KINKS.get(name, np.nan)
    slope = tape.gradient(total, x).numpy()
    assert_close(slope[is_compared], traces[f"act_grad/{name}"][is_compared])


def test_celu_slope_at_zero_is_one():
    x = Variable(0.0)
    with GradientTape() as tape:
        y = activations.celu(x)
    assert float(tape.gradient(y, x)) == 1.0


def test_sparsemax_is_the_nearest_point_of_the_simplex(traces):
    z = traces["z"]
    p = activations.sparsemax(ops.convert_to_tensor(z)).numpy()
    np.testing.assert_allclose(p.sum(axis=-1), 1.0, rtol=1e-6)
    assert (p >= 0).all()
    # Optimality: z - p is one constant where p > 0, and no larger elsewhere.
    shift = np.max(np.where(p > 0, z - p, -np.inf), axis=-1, keepdims=True)
    np.testing.assert_allclose(
        np.where(p > 0, z - p, shift), np.broadcast_to(shift, z.shape), atol=1e-6
    )
    assert (z - p <= shift + 1e-6).all()


@pytest.mark.parametrize("name", ON_AXES)
def test_activation_along_an_axis_and_gradient(traces, name):
    z = Variable(traces["z"])
    with GradientTape() as tape:
        y = call(name, z)
        weights = ops.reshape(ops.arange(y.shape[0] * y.shape[1], dtype="float32"), y.shape)
        total = ops.sum(y * weights)
    assert_close(y, traces[f"actz/{name}"])
    assert_close(tape.gradient(total, z), traces[f"actz_grad/{name}"])


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("L1", lambda: regularizers.L1(0.01)),
        ("L2", lambda: regularizers.L2(0.02)),
        ("L1L2", lambda: regularizers.L1L2(0.01, 0.03)),
        ("Orth_rows", lambda: regularizers.OrthogonalRegularizer(0.1, "rows")),
        ("Orth_columns", lambda: regularizers.OrthogonalRegularizer(0.1, "columns")),
    ],
)
def test_regularizer(traces, name, make):
    assert_close(make()(Variable(traces["W"])), traces[f"reg/{name}"])


@pytest.mark.parametrize(
    ("name", "weight", "make"),
    [
        ("MaxNorm", "W", lambda: constraints.MaxNorm(1.0, axis=0)),
        ("MinMaxNorm", "W", lambda: constraints.MinMaxNorm(0.5, 1.5, rate=0.8, axis=0)),
        ("NonNeg", "W", lambda: constraints.NonNeg()),
        ("UnitNorm", "W", lambda: constraints.UnitNorm(axis=0)),
        ("UnitNorm_conv", "K", lambda: constraints.UnitNorm(axis=[0, 1, 2])),
    ],
)
def test_constraint(traces, name, weight, make):
    assert_close(make()(Variable(traces[weight])), traces[f"con/{name}"])


# ---- activations ----


@pytest.mark.parametrize("name", sorted(set(activations.__all__) - NOT_ACTIVATIONS))
def test_activation_name_round_trip(name):
    function = activations.get(name)
    assert function is getattr(activations, name)
    written = activations.serialize(function)
    assert activations.get(written) is function
    assert written == {"swish": "silu", "hard_swish": "hard_silu"}.get(name, name)


RELU_CASES = [
    {}, {"negative_slope": 0.5}, {"max_value": 2.0}, {"max_value": 6.0}, {"threshold": 1.0},
    {"negative_slope": 0.5, "max_value": 2.0}, {"negative_slope": 0.5, "threshold": 1.0},
    {"negative_slope": 0.5, "max_value": 2.0, "threshold": 1.0},
    {"max_value": 2.0, "threshold": -1.0},
]  # fmt: skip


@pytest.mark.parametrize("arguments", RELU_CASES, ids=str)
def test_relu_with_slope_ceiling_and_threshold(arguments):
    x = np.array([-3.0, -0.5, 0.25, 1.5, 2.5, 7.0], np.float32)
    slope, threshold = arguments.get("negative_slope", 0.0), arguments.get("threshold", 0.0)
    wanted = np.where(x > threshold, x, slope * (x - threshold))
    if "max_value" in arguments:
        wanted = np.where(x > threshold, np.clip(wanted, 0, arguments["max_value"]), wanted)
    np.testing.assert_allclose(activations.relu(x, **arguments).numpy(), wanted)


def test_no_activation_is_linear():
    assert activations.get(None) is activations.linear


def test_gelu_of_the_layers_is_exact_and_the_approximate_one_on_demand():
    exact = activations.gelu(ops.array(1.0)).item()
    assert abs(exact - 0.8413447) < 1e-6
    assert abs(activations.gelu(ops.array(1.0), approximate=True).item() - 0.8411920) < 1e-6


def test_unknown_activation_offers_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'sigmoid'"):
        activations.get("sigmiod")
    with pytest.raises(ValueError, match="not usable as an activation"):
        activations.get(3)


def test_custom_activation_by_registration():
    @register_keras_serializable("tests")
    def doubled(x):
        return 2 * x

    config = activations.serialize(doubled)
    assert config["registered_name"] == "tests>doubled"
    assert activations.deserialize(config) is doubled
    assert activations.deserialize("twice", custom_objects={"twice": doubled}) is doubled


def test_lambda_cannot_be_serialized():
    with pytest.raises(ValueError, match="lambda"):
        activations.serialize(lambda x: x)


# ---- regularizers ----


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), "0.1", True])
def test_regularizer_refuses_unusable_factors(value):
    for make in (regularizers.L1, regularizers.L2, regularizers.L1L2,
                 regularizers.OrthogonalRegularizer):  # fmt: skip
        with pytest.raises(ValueError, match="finite number >= 0"):
            make(value)


def test_orthogonal_regularizer_needs_a_matrix_and_a_known_mode():
    with pytest.raises(ShapeError, match="must be a matrix"):
        regularizers.OrthogonalRegularizer()(ops.ones((2, 2, 2)))
    with pytest.raises(ValueError, match="unknown mode"):
        regularizers.OrthogonalRegularizer(mode="diagonal")


def test_orthogonal_regularizer_of_one_row_and_of_zeros_is_finite():
    assert regularizers.OrthogonalRegularizer()(ops.ones((1, 3))).item() == 0.0
    assert regularizers.OrthogonalRegularizer()(ops.zeros((3, 3))).item() == 0.0


def test_regularizer_gradient():
    v = Variable([1.0, -2.0])
    with GradientTape() as tape:
        penalty = regularizers.L1L2(0.5, 0.25)(v)
    assert tape.gradient(penalty, v).tolist() == [1.0, -1.5]


def test_base_classes():
    assert regularizers.Regularizer()(ops.ones((2,))) == 0.0
    with pytest.raises(NotImplementedError, match="get_config"):
        regularizers.Regularizer().get_config()
    w = ops.ones((2,))
    assert constraints.Constraint()(w) is w


def test_norm_constraints_keep_zeros():
    for name in ("max_norm", "min_max_norm", "unit_norm"):
        assert constraints.get(name)(ops.zeros((2, 2))).tolist() == [[0.0, 0.0]] * 2
