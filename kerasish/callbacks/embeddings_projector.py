"""EmbeddingsProjector: tables of Embedding layers in the form of TensorBoard's projector."""

import os

import numpy as np

from kerasish.errors import explain
from kerasish.saving.atomic import atomic_write
from kerasish.summary.door import tensorboard
from kerasish.summary.event_writer import file_name_of


class EmbeddingsProjector:
    """Writer of `projector_config.pbtxt` and of one table of numbers for each Embedding layer.

    Args:
        log_dir: str. The folder that TensorBoard shows.
        model: the model.
        metadata: str, or dict from name of layer to str: file below `log_dir` with a line of
            labels for every row of the table. None: no labels.

    Raises:
        ValueError: a name that is no Embedding layer's, or a path that leads out of `log_dir`.
    """

    def __init__(self, log_dir, model, metadata):
        self._log_dir, self._metadata = log_dir, metadata
        layers = model._flatten_layers()
        self._layers = [layer for layer in layers if hasattr(layer, "embeddings")]
        self._check()

    def _check(self):
        names = {layer.name for layer in self._layers}
        is_table = isinstance(self._metadata, dict)
        unknown = set(self._metadata) - names if is_table else set()
        if unknown:
            raise ValueError(
                explain("TensorBoard", "embeddings_metadata names what is no Embedding layer",
                        received=sorted(unknown), expected=f"some of {sorted(names)}")
            )  # fmt: skip
        for path in self._metadata.values() if is_table else [self._metadata or ""]:
            if os.path.isabs(path) or ".." in path.replace("\\", "/").split("/"):
                raise ValueError(
                    explain("TensorBoard", "embeddings_metadata leads out of log_dir",
                            received=path, fix="put the file into log_dir and give its name")
                )  # fmt: skip

    def configure(self):
        """Write the configuration, which names the tables."""
        board = tensorboard("the projector of embeddings")
        config = board.ProjectorConfig()
        for layer in self._layers:
            entry = config.embeddings.add(tensor_name=layer.name, tensor_path=_file_of(layer))
            metadata = self._metadata
            path = metadata.get(layer.name) if isinstance(metadata, dict) else metadata
            if path:
                entry.metadata_path = path
        self._write("projector_config.pbtxt", board.text_format.MessageToString(config))

    def write(self):
        """Write the present tables."""
        for layer in self._layers:
            rows = np.asarray(layer.embeddings.numpy(), np.float32).tolist()
            text = "".join("\t".join(map(repr, row)) + "\n" for row in rows)
            self._write(_file_of(layer), text)

    def _write(self, name, text):
        with atomic_write(os.path.join(self._log_dir, name), "w") as file:
            file.write(text)


def _file_of(layer):
    return f"embedding-{file_name_of(layer.name)}.tsv"
