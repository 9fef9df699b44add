"""The shop's printed code: sealed when asked for, always the same bytes while the shop keeps its key."""

from __future__ import annotations

from sqlalchemy import select

from merchant.shops.signers import Signers
from shared import money
from shared.codes import payloads, seal
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader
from shared.identity.models import Key
from shared.identity.parties import Known


def static_frame(store: Store, signers: Signers, *, shop: Known, unit: money.Currency) -> bytes:
    """The frame of the shop's static code: no amount, no expiry, dated when its key was made."""
    signer = signers.of_shop(shop.id)
    made_at, realm = store.read(_made_at_and_realm, kid=signer.public_key.kid_hex)
    code = payloads.ShopCode(handle=shop.handle, currency=unit.numeric, issued_at_s=made_at // 1000)
    return seal.seal(code, signer, realm)


def _made_at_and_realm(reader: Reader, *, kid: str) -> tuple[int, str]:
    row = reader.first(select(Key.created_at).where(Key.kid == kid))
    assert row is not None, "a signer's key is enrolled"
    return int(row.created_at), outbox.realm(reader)
