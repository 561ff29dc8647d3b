"""Dtypes do not mix, Python numbers adopt, tensors do not change: as in TensorFlow 2.21."""

import numpy
import pytest

import kerasish.compat.v2 as tf

one, half = lambda: tf.constant([1]), lambda: tf.constant([0.5])
DTYPES = [  # expression, dtype of the result
    (lambda: half() + 1, "float32"),
    (lambda: half() + numpy.array([1.0]), "float32"),
    (lambda: one() + numpy.array([1.5]), "int32"),
    (lambda: numpy.array([1.0]) + half(), "float32"),
    (lambda: one() / 2, "float64"),
    (lambda: one() // 2, "int32"),
    (lambda: one() % 2, "int32"),
    (lambda: tf.constant(3) ** 2, "int32"),
    (lambda: tf.reduce_mean(tf.constant([1, 2])), "int32"),
    (lambda: tf.argmax([1, 3, 2]), "int64"),
    (lambda: tf.where([True, False]), "int64"),
    (lambda: tf.convert_to_tensor(numpy.ones(2)), "float64"),
    (lambda: tf.constant([1, 2.0]), "float32"),
    (lambda: tf.constant([1, 2], dtype=tf.float32), "float32"),
    (lambda: tf.Variable([1.0]) * 2, "float32"),
    (lambda: tf.shape([1, 2]), "int32"),
    (lambda: tf.range(0, 1, 0.25), "float32"),
]
MISMATCHES = [  # expression, operation, number of the operand, dtypes
    (lambda: one() + half(), "AddV2", 1, "int32", "float"),
    (lambda: half() + one(), "AddV2", 1, "float", "int32"),
    (lambda: one() + 1.5, "AddV2", 1, "int32", "float"),
    (lambda: one() * half(), "Mul", 1, "int32", "float"),
    (lambda: one() - tf.constant([1], tf.int64), "Sub", 1, "int32", "int64"),
    (lambda: tf.constant(1.0, tf.float64) * tf.constant(1.0), "Mul", 1, "double", "float"),
    (lambda: one() == half(), "Equal", 1, "int32", "float"),
    (lambda: tf.Variable([1.0]) + one(), "AddV2", 1, "float", "int32"),
    (lambda: tf.concat([one(), half()], 0), "ConcatV2", 1, "int32", "float"),
    (lambda: tf.stack([one(), one(), half()]), "Pack", 2, "int32", "float"),
]
REFUSED = [  # expression, error, part of its text
    (lambda: tf.constant([1.5], dtype=tf.int32), TypeError, "Cannot convert [1.5] to EagerTensor"),
    (lambda: tf.constant([[1, 2], [3]]), ValueError, "non-rectangular"),
    (lambda: tf.constant([1, 2], shape=(2, 2)), TypeError, "unsupported shape"),
    (lambda: tf.convert_to_tensor(tf.ones(2), tf.int32), ValueError, "requested dtype int32"),
    (lambda: tf.sqrt(4), tf.errors.InvalidArgumentError, "attr 'T' of int32"),
    (lambda: tf.reshape(tf.ones(6), (4,)), tf.errors.InvalidArgumentError, "6 values"),
    (lambda: tf.ones((2, 3)) @ tf.ones((2, 3)), tf.errors.InvalidArgumentError,
     "In[0]: [2,3], In[1]: [2,3]"),
    (lambda: one() + tf.constant([1, 2]) + tf.constant([1, 2, 3]),
     tf.errors.InvalidArgumentError, "Incompatible shapes: [2] vs. [3]"),
    (lambda: tf.gather([1, 2, 3], [5]), tf.errors.InvalidArgumentError,
     "indices[0] = 5 is not in [0, 3)"),
    (lambda: tf.squeeze(tf.ones((2, 3)), 0), tf.errors.InvalidArgumentError, "got 2"),
    (lambda: tf.ensure_shape(tf.ones((2, 3)), (2, 2)), tf.errors.InvalidArgumentError, "[2,3]"),
    (lambda: tf.Variable([1.0]).assign([1, 2]), ValueError, "Shape mismatch"),
    (lambda: hash(one()), TypeError, "ref()"),
    (lambda: tf.constant([1, 2])[tf.constant([0, 1])], TypeError, "valid indices"),
    (lambda: one().__setitem__(0, 2), TypeError, "item assignment"),
    (lambda: tf.Variable([1]).__setitem__(0, 2), TypeError, "item assignment"),
    (lambda: tf.reduce_sum(one(), axes=0), TypeError, "axes"),
    (lambda: tf.debugging.assert_equal(1, 2), tf.errors.InvalidArgumentError, "x == y"),
    (lambda: tf.debugging.check_numerics(tf.constant([float("nan")]), "bad"),
     tf.errors.InvalidArgumentError, "bad : Tensor had NaN values"),
    (lambda: tf.io.read_file("no/such/file"), tf.errors.NotFoundError, "no/such/file"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "dtype"), DTYPES)
def test_dtype(make, dtype):
    result = make()
    assert isinstance(result, tf.Tensor)
    assert result.dtype == dtype and result.dtype is tf.as_dtype(dtype)


@pytest.mark.parametrize(("make", "op", "position", "wanted", "received"), MISMATCHES)
def test_dtypes_do_not_mix(make, op, position, wanted, received):
    text = (f"cannot compute {op} as input #{position}(zero-based) was expected to be a {wanted} "
            f"tensor but is a {received} tensor [Op:{op}] name: ")  # fmt: skip
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        make()
    assert str(caught.value) == text
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.function(make)()


@pytest.mark.parametrize(("make", "error", "text"), REFUSED)
def test_refused(make, error, text):
    with pytest.raises(error) as caught:
        make()
    assert text in str(caught.value)


def test_dtypes_answer_as_names_and_as_types():
    assert tf.float32 == "float32" and tf.float32 == numpy.float32 and tf.float32 != tf.float64
    assert {tf.float32: 1}["float32"] == 1
    assert tf.int8.min == -128 and tf.string.as_numpy_dtype is numpy.object_
    assert tf.as_dtype(numpy.int64).is_integer and not tf.bool.is_integer


def test_variables_change_in_part_and_keep_copies_apart():
    v = tf.Variable([1.0, 2.0, 3.0], name="v")
    copy = tf.Variable(v)
    assert v[1].assign(9.0) is v
    v[:1].assign_add([1.0])
    assert v.numpy().tolist() == [2.0, 9.0, 3.0] and copy.numpy().tolist() == [1.0, 2.0, 3.0]
    assert v.value().numpy().tolist() == v.read_value().numpy().tolist() == [2.0, 9.0, 3.0]
    assert v.name == "v:0" and v.shape == (3,) and v.ref() == v.ref()
    array = v.numpy()
    array[0] = 100.0
    assert v.numpy()[0] == 2.0
