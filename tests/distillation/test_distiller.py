"""Distillation: values of the losses, training of the student, files, and mistakes."""

import numpy as np
import pytest

import kerasish
from kerasish import distillation, layers, losses, ops, saving
from kerasish.distillation import Distiller, FeatureDistillation, LogitsDistillation

rng = np.random.default_rng(0)
X = rng.normal(size=(256, 4)).astype("float32")
Y = (X @ rng.normal(size=(4, 3))).argmax(-1)


def make(units, seed=0):
    kerasish.utils.set_random_seed(seed)
    return kerasish.Sequential(
        [layers.Input((4,)), layers.Dense(units, "tanh", name="hidden"), layers.Dense(3)]
    )


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def test_value_of_the_logits_loss():
    t, s = rng.normal(size=(2, 5, 3))
    p, q = softmax(t / 3), softmax(s / 3)
    expected = (p * np.log(p / q)).sum(-1).mean() * 9
    found = LogitsDistillation(3.0).compute_loss(ops.array(t), ops.array(s)).item()
    assert found == pytest.approx(expected, rel=1e-4)
    plain = LogitsDistillation(2.0, "mse").compute_loss(ops.array(t), ops.array(s)).item()
    assert plain == pytest.approx((((t - s) / 2) ** 2).mean(), rel=1e-5)
    two = FeatureDistillation(["mae", None])
    a, b = ops.ones((2, 3)), ops.zeros((2, 3))
    assert two.compute_loss([a, a], [b, b]).item() == 1.0


@pytest.mark.parametrize(
    "loss",
    [
        LogitsDistillation(2.0),
        FeatureDistillation("mse", "hidden", "hidden"),
        [LogitsDistillation(), FeatureDistillation("cosine_similarity")],
    ],
    ids=["logits", "features", "both"],
)
def test_student_learns_and_teacher_stays(loss):
    teacher, student = make(16), make(16, seed=1)
    teacher.compile("adam", losses.SparseCategoricalCrossentropy(from_logits=True))
    teacher.fit(X, Y, epochs=5, verbose=0)
    before = teacher.get_weights()
    weights = [1.0, 0.5] if isinstance(loss, list) else None
    distiller = Distiller(teacher, student, loss, weights)
    distiller.compile(
        "adam", losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
    )
    history = distiller.fit(X, Y, epochs=8, verbose=0).history
    assert set(history) == {
        "loss", "accuracy", "student_loss", "distillation_loss", "total_loss"}  # fmt: skip
    assert history["distillation_loss"][-1] < history["distillation_loss"][0]
    assert history["accuracy"][-1] > history["accuracy"][0]
    for old, new in zip(before, teacher.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    np.testing.assert_array_equal(distiller.predict(X, verbose=0), student.predict(X, verbose=0))
    assert "loss" in distiller.evaluate(X, Y, verbose=0, return_dict=True)


@pytest.mark.parametrize("weight", [0, 0.25, 1])
def test_loss_is_the_weighted_sum(weight):
    teacher, student = make(5), make(6, seed=1)
    distiller = Distiller(teacher, student, FeatureDistillation("mae"), student_loss_weight=weight)
    distiller.compile("sgd", "mse")
    y = np.zeros((256, 3), "float32")
    found = distiller.compute_loss(ops.array(X), ops.array(y)).item()
    t, s = teacher(X).numpy(), student(X).numpy()
    expected = weight * (s**2).mean() + (1 - weight) * np.abs(t - s).mean()
    assert found == pytest.approx(expected, rel=1e-5)


def test_distiller_survives_a_file(tmp_path):
    losses_of_it = [LogitsDistillation(2.0), FeatureDistillation("mae", "hidden", "hidden")]
    distiller = Distiller(make(5), make(5, seed=1), losses_of_it, [1.0, 0.5], 0.3)
    distiller.compile("sgd", "mse")
    distiller.fit(X[:8], np.zeros((8, 3), "float32"), verbose=0)
    distiller.save(tmp_path / "distiller.keras")
    twin = saving.load_model(tmp_path / "distiller.keras")
    assert twin.get_config() == distiller.get_config()
    np.testing.assert_array_equal(twin.predict(X, verbose=0), distiller.predict(X, verbose=0))
    twin.fit(X[:8], np.zeros((8, 3), "float32"), verbose=0)


class NotScalar(distillation.DistillationLoss):
    def compute_loss(self, teacher_outputs, student_outputs, **kwargs):
        return teacher_outputs - student_outputs


def subclassed():
    class Net(kerasish.Model):
        def call(self, x):
            return x

    return Net()


MISTAKES = [
    (lambda: Distiller(1, make(2), LogitsDistillation()), "teacher is no Model"),
    (lambda: Distiller(make(2), make(2), None), "distillation_losses is missing"),
    (lambda: Distiller(make(2), make(2), LogitsDistillation(), None, 2.0), "from 0 to 1"),
    (lambda: Distiller(make(2), make(2), [LogitsDistillation()], [1, 2]), "needs a weight"),
    (lambda: Distiller(make(2), make(2), FeatureDistillation("mse", "none")), "no layer named"),
    (lambda: Distiller(subclassed(), make(2), FeatureDistillation("mse", "a")), "subclassed"),
    (
        lambda: Distiller(
            make(2), kerasish.Sequential([layers.Input((4,)), layers.Dense(2)]), NotScalar()
        ),
        "other outputs",
    ),
    (lambda: Distiller(make(2), make(2), NotScalar()).compile("sgd"), "loss is missing"),
    (lambda: LogitsDistillation(0.0), "temperature must be positive"),
    (lambda: LogitsDistillation(loss=[None]), "there is no loss"),
]


@pytest.mark.parametrize(("make_it", "match"), MISTAKES, ids=[m for _, m in MISTAKES])
def test_mistakes_are_explained(make_it, match):
    with pytest.raises(ValueError, match=match):
        make_it()


def test_loss_that_is_no_scalar_is_told():
    distiller = Distiller(make(2), make(2), NotScalar())
    distiller.compile("sgd", "mse")
    with pytest.raises(ValueError, match="gives no scalar"):
        distiller.compute_loss(ops.array(X), ops.zeros((256, 3)))
    with pytest.raises(NotImplementedError, match="compute_loss"):
        distillation.DistillationLoss().compute_loss(1, 2)
