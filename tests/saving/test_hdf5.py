"""hdf5.Reader: what may be in a file, and that nothing outside of it, or too large, is read."""

import io

import h5py
import ml_dtypes
import numpy as np
import pytest

from kerasish.errors import CheckpointError
from kerasish.saving import hdf5


def reader_of(make, path=None):
    buffer = path or io.BytesIO()
    with h5py.File(buffer, "w") as file:
        make(file)
    return hdf5.Reader(open(path, "rb") if path else buffer, "x.h5")


DTYPES = [
    "float16",
    "float32",
    "float64",
    "int8",
    "int32",
    "int64",
    "uint8",
    "uint32",
    "bool",
    "bfloat16",
]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 2), (2, 3)])
def test_values_come_back_bit_equal(dtype, shape):
    dtype = np.dtype(ml_dtypes.bfloat16) if dtype == "bfloat16" else np.dtype(dtype)
    values = (np.arange(np.prod(shape, dtype=int)).reshape(shape) % 5).astype(dtype)
    writer = hdf5.Writer()
    writer.write("a/b/0", values)
    with hdf5.Reader(io.BytesIO(writer.finish()), "x") as reader:
        assert list(reader.datasets) == ["a/b/0"] and reader.names("a/b") == ["0"]
        assert reader.shape("a/b/0") == shape and reader.dtype("a/b/0") == dtype.name
        found = reader.read("a/b/0")
    assert found.dtype == dtype and found.tobytes() == values.tobytes()


def test_big_endian_values_are_converted():
    with reader_of(lambda f: f.create_dataset("a", data=np.array([1.5, 2.5], ">f4"))) as reader:
        found = reader.read("a")
    assert found.dtype == np.float32 and found.dtype.isnative and found.tolist() == [1.5, 2.5]


def test_compressed_values_are_read():
    values = np.zeros((1000, 100), "f4")
    with reader_of(lambda f: f.create_dataset("a", data=values, compression="gzip")) as reader:
        assert (reader.read("a") == 0).all()


@pytest.mark.parametrize(
    "names", [[], ["a"], ["é/ü", "", "b" * 1000], [f"layer_{i:09}" for i in range(9000)]]
)
def test_lists_of_names_come_back(names):
    writer = hdf5.Writer()
    writer.texts("", "layer_names", names)
    with hdf5.Reader(io.BytesIO(writer.finish()), "x") as reader:
        assert reader.has_texts("", "layer_names") and not reader.has_texts("", "weight_names")
        assert reader.texts("", "layer_names") == names


def soft(f):
    f["real/0"] = np.zeros(3)
    f["vars"] = h5py.SoftLink("/real")


def dangling(f):
    f["vars"] = h5py.SoftLink("/nowhere")


def external_group(f):
    f["vars"] = h5py.ExternalLink("/etc/victim.h5", "/")


def external_inside(f):
    f.create_group("a/b")["vars"] = h5py.ExternalLink("/etc/victim.h5", "/a")


def external_values(f):
    f.create_dataset("kernel", (16,), "u1", external=[("/etc/passwd", 0, 16)])


def virtual(f):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/etc/victim.h5", "a", (4,))
    f.create_virtual_dataset("kernel", layout)


def cycle(f):
    inner = f.create_group("a/b")
    inner["back"] = f["a"]


def own_cycle(f):
    f["self"] = f["/"]


def deep(f):
    f.create_group("/".join(["g"] * 400))


def bomb_chunked(f):
    f.create_dataset("kernel", (2**50,), "f4", chunks=(2**20,))


def bomb_compressed(f):
    f.create_dataset("kernel", (2**30,), "f4", chunks=(2**20,), compression="gzip")


def bomb_small(f):
    for i in range(8):
        f.create_dataset(str(i), (2**18,), "f4", chunks=(2**14,))


def named_type(f):
    f["vars"] = np.dtype("f4")


def foreign_filter(f):
    f.create_dataset("kernel", (64,), "f4", chunks=(64,), scaleoffset=2)


REFUSED = [
    soft,
    dangling,
    external_group,
    external_inside,
    external_values,
    virtual,
    cycle,
    own_cycle,
    deep,
    bomb_chunked,
    bomb_compressed,
    bomb_small,
    named_type,
    foreign_filter,
]


@pytest.mark.parametrize("make", REFUSED, ids=lambda f: f.__name__)
def test_unusual_content_is_refused(make):
    with pytest.raises(CheckpointError, match=r"^x\.h5: refused: "):
        reader_of(make)


def text_values(f):
    f.create_dataset("0", data=["a", "b"], dtype=h5py.string_dtype())


def compound(f):
    f.create_dataset("0", data=np.zeros(2, [("a", "f4"), ("b", "i4")]))


def reference(f):
    f.create_dataset("0", data=f.create_group("g").ref, dtype=h5py.ref_dtype)


def opaque(f):
    f.create_dataset("0", data=np.zeros(2, "V3"))


def empty(f):
    f["0"] = h5py.Empty("f4")


def complex_values(f):
    f["0"] = np.zeros(2, "c8")


@pytest.mark.parametrize(
    "make",
    [text_values, compound, reference, opaque, empty, complex_values],
    ids=lambda f: f.__name__,
)
def test_values_that_are_no_numbers_are_not_read(make):
    with reader_of(make) as reader:
        assert reader.dtype("0") is None
        with pytest.raises(CheckpointError, match="does not hold numbers"):
            reader.read("0")


@pytest.mark.parametrize("value", [3, [1, 2], h5py.Empty("f4"), np.zeros((2, 2))])
def test_attribute_that_is_no_text_is_not_taken_for_one(value):
    with reader_of(lambda f: f.attrs.__setitem__("layer_names", value)) as reader:
        assert reader.text("", "layer_names") is None
        with pytest.raises(CheckpointError, match="not a list of names"):
            reader.texts("", "layer_names")


@pytest.mark.parametrize("size", [0, 1, 8, 100, 600])
def test_truncated_file_is_told(size):
    writer = hdf5.Writer()
    writer.write("a", np.zeros(1000))
    with pytest.raises(CheckpointError, match="not an HDF5 file, or a damaged one"):
        hdf5.Reader(io.BytesIO(bytes(writer.finish()[:size])), "x.h5")


def test_file_that_is_no_hdf5_is_told():
    with pytest.raises(CheckpointError, match="x.h5"):
        hdf5.Reader(io.BytesIO(b"PK\x03\x04" + b"x" * 1000), "x.h5")


def test_objects_cannot_be_written():
    with pytest.raises(CheckpointError, match="cannot be written"):
        hdf5.Writer().write("a", np.array(["text"]))
