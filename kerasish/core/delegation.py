"""The door to native code: finds the planner of a device, which replaces nodes by native ones.

The core knows no kernel. A planner is a module `kerasish.kernels.<kind>.planner`, imported when the
first program for such a device is made; without it, and without a native library, every node is a
call of the array library.
"""

import importlib
import importlib.util

from kerasish.config import settings

_planners = {}


def planner_for(kind):
    """Planner for a kind of device, or None where there is none or kernels are switched off.

    A planner has
        rewrite(nodes, resolve, wanted) -> nodes: patterns replaced by fused operations;
        writes_in_place(node), cannot_fail(node) -> bool;
        group(early, late, resolve, wanted, replaced) -> nodes: native nodes among plain ones;
        prepare(plan) -> object that makes the native part of each running call (see Program).
    """
    if not settings.kernels_enabled:
        return None
    if kind not in _planners:
        _planners[kind] = _load(kind)
    planner = _planners[kind]
    return planner if planner is not None and planner.is_available() else None


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
