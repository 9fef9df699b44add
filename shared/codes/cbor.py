"""The body of a code: one map of integers to int, bytes or text, in the one encoding that CBOR calls deterministic.

A strict subset of RFC 8949 §4.2.1, kept this small because general decoders accept what a signed format must not:
duplicate keys, needlessly long lengths, tags, trailing bytes. For every accepted body `encode(decode(body)) == body`.
"""

from __future__ import annotations

from collections.abc import Mapping

from shared.codes.refusals import MalformedCode

Value = int | bytes | str

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP = range(6)
_EXTRA = {24: 1, 25: 2, 26: 4, 27: 8}
_LEAST = {24: 24, 25: 2**8, 26: 2**16, 27: 2**32}
"""The smallest integer that needs so many bytes."""
_SHORT = 24
"""Below it a byte is itself an unsigned integer."""
_NO_HEAD = b"\xff"
"""What would be read behind the end."""


def encode(fields: Mapping[int, Value]) -> bytes:
    """The one encoding of these fields. Integers lie between -2^64 and 2^64 - 1."""
    pairs = sorted((_int(key), _value(value)) for key, value in fields.items())
    return _head(_MAP, len(pairs)) + b"".join(key + value for key, value in pairs)


def decode(body: bytes) -> dict[int, Value]:
    """The fields of a body; `MalformedCode` unless it is exactly what `encode` would have written."""
    major, count, at = _read_head(body, 0)
    if major != _MAP:
        raise MalformedCode(why="not a map")
    heads = body + _NO_HEAD
    fields: dict[int, Value] = {}
    previous = b""
    for _ in range(count):
        start, name = at, heads[at]
        if name < _SHORT:  # as good as every key is
            at += 1
        else:
            major, name, at = _read_head(body, at)
            if major > _NEGATIVE:
                raise MalformedCode(why="a key is no integer")
            name = name if major == _UNSIGNED else -1 - name
        key = body[start:at]
        if key <= previous:
            raise MalformedCode(why="a key out of order")
        previous = key
        head = heads[at]
        if head < _SHORT:
            fields[name], at = head, at + 1
        else:
            fields[name], at = _read_value(body, at)
    if at != len(body):
        raise MalformedCode(why="bytes after the end")
    return fields


def _head(major: int, argument: int) -> bytes:
    if argument < 24:
        return bytes([major << 5 | argument])
    for mark, size in _EXTRA.items():
        if argument < 256**size:
            return bytes([major << 5 | mark]) + argument.to_bytes(size, "big")
    raise ValueError("an integer in a code has at most 64 bits")


def _int(number: int) -> bytes:
    return _head(_UNSIGNED, number) if number >= 0 else _head(_NEGATIVE, -1 - number)


def _value(value: Value) -> bytes:
    if isinstance(value, str):
        raw = value.encode("utf-8")
        return _head(_TEXT, len(raw)) + raw
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    return _int(value)


def _read_head(body: bytes, at: int) -> tuple[int, int, int]:
    """Major type, argument and the place after them."""
    if at >= len(body):
        raise MalformedCode(why="cut short")
    major, low = body[at] >> 5, body[at] & 31
    if major == _LIST or major > _MAP or low > 27:
        raise MalformedCode(why="a tag, a list, a float or an open length")
    if low < 24:
        return major, low, at + 1
    end = at + 1 + _EXTRA[low]
    argument = int.from_bytes(body[at + 1 : end], "big")
    if end > len(body) or argument < _LEAST[low]:
        raise MalformedCode(why="cut short, or longer than needed")
    return major, argument, end


def _read_value(body: bytes, at: int) -> tuple[Value, int]:
    major, argument, at = _read_head(body, at)
    if major == _UNSIGNED:
        return argument, at
    if major == _NEGATIVE:
        return -1 - argument, at
    if major == _MAP or argument > len(body) - at:
        raise MalformedCode(why="a map within, or cut short")
    raw = body[at : at + argument]
    if major == _BYTES:
        return raw, at + argument
    try:
        return raw.decode("utf-8"), at + argument
    except UnicodeDecodeError:
        raise MalformedCode(why="text that is not UTF-8") from None
