"""Opening a shop: a verified party, a terminal key that the server holds, an account, and the goods on its till."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert

from merchant.shops.models import Good
from shared import ids, money
from shared.db.unit import UnitOfWork
from shared.identity import keys, names, parties
from shared.identity.signing import PublicKey
from shared.ledger import accounts, chart


def create_shop(
    uow: UnitOfWork, *, handle: str, display_name: str, unit: money.Currency, public_key: PublicKey, locked: bytes
) -> parties.Known:
    """Register a shop that the operator has verified; `locked` is its terminal's private key as it lies at rest."""
    shop = parties.create_party(uow, kind="shop", handle=handle, display_name=display_name, is_verified=True)
    keys.enroll(uow, party_id=shop.id, public_key=public_key, may_seal=keys.TERMINAL_MAY_SEAL, locked_private=locked)
    accounts.open_account(uow, code=chart.shop_account(shop.id), currency=unit.code, owner_id=shop.id)
    return shop


def add_goods(uow: UnitOfWork, *, shop_id: str, goods: Sequence[tuple[str, int]]) -> None:
    """Put goods (name, price in minor units) on a shop's till, in this order, behind those that are there."""
    [(taken,)] = uow.sql.rows("SELECT count(*) FROM shops_good WHERE shop_id = :shop", shop=shop_id)
    for position, (name, price_minor) in enumerate(goods, start=taken):
        uow.execute(
            insert(Good).values(
                id=ids.new_id("gd", uow.now),
                shop_id=shop_id,
                name=names.check_name(name),
                price_minor=money.check_minor(price_minor),
                position=position,
            )
        )
