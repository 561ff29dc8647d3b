"""Layer: the base of all layers and models: build, call, weights, masks, losses, config."""

import contextlib
import functools
import inspect

from kerasish import constraints, dtype_policies, initializers, ops, regularizers
from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core import calls, masks, modes, names, tree
from kerasish.core.graph import specs_of
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor, as_tensor
from kerasish.core.variable import Variable, autocast_scope
from kerasish.errors import NotBuiltError, explain
from kerasish.layers import input_spec as input_specs
from kerasish.layers.config import AutoConfig
from kerasish.layers.context import context
from kerasish.layers.state import LayerState


class Layer(LayerState, AutoConfig):
    """A callable object with weights: y = layer(x).

    Subclasses set their arguments in `__init__`, make weights in `build(input_shape)` (called once,
    with the shape of the first input) and compute in `call(inputs)`, which may take `training` and
    `mask`. Variables, layers and lists or dicts of them become part of the layer by being set as
    attributes.

    Args:
        activity_regularizer: regularizer of the output, added to `losses`.
        trainable: bool. Whether optimizers update the weights.
        dtype: dtype name or DTypePolicy; the global policy when None.
        autocast: bool. Cast float inputs to the compute dtype.
        name: str; made from the class name when None.

    Raises:
        TypeError: an unknown keyword argument.

    Example:
        >>> class Double(Layer):
        ...     def call(self, inputs):
        ...         return 2 * inputs
        >>> Double()(ops.ones((1, 2))).numpy().tolist()
        [[2.0, 2.0]]

    Source: Keras 3 names and defaults.
    """

    def __init__(self, *, activity_regularizer=None, trainable=True, dtype=None, autocast=True,
                 name=None, **kwargs):  # fmt: skip
        input_shape = kwargs.pop("input_shape", None)
        if "input_dim" in kwargs:
            input_shape = (kwargs.pop("input_dim"),)
        if "batch_input_shape" in kwargs:
            input_shape = tuple(kwargs.pop("batch_input_shape"))[1:]
        if kwargs:
            raise TypeError(
                explain(type(self).__name__, "unknown arguments", received=sorted(kwargs),
                        expected=str(list(self._parameters())))  # fmt: skip
            )
        if input_shape is not None:
            self._input_shape_argument = tuple(input_shape)
        self.name = str(name) if name else names.unique_name(names.snake_case(type(self).__name__))
        self.dtype_policy = dtype_policies.get(dtype)
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.autocast = autocast
        self.input_spec = None
        self.supports_masking = False
        self.built = False
        self._trainable, self._path = bool(trainable), self.name
        self._losses, self._has_added_losses = [], False
        self.inbound_nodes = []  # calls on Input tensors

    # ---- weights ----

    def add_weight(self, shape=None, initializer=None, dtype=None, trainable=True, autocast=True,
                   regularizer=None, constraint=None, aggregation="none",
                   overwrite_with_gradient=False, name=None):  # fmt: skip
        """Make a weight of this layer; set it as an attribute to keep it.

        Args:
            shape: tuple of int; () when None.
            initializer: name, object or callable; glorot_uniform for floats, zeros otherwise.
            dtype: dtype name; the layer's variable dtype when None.
            trainable: bool.
            autocast: bool. Read in the compute dtype.
            regularizer: added to `losses`.
            constraint: applied after each update.
            aggregation: kept for compatibility.
            overwrite_with_gradient: bool. The optimizer assigns the gradient instead of using it.
            name: str.

        Returns:
            Variable.
        """
        dtype = dtypes.standardize(dtype) if dtype is not None else self.variable_dtype
        if initializer is None:
            initializer = "glorot_uniform" if dtypes.is_float(dtype) else "zeros"
        with modes.outside_trace(), names.root_scope(self._path):
            variable = Variable(initializers.get(initializer), shape=shape or (), dtype=dtype,
                                trainable=trainable, autocast=autocast, name=name)  # fmt: skip
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        variable.trainable = trainable and self._trainable
        self.__dict__.setdefault("_added_weights", []).append(variable)
        return variable

    # ---- building ----

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _prepared_build(cls.build)

    def build(self, *input_shapes, **named_shapes):
        """Make the weights, for input shapes with None for unknown sizes.

        A layer without weights of its own need not define it: layers inside it are built by
        recording a call on inputs of these shapes.
        """
        if any(not layer.built for layer in self._layers) and (input_shapes or named_shapes):
            with names.root_scope(self._path.rpartition("/")[0]):  # the call adds this layer's name
                self.compute_output_shape(*input_shapes, **named_shapes)

    def build_from_config(self, config):
        """Build from what `get_build_config` returned."""
        if not config or self.built:
            return
        if "input_shape" in config:
            self.build(_as_shapes(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{k: _as_shapes(v) for k, v in config["shapes_dict"].items()})

    def get_build_config(self):
        """Shapes the layer was built with, as written to files."""
        shapes = self.__dict__.get("_build_shapes")
        if not shapes:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def _build_for_call(self, arguments):
        """Build for the shapes of a call's arguments (an ordered dict by name)."""
        if type(self).build is Layer.build:  # the call itself builds the layers inside
            self._path = names.current_path(self.name)
            self.built = True
        shapes = {
            f"{k}_shape": tree.map_structure(_shape_of, v)
            for k, v in arguments.items()
            if _holds_tensor(v)
        }
        if type(self).build is Layer.build:
            self._build_shapes = shapes
            return
        wanted = self._build_parameters()
        used = {k: v for k, v in shapes.items() if wanted is None or k in wanted}
        if len(used) > 1 or (used and next(iter(shapes)) not in used):
            self.build(**used)
        elif shapes:
            self.build(next(iter(shapes.values())))
        else:
            self.build(None)

    @classmethod
    def _build_parameters(cls):
        parameters = list(inspect.signature(cls.build).parameters.values())[1:]
        if any(p.kind is p.VAR_POSITIONAL for p in parameters):
            return None
        return [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]

    # ---- calling ----

    def call(self, *args, **kwargs):
        """Compute the output; to be defined by subclasses."""
        raise NotImplementedError(
            explain(type(self).__name__, "a layer needs a call method", fix="def call(self, inputs)")
        )

    def __call__(self, *args, **kwargs):
        if calls.has_free_tensor(args, kwargs):
            with self._keeping_losses():
                return calls.record_call(self, self.__call__, args, kwargs)
        args = tuple([self._convert(a) for a in args])
        if kwargs:
            kwargs = {k: self._convert(v) for k, v in kwargs.items()}
        before_root, before_training = context.root, context.training
        is_root = before_root is None
        if is_root:
            context.root = self
            if self._has_added_losses:
                self._clear_losses()
        try:
            if not self.built:
                self._check_first_input(args, kwargs)  # a wrong rank must not make weights
                self._build_for_call(_bind(self._call_facts().names, args, kwargs))
            names.push(self.name)
            try:
                return self._run_call(args, kwargs)
            finally:
                names.pop()
        except Exception as error:
            self._annotate(error, args)
            raise
        finally:
            context.root, context.training = before_root, before_training

    def _check_first_input(self, args, kwargs):
        first = args[0] if args else next(iter(kwargs.values()), None)
        if self.input_spec is not None:
            input_specs.check(self.input_spec, first, self.path)
        return first

    def _run_call(self, args, kwargs):
        facts = self._call_facts()
        first = self._check_first_input(args, kwargs)
        if facts.takes_training:
            kwargs = self._with_training(args, kwargs, facts)
        elif "training" in kwargs:
            context.training = kwargs.pop("training")
        if facts.mask_names:
            kwargs = _with_masks(args, kwargs, facts)
        if self.dtype_policy.is_mixed or modes.state.autocast is not None:
            wanted = self.compute_dtype if self.dtype_policy.is_mixed else None
            with autocast_scope(wanted):
                outputs = self.call(*args, **kwargs)
        else:
            outputs = self.call(*args, **kwargs)
        previous_mask = kwargs.get("mask")
        if previous_mask is None:
            previous_mask = _mask_of(first)
        if facts.computes_mask or previous_mask is not None:
            self._set_output_mask(first, outputs, previous_mask)
        if self.activity_regularizer is not None:
            for output in tree.flatten(outputs):
                size = ops.cast(ops.shape(output)[0], output.dtype)
                self.add_loss(self.activity_regularizer(output) / size)
        return outputs

    def _with_training(self, args, kwargs, facts):
        given = kwargs.get("training")
        if given is None and facts.training_index is not None and len(args) > facts.training_index:
            given = args[facts.training_index]
            if given is not None:
                context.training = given
            return kwargs
        if given is None:
            given = context.training
        if given is None:
            given = facts.training_default
        if given is not None:
            context.training = given
            return {**kwargs, "training": given}
        return kwargs

    def _convert(self, value):
        """Arrays as tensors, floats in the compute dtype; anything else as it is."""
        if isinstance(value, Tensor):
            return self._autocast(value)
        if devices.is_array(value):
            return self._autocast(as_tensor(value))
        if isinstance(value, (list, tuple, dict)) and _holds_tensor(value):
            return tree.map_structure(self._convert, value)
        return value

    def _autocast(self, tensor):
        wanted = self.dtype_policy.compute_dtype
        if self.autocast and tensor.dtype != wanted and dtypes.is_float(tensor.dtype):
            mask = masks.get_mask(tensor)
            tensor = ops.cast(tensor, wanted)
            if mask is not None:
                masks.set_mask(tensor, mask)
        return tensor

    def _set_output_mask(self, inputs, outputs, previous_mask):
        flat = tree.flatten(outputs)
        if all(masks.get_mask(o) is not None for o in flat):
            return
        computed = self.compute_mask(inputs, previous_mask)
        if computed is None:
            return
        flat_masks = tree.flatten(computed)
        for tensor, mask in zip(flat, flat_masks, strict=False):
            if mask is not None and isinstance(tensor, Tensor) and masks.get_mask(tensor) is None:
                if any(tensor is x for x in tree.flatten(inputs)):
                    continue  # the input handed through keeps the mask it came with
                masks.set_mask(tensor, mask)

    def compute_mask(self, inputs, previous_mask):
        """Mask of the output: the input's, for layers that set `supports_masking`."""
        return previous_mask if self.supports_masking else None

    def _annotate(self, error, args):
        if getattr(error, "_kerasish_layer", None) is None:
            shapes = tree.flatten(tree.map_structure(_shape_of, args))
            try:
                error._kerasish_layer = self.path
                error.add_note(
                    f"in layer {self.path!r} ({type(self).__name__}), called with input shapes {shapes}"
                )
            except AttributeError:
                return

    _facts_of_class = {}

    @classmethod
    def _call_facts(cls):
        facts = Layer._facts_of_class.get(cls)
        if facts is None or facts.call is not cls.call:
            facts = Layer._facts_of_class[cls] = _CallFacts(cls)
        return facts

    # ---- shapes ----

    def compute_output_spec(self, *args, **kwargs):
        """Spec (shape and dtype) of the output for inputs given as tensors or specs."""

        def run(*leaves):
            filled = tree.unflatten((args, kwargs), leaves)
            return self(*filled[0], **filled[1])

        leaves = [x.spec if isinstance(x, Tensor) else x for x in tree.flatten((args, kwargs))]
        with self._keeping_losses():
            return specs_of(run, leaves)

    def compute_output_shape(self, *args, **kwargs):
        """Shape of the output for input shapes (tuples, or lists of tuples)."""

        def as_spec(value):
            if _is_shape(value):
                return TensorSpec(value, self.compute_dtype)
            if isinstance(value, dict):
                return {k: as_spec(v) for k, v in value.items()}
            return [as_spec(v) for v in value]

        args = [as_spec(a) for a in args]
        kwargs = {k.removesuffix("_shape"): as_spec(v) for k, v in kwargs.items()}
        if list(kwargs) == ["input"]:
            args, kwargs = [kwargs["input"]], {}
        result = self.compute_output_spec(*args, **kwargs)
        return tree.map_structure(lambda s: s.shape, result)

    def _only_node(self, what):
        if not self.inbound_nodes:
            raise NotBuiltError(
                explain(self.path, f"it has no {what}: it has not been called on an Input",
                        fix="build the model with kerasish.Input, or call the layer on one")  # fmt: skip
            )
        return self.inbound_nodes[0]

    @property
    def input(self):
        """Input tensor (or structure) of the layer's first call in a functional model."""
        args = self._only_node("input").args
        return args[0] if len(args) == 1 else list(args)

    @property
    def output(self):
        """Output tensor (or structure) of the layer's first call in a functional model."""
        return self._only_node("output").output_structure

    # ---- losses ----

    def add_loss(self, loss):
        """Add scalar tensors to what training minimizes, from inside `call`."""
        for value in tree.flatten(loss):
            self._losses.append(value)
        (context.root or self)._has_added_losses = True

    @contextlib.contextmanager
    def _keeping_losses(self):
        """Forget the losses of a call that is recorded only for the shapes it gives."""
        before = {id(layer): list(layer._losses) for layer in self._flatten_layers()}
        has_losses, self._has_added_losses = self._has_added_losses, False
        try:
            yield
        finally:
            for layer in self._flatten_layers():
                layer._losses = before.get(id(layer), [])
            self._has_added_losses = has_losses

    def _clear_losses(self):
        for layer in self._flatten_layers():
            layer._losses = []
        self._has_added_losses = False

    @property
    def losses(self):
        """Scalar tensors: those added by the latest call, and the weight regularizers'."""
        added = [loss for layer in self._flatten_layers() for loss in layer._losses]
        return added + self._weight_losses()

    def _weight_losses(self):
        return [w.regularizer(w) for w in self.trainable_weights if w.regularizer is not None]

    def __repr__(self):
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _prepared_build(build):
    """Wrap a class's `build`: weights are made for real, under the layer's path, and only once."""

    @functools.wraps(build)
    def prepared(self, *args, **kwargs):
        if self.__dict__.get("_is_building"):  # super().build(...) from a subclass
            return build(self, *args, **kwargs)
        self._path = names.current_path(self.name)
        self._is_building = True
        try:
            with modes.outside_trace(), names.name_scope(self.name):
                build(self, *args, **kwargs)
        finally:
            self._is_building = False
        parameters = [p for p in inspect.signature(build).parameters if p != "self"]
        self._build_shapes = {**dict(zip(parameters, args, strict=False)), **kwargs}
        self.built = True

    return prepared


Layer.build = _prepared_build(Layer.build)


class _CallFacts:
    """What `call` of a class takes, read off its signature once."""

    def __init__(self, cls):
        self.call = cls.call
        parameters = list(inspect.signature(cls.call).parameters.values())[1:]
        self.names = [p.name for p in parameters if p.kind is not p.VAR_KEYWORD]
        takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
        by_name = {p.name: p for p in parameters}
        self.takes_training = "training" in by_name or (takes_any and cls._passes_training)
        default = by_name["training"].default if "training" in by_name else None
        self.training_default = None if default is inspect.Parameter.empty else default
        self.training_index = self.names.index("training") if "training" in self.names else None
        tensor_names = [n for n in self.names if n not in ("training", "mask")]
        self.mask_names = {}
        if "mask" in by_name and tensor_names:
            self.mask_names["mask"] = tensor_names[0]
        for name in tensor_names:
            if f"{name}_mask" in by_name:
                self.mask_names[f"{name}_mask"] = name
        self.computes_mask = cls.compute_mask is not Layer.compute_mask


Layer._passes_training = False


def _bind(argument_names, args, kwargs):
    bound = dict(zip(argument_names, args, strict=False))
    bound.update(kwargs)
    return bound


def _with_masks(args, kwargs, facts):
    bound = _bind(facts.names, args, kwargs)
    found = {}
    for mask_name, name in facts.mask_names.items():
        if bound.get(mask_name) is None and name in bound:
            mask = _mask_of(bound[name])
            if mask is not None:
                found[mask_name] = mask
    return {**kwargs, **found} if found else kwargs


def _mask_of(value):
    if isinstance(value, Tensor):
        return masks.get_mask(value)
    if isinstance(value, (list, tuple, dict)):
        found = [_mask_of(v) for v in tree.flatten(value)]
        return tree.unflatten(value, found) if any(m is not None for m in found) else None
    return None


def _holds_tensor(value):
    if isinstance(value, Tensor) or devices.is_array(value):
        return True
    if isinstance(value, dict):
        return any(_holds_tensor(v) for v in value.values())
    return isinstance(value, (list, tuple)) and any(_holds_tensor(v) for v in value)


def _shape_of(value):
    return tuple(value.shape) if hasattr(value, "shape") else None


def _is_shape(value):
    return isinstance(value, (tuple, list)) and all(n is None or isinstance(n, int) for n in value)


def _as_shapes(value):
    """Shapes out of JSON: lists of sizes become tuples again."""
    if isinstance(value, dict):
        return {k: _as_shapes(v) for k, v in value.items()}
    if _is_shape(value):
        return tuple(value)
    return [_as_shapes(v) for v in value] if isinstance(value, list) else value
