"""TensorFlow 2's names over this package: `import kerasish.compat.v2 as tf`.

Names are loaded when they are first used. The functions of tensors stand in `aliases`, a row each.
"""

import importlib
import types

import kerasish

_HOMES = {
    "config": "device executing_eagerly get_logger control_dependencies init_scope",
    "control": "case cond custom_gradient foldl foldr map_fn scan switch_case vectorized_map "
    "while_loop",
    "creation": "constant convert_to_tensor range fill einsum meshgrid no_op group "
    "get_static_value broadcast_static_shape timestamp",
    "debugging": "Assert assert_equal assert_greater assert_less assert_rank",
    "element_types": "DType as_dtype bool bfloat16 half float16 float32 float64 double int8 int16 int32 "  # noqa: E501
    "int64 uint8 uint16 uint32 uint64 complex64 complex128 string",
    "functions": "function",
    "module": "Module name_scope",
    "printing": "print",
    "shapes": "TensorShape TensorSpec",
    "tape": "GradientTape UnconnectedGradients",
    "tensors": "Tensor",
    "variable": "Variable",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}
_RENAMED = {"is_tensor": ("creation", "is_tensor_like")}
_MODULES = frozenset("config data debugging errors io random train".split())
_OWN = {"keras": "kerasish", "summary": "kerasish.summary"}
_NAMESPACES = ("bitwise", "dtypes", "image", "linalg", "math", "nn", "strings")
_EXTRAS = {  # names of a namespace that are no rows of a table
    "dtypes": ("element_types", _HOMES["element_types"].split()),
    "image": ("io", ["decode_image", "decode_jpeg", "decode_png", "encode_jpeg", "encode_png"]),
    "linalg": ("creation", ["einsum"]),
}
newaxis = None


def _namespace(name):
    tables = importlib.import_module("kerasish.compat.v2.tables")
    members = dict(tables.namespace(name))
    if name in _EXTRAS:
        home, names = _EXTRAS[name]
        module = importlib.import_module(f"kerasish.compat.v2.{home}")
        members.update((extra, getattr(module, extra)) for extra in names)
    return types.SimpleNamespace(**members)


def _top():
    return importlib.import_module("kerasish.compat.v2.tables").top()


def __getattr__(name):
    if name.startswith("__") and name != "__version__":
        raise AttributeError(f"module 'kerasish.compat.v2' has no attribute {name!r}")
    # Operators are attached when the first name is used.
    importlib.import_module("kerasish.compat.v2.operators")
    if name in _HOME_OF or name in _RENAMED:
        home, attribute = _RENAMED.get(name) or (_HOME_OF[name], name)
        value = getattr(importlib.import_module(f"kerasish.compat.v2.{home}"), attribute)
    elif name in _NAMESPACES:
        value = _namespace(name)
    elif name in _MODULES:
        value = importlib.import_module(f"kerasish.compat.v2.{name}")
    elif name in _OWN:
        value = importlib.import_module(_OWN[name])
    elif name == "__version__":
        value = kerasish.__version__
    elif name not in (functions := _top()):
        raise AttributeError(f"module 'kerasish.compat.v2' has no attribute {name!r}")
    else:
        value = functions[name]
    globals()[name] = value
    return value


def __dir__():
    return sorted({*_HOME_OF, *_RENAMED, *_MODULES, *_OWN, *_NAMESPACES, *_top(), "newaxis"})
