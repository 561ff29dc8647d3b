"""Dtype policies: in which type a layer computes and in which it keeps its weights."""

import collections.abc
import re

from kerasish.arrays import dtypes
from kerasish.config import settings
from kerasish.errors import explain

_global = []


class DTypePolicy:
    """Pair of compute dtype and variable dtype, named as Keras names it.

    Args:
        name: "float32", "float64", "float16", "bfloat16", an integer dtype, "mixed_float16" or
            "mixed_bfloat16" (float32 variables, half-precision computation).

    Raises:
        ValueError: unknown name.

    Example:
        >>> policy = DTypePolicy("mixed_bfloat16")
        >>> policy.compute_dtype, policy.variable_dtype
        ('bfloat16', 'float32')

    Source: Keras 3 names and defaults.
    """

    def __init__(self, name=None):
        name = name or settings.floatx
        if not isinstance(name, str):
            raise TypeError(explain("DTypePolicy", "name must be a string", received=name))
        if name.startswith("mixed_"):
            half = name.removeprefix("mixed_")
            if half not in ("float16", "bfloat16"):
                raise ValueError(
                    explain(
                        "DTypePolicy",
                        "unknown policy",
                        received=name,
                        expected='"mixed_float16" or "mixed_bfloat16"',
                    )
                )
            self.compute_dtype, self.variable_dtype = half, "float32"
        else:
            self.compute_dtype = self.variable_dtype = dtypes.standardize(name)
        self.name = name

    is_map = False  # whether it is another policy for each layer

    @property
    def is_mixed(self):
        """Whether computation and variables differ in dtype."""
        return self.compute_dtype != self.variable_dtype

    def get_config(self):
        """The policy's name."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config):
        """A policy from `get_config()`."""
        return cls(**config)

    def __eq__(self, other):
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self):
        return hash(self.name)

    def __repr__(self):
        return f'<DTypePolicy "{self.name}">'


FloatDTypePolicy = DTypePolicy  # the name from before quantization


class DTypePolicyMap(DTypePolicy, collections.abc.MutableMapping):
    """Policies of layers by their paths: as `dtype` of a model, each layer finds its own.

    A key is a layer's path, or a regular expression that matches the whole of it; an exact path
    goes before expressions, and layers that no key fits have the default policy.

    Args:
        default_policy: policy or name; the global policy, whichever it is then, when None.
        policy_map: dict from path or expression to policy.

    Raises:
        ValueError: a default that is a map itself, a key given twice, or a path of two expressions.

    Example:
        >>> policies = DTypePolicyMap("float32")
        >>> policies["encoder/.*"] = "bfloat16"
        >>> policies["encoder/dense"].name, policies["decoder"].name
        ('bfloat16', 'float32')

    Source: Keras 3 names and defaults.
    """

    is_map = True

    def __init__(self, default_policy=None, policy_map=None):
        if isinstance(default_policy, DTypePolicyMap):
            raise ValueError(explain("DTypePolicyMap", "the default policy is a map itself"))
        if policy_map is not None and not isinstance(policy_map, dict):
            raise TypeError(
                explain("DTypePolicyMap", "policy_map must be a dict", received=policy_map)
            )
        self._default = None if default_policy is None else get(default_policy)
        self._policies = {key: get(policy) for key, policy in (policy_map or {}).items()}

    @property
    def default_policy(self):
        """The policy of layers that no key fits."""
        return dtype_policy() if self._default is None else self._default

    @property
    def name(self):
        """The default policy's name, marked as that of a map."""
        return f"map_{self.default_policy.name}"

    @property
    def compute_dtype(self):
        """Compute dtype of the default policy."""
        return self.default_policy.compute_dtype

    @property
    def variable_dtype(self):
        """Variable dtype of the default policy."""
        return self.default_policy.variable_dtype

    def __getitem__(self, path):
        if path in self._policies:
            return self._policies[path]
        fitting = [key for key in self._policies if re.fullmatch(key, path)]
        if len(fitting) > 1:
            raise ValueError(
                explain("DTypePolicyMap", f"several keys fit {path!r}", received=fitting)
            )
        return self._policies[fitting[0]] if fitting else self.default_policy

    def __setitem__(self, path, policy):
        if path in self._policies:
            raise ValueError(
                explain("DTypePolicyMap", f"{path!r} has a policy", received=self._policies[path])
            )
        self._policies[path] = get(policy)

    def __delitem__(self, path):
        del self._policies[path]

    def __contains__(self, path):
        return path in self._policies

    def __iter__(self):
        return iter(self._policies)

    def __len__(self):
        return len(self._policies)

    def get_config(self):
        """Default policy and map, as configs."""
        return {
            "default_policy": None if self._default is None else self._default.name,
            "policy_map": {key: serialize(policy) for key, policy in self._policies.items()},
        }

    __hash__ = object.__hash__

    def __eq__(self, other):
        return isinstance(other, DTypePolicyMap) and self.get_config() == other.get_config()

    def __repr__(self):
        return f"<DTypePolicyMap {dict(self)}, default {self.default_policy.name}>"


_CLASSES = {
    "DTypePolicy": DTypePolicy,
    "FloatDTypePolicy": DTypePolicy,
    "Policy": DTypePolicy,
    "DTypePolicyMap": DTypePolicyMap,
}


def get(identifier):
    """Policy from a policy, a dtype name, a config dict or None (the global policy).

    Args:
        identifier: the policy, or what names it.

    Returns:
        DTypePolicy.

    Raises:
        ValueError: an unknown policy; quantized ones are not supported.
    """
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str) and identifier.startswith("mixed_"):
        return DTypePolicy(identifier)
    return DTypePolicy(dtypes.standardize(identifier))


def deserialize(config, custom_objects=None):
    """Policy of a config that `serialize` made.

    Args:
        config: dict.
        custom_objects: dict from name to class, looked into first.

    Returns:
        DTypePolicy.

    Raises:
        ValueError: an unknown class; quantized policies are not supported.
    """
    name = config.get("class_name")
    cls = (custom_objects or {}).get(name) or _CLASSES.get(name)
    if cls is None:
        raise ValueError(
            explain(
                "dtype policy",
                "unsupported policy",
                received=name,
                expected="DTypePolicy or DTypePolicyMap (quantized policies are not supported)",
            )
        )
    return cls.from_config(config["config"])


def serialize(dtype_policy):
    """Config dict of a policy, in Keras's form.

    Args:
        dtype_policy: DTypePolicy.

    Returns:
        dict.
    """
    is_map = dtype_policy.is_map
    return {
        "module": "keras.dtype_policies" if is_map else "keras",
        "class_name": "DTypePolicyMap" if is_map else "DTypePolicy",
        "config": dtype_policy.get_config(),
        "registered_name": None,
    }


def dtype_policy():
    """The policy of layers made without a dtype."""
    return _global[-1] if _global else DTypePolicy(settings.floatx)


def set_dtype_policy(policy):
    """Set the policy of layers made from now on.

    Args:
        policy: DTypePolicy or its name; None for floatx again.

    Example:
        >>> set_dtype_policy("mixed_bfloat16")
        >>> dtype_policy().compute_dtype
        'bfloat16'
        >>> set_dtype_policy(None)
    """
    _global[:] = [] if policy is None else [get(policy)]
