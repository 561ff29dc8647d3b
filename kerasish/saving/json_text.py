"""JSON of files: parsed within limits, so that no text can exhaust memory or the stack."""

import json

from kerasish.errors import CheckpointError, explain

MAX_BYTES = 64 * 2**20
MAX_DEPTH = 128


def parse_object(text, where):
    """The dict that a JSON text holds.

    Args:
        text: str or UTF-8 bytes.
        where: str. File and part, for errors.

    Returns:
        dict.

    Raises:
        CheckpointError: not JSON, not an object, a key twice, too long or nested too deeply.

    Example:
        >>> parse_object(b'{"units": 3}', "config")
        {'units': 3}
    """
    if len(text) > MAX_BYTES:
        raise CheckpointError(
            explain(
                where,
                "the JSON text is too long",
                received=len(text),
                expected=f"at most {MAX_BYTES} bytes",
            )
        )
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        value = json.loads(text, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]
        raise CheckpointError(explain(where, f"not a JSON text of a model: {reason}")) from error
    if not isinstance(value, dict):
        raise CheckpointError(explain(where, "the JSON text must be an object", received=value))
    _check_depth(value, where)
    return value


def written(value, where):
    """JSON text of a config.

    Args:
        value: JSON-ready value.
        where: str. What is being written, for errors.

    Raises:
        ValueError: the config holds something that JSON cannot.
    """
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            explain(
                where,
                f"its config cannot be written: {error}",
                fix="get_config() must return numbers, text, lists, dicts and configurable objects",
            )
        ) from error


def _without_duplicates(pairs):
    """Dict of key-value pairs; a key twice could show one value to a scanner, another to us."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice in one object")
    return found


def _check_depth(value, where):
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise CheckpointError(
                explain(where, "nested too deeply", expected=f"at most {MAX_DEPTH} levels")
            )
        inner = []
        for item in level:
            children = item.values() if isinstance(item, dict) else item
            inner.extend(c for c in children if isinstance(c, (dict, list)))
        level = inner
