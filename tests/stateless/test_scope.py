"""StatelessScope and the stateless methods: values go in and come out, nothing is assigned."""

import numpy as np
import pytest

import kerasish
from kerasish import GradientTape, StatelessScope, Variable, layers, losses, metrics, ops
from kerasish.errors import ShapeError
from kerasish.optimizers import SGD, Adam, LossScaleOptimizer

X = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
Y = np.random.default_rng(1).normal(size=(4, 1)).astype("float32")


def test_reads_and_writes_stay_inside():
    v, w = Variable([1.0, 2.0]), Variable([0.0, 0.0])
    with StatelessScope([(v, [3.0, 4.0])]) as scope:
        assert v.numpy().tolist() == v.value.tolist() == [3.0, 4.0]
        assert (v + 1.0).tolist() == [4.0, 5.0]
        v.assign_add([1.0, 1.0])
        v[0].assign(9.0)
        w.assign(v * 2.0)
        assert ops.sum(w).item() == 28.0
    assert scope.get_current_value(v).tolist() == [9.0, 5.0]
    assert scope.get_current_value(w).tolist() == [18.0, 10.0]
    assert v.numpy().tolist() == [1.0, 2.0] and w.numpy().tolist() == [0.0, 0.0]
    assert scope.get_current_value(Variable(1.0)) is None


def test_scopes_nest_and_end_by_an_error():
    v = Variable(1.0)
    with StatelessScope([(v, 2.0)]):
        with pytest.raises(ZeroDivisionError), StatelessScope([(v, 3.0)]):
            assert float(v) == 3.0
            raise ZeroDivisionError
        assert float(v) == 2.0
    assert float(v) == 1.0


def test_wrong_mapping_is_refused():
    with pytest.raises(ValueError, match="a key is no Variable"):
        StatelessScope([("v", 1.0)])
    with pytest.raises(ShapeError, match=r"another shape.*\(3,\)"):
        StatelessScope([(Variable([1.0, 2.0]), [1.0, 2.0, 3.0])])


def test_values_have_the_dtype_of_their_variable():
    v = Variable(1, dtype="int32")
    with StatelessScope([(v, 2.7)]):
        assert (v + 1).dtype == "int32"


def test_tapes_follow_the_values():
    v, x = Variable(2.0), ops.convert_to_tensor(5.0)
    with StatelessScope([(v, x)]), GradientTape() as tape:
        tape.watch(x)
        y = v * v
    assert tape.gradient(y, x).item() == 10.0


def test_compiled_functions_see_the_scope():
    v = Variable(1.0)
    double = kerasish.function(lambda: v * 2.0)
    assert double().item() == 2.0
    with StatelessScope([(v, 5.0)]):
        assert double().item() == 10.0
    assert double().item() == 2.0


def test_scope_inside_a_compiled_function():
    v = Variable(1.0)

    @kerasish.function
    def f(x):
        with StatelessScope([(v, x)]) as scope:
            v.assign_add(1.0)
            y = v * 3.0
        return y, scope.get_current_value(v)

    assert [t.item() for t in f(ops.array(2.0))] == [9.0, 3.0]
    assert float(v) == 1.0


def test_weights_made_inside_are_made_for_real():
    with StatelessScope():
        dense = layers.Dense(2)
        dense(X)
    assert dense.kernel.numpy().any()


class Net(kerasish.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(3, kernel_regularizer="l2")
        self.normalization = layers.BatchNormalization()
        self.dropout = layers.Dropout(0.5, seed=1)
        self.head = layers.Dense(1)

    def call(self, inputs, training=False):
        x = self.dropout(self.normalization(self.dense(inputs), training=training), training)
        self.add_loss(0.25 * ops.sum(ops.abs(x)))
        return self.head(x)


def test_stateless_call_is_a_call():
    net = Net()
    net(X)
    before = [v.numpy() for v in net.variables]
    state = [[v.value for v in vs] for vs in (net.trainable_variables, net.non_trainable_variables)]
    outputs, after, found = net.stateless_call(*state, X, training=True, return_losses=True)
    for old, v in zip(before, net.variables, strict=True):
        np.testing.assert_array_equal(v.numpy(), old)
    kept = len(net.losses)
    np.testing.assert_array_equal(net(X, training=True), outputs)
    assert kept == len(net.losses) == len(found) == 2
    np.testing.assert_allclose([x.item() for x in found], [x.item() for x in net.losses], rtol=1e-6)
    for value, v in zip(after, net.non_trainable_variables, strict=True):
        np.testing.assert_array_equal(value, v.numpy())


def test_stateless_call_wants_a_value_for_each_variable():
    net = Net()
    with pytest.raises(ValueError, match="not built"):
        net.stateless_call([], [], X)
    net(X)
    with pytest.raises(ValueError, match="non_trainable_variables: there must be one value"):
        net.stateless_call([v.value for v in net.trainable_variables], [], X)


def test_training_loop_of_pure_functions_equals_fit():
    """The loop that Keras shows for JAX, in which all state is an argument."""
    model, twin = Net(), Net()
    for m in (model, twin):
        m(X)
        m.compile(Adam(0.05), "mse")
        m.optimizer.build(m.trainable_variables)
    twin.set_weights(model.get_weights())
    loss_fn, metric = losses.MeanSquaredError(), metrics.Mean()

    def step(state, x, y):
        trainable, non_trainable, optimizer, metric_state = state
        with GradientTape() as tape:
            tape.watch(trainable)
            y_pred, non_trainable, added = model.stateless_call(
                trainable, non_trainable, x, training=True, return_losses=True
            )
            loss = loss_fn(y, y_pred) + sum(added)
        grads = tape.gradient(loss, trainable)
        trainable, optimizer = model.optimizer.stateless_apply(optimizer, grads, trainable)
        return (
            trainable,
            non_trainable,
            optimizer,
            metric.stateless_update_state(metric_state, loss),
        )

    state = (
        [v.value for v in model.trainable_variables],
        [v.value for v in model.non_trainable_variables],
        [v.value for v in model.optimizer.variables],
        metric.stateless_reset_state(),
    )
    compiled = kerasish.function(step)
    for _ in range(3):
        state = compiled(state, X, Y)
        twin.train_on_batch(X, Y)
    for value, v in zip(state[0], twin.trainable_variables, strict=True):
        np.testing.assert_allclose(value, v.numpy(), rtol=1e-5, atol=1e-6)
    for value, v in zip(state[1], twin.non_trainable_variables, strict=True):
        np.testing.assert_allclose(value, v.numpy(), rtol=1e-5, atol=1e-6)
    assert metric.stateless_result(state[3]).item() == pytest.approx(
        twin.get_metrics_result()["loss"].item(), rel=1e-5
    )


@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.9), lambda: Adam(0.1, use_ema=True),
                                  lambda: LossScaleOptimizer(SGD(0.1))])  # fmt: skip
def test_stateless_apply_is_apply(make):
    optimizer, v = make(), Variable([1.0, 2.0])
    optimizer.build([v])
    grads = [ops.array([3.0, -1.0])]
    state = [x.value for x in optimizer.variables]
    trainable, after = optimizer.stateless_apply(state, grads, [v.value])
    assert v.numpy().tolist() == [1.0, 2.0] and int(optimizer.iterations) == 0
    optimizer.apply(grads)
    np.testing.assert_array_equal(trainable[0], v.numpy())
    for value, x in zip(after, optimizer.variables, strict=True):
        np.testing.assert_array_equal(value, x.numpy())
    with pytest.raises(ValueError, match="not built"):
        make().stateless_apply([], grads, [v.value])
    with pytest.raises(ValueError, match="optimizer_variables: there must be one value"):
        optimizer.stateless_apply([], grads, [v.value])
