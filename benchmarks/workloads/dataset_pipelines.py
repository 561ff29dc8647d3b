"""The pipelines of the benchmark of data sets, for kerasish and for tf.data: one name, one work."""

import importlib
import tempfile
import time
from pathlib import Path

import numpy

IMAGES, LINES, NUMBERS, BATCH = 20000, 50000, 10000, 128


def arrays():
    """Images of bytes as of MNIST, and labels."""
    generator = numpy.random.default_rng(0)
    x = generator.integers(0, 256, (IMAGES, 28, 28)).astype("uint8")
    return x, generator.integers(0, 10, IMAGES).astype("int32")


def kerasish_pipelines(folder):
    """dict of name: (data set, elements in it)."""
    data = importlib.import_module("kerasish.data")
    ops = importlib.import_module("kerasish.ops")
    rows = data.Dataset.from_tensor_slices(arrays())

    def scale(x, y):
        return x.astype("float32") / numpy.float32(255), y

    def scale_ops(x, y):
        return ops.cast(x, "float32") / 255, y

    def smooth(x, y):
        return numpy.fft.irfft2(numpy.fft.rfft2(x)).astype("float32"), y

    def finish(pipeline):
        return pipeline.shuffle(10000, seed=1).batch(BATCH).prefetch(data.AUTOTUNE)

    path = records(folder, data.TFRecordWriter)
    return {
        "shuffle, batch, prefetch": (finish(rows), IMAGES),
        "map, shuffle, batch, prefetch": (finish(rows.map(scale)), IMAGES),
        "map by operations, shuffle, batch, prefetch": (finish(rows.map(scale_ops)), IMAGES),
        "map of many at a time, shuffle, batch, prefetch": (
            finish(rows.map(scale, vectorized=True)),
            IMAGES,
        ),
        "parallel map, shuffle, batch, prefetch": (
            finish(rows.map(scale, num_parallel_calls=data.AUTOTUNE)),
            IMAGES,
        ),
        "shuffle, batch, map, prefetch": (
            rows.shuffle(10000, seed=1).batch(BATCH).map(scale).prefetch(data.AUTOTUNE),
            IMAGES,
        ),
        "parallel map of Fourier transforms, batch": (
            rows.take(4000).map(smooth, num_parallel_calls=2).batch(BATCH),
            4000,
        ),
        "records of a TFRecord file, batch": (
            data.TFRecordDataset(path).batch(BATCH),
            LINES,
        ),
        "generator, batch, prefetch": (
            data.Dataset.from_generator(lambda: range(NUMBERS), output_types="int32")
            .batch(BATCH)
            .prefetch(data.AUTOTUNE),
            NUMBERS,
        ),
    }


def tensorflow_pipelines(folder):
    """dict of name: (data set, elements in it)."""
    tf = importlib.import_module("tensorflow")
    tf.config.threading.set_intra_op_parallelism_threads(2)
    rows = tf.data.Dataset.from_tensor_slices(arrays())

    def scale(x, y):
        return tf.cast(x, tf.float32) / 255.0, y

    def smooth(x, y):
        return tf.signal.irfft2d(tf.signal.rfft2d(tf.cast(x, tf.float32))), y

    def finish(pipeline):
        return pipeline.shuffle(10000, seed=1).batch(BATCH).prefetch(tf.data.AUTOTUNE)

    path = records(folder, tf.io.TFRecordWriter)
    mapped = finish(rows.map(scale))
    return {
        "shuffle, batch, prefetch": (finish(rows), IMAGES),
        "map, shuffle, batch, prefetch": (mapped, IMAGES),
        "map by operations, shuffle, batch, prefetch": (mapped, IMAGES),
        "map of many at a time, shuffle, batch, prefetch": (mapped, IMAGES),
        "parallel map, shuffle, batch, prefetch": (
            finish(rows.map(scale, num_parallel_calls=tf.data.AUTOTUNE)),
            IMAGES,
        ),
        "shuffle, batch, map, prefetch": (
            rows.shuffle(10000, seed=1).batch(BATCH).map(scale).prefetch(tf.data.AUTOTUNE),
            IMAGES,
        ),
        "parallel map of Fourier transforms, batch": (
            rows.take(4000).map(smooth, num_parallel_calls=2).batch(BATCH),
            4000,
        ),
        "records of a TFRecord file, batch": (
            tf.data.TFRecordDataset(path).batch(BATCH),
            LINES,
        ),
        "generator, batch, prefetch": (
            tf.data.Dataset.from_generator(lambda: range(NUMBERS), output_types="int32")
            .batch(BATCH)
            .prefetch(tf.data.AUTOTUNE),
            NUMBERS,
        ),
    }


def records(folder, writer_class):
    """Path of a TFRecord file of 200 bytes a record."""
    path = str(Path(folder) / "records.tfrecord")
    with writer_class(path) as writer:
        for i in range(LINES):
            writer.write(b"%200d" % i)
    return path


def measure(kind, rounds):
    """dict of name: elements a second in the best of some passes over the data."""
    make = {"kerasish": kerasish_pipelines, "tf.data": tensorflow_pipelines}[kind]
    results, known = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (data, count) in make(folder).items():
            if id(data) in known:  # what stands for several of the other's
                results[name] = results[known[id(data)]]
                continue
            known[id(data)] = name
            seconds = []
            for _ in range(rounds):
                start = time.perf_counter()
                for _element in data:
                    pass
                seconds.append(time.perf_counter() - start)
            results[name] = count / min(seconds)
    return results
