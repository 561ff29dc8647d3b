"""The seal: a line at the end of our files that tells their length and digest.

HDF5 and zip readers, Keras's among them, pass over it: HDF5 ignores what follows its last object,
and a zip archive may end with a comment. It is checked before anything parses the file, so that no
flipped bit and no missing byte can go unnoticed, or reach a parser.
"""

import hashlib
import re

from kerasish.errors import CorruptFileError, explain

SEAL_BYTES = 128
_WIDTH = 20  # digits of the length
_PATTERN = re.compile(rb"\nkerasish-seal 1 bytes=(\d{20}) sha256=([0-9a-f]{64}) *\n")
_MARK = b"kerasish-seal"


def seal_of(content):
    """The seal of a file's content.

    Args:
        content: bytes-like.

    Returns:
        bytes of length SEAL_BYTES, to be appended.

    Example:
        >>> seal_of(b"abc")[1:16]
        b'kerasish-seal 1'
    """
    digest = hashlib.sha256(content).hexdigest()
    line = f"\nkerasish-seal 1 bytes={len(content):0{_WIDTH}d} sha256={digest}".encode()
    return line.ljust(SEAL_BYTES - 1) + b"\n"


def unsealed(content, where):
    """What a file holds beside its seal, which is checked.

    Args:
        content: bytes-like, the whole file.
        where: str. What to call the file in errors.

    Returns:
        (memoryview of the content without the seal, whether there was one).

    Raises:
        CorruptFileError: there is a seal, but of another content.
    """
    view = memoryview(content)
    body, tail = view[:-SEAL_BYTES], bytes(view[-SEAL_BYTES:])
    if _MARK not in tail:
        return view, False
    if tail != seal_of(body):
        found = _PATTERN.fullmatch(tail)
        problem = "its seal is broken"
        if found and int(found[1]) != len(body):
            problem = f"{len(body)} of {int(found[1])} bytes are there"
        elif found:
            problem = "its content is not what was written"
        raise CorruptFileError(
            explain(
                where,
                f"the file is damaged: {problem}",
                fix="take another copy; after a change on purpose, kerasish.saving.seal(path)",
            )
        )
    return body, True


def without_seal(content):
    """What a file holds beside a seal, right or not, at its end."""
    view = memoryview(content)
    return view[:-SEAL_BYTES] if _MARK in bytes(view[-SEAL_BYTES:]) else view
