"""Fingerprints: 64-bit hashes of text, FarmHash and SipHash, of many strings at once.

Strings of one length are the rows of one matrix, so every step is a NumPy call for all of them.
"""

import numpy

from kerasish.arrays.text import encoded

_WORD = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_CAT = 0xC6A4A7935BD1E995  # the multiplier of MurmurHash2, which joins two fingerprints


def farm_fingerprints(texts):
    """FarmHash Fingerprint64 of each text.

    Args:
        texts: array of str.

    Returns:
        uint64 array of the same shape.

    Example:
        >>> hex(int(farm_fingerprints(numpy.array(["hello"], dtype=object))[0]))
        '0xb48be5a931380ce8'

    Source: G. Pike, FarmHash (2014), `farmhashna::Hash64`; what `tf.strings.to_hash_bucket_fast`
    and BigQuery's FARM_FINGERPRINT use.
    """
    return _by_length(texts, _farm)


def sip_hashes(texts, key):
    """SipHash-2-4 of each text, under a key of two integers.

    Args:
        texts: array of str.
        key: pair of int, taken modulo 2**64.

    Returns:
        uint64 array of the same shape.

    Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; what
    `tf.strings.to_hash_bucket_strong` uses.
    """
    return _by_length(texts, lambda rows: _sip(rows, int(key[0]) & _WORD, int(key[1]) & _WORD))


def joined_fingerprints(first, second):
    """One fingerprint of two, elementwise: the order matters.

    Args:
        first, second: uint64 arrays of one shape.
    """
    result = first ^ _u(_CAT)
    result = (result ^ (_mixed(second * _u(_CAT)) * _u(_CAT))) * _u(_CAT)
    return _mixed(_mixed(result) * _u(_CAT))


def as_decimal_text(values):
    """Integers as array of str in base ten."""
    return values.astype("S21").astype(str).astype(object)


# ---- words -----------------------------------------------------------------------------------


def _u(value):
    return numpy.uint64(value & _WORD)


def _by_length(texts, function):
    """uint64 array: `function(matrix of bytes)` for the texts of each length in bytes."""
    items = encoded(texts)
    lengths = numpy.fromiter(map(len, items), numpy.int64, len(items))
    found = numpy.empty(len(items), numpy.uint64)
    for length in numpy.unique(lengths).tolist():
        places = numpy.flatnonzero(lengths == length)
        content = b"".join([items[i] for i in places])
        found[places] = function(
            numpy.frombuffer(content, numpy.uint8).reshape(len(places), length)
        )
    return found.reshape(texts.shape)


def _fetch(rows, start, size=8):
    """Little-endian words of `size` bytes, at `start` in every row, as uint64."""
    chunk = numpy.ascontiguousarray(rows[:, start : start + size])
    return chunk.view(f"<u{size}")[:, 0].astype(numpy.uint64)


def _rotated(x, bits):
    """Rotated to the right."""
    return (x >> numpy.uint64(bits)) | (x << numpy.uint64(64 - bits))


def _mixed(x):
    return x ^ (x >> numpy.uint64(47))


# ---- FarmHash --------------------------------------------------------------------------------


def _farm(rows):
    length = rows.shape[1]
    if length <= 16:
        return _farm_to_16(rows, length)
    if length <= 32:
        return _farm_to_32(rows, length)
    return _farm_to_64(rows, length) if length <= 64 else _farm_long(rows, length)


def _folded(u, v, multiplier):
    a = _mixed((u ^ v) * multiplier)
    return _mixed((v ^ a) * multiplier) * multiplier


def _farm_to_16(rows, length):
    multiplier = _u(_K2 + 2 * length)
    if length >= 8:
        a, b = _fetch(rows, 0) + _u(_K2), _fetch(rows, length - 8)
        c, d = _rotated(b, 37) * multiplier + a, (_rotated(a, 25) + b) * multiplier
        return _folded(c, d, multiplier)
    if length >= 4:
        first = _u(length) + (_fetch(rows, 0, 4) << numpy.uint64(3))
        return _folded(first, _fetch(rows, length - 4, 4), multiplier)
    if length:
        a, b, c = (_fetch(rows, i, 1) for i in (0, length // 2, length - 1))
        y, z = a + (b << numpy.uint64(8)), _u(length) + (c << numpy.uint64(2))
        return _mixed((y * _u(_K2)) ^ (z * _u(_K0))) * _u(_K2)
    return numpy.full(len(rows), _u(_K2))


def _ends(rows, length, first, multiplier):
    """The two words at each end, weighted."""
    a, b = _fetch(rows, 0) * _u(first), _fetch(rows, 8)
    return a, b, _fetch(rows, length - 8) * multiplier, _fetch(rows, length - 16) * _u(_K2)


def _farm_to_32(rows, length):
    multiplier = _u(_K2 + 2 * length)
    a, b, c, d = _ends(rows, length, _K1, multiplier)
    first = _rotated(a + b, 43) + _rotated(c, 30) + d
    return _folded(first, a + _rotated(b + _u(_K2), 18) + c, multiplier)


def _farm_to_64(rows, length):
    multiplier = _u(_K2 + 2 * length)
    a, b, c, d = _ends(rows, length, _K2, multiplier)
    y = _rotated(a + b, 43) + _rotated(c, 30) + d
    z = _folded(y, a + _rotated(b + _u(_K2), 18) + c, multiplier)
    e, f = _fetch(rows, 16) * multiplier, _fetch(rows, 24)
    g = (y + _fetch(rows, length - 32)) * multiplier
    h = (z + _fetch(rows, length - 24)) * multiplier
    first = _rotated(e + f, 43) + _rotated(g, 30) + h
    return _folded(first, e + _rotated(f + a, 18) + g, multiplier)


def _seeded_pair(rows, start, a, b):
    """Two words of the 32 bytes from `start`, and two seeds."""
    w, x, y, z = (_fetch(rows, start + 8 * i) for i in range(4))
    a = a + w
    b = _rotated(b + a + z, 21)
    total = a + x + y
    return total + z, b + _rotated(total, 44) + a


def _farm_long(rows, length):
    seed = 81
    x = numpy.full(len(rows), _u(seed * _K2)) + _fetch(rows, 0)
    y = numpy.full(len(rows), _u(seed * _K1 + 113))
    z = _mixed(y * _u(_K2) + _u(113)) * _u(_K2)
    v = w = (numpy.zeros_like(x), numpy.zeros_like(x))
    stop = (length - 1) // 64 * 64
    for start in range(0, stop, 64):
        x, y, z, v, w = _farm_round(rows, start, x, y, z, v, w, _u(_K1), 1)
    multiplier = _u(_K1) + ((z & numpy.uint64(0xFF)) << numpy.uint64(1))
    first = w[0] + _u((length - 1) & 63)
    v = (v[0] + first, v[1])
    w = (first + v[0], w[1])
    last = stop + ((length - 1) & 63) - 63
    x, y, z, v, w = _farm_round(rows, last, x, y, z, v, w, multiplier, 9)
    return _folded(
        _folded(v[0], w[0], multiplier) + _mixed(y) * _u(_K0) + z,
        _folded(v[1], w[1], multiplier) + x,
        multiplier,
    )


def _farm_round(rows, start, x, y, z, v, w, multiplier, weight):
    """64 bytes mixed into the state; the last round weighs two of its words by 9."""
    x = _rotated(x + y + v[0] + _fetch(rows, start + 8), 37) * multiplier
    y = _rotated(y + v[1] + _fetch(rows, start + 48), 42) * multiplier
    x = x ^ (w[1] * _u(weight))
    y = y + v[0] * _u(weight) + _fetch(rows, start + 40)
    z = _rotated(z + w[0], 33) * multiplier
    new_v = _seeded_pair(rows, start, v[1] * multiplier, x + w[0])
    new_w = _seeded_pair(rows, start + 32, z + w[1], y + _fetch(rows, start + 16))
    return z, y, x, new_v, new_w


# ---- SipHash ---------------------------------------------------------------------------------


def _sip(rows, first_key, second_key):
    count, length = rows.shape
    padded = numpy.zeros((count, length // 8 * 8 + 8), numpy.uint8)
    padded[:, :length] = rows
    padded[:, -1] = length & 0xFF
    state = [
        numpy.full(count, _u(key ^ constant))
        for key, constant in (
            (first_key, 0x736F6D6570736575),
            (second_key, 0x646F72616E646F6D),
            (first_key, 0x6C7967656E657261),
            (second_key, 0x7465646279746573),
        )
    ]
    for start in range(0, padded.shape[1], 8):
        word = _fetch(padded, start)
        state[3] = state[3] ^ word
        state = _sip_round(*_sip_round(*state))
        state[0] = state[0] ^ word
    state[2] = state[2] ^ numpy.uint64(0xFF)
    for _ in range(4):
        state = _sip_round(*state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def _sip_round(a, b, c, d):
    a, c = a + b, c + d
    b, d = _rotated(b, 51) ^ a, _rotated(d, 48) ^ c
    a, c = _rotated(a, 32) + d, c + b
    b, d = _rotated(b, 47) ^ c, _rotated(d, 43) ^ a
    return [a, b, _rotated(c, 32), d]
