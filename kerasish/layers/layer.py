"""Layer: the base of all layers and models: build, call, weights, masks, losses, config."""

import contextlib

from kerasish import constraints, dtype_policies, initializers, ops, regularizers
from kerasish.arrays import device as devices
from kerasish.arrays import dtypes
from kerasish.core import calls, faces, masks, modes, names, tree
from kerasish.core.graph import specs_of
from kerasish.core.spec import TensorSpec
from kerasish.core.tensor import Tensor, as_data_tensor
from kerasish.core.variable import Variable, autocast_scope
from kerasish.errors import explain
from kerasish.layers import input_spec as input_specs
from kerasish.layers.building import LayerBuilding
from kerasish.layers.calling import (
    CallFacts,
    bind,
    holds_tensor,
    is_shape,
    mask_of,
    shape_of,
    with_masks,
)
from kerasish.layers.config import AutoConfig
from kerasish.layers.context import context
from kerasish.layers.operation import Operation
from kerasish.layers.rematerialization import current_scope, rematerialized_call
from kerasish.layers.state import LayerState
from kerasish.layers.stateless_calls import StatelessCalls


class Layer(LayerBuilding, LayerState, StatelessCalls, AutoConfig, Operation):
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

    def __init__(
        self,
        *,
        activity_regularizer=None,
        trainable=True,
        dtype=None,
        autocast=True,
        name=None,
        **kwargs,
    ):
        input_shape = kwargs.pop("input_shape", None)
        if "input_dim" in kwargs:
            input_shape = (kwargs.pop("input_dim"),)
        if "batch_input_shape" in kwargs:
            input_shape = tuple(kwargs.pop("batch_input_shape"))[1:]
        if kwargs:
            raise TypeError(
                explain(
                    type(self).__name__,
                    "unknown arguments",
                    received=sorted(kwargs),
                    expected=str(list(self._parameters())),
                )
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
        self._remat_scope = current_scope()
        self.inbound_nodes = []  # calls on Input tensors

    # ---- weights ----

    def add_weight(
        self,
        shape=None,
        initializer=None,
        dtype=None,
        trainable=True,
        autocast=True,
        regularizer=None,
        constraint=None,
        aggregation="none",
        overwrite_with_gradient=False,
        name=None,
    ):
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
            variable = Variable(
                initializers.get(initializer),
                shape=shape or (),
                dtype=dtype,
                trainable=trainable,
                autocast=autocast,
                name=name,
            )
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        variable.overwrite_with_gradient = overwrite_with_gradient
        variable.trainable = trainable and self._trainable
        self.__dict__.setdefault("_added_weights", []).append(variable)
        return variable

    # ---- calling ----

    def call(self, *args, **kwargs):
        """Compute the output; to be defined by subclasses."""
        raise NotImplementedError(
            explain(
                type(self).__name__, "a layer needs a call method", fix="def call(self, inputs)"
            )
        )

    def __call__(self, *args, **kwargs):
        if calls.has_free_tensor(args, kwargs):
            with self._keeping_losses():
                return calls.record_call(self, self.__call__, args, kwargs)
        if self.dtype_policy.is_map and not self.built:
            self._path = names.current_path(self.name)  # by which it finds its policy
        before_root, before_training = context.root, context.training
        is_root = before_root is None
        face = faces.face_of(args) if is_root else None
        args = tuple([self._convert(a) for a in args])
        if kwargs:
            kwargs = {k: self._convert(v) for k, v in kwargs.items()}
        if is_root:
            context.root = self
            if self._has_added_losses:
                self._clear_losses()
        try:
            if not self.built:
                self._check_first_input(args, kwargs)  # a wrong rank must not make weights
                self._build_for_call(bind(self._call_facts().names, args, kwargs))
            names.push(self.name)
            try:
                outputs = self._run_call(args, kwargs)
                return outputs if face is None else faces.with_face(face, outputs)
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
            kwargs = with_masks(args, kwargs, facts)
        call = self.call
        if self._remat_scope is not None:
            call = rematerialized_call(self, self._remat_scope, call)
        policy = self._own_policy()
        if policy.is_mixed or modes.state.autocast is not None:
            wanted = policy.compute_dtype if policy.is_mixed else None
            with autocast_scope(wanted):
                outputs = call(*args, **kwargs)
        else:
            outputs = call(*args, **kwargs)
        previous_mask = kwargs.get("mask")
        if previous_mask is None:
            previous_mask = mask_of(first)
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
            return self._autocast(value if value.face is None else value.to_plain())
        if devices.is_array(value):
            return self._autocast(as_data_tensor(value))
        if isinstance(value, (list, tuple, dict)) and holds_tensor(value):
            return tree.map_structure(self._convert, value)
        return value

    def _autocast(self, tensor):
        policy = self.dtype_policy
        wanted = (policy[self.path] if policy.is_map else policy).compute_dtype
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
            shapes = tree.flatten(tree.map_structure(shape_of, args))
            try:
                error._kerasish_layer = self.path
                kind = type(self).__name__
                error.add_note(
                    f"in layer {self.path!r} ({kind}), called with input shapes {shapes}"
                )
            except AttributeError:
                return

    _facts_of_class = {}

    @classmethod
    def _call_facts(cls):
        facts = Layer._facts_of_class.get(cls)
        if facts is None or facts.call is not cls.call:
            facts = Layer._facts_of_class[cls] = CallFacts(cls, Layer)
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
            if is_shape(value):
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

    # ---- losses ----

    def add_loss(self, loss):
        """Add scalar tensors to what training minimizes, from inside `call`."""
        scope = modes.state.stateless
        if scope is not None and scope.collect_losses:
            for value in tree.flatten(loss):
                scope.add_loss(value)
            return
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
