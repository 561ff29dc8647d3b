"""Layers that change shapes: flatten, reshape, crop, pad, repeat."""
