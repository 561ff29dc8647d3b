"""Input data: what `fit` accepts, as batches of arrays, and data sets made of stages.

Names are loaded when they are first used.
"""

import importlib

_HOMES = {
    "kerasish.data.dataset": "Dataset DatasetIterator",
    "kerasish.data.elements": "DatasetSpec",
    "kerasish.data.file_datasets": "CsvDataset TFRecordDataset TextLineDataset",
    "kerasish.data.options": "Options",
    "kerasish.data.protos": "FixedLenFeature parse_single_example",
    "kerasish.data.stages.stage": "AUTOTUNE INFINITE_CARDINALITY UNKNOWN_CARDINALITY",
    "kerasish.data.tfrecord": "TFRecordWriter",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = sorted(_HOME_OF)


def __getattr__(name):
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
