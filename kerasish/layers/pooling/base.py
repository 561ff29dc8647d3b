"""Base classes of the pooling layers: moving windows, adaptive windows, whole axes."""

from kerasish.config import standardize_data_format
from kerasish.layers.arguments import choice, int_tuple
from kerasish.layers.input_spec import InputSpec
from kerasish.layers.layer import Layer


class Pooling(Layer):
    """Base of pooling by windows that move over the spatial axes; subclasses set `rank`."""

    rank = None

    def __init__(self, pool_size, strides=None, padding="valid", data_format=None, name=None,
                 **kwargs):  # fmt: skip
        super().__init__(name=name, **kwargs)
        self.pool_size = int_tuple(pool_size, self.rank, "pool_size", self.name)
        strides = self.pool_size if strides is None else strides
        self.strides = int_tuple(strides, self.rank, "strides", self.name)
        self.padding = choice(padding, "padding", ("valid", "same"), self.name)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def geometry(self):
        """Keyword arguments of the operation."""
        return {"strides": self.strides, "padding": self.padding, "data_format": self.data_format}


class GlobalPooling(Layer):
    """Base of pooling over whole spatial axes; subclasses set `rank`."""

    rank = None

    def __init__(self, data_format=None, keepdims=False, **kwargs):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    @property
    def spatial_axes(self):
        """Axes that are pooled away."""
        lead = 1 if self.data_format == "channels_last" else 2
        return tuple(range(lead, lead + self.rank))

    def compute_output_shape(self, input_shape):
        """(batch, channels), or with spatial sizes of 1."""
        axes = self.spatial_axes
        if self.keepdims:
            return tuple(1 if i in axes else n for i, n in enumerate(input_shape))
        return tuple(n for i, n in enumerate(input_shape) if i not in axes)


class AdaptivePooling(Layer):
    """Base of pooling to a given output size; subclasses set `rank`."""

    rank = None

    def __init__(self, output_size, data_format=None, **kwargs):
        super().__init__(**kwargs)
        self.output_size = int_tuple(output_size, self.rank, "output_size", self.name)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def compute_output_shape(self, input_shape):
        """The input shape with `output_size` as its spatial sizes."""
        if self.data_format == "channels_last":
            return (input_shape[0], *self.output_size, input_shape[-1])
        return (*input_shape[:2], *self.output_size)
