"""The door to indexing, gathering and scattering, from the files that declare them."""

from kerasish.ops.gathering import take, take_along_axis
from kerasish.ops.items import assign_item, get_item

__all__ = ["assign_item", "get_item", "take", "take_along_axis"]
