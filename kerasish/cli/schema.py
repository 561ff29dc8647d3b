"""The keys a config may hold, what each means and which values it takes."""

from collections.abc import Callable
from dataclasses import dataclass

from kerasish.errors import explain, nearest


class ConfigError(ValueError):
    """A config is not valid TOML, or a key or value in it is wrong."""


@dataclass(frozen=True)
class Key:
    """One key of a config section.

    Args:
        meaning: one clause for the help text.
        expected: the values it takes, in words.
        accepts: tells whether a value is one of them.
        default: the value where the key is absent; None means that nothing is set.
    """

    meaning: str
    expected: str
    accepts: Callable[[object], bool]
    default: object = None


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_object(value):
    return isinstance(value, str) or (isinstance(value, dict) and "class_name" in value)


def _are_objects(value):
    return isinstance(value, list) and all(_is_object(item) for item in value)


def _are_tables(value):
    return isinstance(value, list) and all(
        isinstance(item, dict) and "class_name" in item for item in value
    )


def _count(meaning, default=None):
    return Key(meaning, "a whole number above 0", _is_count, default)


def _natural(meaning, default=None):
    return Key(
        meaning,
        "a whole number from 0 up",
        lambda value: value == 0 and value is not False or _is_count(value),
        default,
    )


def _positive(meaning, default=None):
    return Key(meaning, "a number above 0", lambda v: _is_number(v) and v > 0, default)


def _fraction(meaning, default=None):
    return Key(meaning, "a number from 0 up to 1", lambda v: _is_number(v) and 0 <= v < 1, default)


def _text(meaning, default=None):
    return Key(meaning, "a text", lambda value: isinstance(value, str), default)


def _flag(meaning, default=None):
    return Key(meaning, "true or false", lambda value: isinstance(value, bool), default)


_TABLES = 'a list of tables such as {class_name = "Dense", units = 10}'

SECTIONS = {
    "": {
        "seed": _natural("seed of weights, shuffling and dropout", 1),
        "device": _text('"cpu", "gpu" or "gpu:1"; left out: the GPU where there is one'),
    },
    "data": {
        "name": _text("which data set; `kerasish datasets` lists them"),
        "scale": _positive("every input is divided by it, e.g. 255.0 for pixels"),
        "standardize": _flag("give every column of a table mean 0 and deviation 1", False),
        "one_hot": _flag("labels as vectors of 0 and 1, for categorical_crossentropy", False),
        "target_scale": _positive("regression targets are divided by it; errors are shown undone"),
        "num_words": _count("text: rarer words all become one number"),
        "skip_top": _natural("text: the most frequent words become that number as well", 0),
        "maxlen": _count("text: cut at the front, or pad there, to this many words"),
        "train_limit": _count("use only the first rows of the training part"),
        "test_limit": _count("use only the first rows of the test part"),
    },
    "model": {
        "name": _text("the model's name; left out: the config's file name"),
        "layers": Key("the layers in order, each a table", _TABLES, _are_tables),
        "builder": _text("instead of layers: a ready architecture, e.g. resnet20"),
        "options": Key(
            "arguments of the builder", "a table", lambda value: isinstance(value, dict)
        ),
    },
    "compile": {
        "optimizer": Key(
            "name, or table with class_name", "a name or a table", _is_object, "rmsprop"
        ),
        "loss": Key("name, or table with class_name", "a name or a table", _is_object),
        "metrics": Key("list of names or tables", "a list", _are_objects),
        "run_eagerly": _flag("skip the traced step, to debug", False),
    },
    "fit": {
        "epochs": _count("passes over the training data", 1),
        "batch_size": _count("rows in one step", 32),
        "validation_split": _fraction("part at the end of the training rows kept to validate", 0.0),
        "shuffle": _flag("new order of rows in every epoch", True),
        "callbacks": Key("EarlyStopping and others, each a table", _TABLES, _are_tables),
    },
    "output": {
        "directory": _text("where results go; left out: runs/ and the config's file name"),
    },
}
_REQUIRED = (("data", "name"), ("compile", "loss"))


def check(config, where):
    """Return a config with every default filled in.

    Args:
        config: dict. A parsed TOML file.
        where: str. Its name, for errors.

    Returns:
        dict: section to dict of keys; top-level keys beside the sections. Absent keys without a
        default are left out.

    Raises:
        ConfigError: an unknown section or key (answered with the nearest one), a value of the
            wrong kind, or a required key that is missing.
    """
    top = SECTIONS[""]
    sections = [name for name in SECTIONS if name]
    for name, value in config.items():
        if name not in top and name not in sections:
            raise _unknown(where, "", name, [*top, *sections])
        if name in sections and not isinstance(value, dict):
            raise ConfigError(
                explain(where, f"{name} is a section", received=value, fix=f"write [{name}]")
            )
    complete = _check_section({k: v for k, v in config.items() if k in top}, "", where)
    for name in sections:
        complete[name] = _check_section(config.get(name, {}), name, where)
    for section, key in _REQUIRED:
        if key not in complete[section]:
            raise ConfigError(
                explain(where, f"[{section}] {key} is missing", fix=SECTIONS[section][key].meaning)
            )
    if ("layers" in complete["model"]) == ("builder" in complete["model"]):
        raise ConfigError(explain(where, "[model] needs either layers or builder, and not both"))
    return complete


def _check_section(values, section, where):
    keys = SECTIONS[section]
    complete = {name: key.default for name, key in keys.items() if key.default is not None}
    for name, value in values.items():
        if name not in keys:
            raise _unknown(where, section, name, list(keys))
        if not keys[name].accepts(value):
            raise ConfigError(
                explain(
                    where,
                    f"{_place(section)}{name} has a wrong value",
                    received=value,
                    expected=keys[name].expected,
                    fix=keys[name].meaning,
                )
            )
        complete[name] = value
    return complete


def _unknown(where, section, name, known):
    homes = [f"[{s}]" if s else "the top" for s, keys in SECTIONS.items() if name in keys]
    fix = f"{name} belongs to {homes[0]}" if homes else nearest(name, known)
    return ConfigError(
        explain(
            where,
            f"{_place(section)}{name} is not a known {'key' if section else 'section or key'}",
            expected="one of " + ", ".join(known),
            fix=fix,
        )
    )


def _place(section):
    return f"[{section}] " if section else ""


def describe():
    """Return the list of all keys with their meanings, for help texts."""
    lines = []
    for section, keys in SECTIONS.items():
        lines.append(f"[{section}]" if section else "at the top")
        for name, key in keys.items():
            default = "" if key.default is None else f" (default {_toml(key.default)})"
            lines.append(f"  {name:<17} {key.meaning}{default}")
    return "\n".join(lines)


def _toml(value):
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
