"""The door to native code: finds the planner of a device, which replaces nodes by native ones.

The core knows no kernel. A planner is a module `kerasish.kernels.<kind>.planner`, imported when the
first program for such a device is made; without it, and without a native library, every node is a
call of the array library.
"""

import importlib
import importlib.util

from kerasish.config import settings

_planners = {}  # kind -> module, or None


def planner_for(kind):
    """A planner for one program on a kind of device; None without kernels, or with them off.

    A planner has
        takes(name) -> bool: whether operations of a name may become native calls;
        rewrite(nodes, resolve, wanted) -> nodes: patterns replaced by fused operations;
        writes_in_place(node), cannot_fail(node) -> bool;
        group(early, late, resolve, wanted, replaced) -> nodes: native nodes among plain ones;
        prepare(plan) -> object that makes the native part of each running call (see Program).
    """
    if not settings.kernels_enabled:
        return None
    if kind not in _planners:
        _planners[kind] = _load(kind)
    module = _planners[kind]
    return module.Planner() if module is not None and module.is_available() else None


def _load(kind):
    name = f"kerasish.kernels.{kind}"
    if importlib.util.find_spec("kerasish.kernels") is None:
        return None
    if (
        importlib.util.find_spec(name) is None
        or importlib.util.find_spec(f"{name}.planner") is None
    ):
        return None
    return importlib.import_module(f"{name}.planner")
