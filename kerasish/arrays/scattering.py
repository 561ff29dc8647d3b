"""Sums, extremes and products into chosen places, where the array module does them for few dtypes.

CuPy's scatter functions need an atomic operation of the GPU, which not every dtype has, and there
is none at all for products.
"""

# Dtypes without an atomic sum, and one that has it and loses nothing (sums of int64 wrap alike).
WIDER_FOR_SUMS = {
    "bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32",
    "int64": "uint64", "bfloat16": "float32",
}  # fmt: skip
WIDER_FOR_EXTREMES = {
    "bool": "int32", "int8": "int32", "int16": "int32", "uint8": "uint32", "uint16": "uint32",
    "float16": "float32", "bfloat16": "float32",
}  # fmt: skip


def through_wider(scatter, wider):
    """The scatter function for more dtypes: those in a table go through a copy in a wider one.

    Args:
        scatter: callable `f(array, slices, value)` that writes to `array`.
        wider: dict from dtype name to dtype name.

    Returns:
        callable of the same form.
    """

    def call(array, slices, value):
        name = wider.get(array.dtype.name)
        if name is None:
            return scatter(array, slices, value)
        copy = array.astype(name)
        scatter(copy, slices, value.astype(name) if hasattr(value, "astype") else value)
        array[...] = copy.astype(array.dtype)

    return call


def multiply_in_rounds(xp):
    """A scatter function of products, made of rounds in which no place occurs twice.

    Args:
        xp: array module.

    Returns:
        callable `f(array, slices, value)`; `slices` are index arrays for the first axes.
    """

    def call(array, slices, value):
        places = xp.zeros(slices[0].shape, xp.int64)
        for size, index in zip(array.shape, slices, strict=False):
            places = places * size + xp.where(index < 0, index + size, index)
        places = places.reshape(-1)
        if places.size == 0:
            return
        order = xp.argsort(places, kind="stable")
        ordered = places[order]
        # How many equal places came before: the round in which an element has its turn.
        turn = xp.arange(places.size) - xp.searchsorted(ordered, ordered)
        depth = len(slices)
        flat = array.reshape((-1, *array.shape[depth:]))  # a view, since callers pass fresh arrays
        factors = value.reshape((places.size, *array.shape[depth:]))
        for i in range(int(turn.max()) + 1):
            chosen = order[turn == i]
            flat[places[chosen]] = flat[places[chosen]] * factors[chosen]

    return call
