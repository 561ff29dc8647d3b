"""Lowering of elementwise operations."""

import math

from kerasish.kernels.cpu.lowering import LETTERS, Unsupported, emits

# Operation -> instruction, by the type of the operands.
_SAME_NAME = (
    "add subtract multiply divide maximum minimum fmax fmin positive_gate negative absolute square"
    " sqrt rsqrt reciprocal sign floor ceil trunc relu relu6 exp exp2 expm1 log log2 log10 log1p"
    " sin cos tanh sigmoid softplus erf equal not_equal less less_equal greater greater_equal"
    " isnan isfinite isinf isposinf isneginf signbit"
).split()
_INTEGER = (
    "add subtract multiply maximum minimum negative equal not_equal less less_equal greater"
    " greater_equal"
).split()
_NAMES = {
    "F": {name: name for name in _SAME_NAME} | {"fabs": "absolute"},
    "I": {name: f"{name}_i32" for name in _INTEGER}
    | {"bitwise_and": "and_i32", "bitwise_or": "or_i32", "bitwise_xor": "xor_i32"},
    "L": {name: f"{name}_i64" for name in _INTEGER},
    "U": {name: f"{name}_u32" for name in ("add", "subtract", "multiply", "equal", "not_equal")}
    | {"bitwise_and": "and_u32", "bitwise_or": "or_u32", "bitwise_xor": "xor_u32"},
    "M": {
        **{"not_equal": "xor", "bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor"},
        **{"maximum": "or", "minimum": "and", "multiply": "and", "add": "or"},
    },
}
_WHERE = {"F": "where", "I": "where_i32", "L": "where_i64", "M": "where_mask"}


def common_letter(operands):
    """The type of the operands that have one; Python numbers (int, float, bool) have none."""
    letters = {o.letter for o in operands if not isinstance(o, (int, float))}
    if len(letters) != 1:
        raise Unsupported("operands of several types")
    return letters.pop()


def typed(emitter, operands, letter):
    """The operands with Python numbers as constants of a type."""
    return [emitter.constant(o, letter) if isinstance(o, (int, float)) else o for o in operands]


@emits(*sorted({name for names in _NAMES.values() for name in names}))
def _simple(emitter, node, operands):
    letter = common_letter(operands)
    name = _NAMES.get(letter, {}).get(node.name)
    if name is None:
        if letter == "M" and node.name == "equal":
            return emitter.emit("not", emitter.emit("xor", *typed(emitter, operands, "M")))
        raise Unsupported(f"{node.name} of type {letter}")
    operands = typed(emitter, operands, letter)
    if name == "divide" and (c := operands[1].constant) and math.frexp(c)[0] in (0.5, -0.5):
        return emitter.emit("multiply", operands[0], emitter.constant(1 / c, "F"))  # exact
    if name == "multiply":
        return emitter.product(*operands)
    return emitter.emit(name, *operands)


@emits("cast")
def _cast(emitter, node, operands):
    letter = LETTERS.get(node.dtype)
    if letter is None:
        raise Unsupported(f"cast to {node.dtype}")
    return emitter.cast(operands[0], letter)


@emits("logical_and", "logical_or", "logical_xor", "logical_not")
def _logic(emitter, node, operands):
    operands = [
        emitter.constant(float(o != 0), "M")
        if isinstance(o, (int, float))
        else emitter.cast(o, "M")
        for o in operands
    ]
    return emitter.emit(node.name.removeprefix("logical_"), *operands)


@emits("where")
def _where(emitter, node, operands):
    condition, *choices = operands
    letter = common_letter(choices)
    choices = typed(emitter, choices, letter)
    if letter not in _WHERE:
        raise Unsupported("where of unsigned integers")
    return emitter.emit(_WHERE[letter], condition, *choices)


@emits("clip")
def _clip(emitter, node, operands):
    letter = common_letter(operands)
    x, low, high = typed(emitter, operands, letter)
    if letter == "F":  # numbers that are no NaN let the quicker form keep that of x
        numbers = [o.constant is not None and o.constant == o.constant for o in (low, high)]
        return emitter.emit("limit" if all(numbers) else "clip", x, low, high)
    suffix = {"I": "_i32", "L": "_i64"}.get(letter)
    if suffix is None:
        raise Unsupported(f"clip of type {letter}")
    return emitter.emit(f"minimum{suffix}", emitter.emit(f"maximum{suffix}", x, low), high)


@emits("round")
def _round(emitter, node, operands):
    if node.decimals != 0:
        raise Unsupported("rounding to decimals")
    return emitter.emit("round", *operands)


@emits("power")
def _power(emitter, node, operands):
    x, y = typed(emitter, operands, common_letter(operands))
    if x.letter != "F":
        raise Unsupported("power of integers")
    if y.constant == 2:
        return emitter.emit("square", x)
    if y.constant == 3:
        return emitter.emit("multiply", emitter.emit("square", x), x)
    if y.constant == -1:
        return emitter.emit("reciprocal", x)
    return emitter.emit("power", x, y)


@emits("between_gate")
def _between_gate(emitter, node, operands):
    g, y = operands
    inside = emitter.emit(
        "and",
        emitter.emit("greater", y, emitter.constant(node.low, "F")),
        emitter.emit("less", y, emitter.constant(node.high, "F")),
    )
    return emitter.emit("multiply", g, emitter.cast(inside, "F"))


@emits("logaddexp")
def _logaddexp(emitter, node, operands):
    a, b = typed(emitter, operands, "F")
    distance = emitter.emit("absolute", emitter.emit("subtract", a, b))
    tail = emitter.emit("log1p", emitter.emit("exp", emitter.emit("negative", distance)))
    apart = emitter.emit("add", emitter.emit("maximum", a, b), tail)
    twice = emitter.emit("add", a, emitter.constant(math.log(2), "F"))
    return emitter.emit("where", emitter.emit("equal", a, b), twice, apart)


@emits("nan_to_num")
def _nan_to_num(emitter, node, operands):
    (x,) = operands
    if x.letter != "F":
        raise Unsupported("nan_to_num of integers")
    largest = float.fromhex("0x1.fffffep127")
    for test, number in (
        ("isnan", node.nan),
        ("isposinf", largest if node.posinf is None else node.posinf),
        ("isneginf", -largest if node.neginf is None else node.neginf),
    ):
        x = emitter.emit("where", emitter.emit(test, x), emitter.constant(number, "F"), x)
    return x


@emits("deg2rad", "rad2deg")
def _angle(emitter, node, operands):
    factor = math.pi / 180 if node.name == "deg2rad" else 180 / math.pi
    return emitter.emit("multiply", operands[0], emitter.constant(factor, "F"))
