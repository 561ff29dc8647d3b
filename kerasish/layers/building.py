"""LayerBuilding: when and for which shapes a layer makes its weights."""

import functools
import inspect

from kerasish.core import modes, names, tree
from kerasish.layers.calling import as_shapes, holds_tensor, shape_of


def prepared_build(build):
    """Wrap a class's `build`: weights are made for real, under the layer's path, and only once."""

    @functools.wraps(build)
    def prepared(self, *args, **kwargs):
        if self.__dict__.get("_is_building"):  # super().build(...) from a subclass
            return build(self, *args, **kwargs)
        self._path = names.current_path(self.name)
        self._is_building = True
        try:
            with modes.outside_trace(), names.scope(self.name):
                build(self, *args, **kwargs)
        finally:
            self._is_building = False
        parameters = [p for p in inspect.signature(build).parameters if p != "self"]
        self._build_shapes = {**dict(zip(parameters, args, strict=False)), **kwargs}
        self.built = True

    return prepared


class LayerBuilding:
    """The part of `Layer` that calls `build` once, or has it called."""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = prepared_build(cls.build)

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
            self.build(as_shapes(config["input_shape"]))
        elif "shapes_dict" in config:
            self.build(**{k: as_shapes(v) for k, v in config["shapes_dict"].items()})

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
        if type(self).build is LayerBuilding.build:  # the call itself builds the layers inside
            self._path = names.current_path(self.name)
            self.built = True
        shapes = {
            f"{k}_shape": tree.map_structure(shape_of, v)
            for k, v in arguments.items()
            if holds_tensor(v)
        }
        if type(self).build is LayerBuilding.build:
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


LayerBuilding.build = prepared_build(LayerBuilding.build)
