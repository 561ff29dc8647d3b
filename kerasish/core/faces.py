"""Faces: tensors that look like another library's pass through layers, which see plain ones.

A class with a face has `face`, a function that gives a plain tensor that face, and `to_plain`, a
method that gives the plain tensor behind it.
"""

from kerasish.core import tree
from kerasish.core.tensor import Tensor


def face_of(values):
    """The face of the first tensor among arguments of a call, or None."""
    for value in values:
        if isinstance(value, (list, tuple, dict)):
            value = next((x for x in tree.flatten(value) if isinstance(x, Tensor)), None)
        if isinstance(value, Tensor):
            return value.face
    return None


def plain(value):
    """The plain tensor behind a face; anything else as it is."""
    return value if getattr(value, "face", None) is None else value.to_plain()


def with_face(face, structure):
    """A nested result with the face that its inputs had."""
    return structure if face is None else tree.map_structure(face, structure)
