"""Pooling layers of one to three spatial axes: windows, adaptive and global."""
