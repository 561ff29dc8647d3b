"""Graphs, sessions, variables, scopes, control flow, savers: what TensorFlow 1 programs rely on."""

import collections
import os

import numpy as np
import pytest

import kerasish.compat.v1 as tf
from kerasish import ops
from kerasish.core import program


@pytest.fixture(autouse=True)
def _fresh_graph():
    tf.reset_default_graph()


@pytest.fixture
def session():
    with tf.Session() as opened:
        yield opened


# ---- names -----------------------------------------------------------------------------------


def test_names_are_unique_whatever_their_case():
    a, b = tf.constant(1.0), tf.constant(2.0)
    assert [a.name, b.name] == ["Const:0", "Const_1:0"]
    assert [(a + b).name, tf.add(a, b).name] == ["add:0", "Add_1:0"]


def test_scopes():
    with tf.name_scope("s") as outer, tf.name_scope("t"):
        assert tf.constant(1.0).name == "s/t/Const:0"
    with tf.name_scope("s"):
        assert tf.constant(1.0).name == "s_1/Const:0"
    with tf.name_scope(outer):
        assert tf.constant(1.0).name == "s/Const:0"


PRINTED = {
    "tensor": (lambda: tf.constant([1.0, 2.0]), 'Tensor("Const:0", shape=(2,), dtype=float32)'),
    "partly": (
        lambda: tf.placeholder(tf.int32, [None, 3]),
        'Tensor("Placeholder:0", shape=(?, 3), dtype=int32)',
    ),
    "unknown": (lambda: tf.placeholder(tf.float32), 'Tensor("Placeholder:0", dtype=float32)'),
    "variable": (
        lambda: tf.Variable(1.0),
        "<tf.Variable 'Variable:0' shape=() dtype=float32_ref>",
    ),
    "dtype": (lambda: tf.float32, "<dtype: 'float32'>"),
}


@pytest.mark.parametrize("name", PRINTED)
def test_printed_forms(name):
    make, text = PRINTED[name]
    assert str(make()) == text


# ---- errors ----------------------------------------------------------------------------------


def _run(make, feeds=None):
    def attempt():
        tensor = make()
        with tf.Session() as session:
            session.run(tensor, feeds(tensor) if feeds else None)

    return attempt


def _of_another_graph():
    with tf.Graph().as_default():
        other = tf.constant(1.0)
    tf.constant(2.0)
    return other


def _fed_badly(value):
    def attempt():
        x = tf.placeholder(tf.float32, [2, 3], name="x")
        with tf.Session() as session:
            session.run(x * 2, {x: value})

    return attempt


def _shared(**second):
    def attempt():
        with tf.variable_scope("a"):
            tf.get_variable("w", [2])
        with tf.variable_scope("a", reuse=second.pop("reuse", True)):
            tf.get_variable(second.pop("name", "w"), **second)

    return attempt


def _closed():
    x = tf.constant(1.0)
    session = tf.Session()
    session.close()
    session.run(x)


def _failing_assertion():
    with tf.control_dependencies([tf.assert_equal(tf.constant(1), 2, message="hm")]):
        return tf.identity(3)


ERRORS = {
    "uninitialized": (
        _run(lambda: tf.Variable(1.0, name="v") + 1),
        tf.errors.FailedPreconditionError,
        "uninitialized value v",
    ),
    "unfed": (
        _run(lambda: tf.placeholder(tf.float32, [None, 3], name="p") * 2),
        tf.errors.InvalidArgumentError,
        r"must feed a value for placeholder tensor 'p' with dtype float and shape \[\?,3\]",
    ),
    "fed shape": (
        _fed_badly(np.zeros((3, 2))),
        ValueError,
        r"Cannot feed value of shape \(3, 2\) for Tensor x:0, which has shape \(2, 3\)",
    ),
    "fed text": (_fed_badly("abc"), ValueError, "could not convert"),
    "other graph": (_run(_of_another_graph), ValueError, "not an element of this graph"),
    "other graph input": (
        lambda: _of_another_graph() + tf.constant(1.0),
        ValueError,
        "must be from the same graph",
    ),
    "empty graph": (lambda: tf.Session().run("x"), RuntimeError, "graph is empty"),
    "number": (lambda: (tf.constant(1.0), tf.Session().run(3.5)), TypeError, "has invalid type"),
    "unknown name": (
        lambda: (tf.constant(1.0), tf.Session().run("foo:0")),
        ValueError,
        "does not exist",
    ),
    "closed": (_closed, RuntimeError, "closed Session"),
    "no session": (lambda: tf.constant(1.0).eval(), ValueError, "No default session"),
    "dtypes": (
        lambda: tf.constant(1) + tf.constant(1.0),
        TypeError,
        "has type float32 that does not match type int32",
    ),
    "number of dtype": (lambda: tf.constant(1) + 1.5, TypeError, "does not match type int32"),
    "exp of ints": (lambda: tf.exp(1), TypeError, "DataType int32 not in list"),
    "constant of dtype": (lambda: tf.constant(1.5, tf.int32), TypeError, "Expected int32"),
    "shapes": (lambda: tf.matmul(tf.zeros([2, 3]), tf.zeros([2, 3])), ValueError, "mismatch"),
    "assigned shape": (lambda: tf.Variable([1.0]).assign([1.0, 2.0]), ValueError, "shapes"),
    "no initial value": (lambda: tf.Variable(), ValueError, "initial_value must be specified"),
    "bool": (lambda: bool(tf.constant(True)), TypeError, "Python `bool` is not allowed"),
    "iteration": (lambda: list(tf.constant([1])), TypeError, "not allowed"),
    "made twice": (_shared(shape=[2], reuse=False), ValueError, "already exists, disallowed"),
    "not made": (_shared(name="u", shape=[2]), ValueError, "does not exist, or was not created"),
    "shared shape": (_shared(shape=[3]), ValueError, r"specified shape \(3,\) and found"),
    "shared dtype": (_shared(dtype=tf.float64), ValueError, "specified dtype float64 and found"),
    "no shape": (lambda: tf.get_variable("w"), ValueError, "`shape` argument must be specified"),
    "nothing to train": (
        lambda: tf.train.AdamOptimizer().minimize(tf.constant(1.0)),
        ValueError,
        "No variables to optimize",
    ),
    "unconnected": (
        lambda: (tf.Variable(1.0), tf.train.AdamOptimizer().minimize(tf.constant(1.0) * 2)),
        ValueError,
        "No gradients provided for any variable",
    ),
    "assertion": (_run(_failing_assertion), tf.errors.InvalidArgumentError, "hm"),
    "no meta graph": (
        lambda: tf.train.import_meta_graph("x.meta"),
        tf.errors.UnimplementedError,
        "graphs are not written",
    ),
    "nothing to save": (lambda: tf.train.Saver(), ValueError, "No variables to save"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    attempt, kind, text = ERRORS[name]
    with pytest.raises(kind, match=text):
        attempt()


def test_a_finalized_graph_takes_no_more():
    tf.get_default_graph().finalize()
    with pytest.raises(RuntimeError, match="finalized"):
        tf.constant(1.0)


# ---- runs ------------------------------------------------------------------------------------


def test_nested_fetches(session):
    pair = collections.namedtuple("pair", "first second")
    a, b = tf.constant(1.0), tf.constant([2.0])
    found = session.run({"x": [a, (b, "Const:0")], "y": pair(a, tf.no_op())})
    assert found["x"][0] == 1 and found["x"][1][1] == 1 and found["x"][1][0].tolist() == [2.0]
    assert found["y"] == pair(1.0, None)


def test_any_tensor_can_be_fed(session):
    a = tf.constant(1.0)
    b = a + 1
    c = b * 3
    assert session.run(c, {b: 10.0}) == 30 and session.run(c, {a: 2.0}) == 9
    v = tf.Variable(1.0)
    assert session.run(v * 2, {v: 4.0}) == 8


def test_a_second_run_builds_nothing(session, monkeypatch):
    built = []
    original = program.Program.__init__

    def counted(self, *args, **kwargs):
        built.append(self)
        original(self, *args, **kwargs)

    monkeypatch.setattr(program.Program, "__init__", counted)
    x = tf.placeholder(tf.float32, [None])
    y = tf.exp(x)
    fetches = [y + 1, y * 2]
    for value in ([1.0], [2.0], [3.0]):
        session.run(fetches, {x: value})
    assert len(built) == 1
    exponentials = [n for n in built[0].nodes if n.operation.name == "exp"]
    assert len(exponentials) <= 1  # both fetches share it


def test_old_values_unless_something_waits(session):
    v = tf.Variable(1.0)
    grow = v.assign_add(1.0)
    before = v * 10.0
    with tf.control_dependencies([grow]):
        after, read = v * 10.0, v.read_value()
    session.run(v.initializer)
    assert session.run([after, grow, before, v, read]) == [20, 2, 10, 2, 2]
    assert session.run([before, grow]) == [20, 3]


def test_a_variable_is_of_one_session():
    v = tf.Variable(1.0)
    first, second = tf.Session(), tf.Session()
    first.run(v.initializer)
    first.run(v.assign(5.0))
    assert second.run(tf.report_uninitialized_variables()).tolist() == [b"Variable"]
    second.run(v.initializer)
    assert (first.run(v), second.run(v)) == (5, 1)


def test_variables_made_of_others(session):
    v = tf.Variable(tf.random_normal([3]), name="v")
    w = tf.Variable(v.initialized_value() * 2)
    session.run(tf.global_variables_initializer())
    a, b = session.run([v, w])
    np.testing.assert_allclose(b, a * 2)
    v.load([1.0, 2.0, 3.0], session)
    session.run(w.initializer)
    assert w.eval(session).tolist() == [2, 4, 6]


def test_a_shape_may_change_without_validation(session):
    v = tf.Variable([1.0], validate_shape=False)
    session.run(v.initializer)
    session.run(tf.assign(v, [1.0, 2.0], validate_shape=False))
    assert session.run(v * 2).tolist() == [2, 4]


def test_seeds():
    def drawn(op_seed):
        tf.reset_default_graph()
        tf.set_random_seed(5)
        x = tf.random_uniform([2], seed=op_seed)
        found = []
        for _ in range(2):
            with tf.Session() as session:
                found.append([session.run(x).tolist() for _ in range(2)])
        return found

    first, again = drawn(7)
    assert first == again and first[0] != first[1]
    assert drawn(None)[0] == drawn(None)[0] != first


def test_shapes_from_feeds(session):
    x = tf.placeholder(tf.float32, [None, 2])
    n = tf.placeholder(tf.int32, [])
    flat = tf.reshape(x, [tf.shape(x)[0] * 2])
    assert session.run(flat, {x: [[1, 2], [3, 4]]}).shape == (4,)
    zeros = tf.zeros([n, 3])
    assert session.run(zeros, {n: 2}).shape == (2, 3)
    assert session.run(zeros, {n: 4}).shape == (4, 3)
    assert session.run(tf.random_normal([tf.shape(x)[0], 3]), {x: [[1, 2]]}).shape == (1, 3)


def test_functions_of_kerasish_are_recorded():
    x = tf.placeholder(tf.float32, [None])
    y = ops.logaddexp(x, x)
    with tf.Session() as session:
        np.testing.assert_allclose(session.run(y, {x: [0.0]}), [np.log(2)], rtol=1e-6)


def test_branches_run_alone_and_assign(session):
    v = tf.Variable(0.0)
    flag = tf.placeholder(tf.bool, [])
    done = tf.cond(flag, lambda: v.assign_add(1.0), lambda: tf.constant(-1.0))
    session.run(v.initializer)
    assert [session.run(done, {flag: f}) for f in (True, False, True)] == [1, -1, 2]
    assert session.run(v) == 2


def test_loops_of_unknown_length(session):
    n = tf.placeholder(tf.int32, [])
    i, total = tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i), [0, 0])
    assert [session.run(total, {n: k}) for k in (4, 10)] == [6, 45]
    with pytest.raises(ValueError, match="shape_invariants"):
        tf.while_loop(lambda x: True, lambda x: tf.concat([x, x], 0), [tf.constant([1.0])])


def test_python_functions_between_compiled_parts(session):
    calls = []

    def function(x):
        calls.append(x)
        return x[x > 1]

    v = tf.Variable([1.0, 2.0, 3.0])
    kept = tf.py_func(function, [v * 1.0], tf.float32)
    total = tf.reduce_sum(kept * 2)
    session.run(v.initializer)
    assert session.run([total, kept])[0] == 10 and len(calls) == 1
    assert tf.gradients(total, v) == [None]


def test_gradients_see_one_forward_pass(session):
    w = tf.Variable([1.0, 2.0])
    loss = tf.reduce_sum(tf.nn.dropout(w * w, keep_prob=0.5))
    (g,) = tf.gradients(loss, [w])
    session.run(w.initializer)
    for _ in range(5):
        value, slope = session.run([loss, g])
        np.testing.assert_allclose(value, (slope * [0.5, 1.0]).sum())


def test_gradients_reach_variables_inside_branches_and_loops(session):
    v, flag = tf.Variable(2.0), tf.placeholder(tf.bool, [])
    y = tf.cond(flag, lambda: v * v, lambda: v * 3.0)
    (g,) = tf.gradients(y, [v])
    n = tf.placeholder(tf.int32, [])
    loop = tf.while_loop(lambda i, r: i < n, lambda i, r: (i + 1, r * v), [0, 1.0])[1]
    (unknown,) = tf.gradients(loop, [v])
    session.run(v.initializer)
    assert [session.run(g, {flag: f}) for f in (True, False)] == [4, 3]
    assert session.run(loop, {n: 3}) == 8
    with pytest.raises(ValueError, match="number of rounds is only known at run time"):
        session.run(unknown, {n: 3})


def test_gradients_past_a_fed_tensor_are_refused(session):
    x = tf.constant(1.0)
    middle = x * 2
    (g,) = tf.gradients(middle * 3, [x])
    with pytest.raises(tf.errors.UnimplementedError, match="do not feed tensors between"):
        session.run(g, {middle: 5.0})


def test_no_gradient_means_none():
    x, y = tf.constant(1.0), tf.constant(2.0)
    assert tf.gradients(tf.cast(tf.argmax([x, y]), tf.float32), [x]) == [None]
    assert tf.gradients(x * 2, [y]) == [None]
    assert tf.gradients(tf.stop_gradient(x) * y, [x])[0] is None


def test_training_counts_steps(session):
    x = tf.Variable(3.0)
    step = tf.train.get_or_create_global_step()
    optimizer = tf.train.MomentumOptimizer(0.1, 0.9)
    train = optimizer.minimize(x * x, global_step=step)
    session.run(tf.global_variables_initializer())
    for _ in range(3):
        session.run(train)
    assert tf.train.global_step(session, step) == 3
    assert optimizer.get_slot(x, "momentum").name == "Variable/Momentum:0"
    assert [v.name for v in tf.trainable_variables()] == ["Variable:0"]


def test_scopes_share(session):
    def layer(x):
        with tf.variable_scope("l", reuse=tf.AUTO_REUSE, initializer=tf.ones_initializer()):
            return x * tf.get_variable("w", [])

    a, b = layer(2.0), layer(3.0)
    assert len(tf.global_variables()) == 1 and (a.name, b.name) == ("l/mul:0", "l_1/mul:0")
    session.run(tf.global_variables_initializer())
    assert session.run([a, b]) == [2, 3]
    x = tf.placeholder(tf.float32, [None, 4])
    tf.layers.dense(
        tf.layers.dense(x, 3, tf.nn.relu), 2, kernel_regularizer=lambda w: tf.nn.l2_loss(w)
    )
    assert tf.trainable_variables()[-1].name == "dense_1/bias:0"
    assert len(tf.losses.get_regularization_losses()) == 1


# ---- files -----------------------------------------------------------------------------------


def test_saver(tmp_path, session):
    v, n = tf.Variable([1.0, 2.0], name="v"), tf.Variable(3, name="n")
    saver, prefix = tf.train.Saver(max_to_keep=2), str(tmp_path / "model")
    session.run(tf.global_variables_initializer())
    paths = []
    for step in range(3):
        session.run(v.assign_add([1.0, 1.0]))
        paths.append(saver.save(session, prefix, global_step=step))
    assert tf.train.latest_checkpoint(str(tmp_path)) == paths[-1] == f"{prefix}-2"
    assert [tf.train.checkpoint_exists(p) for p in paths] == [False, True, True]
    assert tf.train.list_variables(paths[-1]) == [("n", []), ("v", [2])]
    with tf.Session() as other:
        tf.train.Saver({"v": v}).restore(other, paths[1])
        assert other.run(v).tolist() == [3, 4]
        with pytest.raises(tf.errors.FailedPreconditionError):
            other.run(n)
        renamed = tf.Variable([0.0, 0.0], name="renamed")
        with pytest.raises(tf.errors.NotFoundError, match="Key renamed not found"):
            tf.train.Saver([renamed]).restore(other, paths[1])
        with pytest.raises(ValueError, match="not a valid checkpoint"):
            saver.restore(other, prefix)


def test_a_damaged_checkpoint_changes_nothing(tmp_path, session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    path = tf.train.Saver().save(session, str(tmp_path / "m"))
    (name,) = [n for n in os.listdir(tmp_path) if n.endswith(".h5")]
    content = bytearray((tmp_path / name).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / name).write_bytes(content)
    session.run(v.assign(7.0))
    with pytest.raises(ValueError):
        tf.train.Saver().restore(session, path)
    assert session.run(v) == 7


def test_summaries(tmp_path, session):
    pytest.importorskip("tensorboard", reason="the package tensorboard is not installed")
    pytest.importorskip("kerasish.summary", reason="kerasish.summary is not there")
    tf.summary.scalar("loss", tf.constant(0.5))
    tf.summary.histogram("weights", tf.constant([1.0, 2.0]))
    merged = tf.summary.merge_all()
    with tf.summary.FileWriter(str(tmp_path), session.graph) as writer:
        writer.add_summary(session.run(merged), 1)
    assert os.listdir(tmp_path)
