"""Layers that prepare data: scaling, resizing, image augmentation."""
