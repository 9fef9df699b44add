"""Keys: sign and verify, refuse what is no key, and stay shut at rest."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import signing
from shared.identity.signing import Algorithm, BadKey, CannotUnlockKey, PrivateKey, PublicKey
from tests.examples import examples

few = examples(50)
KEYS = {algorithm: PrivateKey.generate(algorithm) for algorithm in Algorithm}
SECRET = b"an installation's secret"
P = 2**255 - 19


@pytest.mark.parametrize("algorithm", Algorithm)
@few
@given(message=st.binary(max_size=300))
def test_a_signature_verifies_and_has_64_bytes(algorithm: Algorithm, message: bytes) -> None:
    key = KEYS[algorithm]

    signature = key.sign(message)

    assert len(signature) == 64
    assert key.sign(message) == signature
    assert key.public_key.verify(signature, message)
    assert not key.public_key.verify(signature, message + b"\x00")
    assert not key.public_key.verify(signature[:-1] + bytes([signature[-1] ^ 1]), message)


@pytest.mark.parametrize("algorithm", Algorithm)
@pytest.mark.parametrize("signature", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_bytes_that_are_no_signature_do_not_verify(algorithm: Algorithm, signature: bytes) -> None:
    assert not KEYS[algorithm].public_key.verify(signature, b"message")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_public_key_comes_back_from_its_bytes(algorithm: Algorithm) -> None:
    public = KEYS[algorithm].public_key

    assert PublicKey.from_raw(public.raw) == public
    assert public.kid == hashlib.sha256(b"saoma-kid\0" + algorithm.value.encode() + b"\0" + public.raw).digest()[:8]
    assert public.kid_hex == public.kid.hex()


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_private_key_comes_back_from_its_bytes_and_prints_no_secret(algorithm: Algorithm) -> None:
    key = KEYS[algorithm]

    assert PrivateKey.from_bytes(key.to_bytes()).sign(b"m") == key.sign(b"m")
    assert repr(key) == f"PrivateKey({algorithm.value}, kid {key.public_key.kid_hex})"


@pytest.mark.parametrize("size", [0, 31, 34, 64, 65])
def test_a_key_of_a_wrong_length_is_refused(size: int) -> None:
    with pytest.raises(BadKey):
        PublicKey.from_raw(b"\x02" * size)


def test_the_algorithm_must_fit_the_bytes() -> None:
    with pytest.raises(BadKey):
        PublicKey(Algorithm.P256, KEYS[Algorithm.ED25519].public_key.raw)
    with pytest.raises(BadKey):
        PublicKey(Algorithm.ED25519, KEYS[Algorithm.P256].public_key.raw)


@pytest.mark.parametrize("raw", [bytes(33), b"\x04" + bytes(32), b"\x02" + b"\xff" * 32, b"\x02" + bytes(31) + b"\x01"])
def test_a_p256_key_off_the_curve_is_refused(raw: bytes) -> None:
    with pytest.raises(BadKey):
        PublicKey.from_raw(raw)


def test_an_ed25519_key_off_the_curve_is_refused() -> None:
    off = [number.to_bytes(32, "little") for number in range(2, 30) if not is_square_at(number)]

    assert off
    for raw in off:
        with pytest.raises(BadKey):
            PublicKey.from_raw(raw)


def test_every_point_of_small_order_is_refused_however_it_is_written() -> None:
    points = torsion_points()
    assert len(points) == 8

    for x, y in points:
        for number in (y, y + P):
            if number < 2**255:
                for sign in (x & 1, 1 - (x & 1)):
                    with pytest.raises(BadKey):
                        PublicKey.from_raw((number | sign << 255).to_bytes(32, "little"))


def test_an_ed25519_key_that_is_not_canonical_is_refused() -> None:
    for number in range(P, 2**255):
        with pytest.raises(BadKey):
            PublicKey.from_raw(number.to_bytes(32, "little"))


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_locked_key_opens_with_its_secret_only(algorithm: Algorithm) -> None:
    key = KEYS[algorithm]

    blob = signing.lock(key, SECRET)

    assert signing.unlock(blob, SECRET).to_bytes() == key.to_bytes()
    assert signing.lock(key, SECRET) != blob
    assert key.to_bytes()[-32:] not in blob
    with pytest.raises(CannotUnlockKey):
        signing.unlock(blob, b"another installation's secret")


def test_no_byte_of_a_locked_key_can_be_changed_or_lost() -> None:
    blob = signing.lock(KEYS[Algorithm.ED25519], SECRET)

    for at in range(len(blob)):
        with pytest.raises(CannotUnlockKey):
            signing.unlock(blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :], SECRET)
        with pytest.raises(CannotUnlockKey):
            signing.unlock(blob[:at], SECRET)


def test_a_short_secret_protects_nothing_and_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        signing.lock(KEYS[Algorithm.ED25519], b"short")


# The curve by its textbook formulas, slow and independent of the code under test.

D = -121665 * pow(121666, -1, P) % P


def is_square_at(y: int) -> bool:
    x_squared = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    return x_squared == 0 or pow(x_squared, (P - 1) // 2, P) == 1


def added(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y3 = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return x3, y3


def torsion_points() -> set[tuple[int, int]]:
    """The eight points of order 1, 2, 4 and 8: multiples of L times some point of the full group."""
    subgroup_order = 2**252 + 27742317777372353535851937790883648493
    found: set[tuple[int, int]] = set()
    y = 2
    while len(found) < 8:
        if is_square_at(y):
            point = multiplied(subgroup_order, (root((y * y - 1) * pow(D * y * y + 1, -1, P) % P), y))
            found |= {multiplied(times, point) for times in range(8)}
        y += 1
    return found


def multiplied(times: int, point: tuple[int, int]) -> tuple[int, int]:
    result = (0, 1)
    for bit in bin(times)[2:]:
        result = added(result, result)
        if bit == "1":
            result = added(result, point)
    return result


def root(square: int) -> int:
    candidate = pow(square, (P + 3) // 8, P)
    return candidate if candidate * candidate % P == square else candidate * pow(2, (P - 1) // 4, P) % P
