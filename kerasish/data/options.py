"""Options of data sets."""


class Options:
    """How a data set may be read.

    Attributes:
        deterministic: bool or None. Whether parallel `map` keeps the order where the call does not
            say; None is True.
        others: attributes that TensorFlow programs set are kept and change nothing.

    Example:
        >>> options = Options()
        >>> options.deterministic = False
        >>> options.merge(Options()).deterministic
        False

    Source: TensorFlow's name.
    """

    def __init__(self):
        self.deterministic = None
        self.threading, self.autotune = _Group(), _Group()
        self.experimental_optimization, self.experimental_distribute = _Group(), _Group()

    def merge(self, other):
        """Options with those of `other` that are set."""
        merged = Options()
        merged.__dict__.update(self.__dict__)
        merged.__dict__.update({k: v for k, v in other.__dict__.items() if v is not None})
        return merged


class _Group:
    """Options of one subject."""
