"""A tour of tensors and variables: making, reading, dtypes, shapes, and what cannot be changed."""

import kerasish.compat.v2 as tf

scalar = tf.constant(4)
vector = tf.constant([2.0, 3.0, 4.0])
matrix = tf.constant([[1, 2], [3, 4], [5, 6]], dtype=tf.float16)
print(scalar, vector, matrix, sep="\n")
print("a batch of pictures has", tf.zeros([8, 28, 28, 1]).shape.rank, "axes")

# Elementwise and matrix arithmetic; Python numbers take the tensor's dtype.
a, b = tf.constant([[1, 2], [3, 4]]), tf.ones([2, 2], dtype=tf.int32)
print("sum", a + b, "product", a * b, "matrix product", a @ b, sep="\n")
print("twice", (a * 2).numpy().tolist(), "half", (a / 2).dtype.name)

# Two tensors of different dtypes do not mix by themselves.
try:
    a + vector[:2]
except tf.errors.InvalidArgumentError as error:
    print("refused:", str(error).split(" [Op")[0])
print("after a cast:", (tf.cast(a, tf.float32) + vector[:2]).numpy().tolist())

# Indexing and shapes.
rank_3 = tf.reshape(tf.range(24), [2, 3, 4])
print("last of each row:", rank_3[:, :, -1].numpy().tolist())
print("turned:", tf.transpose(rank_3, perm=[2, 0, 1]).shape)
print("flat:", tf.reshape(rank_3, [-1])[:5].numpy().tolist())

# A tensor never changes; a variable does, in whole or in part.
try:
    vector[0] = 9.0
except TypeError as error:
    print("refused:", type(error).__name__)
state = tf.Variable([0.0, 0.0, 0.0], name="state")
state.assign([1.0, 2.0, 3.0])
state[1].assign(20.0)
state.assign_add(tf.ones(3))
print(state)
copy = tf.Variable(state)
state.assign_sub([2.0, 2.0, 2.0])
print("the copy keeps its own values:", copy.numpy().tolist())
assert copy.numpy().tolist() == [2.0, 21.0, 4.0]
assert state.numpy().tolist() == [0.0, 19.0, 2.0]
