"""The two secrets of WeChat Pay API v3, as pure functions: RSA-SHA256 over lines of text, and AES-256-GCM over JSON.

A request is signed over method, address, time, nonce and body; an answer and a notice over time, nonce and body. Every
line ends with a line feed.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

SCHEME = "WECHATPAY2-SHA256-RSA2048"
ENCRYPTION = "AEAD_AES_256_GCM"
_PART = re.compile(r'\s*(mchid|nonce_str|signature|timestamp|serial_no)="([^"]*)"\s*(?:,|$)')
_LONGEST_HEADER = 2048


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a request's Authorization header says; `timestamp` in seconds."""

    mchid: str
    nonce: str
    signature: str
    timestamp: int
    serial: str


def parsed(header: str) -> Authorization | None:
    """The header taken apart; None when it is not one of this scheme with each part once."""
    scheme, _, rest = header.partition(" ")
    if scheme != SCHEME or len(header) > _LONGEST_HEADER:
        return None
    parts: dict[str, str] = {}
    at = 0
    while at < len(rest):
        found = _PART.match(rest, at)
        if found is None or found[1] in parts:
            return None
        parts[found[1]] = found[2]
        at = found.end()
    timestamp = parts.get("timestamp", "")
    if len(parts) != 5 or not re.fullmatch("[0-9]{1,11}", timestamp, re.ASCII):
        return None
    return Authorization(parts["mchid"], parts["nonce_str"], parts["signature"], int(timestamp), parts["serial_no"])


def lines(*parts: str) -> bytes:
    """What is signed: each part and a line feed."""
    return "".join(part + "\n" for part in parts).encode()


def signed(key: RSAPrivateKey, message: bytes) -> str:
    """The signature over a message, in base 64."""
    return base64.b64encode(key.sign(message, PKCS1v15(), SHA256())).decode()


def is_signed(certificate: str, message: bytes, signature: str) -> bool:
    """Whether the signature (base 64) over the message was made by the key of this certificate (PEM)."""
    try:
        raw = base64.b64decode(signature, validate=True)
        public_key(certificate).verify(raw, message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


@lru_cache(maxsize=1024)
def public_key(certificate: str) -> RSAPublicKey:
    """The key that a certificate (PEM) certifies."""
    key = load_pem_x509_certificate(certificate.encode()).public_key()
    assert isinstance(key, RSAPublicKey)
    return key


def encrypted(text: str, *, api_key: str, associated_data: str) -> dict[str, str]:
    """A text that only who has the API v3 key can read, as it stands in answers and notices."""
    nonce = secrets.token_hex(6)
    sealed = AESGCM(api_key.encode()).encrypt(nonce.encode(), text.encode(), associated_data.encode())
    return {
        "algorithm": ENCRYPTION,
        "ciphertext": base64.b64encode(sealed).decode(),
        "associated_data": associated_data,
        "nonce": nonce,
    }
