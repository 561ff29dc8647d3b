"""Layers that hold another layer and apply it in a way of their own."""
