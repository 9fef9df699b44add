"""Opening a shop: a verified party, a key that the server holds, an account, and its first terminal."""

from __future__ import annotations

from merchant.terminals import actions as terminals
from merchant.terminals.actions import LockedKey
from shared import money
from shared.db.unit import UnitOfWork
from shared.identity import keys, parties
from shared.identity.signing import PublicKey
from shared.ledger import accounts, chart


def create_shop(
    uow: UnitOfWork,
    *,
    handle: str,
    display_name: str,
    unit: money.Currency,
    public_key: PublicKey,
    locked: bytes,
    till_key: LockedKey | None = None,
    is_verified: bool = True,
) -> parties.Known:
    """Register a shop; `locked` is its private key as it lies at rest. The operator verifies it, now or later.

    Its first terminal has a key of its own, `till_key`; without that it seals with the shop's.
    """
    shop = parties.create_party(uow, kind="shop", handle=handle, display_name=display_name, is_verified=is_verified)
    keys.enroll(uow, party_id=shop.id, public_key=public_key, may_seal=keys.TERMINAL_MAY_SEAL, locked_private=locked)
    accounts.open_account(uow, code=chart.shop_account(shop.id), currency=unit.code, owner_id=shop.id)
    terminals.install(uow, shop_id=shop.id, name=terminals.FIRST_NAME, key=till_key)
    return shop
