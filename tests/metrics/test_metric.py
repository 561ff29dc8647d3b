"""The base class, means and sums, and looking metrics up."""

import copy

import numpy as np
import pytest

from kerasish import Variable, losses, metrics, ops
from kerasish.core import names
from kerasish.core.masks import set_mask
from kerasish.errors import ShapeError


class Largest(metrics.Metric):
    """Largest prediction so far: a metric of one's own."""

    def __init__(self, name="largest", dtype=None):
        super().__init__(name=name, dtype=dtype)
        self.value = self.add_weight(shape=(), initializer="zeros", name="value")

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.value.assign(ops.maximum(self.value, ops.max(y_pred)))

    def result(self):
        return self.value


def test_a_metric_of_ones_own():
    metric = Largest()
    assert metric([0.0], [3.0]).numpy() == 3.0
    assert metric([0.0], [2.0]).numpy() == 3.0
    assert [v.path for v in metric.variables] == ["largest/value"]


def test_variables_and_metrics_set_as_attributes_are_state():
    class Pair(metrics.Metric):
        def __init__(self):
            super().__init__(name="pair")
            self.parts = {"a": metrics.Mean(), "b": [metrics.Sum()]}
            self.extra = Variable(1.0, trainable=False, name="extra")
            self.extra_again = self.extra

    assert [v.name for v in Pair().variables] == ["extra", "total", "count", "total"]


def test_a_metric_that_does_not_call_super_is_told_so():
    class Bad(metrics.Metric):
        def __init__(self):
            self.value = self.add_variable((), "zeros")

    with pytest.raises(RuntimeError, match=r"super\(\)\.__init__"):
        Bad()


def test_methods_left_out_are_named():
    with pytest.raises(NotImplementedError, match="needs update_state"):
        metrics.Metric().update_state()
    with pytest.raises(NotImplementedError, match="needs result"):
        metrics.Metric().result()


def test_names_are_snake_case_and_unique():
    names.reset()
    assert [metrics.Precision().name, metrics.Precision().name] == ["precision", "precision_1"]
    assert metrics.IoU(2, [0]).name == "io_u"
    assert metrics.MeanSquaredError().name == "mean_squared_error"
    assert metrics.LogCoshError().name == "logcosh"


def test_a_slash_in_a_name_does_not_make_a_path():
    assert metrics.Mean(name="a/b").variables[0].path == "a>b/total"


def test_copies_do_not_share_state():
    metric = metrics.Mean()
    metric.update_state([1.0, 3.0])
    twin = copy.deepcopy(metric)
    twin.update_state([8.0])
    assert metric.result().item() == 2.0 and twin.result().item() == 4.0
    assert len(twin.variables) == 2


@pytest.mark.parametrize(
    ("values", "weight", "expected"),
    [
        (4.0, None, 4.0),
        (4.0, 3.0, 4.0),
        ([1.0, 3.0], None, 2.0),
        ([1.0, 3.0], [1.0, 0.0], 1.0),
        ([1.0, 3.0], [[1.0], [0.0]], 1.0),
        ([1.0, 3.0], 2.0, 2.0),
        ([[1.0, 3.0], [5.0, 7.0]], [0.0, 1.0], 6.0),
        ([[1.0, 3.0], [5.0, 7.0]], [[1.0, 0.0], [0.0, 1.0]], 4.0),
        ([[[1.0], [3.0]], [[5.0], [7.0]]], [[1.0, 0.0], [0.0, 1.0]], 4.0),
        ([], None, 0.0),
    ],
)
def test_mean_of_values_and_weights_of_every_rank(values, weight, expected):
    metric = metrics.Mean()
    metric.update_state(values, sample_weight=weight)
    assert metric.result().item() == pytest.approx(expected)


def test_sum_weights_every_value():
    metric = metrics.Sum()
    metric.update_state([[1.0, 3.0], [5.0, 7.0]], sample_weight=[1.0, 0.5])
    assert metric.result().item() == 10.0


@pytest.mark.parametrize("weight", [[1.0, 2.0, 3.0], [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]],
                                    np.ones((2, 2, 2))])  # fmt: skip
def test_weights_that_do_not_fit_are_refused(weight):
    metric = metrics.Mean()
    with pytest.raises(ShapeError, match="weights"):
        metric.update_state([[1.0, 3.0], [5.0, 7.0]], sample_weight=weight)
    assert metric.result().item() == 0.0


def test_masked_predictions_do_not_count():
    y_pred = ops.convert_to_tensor([[[1.0], [5.0]], [[3.0], [9.0]]])
    set_mask(y_pred, ops.convert_to_tensor([[True, False], [True, True]]))
    metric = metrics.MeanAbsoluteError()
    metric.update_state(np.zeros((2, 2, 1)), y_pred)
    assert metric.result().item() == pytest.approx(13 / 3)
    metric.reset_state()
    metric.update_state(np.zeros((2, 2, 1)), y_pred, sample_weight=[1.0, 0.0])
    assert metric.result().item() == pytest.approx(1.0)


def test_flat_labels_and_predictions_are_samples():
    metric = metrics.MeanSquaredError()
    metric.update_state([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
    metric.update_state([0.0], [3.0])
    assert metric.result().item() == pytest.approx(3.0)
    metric.update_state([0.0, 0.0], [5.0, 7.0], sample_weight=[1.0, 0.0])
    assert metric.result().item() == pytest.approx(37 / 5)


def test_wrapper_of_a_known_function_survives_its_config():
    metric = metrics.MeanMetricWrapper(metrics.binary_accuracy, name="mine", threshold=0.3)
    twin = metrics.deserialize(metrics.serialize(metric))
    assert twin._fn is metrics.binary_accuracy
    assert twin([[1.0]], [[0.4]]).item() == metric([[1.0]], [[0.4]]).item() == 1.0


def test_direction_tells_callbacks_what_is_better():
    assert metrics.AUC()._direction == metrics.CategoricalAccuracy()._direction == "up"
    assert metrics.Hinge()._direction == metrics.RootMeanSquaredError()._direction == "down"
    assert metrics.MeanMetricWrapper(losses.mean_squared_error)._direction == "down"


def test_merging_refuses_other_metrics_and_changes_nothing():
    metric = metrics.Mean()
    metric.update_state([2.0])
    with pytest.raises(ValueError, match="another class"):
        metric.merge_state([metrics.Mean(), metrics.Sum()])
    counts = metrics.TruePositives(thresholds=[0.1, 0.2])
    with pytest.raises(ValueError, match="state of another shape"):
        counts.merge_state([metrics.TruePositives()])
    assert metric.result().item() == 2.0


def test_stateless_methods_want_every_variable():
    with pytest.raises(ValueError, match="one value for each variable"):
        metrics.Mean().stateless_result([1.0])


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("mse", "MeanSquaredError"),
        ("MAE", "MeanAbsoluteError"),
        ("accuracy", "Accuracy"),
        ("binary_accuracy", "BinaryAccuracy"),
        ("sparse_categorical_accuracy", "SparseCategoricalAccuracy"),
        ("auc", "AUC"),
        ("AUC", "AUC"),
        ("f1_score", "F1Score"),
        ("root_mean_squared_error", "RootMeanSquaredError"),
        ("kl_divergence", "KLDivergence"),
    ],
)
def test_names_stand_for_new_metrics(name, cls):
    found = metrics.get(name)
    assert type(found) is getattr(metrics, cls) and metrics.get(name) is not found
    assert type(metrics.deserialize(name)) is type(found)


def test_get_takes_configs_classes_and_objects():
    assert metrics.get(None) is None
    config = {"class_name": "Recall", "config": {"top_k": 3}}
    assert metrics.get(config).top_k == 3
    assert isinstance(metrics.get(metrics.AUC), metrics.AUC)
    own = Largest()
    assert metrics.get(own.update_state) == own.update_state


@pytest.mark.parametrize(("name", "nearest"), [("accuracyy", "accuracy"), ("precison", "precision"),
                                               ("MeanIOU", "MeanIoU")])  # fmt: skip
def test_unknown_names_offer_the_nearest(name, nearest):
    with pytest.raises(ValueError, match=f"did you mean '{nearest}'"):
        metrics.get(name)


def test_functions_survive_their_config():
    for name in ("binary_accuracy", "pearson_correlation", "top_k_categorical_accuracy"):
        fn = getattr(metrics, name)
        assert metrics.deserialize(metrics.serialize(fn)) is fn


def test_label_weights_as_keras_writes_them_are_read():
    weights = {"class_name": "__tensor__", "config": {"value": [1.0, 2.0], "dtype": "float32"}}
    config = {"class_name": "AUC", "config": {"multi_label": True, "label_weights": weights}}
    assert metrics.deserialize(config).label_weights == [1.0, 2.0]
