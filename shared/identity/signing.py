"""Keys: the public half that verifies, the private half that signs, and how a private key lies on a disk.

Two algorithms, both with 64-byte signatures, so that a signed code has one shape whichever made it. Which of them a key
is comes from the key alone (32 bytes = Ed25519, 33 = a compressed P-256 point), never from what was signed: a forger
cannot choose. Nothing here knows whose key it is; that is `keys.py`.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.errors import BadInput, DomainError

SIGNATURE_BYTES = 64
KID_BYTES = 8

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P
_ORDER_8_Y = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER_Y = frozenset({0, 1, _P - 1, _ORDER_8_Y, _P - _ORDER_8_Y})

_LOCK_VERSION, _SALT_BYTES, _NONCE_BYTES = b"\x01", 16, 12


class BadKey(BadInput):
    """Bytes that are no usable public key: a wrong length, not on the curve, or a point that verifies anything."""

    code = "bad_key"


class CannotUnlockKey(DomainError):
    """A key at rest that this secret does not open: another secret made it, or the bytes are damaged."""

    code = "cannot_unlock_key"
    status = 500


class Algorithm(StrEnum):
    """How a key signs. The value stands in the key's id, in ASCII."""

    ED25519 = "Ed25519"
    P256 = "P-256"


_Verifier = ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class PublicKey:
    """The half that everybody may know: 32 bytes for Ed25519, 33 (a compressed point) for P-256. `BadKey` otherwise."""

    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        _verifier(self.algorithm, self.raw)

    @classmethod
    def from_raw(cls, raw: bytes) -> PublicKey:
        """The key of these bytes; their number tells the algorithm. `BadKey` when they are none."""
        return cls(Algorithm.P256 if len(raw) == 33 else Algorithm.ED25519, bytes(raw))

    @property
    def kid(self) -> bytes:
        """The 8 bytes by which a code names this key."""
        named = b"saoma-kid\x00" + self.algorithm.value.encode("ascii") + b"\x00" + self.raw
        return hashlib.sha256(named).digest()[:KID_BYTES]

    @property
    def kid_hex(self) -> str:
        """`kid` in 16 hexadecimal digits, as it stands in the database and on pages."""
        return self.kid.hex()

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether this key's other half made `signature` (64 bytes) over exactly `message`."""
        if len(signature) != SIGNATURE_BYTES:
            return False
        verifier = _verifier(self.algorithm, self.raw)
        try:
            if isinstance(verifier, ed25519.Ed25519PublicKey):
                verifier.verify(signature, message)
            else:
                r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
                verifier.verify(encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


class Signer(Protocol):
    """Whatever can sign: a private key in memory, a phone, one day a hardware module."""

    @property
    def public_key(self) -> PublicKey:
        """The half that verifies what `sign` makes."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes that only the holder of this key can make over `message`."""


class PrivateKey:
    """A private key in memory. It never prints itself."""

    __slots__ = ("_key", "public_key")

    def __init__(self, key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
        self._key = key
        self.public_key = _public_half(key)

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.ED25519) -> PrivateKey:
        """A fresh key."""
        if algorithm is Algorithm.ED25519:
            return cls(ed25519.Ed25519PrivateKey.generate())
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_bytes(cls, der: bytes) -> PrivateKey:
        """The key of an unencrypted PKCS #8 DER; ValueError when it is none of ours."""
        key = serialization.load_der_private_key(der, password=None)
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return cls(key)
        if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            return cls(key)
        raise ValueError("a private key must be Ed25519 or P-256")

    def to_bytes(self) -> bytes:
        """PKCS #8 DER, unencrypted: for `lock`, never for a file."""
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature over `message`; the same for the same key and message (RFC 8032, RFC 6979)."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(message)
        der = self._key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"PrivateKey({self.public_key.algorithm.value}, kid {self.public_key.kid_hex})"


def lock(private: PrivateKey, secret: bytes) -> bytes:
    """The private key as it may lie in a database: AES-256-GCM under a key derived from the installation's secret."""
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    head = _LOCK_VERSION + private.public_key.kid
    sealed = AESGCM(_wrapping_key(secret, salt)).encrypt(nonce, private.to_bytes(), head)
    return head + salt + nonce + sealed


@lru_cache(maxsize=256)
def unlock(blob: bytes, secret: bytes) -> PrivateKey:
    """The private key inside a locked blob; `CannotUnlockKey` when the secret is another one or a bit has changed.

    Unlocking costs as much as several signatures, so a process remembers the keys that it has unlocked. Whether one is
    still good the database says at each use.
    """
    head, rest = blob[: 1 + KID_BYTES], blob[1 + KID_BYTES :]
    salt, nonce, sealed = rest[:_SALT_BYTES], rest[_SALT_BYTES:][:_NONCE_BYTES], rest[_SALT_BYTES + _NONCE_BYTES :]
    if head[:1] != _LOCK_VERSION or len(sealed) < 16:
        raise CannotUnlockKey(kid=head[1:].hex())
    try:
        private = PrivateKey.from_bytes(AESGCM(_wrapping_key(secret, salt)).decrypt(nonce, sealed, head))
    except InvalidTag:
        raise CannotUnlockKey(kid=head[1:].hex()) from None
    if private.public_key.kid != head[1:]:
        raise CannotUnlockKey(kid=head[1:].hex())
    return private


def _wrapping_key(secret: bytes, salt: bytes) -> bytes:
    if len(secret) < 16:
        raise ValueError("the secret that protects keys must have at least 16 bytes")
    return HKDF(hashes.SHA256(), 32, salt, b"saoma key at rest").derive(secret)


def _public_half(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> PublicKey:
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return PublicKey(Algorithm.ED25519, public.public_bytes_raw())
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint)
    return PublicKey(Algorithm.P256, point)


@lru_cache(maxsize=32768)
def _verifier(algorithm: Algorithm, raw: bytes) -> _Verifier:
    try:
        if algorithm is Algorithm.ED25519 and len(raw) == 32 and _is_usable_edwards_point(raw):
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        if algorithm is Algorithm.P256 and len(raw) == 33:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError:
        pass
    raise BadKey(length=len(raw))


def _is_usable_edwards_point(raw: bytes) -> bool:
    """Whether 32 bytes are a canonical point of edwards25519 that is not of small order.

    Verifiers accept small-order points, and under such a "key" one signature fits many messages.
    """
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P or y in _SMALL_ORDER_Y:
        return False
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return pow(x_squared, (_P - 1) // 2, _P) == 1
