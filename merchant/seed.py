"""The demo shop: a tea house with a cashier, six goods and an API key; what opens it is written to `till.json`."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

from merchant.catalog import actions as catalog
from merchant.catalog import tea_house
from merchant import private_file
from merchant.shops import actions, api_keys, cashiers, tickets
from shared.config import Config
from shared.db.store import Store
from shared.db.unit import UnitOfWork
from shared.identity import parties, signing
from shared.identity.signing import PrivateKey
from shared.money import Currency
from shared.payments import installation
from shared.settlement import actions as settlement
from shared.settlement.fees import Rate

NAME, HANDLE, CASHIER = "Corner Tea House", tickets.DEMO_SHOP, "May"
_LABEL = "demo"
_RATE = Rate(basis_points=60)
"""0.6 % of each sale: what a small shop pays for wallet payments."""


def seed_shop(store: Store, *, config: Config, secret: bytes) -> dict[str, Any]:
    """Make the demo shop and write `till.json`, once; what it says: shop, handle, cashier, pin, api_key.

    A lost file is written anew, with a fresh PIN and key: neither can be read back from the database.
    """
    installation.ensure(store, currency=config.currency, secret=secret)
    path = config.data_dir / "till.json"
    shop = store.read(parties.by_handles, handles=[HANDLE]).get(HANDLE)
    if shop and path.exists():
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    pin, api_key = f"{secrets.randbelow(10**6):06d}", api_keys.new_key()
    opening = {"pin_hash": cashiers.hashed(pin), "api_key": api_key}
    if shop:
        store.run(_reopen, shop_id=shop.id, **opening)
    else:
        terminal = PrivateKey.generate()
        store.run(_open, unit=config.currency, terminal=terminal, locked=signing.lock(terminal, secret), **opening)
    told = {"shop": NAME, "handle": HANDLE, "cashier": CASHIER, "pin": pin, "api_key": api_key}
    private_file.write(path, json.dumps(told, indent=2) + "\n")
    return told


def _open(uow: UnitOfWork, *, unit: Currency, terminal: PrivateKey, locked: bytes, pin_hash: str, api_key: str) -> None:
    shop = actions.create_shop(
        uow, handle=HANDLE, display_name=NAME, unit=unit, public_key=terminal.public_key, locked=locked
    )
    cashiers.add(uow, shop_id=shop.id, name=CASHIER, pin_hash=pin_hash)
    for item in tea_house.items(unit):
        catalog.add_item(uow, shop_id=shop.id, item=item)
    api_keys.issue(uow, shop_id=shop.id, key=api_key, label=_LABEL)
    settlement.set_rate(uow, shop_id=shop.id, rate=_RATE)


def _reopen(uow: UnitOfWork, *, shop_id: str, pin_hash: str, api_key: str) -> None:
    [cashier, *_] = cashiers.of_shop(uow, shop_id=shop_id)
    cashiers.set_pin(uow, cashier_id=cashier.id, pin_hash=pin_hash)
    api_keys.revoke_labelled(uow, shop_id=shop_id, label=_LABEL)
    api_keys.issue(uow, shop_id=shop_id, key=api_key, label=_LABEL)
