"""Data sets of files, and data sets kept in files: contents, damage, positions, interchange."""

import gzip
import os
import zlib

import numpy as np
import pytest

from kerasish.arrays.dtypes import to_numpy
from kerasish.core.tree import map_structure
from kerasish.data import (
    CsvDataset,
    Dataset,
    FixedLenFeature,
    TextLineDataset,
    TFRecordDataset,
    TFRecordWriter,
    parse_single_example,
    protos,
    tfrecord,
)
from kerasish.errors import CheckpointError, DataError

COMPRESSIONS = ("", "GZIP", "ZLIB")
RECORDS = [b"one", b"", b"x\0y\0", b"\xff" * 1000]
LINES = ["one", "", "drei é", "four\tfive", "last"]
# One record and an Example as TensorFlow writes them.
RECORD_OF_TENSORFLOW = bytes.fromhex("0300000000000000b099490e6f6e6501405508")
EXAMPLE_OF_TENSORFLOW = bytes.fromhex(
    "0a330a140a0161120f1a0d0a0b01feffffffffffffffff010a0c0a016212070a050a037800790a0d0a0163120812"
    "060a040000003f"
)


def compress(data, compression):
    return {"": bytes, "GZIP": gzip.compress, "ZLIB": zlib.compress}[compression](data)


def write_records(path, compression="", records=RECORDS):
    with TFRecordWriter(path, compression) as writer:
        for record in records:
            writer.write(record)
    return str(path)


def plain(element):
    return map_structure(lambda leaf: leaf.tolist() if hasattr(leaf, "tolist") else leaf, element)


def check(data, expected):
    """Contents, twice, and what is left from every position."""
    for _ in range(2):
        assert [plain(e) for e in data] == expected
    iterator = iter(data)
    for position in range(len(expected) + 1):
        again = iter(data)
        again.set_state(iterator.get_state())
        assert [plain(e) for e in again] == expected[position:]
        next(iterator, None)


@pytest.fixture(params=[True, False], ids=["library", "plain"])
def checksum(request, monkeypatch):
    """With and without google-crc32c."""
    if request.param:
        pytest.importorskip("google_crc32c")
    else:
        monkeypatch.setattr(tfrecord, "fast_checksum", lambda: None)
    return request.param


# ---- lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", COMPRESSIONS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines(tmp_path, compression, end):
    text = end.join(LINES).encode()
    paths = [tmp_path / name for name in "ab"]
    for path in paths:
        path.write_bytes(compress(text, compression))
    check(TextLineDataset(paths[0], compression), LINES)
    check(TextLineDataset(paths, compression), 2 * LINES)
    files = Dataset.list_files(str(tmp_path / "*"), shuffle=False)
    check(TextLineDataset(files, compression), 2 * LINES)
    turns = [line for line in LINES for _ in range(2)]
    check(TextLineDataset(paths, compression, num_parallel_reads=2), turns)


def test_lines_go_on_as_data_sets(tmp_path):
    (tmp_path / "a").write_bytes(b"1\n2\nbad \xff\n")
    data = TextLineDataset(tmp_path / "a")
    assert str(data.element_spec) == "TensorSpec(shape=(), dtype=string)"
    assert [b.tolist() for b in data.batch(2)] == [["1", "2"], ["bad \udcff"]]
    assert type(data.map(int)) is Dataset
    assert [int(x) for x in data.take(2).map(int)] == [1, 2]


def test_a_file_that_is_absent_is_named(tmp_path):
    (tmp_path / "b").write_text("later")
    data = TextLineDataset([tmp_path / "absent", tmp_path / "b"])
    with pytest.raises(FileNotFoundError, match="absent"):
        next(iter(data))
    assert list(data.ignore_errors()) == ["later"]
    with pytest.raises(DataError, match="no file matches"):
        Dataset.list_files(str(tmp_path / "*.txt"))
    with pytest.raises(ValueError, match="unknown compression"):
        TextLineDataset(tmp_path / "b", "BZ2")


def test_list_files_is_shuffled(tmp_path):
    for i in range(20):
        (tmp_path / f"{i:02}").touch()
    data = Dataset.list_files([str(tmp_path / "0*"), str(tmp_path / "1*")], seed=1)
    assert len(data) == 20 and sorted(data) == [str(tmp_path / f"{i:02}") for i in range(20)]
    assert list(data) != list(data) != sorted(data)


# ---- records ---------------------------------------------------------------------------------


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_records(tmp_path, compression, checksum):
    path = write_records(tmp_path / "a", compression)
    check(TFRecordDataset(path, compression), RECORDS)
    check(TFRecordDataset([path, path], compression), 2 * RECORDS)
    many = TFRecordDataset([path, path], compression, num_parallel_reads=2)
    check(many, [r for r in RECORDS for _ in range(2)])


def test_records_are_those_of_tensorflow(tmp_path, checksum):
    path = write_records(tmp_path / "a", records=[b"one"])
    assert (tmp_path / "a").read_bytes() == RECORD_OF_TENSORFLOW
    assert list(TFRecordDataset(path)) == [b"one"]


@pytest.mark.parametrize("place", range(len(RECORD_OF_TENSORFLOW)))
def test_damage_is_found(tmp_path, place, checksum):
    damaged = bytearray(2 * RECORD_OF_TENSORFLOW)
    damaged[place] ^= 1
    (tmp_path / "a").write_bytes(damaged)
    if place >= 12 and not checksum:  # said in the docstring: contents are checked by the library
        assert len(list(TFRecordDataset(tmp_path / "a"))) == 2
        return
    with pytest.raises(DataError, match="checksum of a"):
        list(TFRecordDataset(tmp_path / "a"))


@pytest.mark.parametrize("size", range(1, len(RECORD_OF_TENSORFLOW)))
def test_a_file_that_was_cut_off_is_found(tmp_path, size):
    (tmp_path / "a").write_bytes(RECORD_OF_TENSORFLOW + RECORD_OF_TENSORFLOW[:size])
    iterator = iter(TFRecordDataset(tmp_path / "a"))
    assert next(iterator) == b"one"
    with pytest.raises(DataError, match="ends inside a record"):
        next(iterator)
    assert list(iterator) == []


def test_a_compressed_file_that_was_cut_off_is_found(tmp_path):
    for compression in COMPRESSIONS[1:]:
        whole = compress(b"line\n" * 1000, compression)
        (tmp_path / "a").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(EOFError):
            list(TextLineDataset(tmp_path / "a", compression))


def test_a_writer_that_fails_leaves_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError), TFRecordWriter(tmp_path / "a") as writer:
        writer.write(b"one")
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []
    writer = TFRecordWriter(tmp_path / "a")
    writer.write(b"one")
    writer.close()
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.write(b"two")


# ---- examples --------------------------------------------------------------------------------


def test_examples_are_those_of_tensorflow():
    pytest.importorskip("google.protobuf")
    features = {
        "a": protos.Feature(int64_list=protos.Int64List(value=[1, -2])),
        "b": protos.Feature(bytes_list=protos.BytesList(value=[b"x\0y"])),
        "c": protos.Feature(float_list=protos.FloatList(value=[0.5])),
    }
    example = protos.Example(features=protos.Features(feature=features))
    assert example.SerializeToString(deterministic=True) == EXAMPLE_OF_TENSORFLOW
    found = parse_single_example(EXAMPLE_OF_TENSORFLOW, None)
    assert plain(found) == {"a": [1, -2], "b": [b"x\0y"], "c": [0.5]}
    assert [found[k].dtype for k in "abc"] == ["int64", "object", "float32"]


FEATURES = {
    "shaped": ({"a": FixedLenFeature((2, 1), "int64")}, {"a": [[1], [-2]]}),
    "scalars": (
        {"b": FixedLenFeature((), "string"), "c": FixedLenFeature([], "float32")},
        {"b": b"x\0y", "c": 0.5},
    ),
    "default": ({"d": FixedLenFeature((3,), "float32", 7)}, {"d": [7.0] * 3}),
    "any": ({"a": None}, {"a": [1, -2]}),
}
WRONG_FEATURES = {
    "is absent": {"d": FixedLenFeature((), "int64")},
    "another type": {"a": FixedLenFeature((2,), "float32")},
    "another size": {"a": FixedLenFeature((3,), "int64")},
}


@pytest.mark.parametrize("name", FEATURES)
def test_features(name):
    pytest.importorskip("google.protobuf")
    wanted, expected = FEATURES[name]
    assert plain(parse_single_example(EXAMPLE_OF_TENSORFLOW, wanted)) == expected


@pytest.mark.parametrize("message", WRONG_FEATURES)
def test_features_that_do_not_fit(message):
    pytest.importorskip("google.protobuf")
    with pytest.raises(DataError, match=message):
        parse_single_example(EXAMPLE_OF_TENSORFLOW, WRONG_FEATURES[message])
    with pytest.raises(DataError, match="no Example"):
        parse_single_example(b"\xff\xff", None)


# ---- comma-separated values ------------------------------------------------------------------

TABLE = 'n,x,name\n1,0.5,one\n\n,2,"two, ""three""\nfour"\nNA,,five\n'
ROWS = [(1, 0.5, "one"), (-1, 2.0, 'two, "three"\nfour'), (-1, 9.0, "five")]


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_csv(tmp_path, compression):
    for name in "ab":
        (tmp_path / name).write_bytes(compress(TABLE.encode(), compression))
    paths = [tmp_path / "a", tmp_path / "b"]
    defaults = [np.int64(-1), 9.0, "string"]
    data = CsvDataset(paths, defaults, compression, header=True, na_value="NA")
    check(data, 2 * ROWS)
    assert [s.dtype for s in data.element_spec] == ["int64", "float32", "string"]
    some = CsvDataset(paths[0], [9.0], compression, header=True, select_cols=[1])
    check(some, [(x,) for _, x, _ in ROWS])
    others = CsvDataset(paths[0], [9.0, ""], compression, header=True, exclude_cols=[0])
    check(others, [row[1:] for row in ROWS])


def test_csv_of_other_forms(tmp_path):
    (tmp_path / "a").write_text("1;'2\n3;4\n")
    data = CsvDataset(tmp_path / "a", ["int32", "string"], field_delim=";", use_quote_delim=False)
    check(data, [(1, "'2"), (3, "4")])


@pytest.mark.parametrize(
    "text, message",
    [("1,2", "another number of fields"), ("x", "is no int32"), ('""', "without a default")],
)
def test_rows_that_do_not_fit(tmp_path, text, message):
    (tmp_path / "a").write_text(f"5\n{text}\n7\n")
    data = CsvDataset(tmp_path / "a", ["int32"])
    with pytest.raises(DataError, match=message):
        list(data)
    assert [int(x) for (x,) in data.ignore_errors()] == [5, 7]


# ---- elements kept in files ------------------------------------------------------------------

ELEMENTS = {
    "numbers": [np.int64(1), np.int64(2)],
    "arrays": [np.eye(2, dtype="float32"), np.ones((2, 2), "float32")],
    "ragged": [np.arange(2), np.arange(3)],
    "empty": [np.zeros((0, 3))],
    "text": ["one", "é\udcff"],
    "bytes": [b"x\0", b"\xff"],
    "texts": [np.array(["a", b"b\0"], object), np.array([], object)],
    "nested": [{"x": (np.float32(1), "a"), "y": np.arange(2) > 0}, {"x": (np.float32(2), "b"),
               "y": np.arange(2) > 1}],
    "bfloat16": [np.float32([1, 2]).astype(to_numpy("bfloat16"))],
    "nothing": [],
}  # fmt: skip


def from_list(elements):
    return Dataset.from_generator(lambda: iter(elements))


@pytest.mark.parametrize("kind", ELEMENTS)
@pytest.mark.parametrize("way", ["cache", "save"])
def test_elements_are_kept(tmp_path, kind, way):
    path, elements = tmp_path / "kept", ELEMENTS[kind]
    data = from_list(elements)
    if way == "save":
        data.save(path)
        data = Dataset.load(path)
        assert len(data) == len(elements)
        if elements:
            assert data.element_spec == from_list(elements).element_spec
    else:
        data = data.cache(path)
    for _ in range(2):
        found = list(data)
        assert repr(found) == repr(elements)
        assert path.exists()
    again = Dataset.load(path) if way == "save" else from_list([None] * 9).cache(path)
    assert repr(list(again)) == repr(elements)
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_a_cache_that_was_not_filled_leaves_no_file(tmp_path):
    calls = []
    data = Dataset.range(5).map(lambda x: calls.append(x) or x).cache(tmp_path / "kept")
    iterator = iter(data)
    next(iterator)
    del iterator
    assert list(tmp_path.iterdir()) == []
    for _ in range(3):
        assert [int(x) for x in data] == [0, 1, 2, 3, 4]
    assert len(calls) == 1 + 5


def test_a_position_in_a_file(tmp_path):
    data = Dataset.range(6).map(lambda x: x * 2).cache(tmp_path / "kept").repeat(2)
    check(data, 2 * [0, 2, 4, 6, 8, 10])


def test_a_cache_in_memory_calls_once_and_is_read_only():
    calls = []
    data = Dataset.range(4).map(lambda x: calls.append(x) or np.full(2, x)).cache()
    for _ in range(3):
        for element in data:
            with pytest.raises(ValueError, match="read-only"):
                element += 1
    assert len(calls) == 4


@pytest.mark.parametrize("place", [0, 25, 60, -30, -3])
def test_damaged_files_are_refused(tmp_path, place):
    path = tmp_path / "kept"
    Dataset.range(3).save(path)
    data = bytearray(path.read_bytes())
    data[place] ^= 255
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="damaged|not a file"):
        list(Dataset.load(path))


def test_what_cannot_be_kept(tmp_path):
    with pytest.raises(DataError, match="only arrays and text"):
        Dataset.range(4).window(2).save(tmp_path / "a")
    with pytest.raises(DataError, match="different forms"):
        from_list([np.int64(1), (np.int64(1),)]).save(tmp_path / "a")
    with pytest.raises(CheckpointError, match="no such file"):
        Dataset.load(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []
    assert not os.path.exists(tmp_path / "a")
