"""Bounding boxes: their formats, moving and clipping them, overlap, and deltas from anchors."""
