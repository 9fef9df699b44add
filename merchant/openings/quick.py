"""A shop opened by one call instead of three screens: verified, ready to charge, with a key for its programs.

For tests and scenarios, each of which wants a shop that nobody has sold in before.
"""

from __future__ import annotations

import secrets
from typing import Any

from merchant.keys import actions as api_keys
from merchant.openings import actions
from merchant.openings.actions import Wanted
from merchant.staff import members
from merchant.terminals import actions as terminals
from merchant.terminals.actions import LockedKey
from shared.config import Config
from shared.db.store import Store
from shared.db.unit import UnitOfWork
from shared.identity import parties
from shared.money import Currency

OWNER = "May"


def open_quickly(store: Store, *, config: Config, secret: bytes, name: str) -> dict[str, Any]:
    """Open a shop; how to reach it: id, handle, shop, cashier, pin, api_key."""
    pin, api_key = f"{secrets.randbelow(10**6):06d}", api_keys.new_key()
    shop = store.run(
        _open,
        wanted=store.read(actions.checked, name=name, handle=""),
        pin_hash=members.hashed(pin),
        unit=config.currency,
        own=terminals.new_key(secret),
        till=terminals.new_key(secret),
        api_key=api_key,
    )
    told = {"id": shop.id, "handle": shop.handle, "shop": shop.display_name}
    return told | {"cashier": OWNER, "pin": pin, "api_key": api_key}


def _open(
    uow: UnitOfWork, *, wanted: Wanted, pin_hash: str, unit: Currency, own: LockedKey, till: LockedKey, api_key: str
) -> parties.Known:
    shop, _ = actions.open_shop(uow, wanted=wanted, owner=OWNER, pin_hash=pin_hash, unit=unit, own=own, till=till)
    parties.verify(uow, party_id=shop.id, is_verified=True)
    api_keys.issue(uow, shop_id=shop.id, key=api_key, name="test")
    return shop
