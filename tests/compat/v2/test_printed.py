"""Printed forms are TensorFlow's, to the letter: recorded from TensorFlow 2.21."""

import sys

import pytest

import kerasish.compat.v2 as tf

REPR = [
    (lambda: tf.constant([1, 2]),
     "<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>"),
    (lambda: tf.constant(1.0), "<tf.Tensor: shape=(), dtype=float32, numpy=1.0>"),
    (lambda: tf.math.log(2.0),
     "<tf.Tensor: shape=(), dtype=float32, numpy=0.6931471824645996>"),
    (lambda: tf.constant([[1.5, 2], [3, 4]]),
     "<tf.Tensor: shape=(2, 2), dtype=float32, numpy=\narray([[1.5, 2. ],\n       [3. , 4. ]], "
     "dtype=float32)>"),
    (lambda: tf.constant("a"), "<tf.Tensor: shape=(), dtype=string, numpy=b'a'>"),
    (lambda: tf.constant(["a", "b"]),
     "<tf.Tensor: shape=(2,), dtype=string, numpy=array([b'a', b'b'], dtype=object)>"),
    (lambda: tf.constant(True), "<tf.Tensor: shape=(), dtype=bool, numpy=True>"),
    (lambda: tf.constant(2**40), "<tf.Tensor: shape=(), dtype=int64, numpy=1099511627776>"),
    (lambda: tf.constant(1 + 2j), "<tf.Tensor: shape=(), dtype=complex128, numpy=(1+2j)>"),
    (lambda: tf.Variable([1.0, 2.0]),
     "<tf.Variable 'Variable:0' shape=(2,) dtype=float32, numpy=array([1., 2.], "
     "dtype=float32)>"),
    (lambda: tf.Variable(tf.zeros((2, 2)), name="dense/kernel"),
     "<tf.Variable 'dense/kernel:0' shape=(2, 2) dtype=float32, numpy=\narray([[0., 0.],\n"
     "       [0., 0.]], dtype=float32)>"),
    (lambda: tf.float32, "tf.float32"),
    (lambda: tf.TensorShape([2, None]), "TensorShape([2, None])"),
    (lambda: tf.ones((2, 3)).shape[1:], "TensorShape([3])"),
    (lambda: tf.TensorSpec([None, 2], tf.int32, name="x"),
     "TensorSpec(shape=(None, 2), dtype=tf.int32, name='x')"),
    (lambda: tf.unique([1, 1, 2]),
     "Unique(y=<tf.Tensor: shape=(2,), dtype=int32, numpy=array([1, 2], dtype=int32)>, "
     "idx=<tf.Tensor: shape=(3,), dtype=int32, numpy=array([0, 0, 1], dtype=int32)>)"),
]  # fmt: skip
STR = [
    (lambda: tf.constant([1, 2]), "tf.Tensor([1 2], shape=(2,), dtype=int32)"),
    (lambda: tf.constant([[1.5, 2], [3, 4]]),
     "tf.Tensor(\n[[1.5 2. ]\n [3.  4. ]], shape=(2, 2), dtype=float32)"),
    (lambda: tf.constant("a"), "tf.Tensor(b'a', shape=(), dtype=string)"),
    (lambda: tf.constant(1e10), "tf.Tensor(1e+10, shape=(), dtype=float32)"),
    (lambda: tf.float32, "<dtype: 'float32'>"),
    (lambda: tf.TensorShape([2, None]), "(2, None)"),
]  # fmt: skip
PRINTED = [
    (lambda: (tf.range(10),), {}, "[0 1 2 ... 7 8 9]\n"),
    (lambda: (tf.constant([[1.5, 2], [3, 4]]),), {"summarize": -1}, "[[1.5 2]\n [3 4]]\n"),
    (lambda: (tf.constant("a"), tf.constant(True), tf.constant(1e10), 1e10, None, (1, 2)), {},
     '"a" 1 1e+10 10000000000.0 None (1, 2)\n'),
    (lambda: (tf.constant(1), [tf.constant([1]), 2], {"k": tf.constant(0.1)}),
     {"sep": "|", "end": "!"}, "1|[[1], 2]|{'k': 0.1}!"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "text"), REPR, ids=[t[:40] for _, t in REPR])
def test_repr(make, text):
    assert repr(make()) == text


@pytest.mark.parametrize(("make", "text"), STR, ids=[t[:40] for _, t in STR])
def test_str(make, text):
    assert str(make()) == text


@pytest.mark.parametrize(("make", "keywords", "text"), PRINTED, ids=[t[:20] for *_, t in PRINTED])
def test_tf_print(make, keywords, text, capsys):
    tf.print(*make(), output_stream=sys.stdout, **keywords)
    assert capsys.readouterr().out == text
