"""Faces of other libraries on this package: programs for them run after changing one import."""
