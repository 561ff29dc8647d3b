"""Masks that travel with tensors from one layer to the next (True: a real step, False: padding)."""


def get_mask(tensor):
    """The mask of a tensor, or None."""
    return getattr(tensor, "_keras_mask", None)


def set_mask(tensor, mask):
    """Attach a mask to a tensor (None removes it)."""
    try:
        tensor._keras_mask = mask
    except AttributeError:  # a plain array handed through carries no mask
        return


def masks_of(values):
    """Masks of a flat list of tensors."""
    return [get_mask(v) for v in values]
