"""A shop as a merchant of WeChat Pay: its number, its certificate, its API v3 key."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass

from sqlalchemy import insert, update

from merchant.wechatpay import certificates, locking, models
from merchant.wechatpay.certificates import Certified
from shared.db.unit import Reader, UnitOfWork
from shared.errors import NotFound

_API_KEY_CHARACTERS = string.ascii_letters + string.digits
_COLUMNS = "mchid, shop_id, appid, serial, certificate, locked_api_key, created_at"


class NoMerchant(NotFound):
    """The shop is no merchant of WeChat Pay yet."""

    code = "no_wechatpay_merchant"


@dataclass(frozen=True, slots=True)
class Merchant:
    """A merchant. Its requests are verified by `certificate` (PEM), whose number is `serial`."""

    mchid: str
    shop_id: str
    appid: str
    serial: str
    certificate: str
    locked_api_key: bytes
    created_at: int

    def api_key(self, secret: bytes) -> str:
        """The API v3 key, 32 characters."""
        return locking.unlock(self.locked_api_key, secret=secret, whose=self.mchid)


def new_certificate(mchid: str) -> Certified:
    """A fresh key and certificate for a merchant: dear, so before the writer's turn. Its private key is not kept."""
    return certificates.certified(f"Saoma merchant {mchid}")


def new_mchid() -> str:
    """A fresh merchant number: ten digits."""
    return f"16{secrets.randbelow(10**8):08d}"


def new_api_key() -> str:
    """A fresh API v3 key: 32 letters and digits."""
    return "".join(secrets.choice(_API_KEY_CHARACTERS) for _ in range(32))


def enlist(uow: UnitOfWork, *, shop_id: str, mchid: str, certified: Certified, api_key: str, secret: bytes) -> Merchant:
    """Make a shop a merchant under a fresh number; one that is a merchant already gets the new certificate and key."""
    known = find_of_shop(uow, shop_id=shop_id)
    if known is None:
        uow.execute(
            insert(models.Merchant).values(
                mchid=mchid,
                shop_id=shop_id,
                appid="wx" + secrets.token_hex(8),
                serial=certified.serial,
                certificate=certified.certificate,
                locked_api_key=locking.lock(api_key, secret=secret, whose=mchid),
                created_at=uow.now,
            )
        )
    else:
        renew_certificate(uow, shop_id=shop_id, certified=certified)
        renew_api_key(uow, shop_id=shop_id, api_key=api_key, secret=secret)
    return of_shop(uow, shop_id=shop_id)


def renew_certificate(uow: UnitOfWork, *, shop_id: str, certified: Certified) -> Merchant:
    """Verify the merchant's requests by another certificate from now on; the old one is worthless."""
    mine = models.Merchant.shop_id == of_shop(uow, shop_id=shop_id).shop_id
    uow.execute(update(models.Merchant).where(mine).values(serial=certified.serial, certificate=certified.certificate))
    return of_shop(uow, shop_id=shop_id)


def renew_api_key(uow: UnitOfWork, *, shop_id: str, api_key: str, secret: bytes) -> Merchant:
    """Encrypt for the merchant with another API v3 key from now on."""
    known = of_shop(uow, shop_id=shop_id)
    locked = locking.lock(api_key, secret=secret, whose=known.mchid)
    uow.execute(update(models.Merchant).where(models.Merchant.mchid == known.mchid).values(locked_api_key=locked))
    return of_shop(uow, shop_id=shop_id)


def find(reader: Reader, *, mchid: str) -> Merchant | None:
    """The merchant of this number, or None."""
    return _only(reader.sql.rows(f"SELECT {_COLUMNS} FROM wechatpay_merchant WHERE mchid = :mchid", mchid=mchid))


def find_of_shop(reader: Reader, *, shop_id: str) -> Merchant | None:
    """The merchant that a shop is, or None."""
    return _only(reader.sql.rows(f"SELECT {_COLUMNS} FROM wechatpay_merchant WHERE shop_id = :shop", shop=shop_id))


def of_shop(reader: Reader, *, shop_id: str) -> Merchant:
    """The merchant that a shop is; `no_wechatpay_merchant` when it is none."""
    found = find_of_shop(reader, shop_id=shop_id)
    if found is None:
        raise NoMerchant()
    return found


def _only(rows: list[tuple]) -> Merchant | None:  # type: ignore[type-arg]
    if not rows:
        return None
    mchid, shop_id, appid, serial, certificate, locked, created_at = rows[0]
    return Merchant(mchid, shop_id, appid, serial, certificate, bytes(locked), created_at)
