"""Convolution layers of one to three spatial axes."""
