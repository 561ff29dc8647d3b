"""Summaries: event files that TensorBoard shows, under the names of `tf.summary`.

The package tensorboard is needed to write and read them (`pip install 'kerasish[tensorboard]'`),
TensorFlow is not.
"""

from kerasish.summary import experimental
from kerasish.summary.file_writer import FileWriter
from kerasish.summary.graphs import GraphNode, graph_def
from kerasish.summary.legacy_protos import (
    audio_proto,
    histogram_proto,
    image_proto,
    merge_protos,
    scalar_proto,
    text_proto,
)
from kerasish.summary.reader import Record, read, read_events
from kerasish.summary.recording import (
    audio,
    flush,
    graph,
    histogram,
    hparams,
    image,
    scalar,
    text,
    write,
)
from kerasish.summary.state import record_if, should_record_summaries
from kerasish.summary.summary_writer import SummaryWriter, create_file_writer

__all__ = [
    "FileWriter",
    "GraphNode",
    "Record",
    "SummaryWriter",
    "audio",
    "audio_proto",
    "create_file_writer",
    "experimental",
    "flush",
    "graph",
    "graph_def",
    "histogram",
    "histogram_proto",
    "hparams",
    "image",
    "image_proto",
    "merge_protos",
    "read",
    "read_events",
    "record_if",
    "scalar",
    "scalar_proto",
    "should_record_summaries",
    "text",
    "text_proto",
    "write",
]
