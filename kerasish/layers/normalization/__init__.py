"""Layers that normalize activations or weights."""
