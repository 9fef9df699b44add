"""RSA keys and the X.509 certificates around them: the platform's and the merchants'.

A merchant's certificate is signed by its own key: it only carries a key and a serial number, and nobody follows its
chain. Their times are the machine's, because those who check them look at the machine's clock.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import NameOID

from shared import clock

_GOOD_FOR = timedelta(days=5 * 365)
_EARLIER = timedelta(days=1)
"""A client whose clock is behind takes the certificate too."""


@dataclass(frozen=True, slots=True)
class Certified:
    """A fresh key and its certificate; `serial` is 40 hexadecimal digits, upper case."""

    serial: str
    certificate: str
    private_key: str


def certified(common_name: str) -> Certified:
    """A fresh RSA key of 2048 bits with a certificate; takes about a tenth of a second."""
    now = datetime.fromtimestamp(clock.system_now() // 1000, UTC)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    serial = secrets.randbits(155) | 1 << 156  # 40 digits, and positive
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(now - _EARLIER)
        .not_valid_after(now + _GOOD_FOR)
        .sign(key, hashes.SHA256())
    )
    return Certified(f"{serial:040X}", certificate.public_bytes(serialization.Encoding.PEM).decode(), private_pem(key))


def private_pem(key: RSAPrivateKey) -> str:
    """The private key as the SDKs read it: PKCS#8, PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@lru_cache(maxsize=8)
def private_key(pem: bytes) -> RSAPrivateKey:
    """The key in a PEM; reading one is dear."""
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, RSAPrivateKey)
    return key


def public_pem(certificate: str) -> str:
    """The public key that a certificate (PEM) certifies, as the SDKs read it: PEM."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def validity(certificate: str) -> tuple[datetime, datetime]:
    """From when to when a certificate (PEM) is good, UTC."""
    found = x509.load_pem_x509_certificate(certificate.encode())
    return found.not_valid_before_utc, found.not_valid_after_utc
