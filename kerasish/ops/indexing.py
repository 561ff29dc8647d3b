"""The door to indexing, gathering and scattering, from the files that declare them."""

from kerasish.ops.gathering import take, take_along_axis
from kerasish.ops.items import assign_item, get_item
from kerasish.ops.scattering import scatter, scatter_update, slice, slice_update, unravel_index

__all__ = [
    "assign_item",
    "get_item",
    "scatter",
    "scatter_update",
    "slice",
    "slice_update",
    "take",
    "take_along_axis",
    "unravel_index",
]
