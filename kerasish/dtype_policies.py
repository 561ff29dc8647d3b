"""Dtype policies: in which type a layer computes and in which it keeps its weights."""

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


def get(identifier):
    """Policy from a policy, a dtype name, a config dict or None (the global policy)."""
    if identifier is None:
        return dtype_policy()
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):
        if identifier.get("class_name") not in ("DTypePolicy", "FloatDTypePolicy", "Policy"):
            raise ValueError(
                explain(
                    "dtype policy",
                    "unsupported policy",
                    received=identifier.get("class_name"),
                    expected="DTypePolicy (quantized policies are not supported)",
                )
            )
        return DTypePolicy(**identifier["config"])
    if isinstance(identifier, str) and identifier.startswith("mixed_"):
        return DTypePolicy(identifier)
    return DTypePolicy(dtypes.standardize(identifier))


def serialize(policy):
    """Config dict of a policy, in Keras's form."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": policy.get_config(),
        "registered_name": None,
    }


def dtype_policy():
    """The policy of layers made without a dtype."""
    return _global[-1] if _global else DTypePolicy(settings.floatx)


def set_dtype_policy(policy):
    """Set the policy of layers made from now on; policy: DTypePolicy or name, None resets it."""
    _global[:] = [] if policy is None else [get(policy)]
