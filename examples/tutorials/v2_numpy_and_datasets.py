"""Tensors and NumPy arrays take each other's place; data sets of rows and of lines of a file."""

import pathlib
import tempfile

import numpy as np

import kerasish.compat.v2 as tf

print(tf.add([1, 2], [3, 4]), tf.square(5) + tf.square(6))
print(tf.reduce_sum([1, 2, 3]), tf.strings.upper("text is a tensor too"))

ones = np.ones((2, 2))
product = tf.multiply(ones, 42)
print("NumPy array in, tensor out:", product)
print("tensor in, NumPy array out:", np.add(product, 1))
assert isinstance(product.numpy(), np.ndarray) and product.dtype == tf.float64

numbers = tf.data.Dataset.from_tensor_slices([1, 2, 3, 4, 5, 6])
squares = numbers.map(tf.square).shuffle(6, seed=1).batch(4)
found = []
for batch in squares:
    print("batch:", batch)
    found += batch.numpy().tolist()
assert sorted(found) == [1, 4, 9, 16, 25, 36]

with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "lines.txt"
    path.write_text("first line\nsecond line\nthird line\n")
    lines = [line.numpy() for line in tf.data.TextLineDataset(str(path))]
print(lines)
assert lines == [b"first line", b"second line", b"third line"]
