"""Builds models, optimizers, losses and callbacks from the tables of a config."""

import inspect

from kerasish import Sequential, layers, registry
from kerasish.cli import builders
from kerasish.cli.schema import ConfigError
from kerasish.errors import explain, nearest

# Which families a nested table inside an object of this family may name.
_INSIDE = {
    "layers": ("layers", "initializers", "regularizers", "constraints", "activations"),
    "optimizers": ("optimizers", "schedules"),
    "losses": (),
    "metrics": (),
    "callbacks": (),
}


def make_model(section, shape, num_outputs):
    """Return the model that a [model] section describes.

    Args:
        section: dict with `name` and either `layers` or `builder` and `options`.
        shape: tuple. Shape of one input.
        num_outputs: int. Number of classes, or 1; given to builders, checked against layers.

    Returns:
        Sequential for layers, the builder's model otherwise.

    Raises:
        ConfigError: an unknown layer, builder or argument, or an output of the wrong size.
    """
    if "builder" in section:
        build = builders.find(section["builder"])
        options = section.get("options", {})
        _check_arguments(build, options, f"[model] options of {section['builder']}")
        model = build(shape, num_outputs, name=section["name"], **options)
    else:
        made = [make(table, "layers", f"layer {i}") for i, table in enumerate(section["layers"])]
        model = Sequential([layers.Input(shape), *made], name=section["name"])
    if model.output_shape[1:] != (num_outputs,) and not (
        num_outputs == 2 and model.output_shape[1:] == (1,)
    ):
        raise ConfigError(
            explain(
                "[model]",
                "the last layer does not fit the data",
                received=model.output_shape,
                expected=f"{num_outputs} outputs",
                fix=f"let the last layer have units = {num_outputs}",
            )
        )
    return model


def compile_model(model, section):
    """Compile a model as a [compile] section says."""
    model.compile(
        optimizer=make(section["optimizer"], "optimizers", "[compile] optimizer"),
        loss=make(section["loss"], "losses", "[compile] loss"),
        metrics=[make(item, "metrics", "[compile] metrics") for item in section.get("metrics", [])],
        run_eagerly=section["run_eagerly"],
    )


def make_callbacks(section):
    """Return the callbacks a [fit] section lists."""
    return [make(table, "callbacks", "[fit] callbacks") for table in section.get("callbacks", [])]


def make(table, family, where):
    """Return the object a table describes; a plain name is checked and returned as it is.

    Args:
        table: str, or dict of `class_name` and the constructor's arguments, which may hold tables.
        family: "layers", "optimizers", "losses", "metrics" or "callbacks".
        where: str. Place in the config, for errors.

    Raises:
        ConfigError: an unknown name or argument, answered with the nearest one; or the
            constructor refuses the arguments.
    """
    if isinstance(table, str):
        # "accuracy" and "acc" are no classes: compile() chooses by the shapes of the targets.
        if family == "metrics" and table in ("accuracy", "acc", "crossentropy", "ce"):
            return table
        _find(family, table, where)
        return table
    arguments = dict(table)
    name = arguments.pop("class_name")
    maker = _find(family, name, where)
    place = f"{where} ({name})"
    _check_arguments(maker, arguments, place)
    for key, value in arguments.items():
        if isinstance(value, dict) and "class_name" in value:
            inner = next(
                (f for f in _INSIDE[family] if registry.find(f, value["class_name"])), None
            )
            arguments[key] = make(value, inner or family, f"{place} {key}")
    try:
        return maker(**arguments)
    except (TypeError, ValueError) as error:
        raise ConfigError(explain(place, str(error).rstrip("."))) from error


def _find(family, name, where):
    found, known = registry.find(family, name), registry.names(family)
    if found is None:
        kind = family[:-1] if family != "losses" else "loss"
        raise ConfigError(
            explain(
                where, f"there is no {kind} of this name", received=name, fix=nearest(name, known)
            )
        )
    return found


def _check_arguments(maker, arguments, where):
    known = parameters(maker)
    for name in arguments:
        if name not in known:
            raise ConfigError(
                explain(
                    where,
                    f"{name} is not one of its arguments",
                    expected="one of " + ", ".join(known),
                    fix=nearest(name, known),
                )
            )


def parameters(maker):
    """Return the argument names of a function or class, those of its base classes included."""
    known = {}
    makers = [maker] if not inspect.isclass(maker) else [c.__init__ for c in maker.__mro__]
    for function in makers:
        signature = inspect.signature(function)
        for parameter in signature.parameters.values():
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                known.setdefault(parameter.name)
        if not any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values()):
            break
    known.pop("self", None)
    return list(known)
