"""Features: what a FeatureSpace knows of each column, and of each cross of columns."""

from kerasish import registry
from kerasish.core import names
from kerasish.errors import explain
from kerasish.layers.layer import Layer
from kerasish.layers.preprocessing.discretization import Discretization
from kerasish.layers.preprocessing.hashing import Hashing
from kerasish.layers.preprocessing.integer_lookup import IntegerLookup
from kerasish.layers.preprocessing.normalization import Normalization
from kerasish.layers.preprocessing.rescaling import Rescaling
from kerasish.layers.preprocessing.string_lookup import StringLookup
from kerasish.saving.serialization import deserialize_keras_object


def checked_mode(where, output_mode, allowed):
    """The output mode, where it is among those allowed; else a ValueError."""
    if output_mode not in allowed:
        raise ValueError(
            explain(where, "unknown output_mode", received=output_mode, expected=str(allowed))
        )
    return output_mode


@registry.register("utils")
class Cross:
    """A combination of features, hashed.

    Args:
        feature_names: sequence of names.
        crossing_dim: int. Number of bins.
        output_mode: "int" or "one_hot".
    """

    def __init__(self, feature_names, crossing_dim, output_mode="one_hot"):
        self.output_mode = checked_mode("Cross", output_mode, ("int", "one_hot"))
        self.feature_names, self.crossing_dim = tuple(feature_names), crossing_dim

    @property
    def name(self):
        """The names of the features, joined by "_X_"."""
        return "_X_".join(self.feature_names)

    def get_config(self):
        """Constructor arguments."""
        names_ = list(self.feature_names)
        return {"feature_names": names_, "crossing_dim": self.crossing_dim,
                "output_mode": self.output_mode}  # fmt: skip

    @classmethod
    def from_config(cls, config):
        """Cross from `get_config()`."""
        return cls(**config)


@registry.register("utils")
class Feature:
    """One column: its dtype, the layer that prepares it, and how its result is encoded.

    Args:
        dtype: dtype of the column.
        preprocessor: Layer, or the config of one.
        output_mode: "float" or "int" (as the layer returns it), or "one_hot".
    """

    def __init__(self, dtype, preprocessor, output_mode):
        self.output_mode = checked_mode("Feature", output_mode, ("int", "one_hot", "float"))
        is_config = isinstance(preprocessor, dict)
        self.preprocessor = deserialize_keras_object(preprocessor) if is_config else preprocessor
        self.dtype = dtype

    def get_config(self):
        """Constructor arguments."""
        return {"dtype": self.dtype, "preprocessor": self.preprocessor,
                "output_mode": self.output_mode}  # fmt: skip

    @classmethod
    def from_config(cls, config):
        """Feature from `get_config()`."""
        return cls(**config)


@registry.register("utils")
class TFDIdentity(Layer):
    """The preprocessor of plain floats: output = inputs. The name is that in Keras's files."""

    def call(self, inputs):
        """The inputs."""
        return inputs


class FeatureKinds:
    """The part of FeatureSpace that makes Features; each name is also a kind given as text."""

    @classmethod
    def cross(cls, feature_names, crossing_dim, output_mode="one_hot"):
        """Features crossed into `crossing_dim` bins."""
        return Cross(feature_names, crossing_dim, output_mode)

    @classmethod
    def feature(cls, dtype, preprocessor, output_mode):
        """A column that a layer of your own prepares."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name=None):
        """Floats as they are."""
        return Feature("float32", TFDIdentity(name=_layer_name(name, "float")), "float")

    @classmethod
    def float_rescaled(cls, scale=1.0, offset=0.0, name=None):
        """Floats times `scale` plus `offset`."""
        layer = Rescaling(scale, offset, name=_layer_name(name, "float_rescaled"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_normalized(cls, name=None):
        """Floats brought to mean 0 and variance 1; `adapt` finds what they have."""
        layer = Normalization(axis=-1, name=_layer_name(name, "float_normalized"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_discretized(cls, num_bins, bin_boundaries=None, output_mode="one_hot", name=None):
        """Floats by the bin they fall into; `adapt` finds the bins unless they are given."""
        layer = Discretization(
            bin_boundaries=bin_boundaries,
            num_bins=num_bins,
            name=_layer_name(name, "float_discretized"),
        )
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(cls, max_tokens=None, num_oov_indices=1, output_mode="one_hot",
                            name=None):  # fmt: skip
        """Integers by their index in a vocabulary, which `adapt` finds."""
        name = _layer_name(name, "integer_categorical")
        layer = IntegerLookup(max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=name)
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(cls, max_tokens=None, num_oov_indices=1, output_mode="one_hot",
                           name=None):  # fmt: skip
        """Text by its index in a vocabulary, which `adapt` finds."""
        name = _layer_name(name, "string_categorical")
        layer = StringLookup(max_tokens=max_tokens, num_oov_indices=num_oov_indices, name=name)
        return Feature("string", layer, output_mode)

    @classmethod
    def string_hashed(cls, num_bins, output_mode="one_hot", name=None):
        """Text by its hash."""
        layer = Hashing(num_bins, name=_layer_name(name, "string_hashed"))
        return Feature("string", layer, output_mode)

    @classmethod
    def integer_hashed(cls, num_bins, output_mode="one_hot", name=None):
        """Integers by their hash."""
        layer = Hashing(num_bins, name=_layer_name(name, "integer_hashed"))
        return Feature("int32", layer, output_mode)


def _layer_name(name, kind):
    return f"{name or names.unique_name(kind)}_preprocessor"
