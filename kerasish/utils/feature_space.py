"""FeatureSpace: the columns of a table prepared, encoded and joined to one vector a row."""

from kerasish import ops, registry, saving
from kerasish.core import tree
from kerasish.errors import DataError, ShapeError, explain, nearest
from kerasish.layers.core.input_layer import Input
from kerasish.layers.layer import Layer
from kerasish.layers.preprocessing.adapting import batches_of
from kerasish.layers.preprocessing.category_encoding import CategoryEncoding
from kerasish.layers.preprocessing.discretization import Discretization
from kerasish.layers.preprocessing.hashed_crossing import HashedCrossing
from kerasish.layers.preprocessing.hashing import Hashing
from kerasish.layers.preprocessing.host_layer import as_data
from kerasish.layers.preprocessing.index_lookup import IndexLookup
from kerasish.layers.preprocessing.normalization import Normalization
from kerasish.layers.preprocessing.text_vectorization import TextVectorization
from kerasish.saving.serialization import deserialize_keras_object
from kerasish.utils.features import Cross, Feature, FeatureKinds, checked_mode

_BATCH = 32  # rows that `adapt` shows the layers at once, as Keras does
_KINDS = (
    "float", "float_normalized", "float_rescaled", "float_discretized", "integer_categorical",
    "string_categorical", "integer_hashed", "string_hashed",
)  # fmt: skip


@registry.register("utils")
class FeatureSpace(FeatureKinds, Layer):
    """Encoded columns: output = concatenate(encode(preprocess(column)) for each, and crosses).

    Args:
        features: dict from the name of a column to its kind: "float", "float_normalized",
            "float_rescaled", "float_discretized", "integer_categorical", "string_categorical",
            "integer_hashed", "string_hashed", or what the methods of these names make.
        output_mode: "concat" (one vector a row, columns in alphabetical order, then crosses) or
            "dict".
        crosses: list of tuples of names, or of what `FeatureSpace.cross` makes.
        crossing_dim: int. Bins of a cross.
        hashing_dim: int. Bins of hashed columns.
        num_discretization_bins: int. Bins of "float_discretized".
        name: str.

    Call arguments:
        data: dict from name to values: (rows,) or (rows, 1); or single values, for one row.

    Returns:
        tensor (rows, size), or a dict of tensors; without the first axis for one row.

    Raises:
        ValueError: no features, an unknown kind or name, or a call before `adapt`.

    Example:
        >>> space = FeatureSpace({"age": "float", "city": "string_categorical"})
        >>> space.adapt({"age": [20.0, 30.0], "city": ["Rome", "Oslo"]})
        >>> space({"age": [25.0], "city": ["Rome"]}).tolist()
        [[25.0, 0.0, 1.0, 0.0]]

    Source: Keras 3 names and defaults.
    """

    is_saved_alone = True  # a `.keras` file may hold it in place of a model

    def __init__(self, features, output_mode="concat", crosses=None, crossing_dim=32,
                 hashing_dim=32, num_discretization_bins=32, name=None):  # fmt: skip
        super().__init__(name=name)
        if not features:
            raise ValueError(explain(self.name, "there are no features", received=features))
        self.output_mode = checked_mode(self.name, output_mode, ("concat", "dict"))
        self.crossing_dim, self.hashing_dim = crossing_dim, hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.features = {n: self._as_feature(n, value) for n, value in features.items()}
        self.crosses = [self._as_cross(cross) for cross in crosses or []]
        self.inputs = {n: Input((1,), dtype=f.dtype, name=n) for n, f in self.features.items()}
        self.preprocessors = {n: f.preprocessor for n, f in self.features.items()}
        self.crossers = {c.name: HashedCrossing(c.crossing_dim, name=c.name) for c in self.crosses}
        self.one_hot_encoders, self.encoded_features = {}, None
        self._is_adapted = not self._adaptable()

    def _as_feature(self, name, value):
        if isinstance(value, dict):
            value = deserialize_keras_object(value)
        if isinstance(value, Feature):
            return value
        if value not in _KINDS:
            raise ValueError(
                explain(
                    self.name, f"unknown kind of feature {name!r}", received=value,
                    fix=nearest(value, _KINDS),
                )
            )  # fmt: skip
        sizes = {"float_discretized": self.num_discretization_bins}
        sizes.update(integer_hashed=self.hashing_dim, string_hashed=self.hashing_dim)
        given = [sizes[value]] if value in sizes else []
        return getattr(self, value)(*given, name=name)

    def _as_cross(self, cross):
        if isinstance(cross, dict):
            cross = deserialize_keras_object(cross)
        if not isinstance(cross, Cross):
            cross = Cross(cross, self.crossing_dim)
        unknown = [n for n in cross.feature_names if n not in self.features]
        if unknown:
            raise ValueError(
                explain(
                    self.name, "a cross names an unknown feature", received=unknown[0],
                    fix=nearest(unknown[0], self.features),
                )
            )  # fmt: skip
        return cross

    # ---- adapt ----

    def _adaptable(self):
        """Names of the features whose layers have something to learn from data."""
        return [n for n, layer in self.preprocessors.items() if _learns(layer)]

    def adapt(self, dataset):
        """Let the layers of the features learn from data.

        Args:
            dataset: dict of arrays or lists, or an iterable of batches: dicts, or (dict, targets).

        Raises:
            DataError: no such data.
        """
        is_iterator = hasattr(dataset, "__next__")
        dataset = list(dataset) if is_iterator else dataset
        for name in self._adaptable():
            self.preprocessors[name].adapt(self._column(name, dataset))
        self._is_adapted, self.encoded_features, self.one_hot_encoders = True, None, {}
        self.get_encoded_features()
        self.built = True

    def _column(self, name, dataset):
        """Iterator over batches (rows, 1) of one column."""
        if isinstance(dataset, dict):
            values = _with_rows(dataset[name]).numpy()
            return (values[i : i + _BATCH] for i in range(0, len(values), _BATCH))
        batches = batches_of(dataset, lists_are_data=False)
        return (_with_rows(self._checked(batch)[name]).numpy() for batch in batches)

    def _checked(self, data):
        if not isinstance(data, dict):
            raise DataError(
                explain(self.name, "data is a dict of columns", received=data,
                        expected=str(list(self.features)))
            )  # fmt: skip
        missing = [n for n in self.features if n not in data]
        if missing:
            raise DataError(
                explain(self.name, f"the column {missing[0]!r} is missing", received=list(data))
            )
        return data

    # ---- calls ----

    def get_inputs(self):
        """Dict of the Input of each feature, for a functional model."""
        self._require_adapted()
        return self.inputs

    def get_encoded_features(self):
        """What the features become, made of `get_inputs()`, for a functional model."""
        self._require_adapted()
        if self.encoded_features is None:
            self.encoded_features = self._encoded(self.inputs)
        return self.encoded_features

    def _require_adapted(self):
        if not self._is_adapted:
            raise ValueError(
                explain(
                    self.name,
                    f"the features {self._adaptable()} are not adapted",
                    fix="call adapt(data) first",
                )
            )

    def __call__(self, data):
        """Encode a dict of columns, or of the values of one row."""
        self._require_adapted()
        data = {n: as_data(self._checked(data)[n]) for n in self.features}
        ranks = {len(x.shape) for x in data.values()}
        is_row = ranks == {0}
        if 0 in ranks and not is_row:
            raise ShapeError(explain(self.name, "some columns have rows, others single values"))
        self.built = True
        encoded = self._encoded({n: _with_rows(x) for n, x in data.items()})
        return tree.map_structure(lambda x: x[0], encoded) if is_row else encoded

    def _encoded(self, data):
        found = {n: self.preprocessors[n](data[n]) for n in self.features}
        crossed = {
            c.name: self.crossers[c.name]([found[n] for n in c.feature_names]) for c in self.crosses
        }
        specs = {**self.features, **{c.name: c for c in self.crosses}}
        names = [*sorted(found), *sorted(crossed)]
        values = {**found, **crossed}
        encoded = {n: self._one_hot(n, values[n], specs[n]) for n in names}
        if self.output_mode == "dict":
            return encoded
        for name, value in encoded.items():
            if value.dtype == "string" or value.dtype.startswith("int"):
                raise ValueError(
                    explain(
                        self.name, f"the feature {name!r} cannot be joined: it is not encoded",
                        received=value.dtype, fix='output_mode="dict", or encode it',
                    )
                )  # fmt: skip
        return ops.concatenate(list(encoded.values()), axis=-1)

    def _one_hot(self, name, value, spec):
        if spec.output_mode != "one_hot":
            return value
        if name not in self.one_hot_encoders:
            layer = self.preprocessors.get(name) or self.crossers[name]
            size = _cardinality(layer)
            if size is None or not value.dtype.startswith("int"):
                raise ValueError(
                    explain(
                        self.name, f"the feature {name!r} has no one-hot code",
                        received=type(layer).__name__, fix='output_mode="int" or "float"',
                    )
                )  # fmt: skip
            self.one_hot_encoders[name] = CategoryEncoding(size, "multi_hot")
        return self.one_hot_encoders[name](value)

    # ---- config and files ----

    def get_config(self):
        """Constructor arguments."""
        names = ("features", "output_mode", "crosses", "crossing_dim", "hashing_dim",
                 "num_discretization_bins")  # fmt: skip
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config):
        """FeatureSpace from `get_config()`."""
        return cls(**config)

    def get_build_config(self):
        """What the layers of the features were built with."""
        return {n: f.preprocessor.get_build_config() for n, f in self.features.items()}

    def build_from_config(self, config):
        """Build the layers of the features, which a file then gives what they learned."""
        for name, layer in self.preprocessors.items():
            if not layer.built and config.get(name):
                layer.build_from_config(config[name])
        self._is_adapted = self.built = True

    def save(self, filepath, overwrite=True):
        """Write everything to a `.keras` file, which `load_model` reads."""
        saving.save_model(self, filepath, overwrite=overwrite)


def _learns(layer):
    if isinstance(layer, Normalization):
        return layer.input_mean is None
    if isinstance(layer, Discretization):
        return layer.num_bins is not None
    if isinstance(layer, TextVectorization):
        layer = layer._lookup_layer
    if isinstance(layer, IndexLookup):
        return layer.input_vocabulary is None
    return hasattr(layer, "adapt")


def _cardinality(layer):
    """Number of the integers that a layer returns, or None."""
    if isinstance(layer, IndexLookup):
        return layer.vocabulary_size()
    if isinstance(layer, Discretization):
        return layer.num_bins or len(layer.bin_boundaries) + 1
    if isinstance(layer, (Hashing, HashedCrossing)):
        return layer.num_bins
    return None


def _with_rows(values):
    """Tensor (rows, 1) of values (rows,) or of a single one; others as they are."""
    values = as_data(values)
    return ops.reshape(values, (-1, 1)) if len(values.shape) < 2 else values
