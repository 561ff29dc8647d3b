"""`kerasish predict`: what a trained model says of one picture, row, text or test sample."""

import re
from pathlib import Path

import numpy as np

from kerasish import datasets
from kerasish.cli import pictures, preparation, runs
from kerasish.errors import explain

NAME = "predict"
HELP = "let a trained model judge one input"
DESCRIPTION = """\
Show what the model of a finished run says of one input: a picture for an image model, numbers
for a table, words for a text model, or a sample of the test data.

A picture is made grey where the model wants it, padded to a square and resized. The data sets are
bright on dark; a picture on a light ground is inverted.
"""
EPILOG = """\
examples:
  kerasish predict runs/digits_cnn digit.png
  kerasish predict runs/digits_cnn --index 7 --save-sample digit.png
  kerasish predict runs/iris 5.1,3.5,1.4,0.2
  kerasish predict runs/imdb_lstm "a wonderful film with a weak ending"
"""
_TOP = 3
_START, _UNKNOWN, _INDEX_FROM = 1, 2, 3  # the defaults of load_data


def add_arguments(parser):
    parser.add_argument("directory", help="folder that `kerasish train` wrote")
    parser.add_argument("input", nargs="?", help="PNG file, numbers with commas, or a text")
    runs.add_device(parser)
    parser.add_argument("--index", type=int, metavar="N", help="take test sample N instead")
    parser.add_argument("--save-sample", metavar="PNG", help="write that sample as a picture")
    parser.add_argument(
        "--invert",
        choices=["auto", "yes", "no"],
        default="auto",
        help="swap light and dark of a picture (default: where its ground is light)",
    )


def run(arguments):
    if (arguments.input is None) == (arguments.index is None):
        raise ValueError("give either an input or --index N")
    if arguments.save_sample and arguments.index is None:
        raise ValueError("--save-sample needs --index N, the test sample to save")
    finished = runs.read(arguments.directory)
    if arguments.index is None:
        raw, truth = _read(arguments, finished), None
    else:
        raw, truth = _sample(arguments, finished)
    x = finished.preparation.inputs(raw[None] if finished.source.kind != "text" else [raw])
    with runs.on_device(arguments.device):
        output = np.asarray(finished.load_model().predict(x, verbose=0))[0]
    _show(output, truth, finished)


def _sample(arguments, finished):
    """Test sample N and its label or target."""
    _, (x_test, y_test) = preparation.load(finished.source, finished.config["data"])
    if not 0 <= arguments.index < len(x_test):
        raise ValueError(
            explain(
                "--index",
                "there is no such test sample",
                received=arguments.index,
                expected=f"0 to {len(x_test) - 1}",
            )
        )
    raw = x_test[arguments.index]
    if arguments.save_sample:
        if finished.source.kind != "image":
            raise ValueError("--save-sample is for images")
        pictures.write_image(raw, arguments.save_sample, finished.source.pixel_max)
        print(f"wrote  {arguments.save_sample}")
    return raw, np.ravel(y_test)[arguments.index]


def _read(arguments, finished):
    """The input given on the command line as one raw row of the data set."""
    source, given = finished.source, arguments.input
    if source.kind == "image":
        if not Path(given).is_file():
            raise ValueError(explain(given, "there is no such file", fix="name a PNG file"))
        raw, inverted = pictures.read_image(given, source.shape, source.pixel_max, arguments.invert)
        if inverted:
            print("note   the picture was inverted, since the data is bright on dark")
        return raw
    if source.kind == "table":
        return _numbers(given, source)
    return _words(given, finished)


def _numbers(given, source):
    try:
        row = np.array([float(part) for part in given.split(",")], dtype=np.float32)
    except ValueError:
        row = np.empty(0)
    if row.shape != source.shape:
        raise ValueError(
            explain(
                "input",
                "these are not the features of one row",
                received=given,
                expected=f"{source.shape[0]} numbers with commas between",
            )
        )
    return row


def _words(given, finished):
    """Word numbers of a text, numbered and limited as in training."""
    data = finished.config["data"]
    index = getattr(datasets, finished.source.name).get_word_index()
    limit = data.get("num_words") or max(index.values()) + _INDEX_FROM + 1
    words = re.findall(r"[\w']+", given.lower())
    if not words:
        raise ValueError(explain("input", "there is no word in the text", received=given))
    numbers = [index.get(word, limit) + _INDEX_FROM for word in words]
    return [_START, *(n if data["skip_top"] <= n < limit else _UNKNOWN for n in numbers)]


def _show(output, truth, finished):
    names = finished.source.class_names
    if not names:
        value = float(output[0]) * finished.preparation.target_scale
        print(f"value  {value:,.6g} {finished.source.unit}")
        if truth is not None:
            print(f"truth  {float(truth):,.6g} {finished.source.unit}")
        return
    if len(output) == 1:  # one sigmoid unit: the probability of the second class
        output = np.array([1 - output[0], output[0]])
    for rank, label in enumerate(np.argsort(-output)[:_TOP]):
        print(f"{'class ' if not rank else '      '} {names[label]:<14} {output[label]:7.2%}")
    if truth is not None:
        print(f"truth  {names[int(truth)]}")
