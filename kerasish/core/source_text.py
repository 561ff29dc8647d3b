"""Pieces of generated source: names and comments from any text, values that can be written out."""


def letters(text):
    """A name in letters that Python takes in any name; others become "_"."""
    return "".join(c if c.isascii() and c.isalnum() else "_" for c in text)


def identifier(text, taken):
    """A name made of `text` that is not in the set `taken`, which it joins."""
    name = letters(text)
    while name in taken:
        name += "_"
    taken.add(name)
    return name


def on_one_line(text):
    """Text for a comment: a name may come from a file, and must not break out of its line."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "?" for c in text)


def shown(spec):
    """A spec as in `float32[2, None]`."""
    return f"{spec.dtype}{list(spec.shape)}"


def is_plain(value):
    """Whether `repr(value)` is Python source of the value that needs no names but inf and nan."""
    if type(value) is tuple:  # a named tuple prints as a call of its class, unknown there
        return all(is_plain(v) for v in value)
    if isinstance(value, slice):
        return all(is_plain(v) for v in (value.start, value.stop, value.step))
    return value is None or value is Ellipsis or type(value) in (bool, int, float, str)
