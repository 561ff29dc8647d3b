"""`kerasish.preprocessing.sequence`: sequences brought to one length."""

from kerasish.utils.arrays import pad_sequences

__all__ = ["pad_sequences"]
