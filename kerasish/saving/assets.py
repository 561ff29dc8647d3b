"""Assets: files that layers keep beside their weights in a `.keras` archive, such as vocabularies.

A layer with `save_assets(dir_path)` and `load_assets(dir_path)` writes files into, and reads them
from, a folder of its own; in the archive they are `assets/PATH OF THE LAYER/NAME`.
"""

import contextlib
import pathlib
import re
import tempfile

from kerasish.errors import CheckpointError, explain
from kerasish.saving.state_walk import walk

FOLDER = "assets/"
_PART = re.compile(r"[^/\\:\0]{1,255}")  # of a name: no separators, drives or ends of strings
_MOST_FILES = 10_000


def is_asset_name(name):
    """Whether a member's name is that of an asset, and nothing that leaves its folder.

    Example:
        >>> is_asset_name("assets/layers/text/vocabulary.txt"), is_asset_name("assets/../x")
        (True, False)
    """
    if not name.startswith(FOLDER):
        return False
    parts = name.removeprefix(FOLDER).split("/")
    return all(_PART.fullmatch(part) and part.strip(". ") for part in parts)


def collect(model):
    """Iterator over (member name, bytes) of the assets of a model's layers."""
    for part in walk(model):
        if not hasattr(part.item, "save_assets"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            part.item.save_assets(folder)
            for path in sorted(pathlib.Path(folder).rglob("*")):
                if path.is_file():
                    inner = path.relative_to(folder).as_posix()
                    yield "/".join([FOLDER.rstrip("/"), *_path(part), inner]), path.read_bytes()


def _path(part):
    return [part.path] if part.path else []


def restore(model, names, content_of, where):
    """Give the layers of a model their assets.

    Args:
        model: Model.
        names: list of the names of an archive's assets, each passing `is_asset_name`.
        content_of: function from such a name to bytes.
        where: str. What to call the file in errors.

    Raises:
        CheckpointError: a layer cannot take its assets, or assets belong to no layer.
    """
    taken = set()
    with contextlib.ExitStack() as stack:
        loads = []
        for part in walk(model):
            if not hasattr(part.item, "load_assets"):
                continue
            prefix = "/".join([FOLDER.rstrip("/"), *_path(part), ""])
            own = [name for name in names if name.startswith(prefix)]
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            for name in own:
                path = pathlib.Path(folder, name.removeprefix(prefix))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content_of(name))
            taken.update(own)
            loads.append((part, folder))
        left = sorted(set(names) - taken)
        if left:
            raise CheckpointError(
                explain(where, "assets belong to no layer of the model", received=f" {left[:5]}")
            )
        for part, folder in loads:
            _load(part, folder, where)


def _load(part, folder, where):
    try:
        part.item.load_assets(folder)
    except Exception as error:
        raise CheckpointError(
            explain(where, f"{part.label} could not take its assets: {error}")
        ) from error


def check_count(names, where):
    """Raises: an archive with more files than any model has."""
    if len(names) > _MOST_FILES:
        raise CheckpointError(explain(where, "too many assets", received=len(names)))
