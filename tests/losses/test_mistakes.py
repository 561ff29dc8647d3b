"""Mistakes with losses give errors that say what is wrong and what to do, and no wrong number."""

import numpy as np
import pytest

from kerasish import losses
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import ShapeError
from tests.losses.cases import CASES

TWO = np.zeros((4, 2), "float32")
FLAT = np.zeros(4, "float32")
ELEMENTWISE = sorted({c.name for c in CASES if c.is_elementwise})
DENSE = sorted({c.name for c in CASES if "Sparse" not in c.name and "Generalized" not in c.name})


@pytest.mark.parametrize("name", DENSE)
@pytest.mark.parametrize("shape", [(4,), (4, 3), (4, 1), (3, 2), (4, 2, 2)], ids=str)
def test_labels_of_another_shape_do_not_broadcast(name, shape):
    with pytest.raises(ShapeError, match="must have the same shape.*Fix"):
        getattr(losses, name)()(np.zeros(shape, "float32"), TWO)


@pytest.mark.parametrize("name", ["SparseCategoricalCrossentropy",
                                  "CategoricalGeneralizedCrossEntropy"])  # fmt: skip
def test_one_hot_labels_for_a_sparse_loss_are_refused(name):
    with pytest.raises(ShapeError, match="one class index for each vector.*one-hot"):
        getattr(losses, name)()(TWO, TWO)


def test_integer_labels_for_a_categorical_loss_name_the_sparse_one():
    with pytest.raises(ShapeError, match="use sparse_categorical_crossentropy"):
        losses.CategoricalCrossentropy()(np.array([0, 1, 0, 1]), TWO)


@pytest.mark.parametrize("name", ["SparseCategoricalCrossentropy",
                                  "CategoricalGeneralizedCrossEntropy"])  # fmt: skip
@pytest.mark.parametrize("label", [-1, 2, 100])
def test_labels_that_are_no_class_are_refused(name, label):
    with pytest.raises(ValueError, match="labels from .* to .*integers from 0 to 1 for 2 classes"):
        getattr(losses, name)()([0, 1, label, 1], TWO + 0.5)


def test_columns_of_labels_fit_the_sparse_losses():
    probabilities = np.float32([[0.9, 0.1], [0.2, 0.8]])
    for loss in (losses.SparseCategoricalCrossentropy(),
                 losses.CategoricalGeneralizedCrossEntropy()):  # fmt: skip
        flat = loss(np.array([0, 1]), probabilities).item()
        assert loss(np.array([[0], [1]]), probabilities).item() == flat


def test_unknown_reduction_offers_the_nearest():
    with pytest.raises(ValueError, match="unknown reduction.*did you mean 'mean'"):
        losses.MeanSquaredError(reduction="meen")


@pytest.mark.parametrize(("name", "nearest"), [("mean_sqared_error", "mean_squared_error"),
                                               ("Hubber", "Huber"), ("maee", "mae")])  # fmt: skip
def test_unknown_names_offer_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'"):
        losses.get(name)


def test_get_refuses_what_is_not_callable():
    with pytest.raises(ValueError, match="not usable"):
        losses.get(3)


def test_get_finds_functions_classes_configs_and_objects():
    assert losses.get(None) is None
    assert losses.get("mse") is losses.get("MSE") is losses.mean_squared_error
    assert losses.get("kld") is losses.kl_divergence
    assert isinstance(losses.get("Huber"), losses.Huber)
    assert isinstance(losses.get(losses.Huber), losses.Huber)
    config = {"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}}
    assert losses.get(config).from_logits is True
    own = losses.Huber(2.0)
    assert losses.get(own) is own


def test_functions_survive_their_config():
    for name in ("mean_squared_error", "hinge", "poisson", "cosine_similarity"):
        fn = getattr(losses, name)
        assert losses.deserialize(losses.serialize(fn)) is fn


def test_a_config_of_keras_2_is_read():
    config = {"reduction": "auto", "name": "mean_squared_error", "fn": "mean_squared_error"}
    loss = losses.get({"class_name": "MeanSquaredError", "config": config})
    assert loss.reduction == "sum_over_batch_size"


def test_custom_objects_come_first():
    class Mine(losses.Loss):
        def call(self, y_true, y_pred):
            return y_pred

    made = losses.deserialize(
        {"class_name": "Mine", "config": {"name": "m"}}, custom_objects={"Mine": Mine}
    )
    assert type(made) is Mine


def test_a_single_class_warns():
    with pytest.warns(SyntaxWarning, match="single class.*binary_crossentropy"):
        losses.CategoricalCrossentropy()(np.ones((4, 1)), np.ones((4, 1)))


@pytest.mark.parametrize("name", ["CategoricalCrossentropy", "CategoricalFocalCrossentropy"])
def test_a_bool_axis_is_refused(name):
    with pytest.raises(ValueError, match="axis must be an int"):
        getattr(losses, name)(axis=True)(TWO, TWO)


def test_only_the_last_axis_holds_classes_of_sparse_labels():
    with pytest.raises(ValueError, match="class axis must be the last"):
        losses.SparseCategoricalCrossentropy(axis=1)(np.zeros((2, 3)), np.ones((2, 4, 3)))


@pytest.mark.parametrize("smoothing", [-0.1, 1.5])
@pytest.mark.parametrize("name", ["BinaryCrossentropy", "CategoricalCrossentropy"])
def test_smoothing_is_a_share(name, smoothing):
    with pytest.raises(ValueError, match="a float from 0 to 1"):
        getattr(losses, name)(label_smoothing=smoothing)(TWO, TWO + 0.5)


@pytest.mark.parametrize("q", [0, 1, -2])
def test_q_outside_its_range_is_refused(q):
    with pytest.raises(ValueError, match="q must lie between 0 and 1"):
        losses.CategoricalGeneralizedCrossEntropy(q=q)


@pytest.mark.parametrize(
    ("y_true", "y_pred"),
    [((2, 3), (2, 4)), ((2,), (2, 5, 4)), ((3, 3), (2, 5, 4))],
    ids=["no-classes", "flat-labels", "other-batch"],
)
def test_ctc_needs_sequences(y_true, y_pred):
    with pytest.raises(ShapeError, match="labels and logits do not fit"):
        losses.CTC()(np.zeros(y_true), np.zeros(y_pred))


def test_circle_needs_one_label_for_each_embedding():
    with pytest.raises(ShapeError, match="labels and embeddings do not fit"):
        losses.Circle()(np.zeros(3), np.ones((4, 2)))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_inputs_of_a_functional_model_are_not_refused(case):
    y_true, y_pred = case.data(np.random.default_rng(0))
    inputs = [
        SymbolicTensor((None, *x.shape[1:]), str(x.dtype)) for x in (y_true, y_pred.astype("f4"))
    ]
    loss = getattr(losses, case.name)(**case.options)
    assert loss(*inputs).shape == ()
    if case.options.get("axis") != 0:
        assert loss(*inputs, sample_weight=SymbolicTensor((None,), "float32")).shape == ()


def test_ignored_classes_of_a_functional_model_are_not_refused():
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    y_true, y_pred = SymbolicTensor((None, 5), "int32"), SymbolicTensor((None, 5, 3), "float32")
    assert loss(y_true, y_pred).shape == ()
