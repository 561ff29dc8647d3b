"""The one door to the tensorboard package: its messages, its record format and its migrations.

Nothing here asks tensorboard for its module `compat.tf`, which would import TensorFlow where that
is installed: seconds of start-up for a few bytes of text.
"""

# ruff: noqa: F401 - what is imported here is handed on as a namespace

import functools
from types import SimpleNamespace

from kerasish.errors import explain


@functools.cache
def _load():
    from google.protobuf import text_format
    from google.protobuf.message import DecodeError
    from tensorboard import data_compat, dataclass_compat
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog, SourceMetadata
    from tensorboard.compat.proto.graph_pb2 import GraphDef
    from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.tensorflow_stub import errors
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New
    from tensorboard.plugins.audio import metadata as audio
    from tensorboard.plugins.histogram import metadata as histograms
    from tensorboard.plugins.hparams import metadata as hparams
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionStartInfo
    from tensorboard.plugins.image import metadata as images
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig
    from tensorboard.plugins.scalar import metadata as scalars
    from tensorboard.plugins.text import metadata as text
    from tensorboard.summary.writer.record_writer import RecordWriter
    from tensorboard.util.tensor_util import make_ndarray, make_tensor_proto

    return SimpleNamespace(**locals())


def tensorboard(task):
    """Namespace of what we use of tensorboard and of protobuf.

    Args:
        task: str. What it is wanted for.

    Raises:
        ImportError: tensorboard is not installed.
    """
    try:
        return _load()
    except ImportError as error:
        raise ImportError(
            explain("", f"{task} needs the package tensorboard", received=f" {error}",
                    fix="pip install 'kerasish[tensorboard]'"),
            name=error.name,
        ) from error  # fmt: skip
