"""Published ImageNet weights: their names, addresses and digests, and where they lie on disk."""

import dataclasses
import os
from pathlib import Path

from kerasish.applications.digests import DIGESTS
from kerasish.datasets.fetch import digest_of
from kerasish.errors import DataError, explain

_ROOT = "https://storage.googleapis.com/tensorflow/keras-applications/"
_HOME_VARIABLE = "KERAS_HOME"


@dataclasses.dataclass(frozen=True)
class PublishedFile:
    """One file of weights.

    Attributes:
        name: str. Its name in the cache.
        url: str. Where it is published.
        digest: str. Its sha256 or MD5; None where none was published.
    """

    name: str
    url: str
    digest: str | None


def published(names, folder, key=None, remote=None):
    """Function (include_top) -> PublishedFile.

    Args:
        names: pair of str. File names with and without the classifier.
        folder: str. Address of their folder.
        key: str. Key of their digests; None where none was published.
        remote: pair of str. Names at the address, where they differ.
    """

    def file(include_top):
        i = 0 if include_top else 1
        digest = DIGESTS[key][i] if key else None
        return PublishedFile(names[i], folder + (remote or names)[i], digest)

    return file


def kernels_file(name, folder=None):
    """Files of the older families, named for the layout of their kernels."""
    stem = f"{name}_weights_tf_dim_ordering_tf_kernels"
    return published((f"{stem}.h5", f"{stem}_notop.h5"), f"{_ROOT}{folder or name}/", name)


def plain_file(name, folder):
    """Files named for the model: `folder` is an address, or a folder of the common one."""
    address = folder if folder.startswith("https:") else f"{_ROOT}{folder}/"
    return published((f"{name}.h5", f"{name}_notop.h5"), address, name)


def suffixed_file(stem, folder, ending="_no_top", key=None, remote=None):
    """Files of which the second has an ending of the family's own."""
    names = (f"{stem}.h5", f"{stem}{ending}.h5")
    return published(names, f"{_ROOT}{folder}/", key, remote)


def cache_folder():
    """Keras's folder of downloaded models: KERAS_HOME/models, ~/.keras/models."""
    home = os.environ.get(_HOME_VARIABLE) or Path.home() / ".keras"
    return Path(home).expanduser() / "models"


def find_weights(weights, files, include_top, where):
    """Path of the weights that an argument asks for; None for random ones.

    Args:
        weights: None, path, or "imagenet".
        files: function (include_top) -> PublishedFile.
        include_top: bool.
        where: str. What the messages begin with.

    Raises:
        ValueError: neither a file nor "imagenet".
        DataError: the published file is not in the cache, or is another one.
    """
    if weights is None:
        return None
    if not (isinstance(weights, str) and weights == "imagenet"):
        try:
            if Path(weights).exists():
                return weights
        except TypeError:
            pass  # no path at all: said below
        raise ValueError(
            explain(
                where,
                "weights is neither a file nor a known name",
                received=weights,
                expected='None, "imagenet", or the path of a .weights.h5 or .h5 file',
            )
        )
    file = files(include_top)
    path = cache_folder() / file.name
    get = f"download {file.url} and pass weights='PATH/{file.name}'"
    if file.digest is None:
        raise DataError(
            explain(
                where,
                "no digest of these ImageNet weights was published, so no cache can be trusted",
                fix=get,
            )
        )
    if not path.is_file():
        raise DataError(
            explain(
                where,
                "the ImageNet weights are not at hand, and are not downloaded",
                expected=f"{path}",
                fix=f"{get}, or put it there",
            )
        )
    found = digest_of(path, len(file.digest))
    if found != file.digest:
        raise DataError(
            explain(
                where,
                f"{path} is not the published file, its digest differs",
                received=f" {found}",
                expected=file.digest,
                fix=get,
            )
        )
    return path
