"""The certificates that let a phone on the LAN open the wallet by https: an authority of this computer and its leaf.

A phone's browser gives camera and keys to secure pages only. The authority is kept for years so that a phone has to
trust it once; it may sign for local names and private addresses only, so its key, if it leaks, cannot pass for the
rest of the web. The leaf is made again when the address changes or its time runs out.

An authority of another folder may be made for certain public names instead, and then for nothing else.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
LEAF_DAYS = 397
"""Phones refuse a leaf that is valid for longer than 825 days, and some one of more than 398."""

RENEW_DAYS = 30
NETWORKS = ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
NAMES = ("localhost", "local")
_CHAIN, _KEY, _AUTHORITY, _AUTHORITY_KEY = "leaf.pem", "leaf.key", "ca.pem", "ca.key"


@dataclass(frozen=True, slots=True)
class Certificate:
    """The files of a served certificate: the leaf with its authority behind it, and the leaf's private key (PKCS#8)."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """What a phone is asked to trust: the certificate in DER, its SHA-256, and its last moment."""

    name: str
    der: bytes
    sha256: bytes
    ends_at: int

    def fingerprint(self) -> list[str]:
        """The SHA-256 as phones show it, eight pairs of digits to a line."""
        return [self.sha256[start : start + 8].hex(" ").upper() for start in range(0, len(self.sha256), 8)]


class NotPrivate(ValueError):
    """An address that the authority may not sign for: neither local nor private."""


def ensure(folder: Path, host: str, *, only: tuple[str, ...] = ()) -> Certificate:
    """The certificate for `host` (an IPv4 address or a local name) in `folder`, made or renewed when it has to be.

    `only` are the public names, `host` among them, that the folder's authority may sign for, where it is made for such.
    """
    if host not in only:
        _check_private(host)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        authority, authority_key = _authority(folder, only)
        public: list[x509.GeneralName] = [x509.DNSName(name) for name in only]
        alternatives = public or _alternatives(host)
        if not _is_good(folder, alternatives, authority):
            _issue(folder, host, alternatives, authority, authority_key)
    return Certificate(folder / _CHAIN, folder / _KEY)


def authority(folder: Path) -> Authority | None:
    """The authority in `folder`; None before the first `ensure`."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / _AUTHORITY).read_bytes())
    except FileNotFoundError:
        return None
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    ends_at = round(certificate.not_valid_after_utc.timestamp() * 1000)
    sha256 = certificate.fingerprint(hashes.SHA256())
    return Authority(str(names[0].value), certificate.public_bytes(Encoding.DER), sha256, ends_at)


def _check_private(host: str) -> None:
    try:
        address = ipaddress.IPv4Address(host)
    except ValueError:
        is_private = host == "localhost" or host.endswith((".local", ".localhost"))
    else:
        is_private = any(address in ipaddress.ip_network(network) for network in NETWORKS)
    if not is_private:
        raise NotPrivate(f"{host} is not a private address, so its certificate cannot be made here.")


def _authority(folder: Path, only: tuple[str, ...]) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    try:
        certificate = x509.load_pem_x509_certificate((folder / _AUTHORITY).read_bytes())
        key = load_pem_private_key((folder / _AUTHORITY_KEY).read_bytes(), None)
        is_ours = key.public_key() == certificate.public_key()
        if isinstance(key, ec.EllipticCurvePrivateKey) and is_ours and _is_current(certificate):
            return certificate, key
    except (FileNotFoundError, ValueError):
        pass
    fresh = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Saoma on this computer {os.urandom(3).hex()}")])
    constraints: list[x509.GeneralName] = [x509.DNSName(each) for each in only or NAMES]
    constraints += [x509.IPAddress(ipaddress.ip_network(network)) for network in (() if only else NETWORKS)]
    certificate = (
        _builder(name, name, fresh.public_key(), AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(constraints, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(fresh.public_key()), critical=False)
        .sign(fresh, hashes.SHA256())
    )
    _write_private(folder / _AUTHORITY_KEY, _pkcs8(fresh))
    _write(folder / _AUTHORITY, certificate.public_bytes(Encoding.PEM))
    return certificate, fresh


def _issue(
    folder: Path,
    host: str,
    alternatives: list[x509.GeneralName],
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    leaf = (
        _builder(name, authority.subject, key.public_key(), LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    _write_private(folder / _KEY, _pkcs8(key))
    _write(folder / _CHAIN, leaf.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM))


def _is_good(folder: Path, alternatives: list[x509.GeneralName], authority: x509.Certificate) -> bool:
    """Whether the leaf is there, is this authority's, names the host, and lasts for a while yet."""
    try:
        leaf = x509.load_pem_x509_certificate((folder / _CHAIN).read_bytes())
        key = load_pem_private_key((folder / _KEY).read_bytes(), None)
        leaf.verify_directly_issued_by(authority)
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
        return False
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return alternatives == list(names) and key.public_key() == leaf.public_key() and _is_current(leaf)


def _is_current(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc - timedelta(days=RENEW_DAYS) > datetime.now(UTC)


def _alternatives(host: str) -> list[x509.GeneralName]:
    loopback = x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))
    found: list[x509.GeneralName] = [x509.DNSName("localhost"), loopback]
    try:
        own: x509.GeneralName = x509.IPAddress(ipaddress.IPv4Address(host))
    except ValueError:
        own = x509.DNSName(host)
    return found if own in found else [*found, own]


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, days: int
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) - timedelta(hours=1)  # a phone's clock may be a little behind
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=days))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _pkcs8(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write_private(path: Path, content: bytes) -> None:
    _write(path, content, 0o600)


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file in one step; a private one is never readable by others, not even for a moment."""
    waiting = path.with_suffix(".new")
    waiting.unlink(missing_ok=True)
    with os.fdopen(os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    waiting.replace(path)
