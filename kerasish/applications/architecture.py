"""Architecture: from a trunk and a head to a model, with the arguments that all functions share."""

import dataclasses
import typing
import warnings

from kerasish import activations, config, layers
from kerasish.applications.published import find_weights
from kerasish.core.tensor import SymbolicTensor
from kerasish.errors import explain
from kerasish.models import Functional

CLASSES = 1000

ARGUMENTS = """include_top: bool. End with the classifier; without it, with its input.
    weights: None (random), the path of a `.weights.h5` or `.h5` file, or "imagenet": the published
        file, looked for in ~/.keras/models (nothing is downloaded).
    input_tensor: symbolic tensor of images to build upon, instead of a new `Input`.
    input_shape: three ints of one image. Free sizes (None) only without the classifier{sizes}.
    pooling: what ends a model without classifier: None (maps), "avg" or "max".
    classes: int. Outputs of the classifier.
    classifier_activation: activation of the classifier; None returns its logits.
    name: str. Name of the model."""

_TEMPLATE = """{title}: an image classifier, {size}x{size} pixels unless told otherwise.

Args:
    {arguments}{extra}

Returns:
    Model, not compiled.

Raises:
    ValueError: an image shape that does not fit, or arguments that contradict `weights`.
    DataError: "imagenet" weights that are not at hand.
{example}
Source: {source} Keras 3 names and defaults.
"""
_EXAMPLE = """
Example:
    >>> model = {title}(weights=None, include_top=False, pooling="avg")
    >>> model.output_shape
    {shape}
"""


@dataclasses.dataclass(frozen=True)
class Options:
    """The arguments of a call."""

    include_top: bool
    weights: typing.Any
    input_tensor: typing.Any
    input_shape: tuple | None
    pooling: str | None
    classes: int
    classifier_activation: typing.Any
    name: str
    include_preprocessing: bool = False


def dense_head(x, options, name="avg_pool"):
    """Mean over the image and one dense layer."""
    x = layers.GlobalAveragePooling2D(name=name)(x)
    return layers.Dense(options.classes, options.classifier_activation, name="predictions")(x)


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A network but for the arguments of a call.

    Attributes:
        trunk: function (x, options) -> feature maps.
        size: int. Side of the images it was made for.
        files: function (include_top) -> PublishedFile.
        head: function (x, options) -> predictions.
        min_size: int. Smallest side of an image.
        pooling_names: names of the "avg" and the "max" layer of a model without head.
        after_pooling: function of the pooled features.
        head_needs_size: whether images of free size are refused with the head.
        channels_last_only: whether `channels_first` is refused.
    """

    trunk: typing.Callable
    size: int
    files: typing.Callable
    head: typing.Callable = dense_head
    min_size: int = 32
    pooling_names: tuple = ("avg_pool", "max_pool")
    after_pooling: typing.Callable | None = None
    head_needs_size: bool = True
    channels_last_only: bool = False

    def model(self, options):
        """The model that a call asks for, with its weights.

        Args:
            options: Options.
        """
        self._check(options)
        shape = self.image_shape(options)
        path = find_weights(options.weights, self.files, options.include_top, options.name)
        x = start = options.input_tensor
        if start is None:
            x = start = layers.Input(shape)
        elif not isinstance(start, SymbolicTensor):
            raise ValueError(
                explain(
                    options.name,
                    "input_tensor is not a symbolic tensor",
                    received=start,
                    expected="what kerasish.Input, or a layer called on it, returns",
                )
            )
        x = self.trunk(x, options)
        x = self.head(x, options) if options.include_top else self._pooled(x, options.pooling)
        model = Functional(_source(start), x, name=options.name)
        if path is not None:
            model.load_weights(path)
        return model

    def _check(self, options):
        where, is_published = options.name, _is_imagenet(options.weights)
        if self.channels_last_only and config.image_data_format() == "channels_first":
            raise ValueError(
                explain(
                    where,
                    "there is no channels_first form",
                    fix='kerasish.config.set_image_data_format("channels_last")',
                )
            )
        if options.pooling not in (None, "avg", "max"):
            raise ValueError(
                explain(
                    where,
                    "unknown pooling",
                    received=options.pooling,
                    expected='None, "avg" or "max"',
                )
            )
        if not (is_published and options.include_top):
            return
        if options.classes != CLASSES:
            raise ValueError(
                explain(
                    where,
                    f"the published classifier has {CLASSES} classes",
                    received=options.classes,
                    fix="include_top=False and a classifier of your own, or weights=None",
                )
            )
        activation = activations.get(options.classifier_activation)
        if activation not in (activations.get(None), activations.softmax):
            raise ValueError(
                explain(
                    where,
                    "the published classifier was trained with softmax",
                    received=options.classifier_activation,
                    expected='"softmax", or None for logits',
                )
            )

    def image_shape(self, options):
        """Shape of one image, as Keras settles it.

        Raises:
            ValueError: not three sizes, sizes too small or not known, wrong channels.
        """
        given, size = options.input_shape, self.size
        first = config.image_data_format() == "channels_first"
        is_published = _is_imagenet(options.weights)
        needs_size = options.include_top and self.head_needs_size
        given = given if given is None else tuple(given)
        channels = 3
        if given is not None:
            if len(given) != 3:
                raise ValueError(_shape_problem(options, "an image has three sizes"))
            channels = given[0] if first else given[-1]
            if is_published and channels != 3:
                raise ValueError(_shape_problem(options, "the published weights need 3 channels"))
            if channels not in (1, 3):
                warnings.warn(
                    f"{options.name}: images have 1 or 3 channels as a rule, not {channels}",
                    UserWarning,
                    stacklevel=4,
                )
        default = (channels, size, size) if first else (size, size, channels)
        if is_published and needs_size:
            if given not in (None, default):
                text = "the published classifier needs its own image size"
                raise ValueError(_shape_problem(options, text, str(default)))
            return default
        if given is None:
            return default if needs_size else tuple(n if n == channels else None for n in default)
        sides = given[1:] if first else given[:2]
        if any(side is not None and side < self.min_size for side in sides):
            text = f"at least {self.min_size}x{self.min_size}"
            raise ValueError(_shape_problem(options, "the images are too small", text))
        if needs_size and None in given:
            raise ValueError(_shape_problem(options, "the classifier needs a known image size"))
        return given

    def _pooled(self, x, pooling):
        if pooling == "avg":
            x = layers.GlobalAveragePooling2D(name=self.pooling_names[0])(x)
        elif pooling == "max":
            x = layers.GlobalMaxPooling2D(name=self.pooling_names[1])(x)
        return self.after_pooling(x) if self.after_pooling else x


def _is_imagenet(weights):
    return isinstance(weights, str) and weights == "imagenet"


def _shape_problem(options, problem, expected=None):
    return explain(
        options.name,
        f"input_shape: {problem}",
        received=options.input_shape,
        expected=expected,
    )


def _source(tensor):
    """The `Input` tensors that a tensor comes from: one, or a list."""
    found, seen, stack = [], set(), [tensor]
    while stack:
        t = stack.pop()
        if t.key in seen:
            continue
        seen.add(t.key)
        stack.extend(reversed(t.node.inputs))
        if not t.node.inputs:
            found.append(t)
    return found[0] if len(found) == 1 else found


def published_function(function, module, title, source, size, extra="", features=None, sizes=""):
    """Give a function made for one architecture the name, place and description it has in public.

    Args:
        function: the function.
        module: str. Module that it belongs to.
        title: str. Its name.
        source: str. Where the architecture was published.
        size: int. Side of its images.
        extra: str. Descriptions of further arguments.
        features: int. Channels of the features; with them, the description has an example.
        sizes: str. What limits the image sizes further.
    """
    example = _EXAMPLE.format(title=title, shape=(None, features)) if features else ""
    function.__module__, function.__name__, function.__qualname__ = module, title, title
    function.__doc__ = _TEMPLATE.format(
        title=title,
        size=size,
        arguments=ARGUMENTS.format(sizes=sizes),
        extra="".join(f"\n    {line}" for line in extra.splitlines()),
        example=example,
        source=source,
    )
    return function


def standard_function(module, title, name, architecture, source, features=None):
    """The public function of an architecture without arguments of its own.

    Args:
        module: str. Module that it belongs to.
        title: str. Name of the function.
        name: str. Name of its models.
        architecture: Architecture.
        source: str. Where it was published.
        features: int. Channels of the features, for the example.
    """

    def build(
        include_top=True,
        weights="imagenet",
        input_tensor=None,
        input_shape=None,
        pooling=None,
        classes=CLASSES,
        classifier_activation="softmax",
        name=name,
    ):
        return architecture.model(
            Options(
                include_top,
                weights,
                input_tensor,
                input_shape,
                pooling,
                classes,
                classifier_activation,
                name,
            )
        )

    return published_function(build, module, title, source, architecture.size, features=features)
