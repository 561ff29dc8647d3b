"""Checks of constructor arguments that layers share, and the constructors of rank families."""

import functools
import inspect
import numbers

from kerasish.errors import explain


def defaults(**values):
    """Class decorator: the inherited constructor, with other default values.

    The layers of a rank family differ only in their rank and in defaults such as `strides=(1, 1)`;
    this gives each of them its own exact signature.

    Args:
        **values: new default for each named argument of the constructor.

    Example:
        >>> class Base:
        ...     def __init__(self, size=1):
        ...         self.size = size
        >>> @defaults(size=(1, 1))
        ... class Square(Base):
        ...     pass
        >>> Square().size
        (1, 1)
    """

    def decorate(cls):
        inherited = cls.__init__
        signature = inspect.signature(inherited)
        parameters = [
            p.replace(default=values[name]) if name in values else p
            for name, p in signature.parameters.items()
        ]
        signature = signature.replace(parameters=parameters)

        @functools.wraps(inherited)
        def constructor(self, *args, **kwargs):
            given = signature.bind_partial(self, *args).arguments
            missing = {k: v for k, v in values.items() if k not in given and k not in kwargs}
            inherited(self, *args, **missing, **kwargs)

        constructor.__signature__ = signature
        constructor.__qualname__ = f"{cls.__qualname__}.__init__"
        cls.__init__ = constructor
        return cls

    return decorate


def positive_int(value, name, where):
    """`value`, which must be an int above 0.

    Raises:
        ValueError: anything else.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value <= 0:
        raise ValueError(explain(where, f"{name} must be a positive int", received=value))
    return int(value)


def int_tuple(value, length, name, where, *, minimum=1):
    """Tuple of `length` ints from an int (repeated) or a sequence.

    Raises:
        ValueError: another length, or an element below `minimum` or not an int.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,) * length
    try:
        found = tuple(value)
    except TypeError:
        found = ()
    valid = len(found) == length and all(
        not isinstance(n, bool) and isinstance(n, numbers.Integral) and n >= minimum for n in found
    )
    if not valid:
        least = "positive ints" if minimum == 1 else f"ints of at least {minimum}"
        raise ValueError(
            explain(
                where,
                f"{name} is not usable",
                received=value,
                expected=f"an int or a tuple of {length} {least}",
            )
        )
    return tuple(int(n) for n in found)


def int_pairs(value, length, name, where):
    """Tuple of `length` pairs of ints from an int, a sequence of ints, or a sequence of pairs.

    One int stands for the same amount before and after every axis, a sequence of ints for one
    amount an axis.

    Raises:
        ValueError: another length, or a negative element.
    """
    if isinstance(value, int):
        value = (value,) * length
    if not isinstance(value, (list, tuple)) or len(value) != length:
        raise ValueError(
            explain(
                where,
                f"{name} is not usable",
                received=value,
                expected=f"an int, {length} ints, or {length} pairs of ints",
            )
        )
    return tuple(int_tuple(v, 2, f"{name}[{i}]", where, minimum=0) for i, v in enumerate(value))


def choice(value, name, allowed, where):
    """`value` in lower case, which must be one of `allowed`.

    Raises:
        ValueError: anything else.
    """
    found = value.lower() if isinstance(value, str) else value
    if found not in allowed:
        raise ValueError(
            explain(
                where, f"unknown {name}", received=value, expected=" or ".join(map(repr, allowed))
            )
        )
    return found


def fraction(value, name, where):
    """`value`, which must be a number from 0 to 1.

    Raises:
        ValueError: anything else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(explain(where, f"{name} must be a number from 0 to 1", received=value))
    return value
