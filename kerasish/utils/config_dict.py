"""Config: named values by attribute or by key, that can be frozen."""

import json

from kerasish.errors import explain, nearest


class Config:
    """Dict of named values that are also attributes, and that can be frozen.

    Args:
        **kwargs: the values.

    Raises:
        AttributeError: a name without a value is read (with the nearest name).
        ValueError: a frozen config is changed.

    Example:
        >>> config = Config(rate=0.1)
        >>> config.seed = 3
        >>> config["rate"], config.seed, config.to_json()
        (0.1, 3, '{"rate": 0.1, "seed": 3}')

    Source: Keras 3 names and defaults.
    """

    def __init__(self, **kwargs):
        self.__dict__.update(_config=kwargs, _frozen=False)

    @property
    def frozen(self):
        """Whether it can be changed no more."""
        return self._frozen

    def freeze(self):
        """Refuse changes from now on."""
        self.__dict__["_frozen"] = True

    def unfreeze(self):
        """Allow changes again."""
        self.__dict__["_frozen"] = False

    def _changeable(self):
        if self._frozen:
            raise ValueError(explain("Config", "it is frozen", fix="config.unfreeze()"))
        return self._config

    def as_dict(self):
        """A dict of its own with the values."""
        return dict(self._config)

    def to_json(self):
        """The values as JSON text."""
        return json.dumps(self._config)

    def keys(self):
        """The names."""
        return self._config.keys()

    def values(self):
        """The values."""
        return self._config.values()

    def items(self):
        """Pairs of name and value."""
        return self._config.items()

    def get(self, keyname, value=None):
        """The value of a name, or `value` where there is none."""
        return self._config.get(keyname, value)

    def pop(self, *args):
        """Remove a name and return its value, as of a dict."""
        return self._changeable().pop(*args)

    def update(self, *args, **kwargs):
        """Set several values, as of a dict."""
        self._changeable().update(*args, **kwargs)

    def __setattr__(self, name, value):
        self._changeable()[name] = value

    def __getattr__(self, name):
        config = self.__dict__.get("_config", {})
        if name in config:
            return config[name]
        raise AttributeError(
            explain("Config", f"there is no value named {name!r}", fix=nearest(name, config))
        )

    def __setitem__(self, key, item):
        self._changeable()[key] = item

    def __getitem__(self, key):
        return self._config[key]

    def __delitem__(self, key):
        del self._changeable()[key]

    def __contains__(self, item):
        return item in self._config

    def __iter__(self):
        return iter(sorted(self._config))

    def __len__(self):
        return len(self._config)

    def __repr__(self):
        return f"<Config {self._config}>"
