"""The door to operations on shapes, from the files that declare them."""

from kerasish.ops.axes import (
    expand_dims,
    flip,
    fliplr,
    flipud,
    moveaxis,
    roll,
    rot90,
    squeeze,
    swapaxes,
    transpose,
)
from kerasish.ops.diagonals import diag, diagflat, diagonal, trace, tril, triu
from kerasish.ops.joining import append, concatenate, dstack, hstack, stack, vstack
from kerasish.ops.sizes import broadcast_to, dtype, ndim, ravel, reshape, shape, size
from kerasish.ops.splitting import array_split, dsplit, hsplit, split, unstack, vsplit
from kerasish.ops.tiling import meshgrid, pad, repeat, tile

__all__ = [
    "append",
    "array_split",
    "broadcast_to",
    "concatenate",
    "diag",
    "diagflat",
    "diagonal",
    "dsplit",
    "dstack",
    "dtype",
    "expand_dims",
    "flip",
    "fliplr",
    "flipud",
    "hsplit",
    "hstack",
    "meshgrid",
    "moveaxis",
    "ndim",
    "pad",
    "ravel",
    "repeat",
    "reshape",
    "roll",
    "rot90",
    "shape",
    "size",
    "split",
    "squeeze",
    "stack",
    "swapaxes",
    "tile",
    "trace",
    "transpose",
    "tril",
    "triu",
    "unstack",
    "vsplit",
    "vstack",
]
