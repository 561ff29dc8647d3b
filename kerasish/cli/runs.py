"""The folder of one training run: what lies in it, and reading it back."""

import contextlib
import csv
import io
import json
from dataclasses import dataclass
from pathlib import Path

from kerasish.arrays.device import device
from kerasish.cli import sources
from kerasish.cli.preparation import Preparation
from kerasish.cli.schema import ConfigError, check
from kerasish.errors import explain
from kerasish.saving import load_model
from kerasish.saving.atomic import atomic_write

MODEL, WEIGHTS, HISTORY, CURVES, RECORD = (
    "model.keras",
    "model.weights.h5",
    "history.csv",
    "curves.png",
    "run.json",
)
PURPOSE = {
    MODEL: "architecture, weights and optimizer: kerasish.saving.load_model",
    WEIGHTS: "the weights alone: model.load_weights",
    HISTORY: "every metric of every epoch",
    CURVES: "the learning curves",
    RECORD: "config, versions and figures of this run",
}


@dataclass
class Run:
    """A finished run, read back.

    Args:
        folder: Path.
        config: dict, as `schema.check` returns it.
        source: the data set.
        preparation: how raw inputs become model inputs.
        figures: dict of the test figures recorded by `train`.
    """

    folder: Path
    config: dict
    source: sources.Source
    preparation: Preparation
    figures: dict

    def load_model(self):
        return load_model(self.folder / MODEL)


def add_device(parser):
    """Give a command the option --device."""
    parser.add_argument("--device", help='"cpu", "gpu" or "gpu:1" (default: the GPU, if any)')


def on_device(name):
    """Context that computes on the named device; on the default one for None."""
    return device(name) if name else contextlib.nullcontext()


def read(folder):
    """Return the Run in a folder.

    Raises:
        ConfigError: no finished run lies there, or its record is damaged.
    """
    path = Path(folder) / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        config = check(record["config"], str(path))
        source = sources.find(config["data"]["name"])
        preparation = Preparation(**record["preparation"])
        return Run(Path(folder), config, source, preparation, record["figures"])
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ConfigError(
            explain(
                str(folder),
                "there is no finished run in this folder",
                expected=f"a folder with {RECORD} and {MODEL}",
                fix="kerasish train CONFIG makes one, in runs/ unless told otherwise",
            )
        ) from error
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise ConfigError(explain(str(path), f"the record is damaged ({error})")) from error


def write_history(path, history):
    """Write a history as CSV, one row an epoch, its number first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["epoch", *history])
    for epoch, values in enumerate(zip(*history.values(), strict=True), start=1):
        writer.writerow([epoch, *(float(value) for value in values)])
    with atomic_write(path, "w") as file:
        file.write(text.getvalue())


def write_record(path, record):
    """Write the JSON record of a run."""
    with atomic_write(path, "w") as file:
        json.dump(record, file, indent=2)
        file.write("\n")
