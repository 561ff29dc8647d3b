"""Reads a TOML config, applies `--set` overrides and checks the result."""

import tomllib
from pathlib import Path

from kerasish.cli.schema import ConfigError, check
from kerasish.errors import explain, nearest


def read(path, overrides=(), values=None):
    """Return the checked config of a TOML file, with the file's name as the default names.

    Args:
        path: str or Path.
        overrides: iterable of "section.key=value" strings; values are TOML, or else plain text.
        values: dict from "section.key" to a value set last, None meaning to leave it alone.

    Returns:
        dict, see `schema.check`.

    Raises:
        ConfigError: the file is absent or no TOML, or a key or value in it is wrong.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(_not_readable(path, error)) from error
    try:
        config = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(explain(str(path), f"it is not valid TOML: {error}")) from error
    for override in overrides:
        _override(config, override)
    for place, value in (values or {}).items():
        if value is not None:
            _set(config, place, value)
    complete = check(config, str(path))
    complete["model"].setdefault("name", path.stem)
    complete["output"].setdefault("directory", f"runs/{path.stem}")
    return complete


def _not_readable(path, error):
    if not isinstance(error, FileNotFoundError):
        return explain(str(path), f"the config cannot be read ({error.strerror})")
    folder = path.parent
    present = [f.name for f in sorted(folder.glob("*.toml"))] if folder.is_dir() else []
    fix = nearest(path.name, present) if present else "name a TOML file, see configs/"
    return explain(str(path), "there is no such config", fix=fix)


def _override(config, text):
    """Set one key of a config from "section.key=value"."""
    place, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(
            explain("--set", "cannot be understood", received=text, expected="section.key=value")
        )
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    _set(config, place.strip(), parsed)


def _set(config, place, value):
    *tables, key = place.split(".")
    for name in tables:
        config = config.setdefault(name, {})
        if not isinstance(config, dict):
            raise ConfigError(explain("--set", f"{name} is not a table", received=place))
    config[key] = value
