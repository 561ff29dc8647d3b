"""Writes docs/keras-compatibility.md: which names of Keras exist here, and why others do not.

    python docs/generate.py [path of keras_api.tsv]

The list of Keras's names (symbol, kind, signature, separated by tabs) is test data: by default
spec/keras_api.tsv in the folder that KERASISH_TEST_DATA names. A test makes the page again, and
compares all signatures.
"""

import fnmatch
import importlib
import inspect
import os
import pathlib
import re
import sys

VERSION = "3.15"
REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "keras-compatibility.md"
SPEC = "spec/keras_api.tsv"

# Pattern of symbols that are absent -> why. A pattern that fits no absent symbol fails a test.
ABSENT = {
    "keras.Quantizer": "There are no quantized layers.",
    "keras.SymbolicScope": "A flag that Keras's backends set; nothing here reads it.",
    "keras.callbacks.OrbaxCheckpoint": "Orbax is JAX's own format.",
    "keras.dtype_policies.*": "There are no quantized layers.",
    "keras.layers.FlaxLayer": "It wraps a module of Flax.",
    "keras.layers.JaxLayer": "It wraps a function of JAX.",
    "keras.layers.TFSMLayer": "It runs a SavedModel of TensorFlow.",
    "keras.layers.TorchModuleWrapper": "It wraps a module of PyTorch.",
}

# Signatures that differ, and why.
DEPARTURES = {
    "keras.KerasTensor": "Made by Input and by calls; there are no sparse and ragged tensors.",
}


def spec_path(given=None):
    """Path of the list of Keras's names."""
    root = os.environ.get("KERASISH_TEST_DATA", REPOSITORY.parent / "shared")
    return pathlib.Path(given or pathlib.Path(root) / SPEC)


def read_symbols(path):
    """List of (symbol, kind, signature) of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [(*line.split("\t"), "", "")[:3] for line in lines]


def resolve(symbol):
    """What stands here under a name of Keras.

    Raises:
        LookupError: nothing.
    """
    path, item = "kerasish", importlib.import_module("kerasish")
    for part in symbol.split(".")[1:]:
        path = f"{path}.{part}"
        try:
            item = getattr(item, part)
        except AttributeError:
            try:
                item = importlib.import_module(path)
            except ImportError:
                raise LookupError(symbol) from None
    return item


def is_present(symbol):
    """Whether a name of Keras exists here."""
    try:
        resolve(symbol)
    except LookupError:
        return False
    return True


def reason_for(symbol):
    """Why a name is absent, or None."""
    for pattern, reason in ABSENT.items():
        if fnmatch.fnmatchcase(symbol, pattern):
            return reason
    return None


# ---- signatures ------------------------------------------------------------------------------

_UNNAMED = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def difference(item, wanted):
    """How the arguments of a function or class differ from Keras's signature; None if they fit.

    Names, order, kinds and defaults must be Keras's. Further arguments with a default may follow.

    Args:
        item: function or class.
        wanted: str, Keras's signature.
    """
    theirs = parsed(wanted)
    if not theirs:
        return None  # Keras records no arguments: a base, or a class without a constructor
    ours = parsed(str(inspect.signature(item)))
    for i, (name, kind, default) in enumerate(theirs):
        if i >= len(ours):
            return f"{name} is missing"
        if ours[i] != (name, kind, default):
            return f"argument {i}: {ours[i]} instead of {(name, kind, default)}"
    required = [name for name, _, default in ours[len(theirs) :] if default is None]
    return f"{required[0]} is required" if required else None


def parsed(text):
    """List of (name, kind, default as text or None) of a signature, variadic ones left out."""
    text = re.sub(r"\s*->.*$", "", text.strip())
    found, kind = [], "positional"
    for part in _parts(text[1:-1]):
        if part.startswith("*"):
            kind = "keyword" if not part.startswith("**") else kind
            continue
        if part == "/":
            continue
        name, has_default, default = part.partition("=")
        name = name.partition(":")[0].strip()
        found.append((name, kind, default.strip().replace('"', "'") if has_default else None))
    return found


def _parts(text):
    """The text cut at commas outside brackets and quotes."""
    parts, depth, quote, start = [], 0, None, 0
    for i, c in enumerate(text):
        if quote:
            quote = None if c == quote else quote
        elif c in "\"'":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [p for p in (*parts, text[start:].strip()) if p]


# ---- the page --------------------------------------------------------------------------------


def page(symbols):
    """Text of the page for a list of (symbol, kind, signature)."""
    counts, absent = {}, {}
    for symbol, _, _ in symbols:
        namespace = symbol.rpartition(".")[0]
        present, total = counts.get(namespace, (0, 0))
        found = is_present(symbol)
        counts[namespace] = (present + found, total + 1)
        if not found:
            absent.setdefault(reason_for(symbol) or "No reason.", []).append(symbol)
    present, total = (sum(c[i] for c in counts.values()) for i in (0, 1))
    table = [f"| `{name}` | {a} | {b} |" for name, (a, b) in sorted(counts.items())]
    missing = [
        f"- {reason} {', '.join(f'`{n}`' for n in sorted(names))}"
        for reason, names in sorted(absent.items())
    ]
    departures = [f"- `{symbol}`: {why}" for symbol, why in sorted(DEPARTURES.items())]
    return _TEXT.format(
        version=VERSION,
        total=f"{total:,}",
        present=f"{present:,}",
        table="\n".join(table),
        missing="\n".join(missing),
        departures="\n".join(departures),
    )


_TEXT = """# Keras {version}: what exists here

Of the {total} public names of Keras {version} (aliases counted each), {present} exist here under
the same name below `kerasish`, with Keras's arguments, their order and their defaults. This page is
written by `python docs/generate.py`; a test makes it again and compares the signatures.

## By namespace

| namespace | present | of |
|---|---:|---:|
{table}

## What does not exist, and why

{missing}

## Signatures that differ

{departures}

## What behaves in another way

- Loading never runs code from a file: a `Lambda` layer needs its function in `custom_objects`, and
  `enable_unsafe_deserialization` changes nothing.
- `set_backend` takes the one backend there is; `kerasish.device` chooses NumPy or CuPy.
- `compile(jit_compile=...)` is accepted and changes nothing: steps are always compiled by the
  package itself, unless `run_eagerly`.
- Switches for flash attention are kept and change nothing: fused kernels are used wherever there is
  one.
- `distillation.LogitsDistillation()` takes the KL divergence of softened probabilities, as it is
  described; Keras 3.15 itself takes it of the logits.
- `RematScope` leaves models themselves as they are, and takes the layers inside.
"""


def main(arguments):
    """Write the page."""
    symbols = read_symbols(spec_path(arguments[0] if arguments else None))
    PAGE.write_text(page(symbols), encoding="utf-8")
    print(f"{PAGE}: {sum(is_present(s) for s, _, _ in symbols)} of {len(symbols)}")


if __name__ == "__main__":
    sys.path.insert(0, str(REPOSITORY))
    main(sys.argv[1:])
