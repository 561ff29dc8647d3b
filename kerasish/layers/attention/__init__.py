"""Attention layers: every position of a sequence looks at every position of another."""
