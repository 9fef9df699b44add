"""The demo shop: a tea house with its people, six goods and an API key; what opens it is written to `till.json`."""

from __future__ import annotations

import json
import random
import secrets
from dataclasses import replace
from typing import Any

from merchant import past, private_file
from merchant.catalog import actions as catalog
from merchant.catalog import drawings, tea_house
from merchant.keys import actions as api_keys
from merchant.past import Past
from merchant.shifts import actions as shifts
from merchant.shops import actions, tickets
from merchant.staff import members
from merchant.staff.members import Role
from merchant.terminals import actions as terminals
from merchant.terminals import queries as terminal_queries
from merchant.terminals.actions import LockedKey
from shared.config import Config
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import Conflict
from shared.identity import parties
from shared.money import Currency
from shared.payments import installation
from shared.settlement import actions as settlement
from shared.settlement import files
from shared.settlement.fees import Rate

NAME, HANDLE, CASHIER = "Corner Tea House", tickets.DEMO_SHOP, "May"
_STAFF = (("Wu", Role.MANAGER), ("Lin", Role.CASHIER))
"""Who works there beside its owner."""
_FLOAT_MAJOR = 200
_KEY_NAME = "demo"
_RATE = Rate(basis_points=60)
"""0.6 % of each sale: what a small shop pays for wallet payments."""

_SEED = 20
"""A past is drawn with these random numbers, so that it is the same one each time."""


class HistoryTooLate(Conflict):
    """A past can be written into an empty ledger only: transfers are numbered in the order in which they happened."""

    code = "history_too_late"


def seed_shop(store: Store, *, config: Config, secret: bytes, history_days: int = 0) -> dict[str, Any]:
    """Make the demo shop and write `till.json`, once; what it says: shop, handle, cashier, pin, api_key, staff.

    With `history_days` it was opened so many days ago and has sold ever since; `history_too_late` where it stands.

    A lost file is written anew, with a fresh PIN and key: neither can be read back from the database.
    """
    installation.ensure(store, currency=config.currency, secret=secret)
    path = config.data_dir / "till.json"
    shop = store.read(parties.by_handles, handles=[HANDLE]).get(HANDLE)
    if history_days and (shop or store.read(_has_transfers)):
        raise HistoryTooLate()
    if shop and path.exists():
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    pins, api_key = {name: _new_pin() for name in (CASHIER, *(name for name, _ in _STAFF))}, api_keys.new_key()
    hashes = {name: members.hashed(pin) for name, pin in pins.items()}
    if shop:
        store.run(_reopen, shop_id=shop.id, hashes=hashes, api_key=api_key)
    else:
        own, till = terminals.new_key(secret), terminals.new_key(secret)
        opening = {"unit": config.currency, "own": own, "till": till, "hashes": hashes, "api_key": api_key}
        if history_days:
            store.run(_open_long_ago, secret=secret, days=history_days, **opening)
            files.write_missing(store, config.data_dir / files.FOLDER)
        else:
            store.run(_open, **opening)
    staff = [{"name": name, "role": role.value, "pin": pins[name]} for name, role in _STAFF]
    told: dict[str, Any] = {"shop": NAME, "handle": HANDLE, "cashier": CASHIER, "pin": pins[CASHIER]}
    told |= {"api_key": api_key, "staff": staff}
    private_file.write(path, json.dumps(told, indent=2) + "\n")
    return told


def _open(
    uow: UnitOfWork, *, unit: Currency, own: LockedKey, till: LockedKey, hashes: dict[str, str], api_key: str
) -> None:
    shop = actions.create_shop(
        uow, handle=HANDLE, display_name=NAME, unit=unit, public_key=own.public, locked=own.locked, till_key=till
    )
    owner = members.add(uow, shop_id=shop.id, name=CASHIER, pin_hash=hashes[CASHIER], role=Role.OWNER)
    for name, role in _STAFF:
        members.add(uow, shop_id=shop.id, name=name, pin_hash=hashes[name], role=role)
    [terminal] = terminal_queries.of_shop(uow, shop_id=shop.id)
    shifts.begin(
        uow, shop_id=shop.id, terminal_id=terminal.id, member_id=owner.id, float_minor=_FLOAT_MAJOR * 10**unit.exponent
    )
    for item in tea_house.items(unit):
        drawn = drawings.drawing_of(item.name)
        hash = catalog.keep_picture(uow, shop_id=shop.id, content=drawn) if drawn else None
        catalog.add_item(uow, shop_id=shop.id, item=replace(item, picture=hash))
    api_keys.issue(uow, shop_id=shop.id, key=api_key, name=_KEY_NAME)
    settlement.set_rate(uow, shop_id=shop.id, rate=_RATE)


def _open_long_ago(uow: UnitOfWork, *, unit: Currency, secret: bytes, days: int, **opening: Any) -> None:
    with uow.at(past.began_at(uow.now, days)):
        _open(uow, unit=unit, **opening)
    shop = parties.by_handle(uow, handle=HANDLE)
    [terminal] = terminal_queries.of_shop(uow, shop_id=shop.id)
    staff = members.of_shop(uow, shop_id=shop.id)
    past.write(Past(uow, shop, terminal, staff, unit, secret, random.Random(_SEED)), days=days)


def _has_transfers(reader: Reader) -> bool:
    return bool(reader.sql.rows("SELECT 1 FROM ledger_transfer LIMIT 1"))


def _new_pin() -> str:
    return f"{secrets.randbelow(10**6):06d}"


def _reopen(uow: UnitOfWork, *, shop_id: str, hashes: dict[str, str], api_key: str) -> None:
    there = {member.name: member for member in members.of_shop(uow, shop_id=shop_id)}
    for name, role in ((CASHIER, Role.OWNER), *_STAFF):
        if name in there:
            members.set_pin(uow, member_id=there[name].id, pin_hash=hashes[name])
        else:
            members.add(uow, shop_id=shop_id, name=name, pin_hash=hashes[name], role=role)
    api_keys.revoke_named(uow, shop_id=shop_id, name=_KEY_NAME)
    api_keys.issue(uow, shop_id=shop_id, key=api_key, name=_KEY_NAME)
