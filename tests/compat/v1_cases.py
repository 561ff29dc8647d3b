"""Small TensorFlow 1 programs, a row per name: what each fetches is compared with TensorFlow's.

`python tests/compat/make_v1_expected.py`, run where TensorFlow is installed, writes what it gives.
"""

A = [[1.0, -2.0, 3.0], [4.0, 5.0, -6.0]]
P = [[0.5, 0.25, 0.75], [0.125, 0.9, 0.3]]
S = [[4.0, 1.0], [1.0, 3.0]]
N = [[1, 2, 4], [3, 5, 9]]
BOOLS = [[True, False, True], [False, False, True]]
IMAGE = [[[[float((i * 5 + j * 3) % 7)] for j in range(5)] for i in range(5)]]
KERNEL = [[[[1.0, 0.5]], [[-1.0, 2.0]]], [[[0.5, 1.0]], [[2.0, -0.5]]]]

ROW = [1.0, 2.0, 3.0]

UNARY = """
abs:A add_n negative:A sign:A square:A sqrt:P rsqrt:P reciprocal:P exp:P expm1:P log:P log1p:P sin:A
cos:A tan:P asin:P acos:P atan:A sinh:P cosh:P asinh:A atanh:P tanh:A sigmoid:A math.log_sigmoid:A
erf:P erfc:P floor:A ceil:P math.ceil:P round:P rint:P is_nan:A is_inf:A is_finite:A
logical_not:BOOLS nn.relu:A nn.relu6:A nn.elu:A nn.selu:A nn.softplus:A nn.softsign:A nn.swish:P
nn.leaky_relu:A nn.softmax:A nn.log_softmax:A nn.l2_loss:A nn.tanh:A nn.sigmoid:A
linalg.inv:S linalg.det:S linalg.cholesky:S matrix_inverse:S trace:S zeros_like:A ones_like:N
identity:A stop_gradient:A shape:A size:A rank:A transpose:A diag_part:S reduce_sum:A reduce_mean:A
reduce_prod:A reduce_max:A reduce_min:A reduce_all:BOOLS reduce_any:BOOLS reduce_logsumexp:A
reduce_mean:N reduce_sum:N argmax:A argmin:A norm:A cumsum:A where:BOOLS
math.reduce_std:A math.reduce_variance:A count_nonzero:A to_float:N to_int32:A acosh:COSH
""".split()
BINARY = """
add:A:P subtract:A:P multiply:A:P divide:A:P truediv:N:N div:N:N floordiv:N:N mod:N:N pow:P:P
maximum:A:P minimum:A:P squared_difference:A:P atan2:A:P div_no_nan:A:P equal:A:A not_equal:A:P
less:A:P less_equal:A:A greater:A:P greater_equal:A:A logical_and:BOOLS:BOOLS
logical_or:BOOLS:BOOLS logical_xor:BOOLS:BOOLS matmul:S:A bitwise.bitwise_and:N:N
bitwise.bitwise_or:N:N bitwise.bitwise_xor:N:N linalg.solve:S:A
nn.bias_add:A:ROW divide:N:N floor_div:N:N
""".split()
VALUES = dict(A=A, P=P, S=S, N=N, BOOLS=BOOLS, ROW=ROW, COSH=[[1.5, 2.0]])


def _call(name, operands):
    def program(tf):
        function = tf
        for part in name.split("."):
            function = getattr(function, part)
        return function(*[tf.constant(VALUES[o]) for o in operands])

    return program


CASES = {}
for row in UNARY + BINARY:
    name, *operands = row.split(":")
    if operands:
        CASES[row] = _call(name, operands)

CASES |= {
    "keep_dims": lambda tf: tf.reduce_sum(A, axis=1, keep_dims=True),
    "reduction_indices": lambda tf: tf.reduce_mean(A, reduction_indices=[1]),
    "reduce_two_axes": lambda tf: tf.reduce_max(tf.constant(IMAGE), [1, 2]),
    "argmax_axis": lambda tf: tf.argmax(A, 1),
    "argmax_type": lambda tf: tf.argmax(A, 1, output_type=tf.int32),
    "reshape": lambda tf: tf.reshape(A, [-1, 2]),
    "reshape_tensor": lambda tf: tf.reshape(A, [tf.shape(A)[1], -1]),
    "expand_dims": lambda tf: tf.expand_dims(A, -1),
    "squeeze": lambda tf: tf.squeeze(IMAGE),
    "concat": lambda tf: tf.concat([A, P], 1),
    "stack": lambda tf: tf.stack([A, P], axis=1),
    "unstack": lambda tf: tf.unstack(tf.constant(A)),
    "split": lambda tf: tf.split(tf.constant(A), 3, axis=1),
    "split_sizes": lambda tf: tf.split(tf.constant(A), [1, 2], axis=1),
    "tile": lambda tf: tf.tile(A, [2, 1]),
    "pad": lambda tf: tf.pad(A, [[1, 0], [0, 2]]),
    "reverse": lambda tf: tf.reverse(A, [1]),
    "gather": lambda tf: tf.gather(A, [1, 0, 1]),
    "gather_axis": lambda tf: tf.gather(A, [2, 0], axis=1),
    "slice": lambda tf: tf.slice(A, [0, 1], [-1, 2]),
    "items": lambda tf: (tf.constant(A)[0], tf.constant(A)[:, 1:], tf.constant(A)[-1, ::2]),
    "item_newaxis": lambda tf: tf.constant(A)[:, tf.newaxis],
    "boolean_mask": lambda tf: tf.boolean_mask(A, BOOLS),
    "where": lambda tf: tf.where(BOOLS, A, P),
    "where_rows": lambda tf: tf.where([True, False], A, P),
    "one_hot": lambda tf: tf.one_hot([0, 2, -1], 3),
    "one_hot_values": lambda tf: tf.one_hot([0, 1], 2, on_value=5.0, off_value=-1.0, axis=0),
    "top_k": lambda tf: tf.nn.top_k(A, 2),
    "in_top_k": lambda tf: tf.nn.in_top_k(A, [0, 1], 1),
    "cumsum_exclusive": lambda tf: tf.cumsum(A, axis=1, exclusive=True, reverse=True),
    "clip": lambda tf: tf.clip_by_value(A, -1.0, 2.0),
    "clip_by_norm": lambda tf: tf.clip_by_norm(A, 2.0),
    "clip_by_global_norm": lambda tf: tf.clip_by_global_norm([tf.constant(A), tf.constant(P)], 1.0),
    "cast": lambda tf: (tf.cast(A, tf.int32), tf.cast(N, tf.float64), tf.cast([0, 2], tf.bool)),
    "zeros": lambda tf: (tf.zeros([2, 3]), tf.ones(2, tf.int32), tf.fill([2, 2], 9.0)),
    "range": lambda tf: (tf.range(5), tf.range(1, 10, 3), tf.range(0.0, 1.0, 0.25)),
    "linspace": lambda tf: tf.linspace(0.0, 1.0, 5),
    "eye": lambda tf: tf.eye(3),
    "diag": lambda tf: tf.diag([1.0, 2.0]),
    "sequence_mask": lambda tf: tf.sequence_mask([1, 3], 4),
    "matmul_transposed": lambda tf: tf.matmul(A, P, transpose_b=True),
    "tensordot": lambda tf: tf.tensordot(tf.constant(A), tf.constant(P), [[1], [1]]),
    "einsum": lambda tf: tf.einsum("ij,kj->ik", tf.constant(A), tf.constant(P)),
    "add_n": lambda tf: tf.add_n([tf.constant(A), tf.constant(P), tf.constant(A)]),
    "constants": lambda tf: (tf.constant(2, shape=[2, 2]), tf.constant(1.5), tf.constant(True)),
    "operators": lambda tf: (
        1 - tf.constant(A), tf.constant(A) * 2, 2 / tf.constant(P), -tf.constant(A),
        tf.constant(N) // 2, tf.constant(N) % 3, tf.constant(N) / 2, tf.constant(P) ** 2,
        abs(tf.constant(A)), tf.constant(A) > 0, ~tf.constant(BOOLS), tf.constant(-7) // 2,
    ),
    "softmax_ce": lambda tf: tf.nn.softmax_cross_entropy_with_logits_v2(
        labels=[[0.0, 1.0, 0.0], [0.5, 0.5, 0.0]], logits=A),
    "sparse_softmax_ce": lambda tf: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=[2, 0], logits=A),
    "sigmoid_ce": lambda tf: tf.nn.sigmoid_cross_entropy_with_logits(labels=P, logits=A),
    "l2_normalize": lambda tf: tf.nn.l2_normalize(A, 1),
    "moments": lambda tf: tf.nn.moments(tf.constant(A), [0]),
    "batch_norm": lambda tf: tf.nn.batch_normalization(
        *[tf.constant(x) for x in (A, ROW, ROW, ROW, ROW)], 1e-3),
    "conv2d": lambda tf: tf.nn.conv2d(tf.constant(IMAGE), KERNEL, [1, 2, 2, 1], "SAME"),
    "conv2d_valid": lambda tf: tf.nn.conv2d(tf.constant(IMAGE), KERNEL, [1, 1, 1, 1], "VALID"),
    "max_pool": lambda tf: tf.nn.max_pool(IMAGE, [1, 2, 2, 1], [1, 2, 2, 1], "SAME"),
    "avg_pool": lambda tf: tf.nn.avg_pool(IMAGE, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"),
    "embedding": lambda tf: tf.nn.embedding_lookup(tf.constant(A), [[1, 0], [0, 0]]),
    "mse": lambda tf: tf.losses.mean_squared_error(A, P),
    "mse_weights": lambda tf: tf.losses.mean_squared_error(A, P, weights=[[1.0], [0.0]]),
    "absolute": lambda tf: tf.losses.absolute_difference(A, P),
    "huber": lambda tf: tf.losses.huber_loss(A, P),
    "log_loss": lambda tf: tf.losses.log_loss([[1.0, 0, 1], [0, 0, 1.0]], P),
    "softmax_loss": lambda tf: tf.losses.softmax_cross_entropy([[0, 1, 0], [1, 0, 0]], A),
    "sparse_loss": lambda tf: tf.losses.sparse_softmax_cross_entropy([1, 0], A),
    "sigmoid_loss": lambda tf: tf.losses.sigmoid_cross_entropy([[0, 1, 0], [1, 0, 0]], A),
    "cond": lambda tf: (
        tf.cond(tf.constant(True), lambda: tf.constant(1.0), lambda: tf.constant(2.0)),
        tf.cond(tf.reduce_sum(A) > 100, lambda: tf.constant(A) * 2, lambda: tf.constant(P))),
    "case": lambda tf: tf.case([(tf.constant(False), lambda: tf.constant(1)),
                                (tf.constant(True), lambda: tf.constant(2))],
                               default=lambda: tf.constant(3)),
    "while": lambda tf: tf.while_loop(lambda i, s: i < 5, lambda i, s: (i + 1, s * 2.0), [0, 1.0]),
    "py_func": lambda tf: tf.py_func(lambda x: x[::-1], [tf.constant([1.0, 2.0])], tf.float32) * 3,
    "exponential_decay": lambda tf: tf.train.exponential_decay(0.1, tf.constant(25), 10, 0.5),
    "exponential_stairs": lambda tf: tf.train.exponential_decay(0.1, tf.constant(25), 10, 0.5, 1),
    "strings": lambda tf: tf.constant(["a", "bc"]),
}  # fmt: skip


def _gradient(function, *values):
    def program(tf):
        xs = [tf.constant(v) for v in values]
        return tf.gradients(function(tf, *xs), xs)

    return program


CASES |= {
    "d_square": _gradient(lambda tf, x: x * x, A),
    "d_matmul": _gradient(lambda tf, x, y: tf.reduce_sum(tf.tanh(tf.matmul(x, y))), S, A),
    "d_softmax": _gradient(lambda tf, x: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=[0, 1], logits=x), A),
    "d_max_ties": _gradient(lambda tf, x: tf.reduce_max(x), [1.0, 3.0, 3.0]),
    "d_relu": _gradient(lambda tf, x: tf.nn.relu(x), [-1.0, 0.0, 2.0]),
    "d_cond": _gradient(lambda tf, x: tf.cond(x > 0, lambda: x * x, lambda: -x), 3.0),
    "d_where": _gradient(lambda tf, x: tf.where(x > 0, x * 3, x), A),
    "d_gather": _gradient(lambda tf, x: tf.reduce_sum(tf.square(x[1])), A),
    "d_two_paths": _gradient(lambda tf, x: x * x + tf.identity(x) * 3, 2.0),
    "d_second": lambda tf: (lambda x: tf.gradients(tf.gradients(x * x * x, x)[0], x))(
        tf.constant(2.0)),
    "d_weights": lambda tf: (lambda x: tf.gradients(x * x, x, grad_ys=[3.0]))(tf.constant(2.0)),
    "d_stop": lambda tf: (lambda x: tf.gradients(
        x * tf.stop_gradient(x), x))(tf.constant(2.0)),
    "d_stop_argument": lambda tf: (lambda x: (lambda y: tf.gradients(
        x + y, [x, y], stop_gradients=[x, y]))(x * 2))(tf.constant(2.0)),
    "d_middle": lambda tf: (lambda x: (lambda y: tf.gradients(y * y + x, [x, y]))(x * 2))(
        tf.constant(2.0)),
}  # fmt: skip


def _trained(make):
    """Values of the variables after three steps."""

    def program(tf):
        w, b = tf.Variable([[0.5], [-0.25], [1.0]]), tf.Variable([0.1])
        loss = tf.reduce_mean(tf.square(tf.matmul(A, w) + b - [[1.0], [2.0]]))
        step = make(tf).minimize(loss)
        return ("steps", step, [w, b, loss])

    return program


OPTIMIZERS = {
    "sgd": lambda tf: tf.train.GradientDescentOptimizer(0.01),
    "momentum": lambda tf: tf.train.MomentumOptimizer(0.01, 0.9),
    "nesterov": lambda tf: tf.train.MomentumOptimizer(0.01, 0.9, use_nesterov=True),
    "adam": lambda tf: tf.train.AdamOptimizer(0.1),
    "rmsprop": lambda tf: tf.train.RMSPropOptimizer(0.01, momentum=0.5),
    "rmsprop_centered": lambda tf: tf.train.RMSPropOptimizer(0.01, centered=True),
    "adagrad": lambda tf: tf.train.AdagradOptimizer(0.1),
}
CASES |= {f"train_{name}": _trained(make) for name, make in OPTIMIZERS.items()}


def fetched(tf, program):
    """What a program fetches, as a flat list of arrays."""
    tf.reset_default_graph()
    result = program(tf)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        if isinstance(result, tuple) and isinstance(result[0], str):
            _, step, result = result
            for _ in range(3):
                session.run(step)
        values = session.run(result)
    return list(_flat(values))


def _flat(values):
    if isinstance(values, (list, tuple)):
        for value in values:
            yield from _flat(value)
    elif values is not None:
        yield values
