"""Writes v1_expected.json with what TensorFlow gives for the programs of v1_cases.py."""

import json
import pathlib

import numpy as np
import tensorflow.compat.v1 as tf
import v1_cases

tf.disable_v2_behavior()


def row(value):
    """Shape, dtype and elements of a value."""
    array = np.asarray(value)
    items = [x.decode() if isinstance(x, bytes) else x for x in array.ravel().tolist()]
    return {"shape": list(array.shape), "dtype": array.dtype.name, "values": items}


if __name__ == "__main__":
    found = {}
    for name, program in v1_cases.CASES.items():
        try:
            found[name] = [row(value) for value in v1_cases.fetched(tf, program)]
        except Exception as error:
            print(name, str(error)[:300])
    lines = [f"{json.dumps(name)}: {json.dumps(rows)}" for name, rows in found.items()]
    path = pathlib.Path(__file__).with_name("v1_expected.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
