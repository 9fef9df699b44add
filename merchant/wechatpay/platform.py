"""The platform: the key that signs every answer and notice, made once an installation, unlocked once a process."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from sqlalchemy import insert

from merchant.wechatpay import certificates, locking, models, signing
from shared import clock
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork

_WHOSE = "platform"


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform as everybody may know it. `certificate` is PEM."""

    serial: str
    public_key_id: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Signer:
    """The platform with its key."""

    platform: Platform
    key: RSAPrivateKey

    def headers(self, body: str, *, by_public_key: bool) -> dict[str, str]:
        """What goes with an answer or a notice: its signature, of the machine's now, and the name of the key."""
        timestamp, nonce = str(clock.system_now() // 1000), secrets.token_hex(16)
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Signature": signing.signed(self.key, signing.lines(timestamp, nonce, body)),
            "Wechatpay-Signature-Type": signing.SCHEME,
            "Wechatpay-Serial": self.platform.public_key_id if by_public_key else self.platform.serial,
        }


class Keeper:
    """The platform's signer, found or made when it is first asked for."""

    def __init__(self, store: Store, secret: bytes) -> None:
        self._store = store
        self._secret = secret
        self._known: Signer | None = None

    def signer(self) -> Signer:
        """The platform with its key."""
        if self._known is None:
            self._known = self._store.read(find, secret=self._secret) or self._made()
        return self._known

    def _made(self) -> Signer:
        fresh = certificates.certified("Saoma WeChat Pay platform")
        return self._store.run(settle_on, fresh=fresh, secret=self._secret)


def find(reader: Reader, *, secret: bytes) -> Signer | None:
    """The platform with its key, None before it was made."""
    rows = reader.sql.rows(
        "SELECT serial, public_key_id, certificate, locked_private FROM wechatpay_platform WHERE id = 1"
    )
    if not rows:
        return None
    serial, public_key_id, certificate, locked = rows[0]
    pem = locking.unlock(bytes(locked), secret=secret, whose=_WHOSE)
    return Signer(Platform(serial, public_key_id, certificate), certificates.private_key(pem.encode()))


def settle_on(uow: UnitOfWork, *, fresh: certificates.Certified, secret: bytes) -> Signer:
    """Make the fresh key the platform's, unless another process was faster: then its key is."""
    found = find(uow, secret=secret)
    if found is None:
        locked = locking.lock(fresh.private_key, secret=secret, whose=_WHOSE)
        uow.execute(insert(models.Platform).values(
            id=1, serial=fresh.serial, public_key_id=f"PUB_KEY_ID_{int(fresh.serial, 16) % 10**40:040d}",
            certificate=fresh.certificate, locked_private=locked, created_at=uow.now,
        ))  # fmt: skip
        found = find(uow, secret=secret)
    assert found is not None
    return found
