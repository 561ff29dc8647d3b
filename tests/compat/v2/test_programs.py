"""Functions, tapes, control flow, layers, modules, checkpoints, files: as TensorFlow runs them."""

import io

import numpy
import pytest

import kerasish.compat.v2 as tf


def test_python_runs_only_while_tracing_also_under_a_tape():
    seen = []

    @tf.function
    def square(x):
        seen.append(x.shape)
        return x * x

    x = tf.constant(3.0)
    for _ in range(3):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = square(x)
        assert tape.gradient(y, x).numpy() == 6.0
    assert square(tf.constant(2.0)).numpy() == 4.0 and seen == [()]
    square(tf.ones(2))
    assert seen == [(), (2,)] and square.experimental_get_tracing_count() == 2


def test_prints_at_every_run():
    out = io.StringIO()

    @tf.function
    def shown(x):
        tf.print("run", x, output_stream=out)
        return x + 1

    shown(tf.constant([1, 2]))
    shown(tf.constant([3, 4]))
    assert out.getvalue() == "run [1 2]\nrun [3 4]\n"


def test_input_signature():
    @tf.function(input_signature=[tf.TensorSpec([None, 3], tf.float32)])
    def flat(x):
        return tf.reshape(x, [tf.shape(x)[0] * 3]), tf.shape(x)

    assert flat(tf.ones((2, 3)))[0].shape == (6,)
    assert flat(tf.ones((5, 3)))[1].numpy().tolist() == [5, 3]
    assert flat.experimental_get_tracing_count() == 1
    with pytest.raises(TypeError, match="Can not cast TensorSpec"):
        flat(tf.ones((2, 3), tf.int32))
    concrete = flat.get_concrete_function()
    assert concrete(tf.ones((1, 3)))[0].numpy().tolist() == [1.0, 1.0, 1.0]


def test_methods_have_traces_of_their_own():
    class Line(tf.Module):
        def __init__(self, slope):
            super().__init__()
            self.slope, self.count = tf.Variable(slope, name="slope"), 0

        @tf.function
        def __call__(self, x):
            self.count += 1
            return self.slope * x

    a, b = Line(2.0), Line(5.0)
    assert a(tf.constant(1.0)).numpy() == 2.0 and a(tf.constant(3.0)).numpy() == 6.0
    assert b(tf.constant(1.0)).numpy() == 5.0 and (a.count, b.count) == (1, 1)
    outer = tf.Module(name="outer")
    outer.parts = [a, {"b": b}]
    assert outer.submodules == (a, b) and len(outer.trainable_variables) == 2


def test_tapes():
    w = tf.Variable([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        y = w * w
        unconnected = tf.constant(1.0)
    assert tape.jacobian(y, w).numpy().tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert tape.gradient({"a": y}, {"b": w})["b"].numpy().tolist() == [2.0, 4.0]
    assert tape.gradient(unconnected, w) is None
    zero = tape.gradient(unconnected, w, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    assert zero.numpy().tolist() == [0.0, 0.0]
    with tf.GradientTape() as once:
        y = w * w
    assert isinstance(once.gradient(y, w), tf.Tensor)
    with pytest.raises(RuntimeError, match="non-persistent"):
        once.gradient(y, w)
    with tf.GradientTape(watch_accessed_variables=False) as blind:
        y = w * w
    assert blind.gradient(y, w) is None
    x = tf.Variable(2.0)
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            y = x**3
        first = inner.gradient(y, x)
    assert outer.gradient(first, x).numpy() == 12.0


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "traced"])
def test_control_flow(wrap):
    positive = wrap(lambda x: tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: -x))
    assert positive(tf.constant([1.0])).numpy().tolist() == [2.0]
    assert positive(tf.constant([-3.0])).numpy().tolist() == [3.0]
    total = wrap(lambda n: tf.while_loop(lambda i, s: i < n, lambda i, s: (i + 1, s + i),
                                         [tf.constant(0), tf.constant(0)]))  # fmt: skip
    assert total(tf.constant(5))[1].numpy() == 10
    rows = tf.constant([1, 2, 3])
    cases = {
        tf.map_fn: (lambda x: x * x, [1, 4, 9]),
        tf.scan: (lambda a, x: a + x, [1, 3, 6]),
        tf.foldl: (lambda a, x: a - x, -4),
        tf.foldr: (lambda a, x: a - x, 0),
    }
    for function, (body, expected) in cases.items():
        result = wrap(lambda x, f=function, b=body: f(b, x))(rows)
        assert result.numpy().tolist() == expected, function
    pick = wrap(lambda i: tf.switch_case(i, [lambda: tf.constant(10), lambda: tf.constant(20)]))
    assert pick(tf.constant(1)).numpy() == 20


@pytest.mark.parametrize("wrap", [lambda f: f, tf.function], ids=["eager", "traced"])
def test_own_gradients(wrap):
    @tf.custom_gradient
    def seven(x):
        return x * 1.0, lambda upstream: upstream * 7.0

    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = wrap(seven)(x)
    assert tape.gradient(y, x).numpy() == 7.0


class Dense(tf.keras.layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=[int(input_shape[-1]), self.units], name="kernel")
        self.bias = tf.Variable(tf.zeros(self.units), name="bias")

    def call(self, inputs):
        return tf.nn.relu(tf.matmul(inputs, self.kernel) + self.bias)


def test_layers_and_models_keep_the_face():
    layer, x = Dense(3), tf.ones((2, 5))
    assert isinstance(layer(x), tf.Tensor) and len(layer.trainable_variables) == 2
    inputs = tf.keras.Input((5,))
    model = tf.keras.Model(inputs, tf.nn.relu(layer(inputs)) * 2.0)
    assert isinstance(model(x), tf.Tensor) and model(x).shape == (2, 3)
    assert type(model(numpy.ones((2, 5), "float32"))) is not tf.Tensor
    loss = tf.keras.losses.MeanSquaredError()(tf.ones((2, 3)), model(x))
    assert isinstance(loss, tf.Tensor)


@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop", "Adagrad", "Lion", "AdamW"])
def test_optimizers_take_variables(name):
    v = tf.Variable([1.0, 2.0])
    optimizer = getattr(tf.keras.optimizers, name)(0.1)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(v * v)
        optimizer.apply_gradients([(tape.gradient(loss, v), v)])
        return loss

    losses = [step().numpy() for _ in range(4)]
    assert losses == sorted(losses, reverse=True) and losses[-1] < losses[0]


def test_checkpoints(tmp_path):
    v, model = tf.Variable([1.0, 2.0]), tf.keras.Sequential([tf.keras.layers.Dense(2)])
    model(tf.ones((1, 2)))
    checkpoint = tf.train.Checkpoint(v=v, model=model)
    manager = tf.train.CheckpointManager(checkpoint, tmp_path, max_to_keep=2)
    for _ in range(3):
        v.assign_add([1.0, 1.0])
        manager.save()
    kernel = model.layers[0].kernel
    before = kernel.numpy()
    v.assign([0.0, 0.0])
    kernel.assign(before * 0)
    latest = tf.train.latest_checkpoint(tmp_path)
    assert latest == manager.latest_checkpoint and len(manager.checkpoints) == 2
    checkpoint.restore(latest).assert_consumed()
    assert v.numpy().tolist() == [4.0, 5.0] and (kernel.numpy() == before).all()
    other = tf.train.Checkpoint(v=tf.Variable([0.0, 0.0, 0.0]))
    with pytest.raises(ValueError, match="shape"):
        other.restore(latest)
    assert other.v.numpy().tolist() == [0.0, 0.0, 0.0]
    with pytest.raises(tf.errors.NotFoundError):
        checkpoint.restore(str(tmp_path / "none-1"))


def test_data_sets_of_tensors():
    data = tf.data.Dataset.from_tensor_slices(({"a": [1, 2, 3], "b": [4, 5, 6]}, ["x", "y", "z"]))
    features, label = next(iter(data))
    assert isinstance(features["a"], tf.Tensor) and label.numpy() == b"x"
    assert data.element_spec[1] == tf.TensorSpec([], tf.string) and len(data) == 3
    doubled = data.map(lambda f, text: (f["a"] * 2, tf.strings.upper(text))).batch(2)
    assert [a.numpy().tolist() for a, _ in doubled] == [[2, 4], [6]]
    assert tf.data.Dataset.range(5).reduce(tf.constant(0, tf.int64), lambda a, b: a + b) == 10


def test_pictures_and_tensors_as_files(tmp_path):
    picture = tf.cast(tf.reshape(tf.range(12), (2, 2, 3)), tf.uint8)
    path = str(tmp_path / "folder" / "p.png")
    tf.io.write_file(path, tf.image.encode_png(picture))
    assert (tf.image.decode_png(tf.io.read_file(path)).numpy() == picture.numpy()).all()
    text = tf.io.serialize_tensor(tf.ones((2,)))
    assert tf.io.parse_tensor(text, tf.float32).numpy().tolist() == [1.0, 1.0]


def test_seeds_repeat_numbers():
    def draw():
        tf.random.set_seed(3)
        return [tf.random.normal([2]).numpy(), tf.random.uniform([2], seed=5).numpy(),
                tf.random.uniform([2], seed=5).numpy()]  # fmt: skip

    a, b = draw(), draw()
    assert all((x == y).all() for x, y in zip(a, b, strict=True)) and (a[1] != a[2]).any()
    g, h = tf.random.Generator.from_seed(1), tf.random.Generator.from_seed(1)
    assert (g.normal([3]).numpy() == h.normal([3]).numpy()).all()
    same = [tf.random.stateless_normal([3], seed=[1, 2]).numpy() for _ in range(2)]
    assert (same[0] == same[1]).all()
