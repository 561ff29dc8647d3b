"""What `save_own_variables` and `load_own_variables` see: dict-likes over one group of a file."""

from collections.abc import Mapping

from kerasish.errors import CheckpointError, explain


class WritingStore:
    """Writes what is put into it as data sets of one group."""

    def __init__(self, writer, path):
        self._writer, self._path, self._keys = writer, path, []

    def __setitem__(self, key, value):
        key = str(key)
        if key in ("", ".") or "/" in key or "\0" in key:
            raise CheckpointError(
                explain(self._path, "unusable key of a stored value", received=key)
            )
        self._writer.write(f"{self._path}/{key}", value)
        self._keys.append(key)

    def keys(self):
        """Keys written so far."""
        return list(self._keys)

    def __len__(self):
        return len(self._keys)


class ReadingStore(Mapping):
    """The data sets of one group, read when they are asked for.

    Args:
        reader: hdf5.Reader.
        group: path of the group, or None for a group that the file lacks: an empty store.
    """

    def __init__(self, reader, group):
        self.reader, self._group = reader, group
        names = [] if group is None else reader.names(group)
        self._keys = sorted(names, key=lambda n: (not n.isdigit(), len(n) if n.isdigit() else 0, n))

    def path(self, key):
        """Full path of the data set of a key."""
        return f"{self._group}/{key}"

    def shapes(self):
        """Shapes of all values, for errors."""
        return [self.reader.shape(self.path(k)) for k in self._keys]

    def __getitem__(self, key):
        if key not in self._keys:
            raise KeyError(key)
        return self.reader.read(self.path(key))

    def __iter__(self):
        return iter(self._keys)

    def __len__(self):
        return len(self._keys)


class OrderedStore(Mapping):
    """Values "0", "1", ... for a list of variables: each from a data set, or what it already has.

    Args:
        reader: hdf5.Reader.
        paths: path of a data set, or None, for each variable.
        variables: list of Variable.
    """

    def __init__(self, reader, paths, variables):
        self._reader, self._paths, self._variables = reader, paths, variables

    def __getitem__(self, key):
        path = self._paths[int(key)]
        return self._variables[int(key)].numpy() if path is None else self._reader.read(path)

    def __iter__(self):
        return (str(i) for i in range(len(self._paths)))

    def __len__(self):
        return len(self._paths)
