"""`?expand[]=…`: things that an answer names are told whole in their place, set by set and not one by one.

Each kind of thing has its own names; another is `bad_expand`, whose `allowed` says which there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from merchant import service
from merchant.api import customers, entry, intent_json, shapes
from merchant.api.description import Query, list_of, text
from merchant.checkout import sales
from shared.config import Config
from shared.db.unit import Reader
from shared.disputes import queries as disputes
from shared.errors import BadInput
from shared.ledger import transfers
from shared.payments import intents, refunds
from shared.settlement import batches

Things = list[dict[str, Any]]
NAMES = ("expand[]", "expand")
"""Both spellings are understood."""
MOST = 10


class BadExpand(BadInput):
    """A name that cannot be expanded here. `allowed` says which can."""

    code = "bad_expand"


@dataclass(frozen=True, slots=True)
class Eye:
    """For whom things are told: the shop, the settings, and what its customers' names are made by."""

    shop_id: str
    config: Config
    secret: bytes


def eye(shop_id: str) -> Eye:
    """For whom this request's answer is."""
    return Eye(shop_id, service.config(), service.secret())


def query(kind: str) -> Query:
    """The parameter, as the doors of one kind of things describe it."""
    names = ", ".join(sorted(_WAYS[kind]))
    return Query("expand[]", list_of(text(40), MOST), f"What to tell whole: any of {names}.")


def asked(kind: str) -> list[str]:
    """What this request wants expanded of things of this kind; a restricted key must be for those things too."""
    wanted = [each for name in NAMES for each in request.args.getlist(name)]
    for each in wanted:
        if each not in _WAYS[kind] or len(wanted) > MOST:
            raise BadExpand(field=each[:40], allowed=", ".join(sorted(_WAYS[kind])))
        entry.require(_SCOPES.get(each))
    return wanted


def expand(reader: Reader, kind: str, things: Things, wanted: Iterable[str], seen_by: Eye) -> Things:
    """The things, with what is wanted told whole."""
    for name in dict.fromkeys(wanted):
        _WAYS[kind][name](reader, things, seen_by)
    return things


def _transfers(reader: Reader, things: Things, seen_by: Eye) -> None:
    found = transfers.by_ids(reader, ids=_named(things, "transfer"))
    _put(things, "transfer", {id: shapes.transfer(each) for id, each in found.items()})


def _intents(reader: Reader, things: Things, seen_by: Eye) -> None:
    found = intents.by_ids(reader, ids=_named(things, "payment_intent"))
    told = intent_json.all_told(reader, list(found.values()), config=seen_by.config)
    _put(things, "payment_intent", {each["id"]: each for each in told})


def _refunds(reader: Reader, things: Things, seen_by: Eye) -> None:
    for thing in things:
        found = refunds.of_intent(reader, intent_id=thing["id"])
        thing["refunds"] = [sales.refund_as_json(each) for each in found]


def _disputes(reader: Reader, things: Things, seen_by: Eye) -> None:
    for thing in things:
        thing["disputes"] = [shapes.dispute(each) for each in disputes.of_intent(reader, intent_id=thing["id"])]


def _payers(reader: Reader, things: Things, seen_by: Eye) -> None:
    """Who paid, as the shop's customer; null while nobody has, or where somebody was asked only."""
    payers = {id: each.payer_id for id, each in intents.by_ids(reader, ids=_named(things, "id")).items()}
    some = [id for id in payers.values() if id]
    found = customers.of_shop(reader, shop_id=seen_by.shop_id, secret=seen_by.secret, party_ids=some) if some else []
    shown = dict(zip([each.party_id for each in found], customers.as_json(reader, found), strict=True))
    for thing in things:
        thing["payer"] = shown.get(payers.get(thing["id"]) or "")


def _batches(reader: Reader, things: Things, seen_by: Eye) -> None:
    found = batches.find(reader, ids=_named(things, "settlement_batch"))
    _put(things, "settlement_batch", {id: shapes.batch(each) for id, each in found.items()})


def _payouts(reader: Reader, things: Things, seen_by: Eye) -> None:
    made = batches.find(reader, ids=[shapes.batch_id(id) for id in _named(things, "payout")])
    _put(things, "payout", {shapes.payout_id(id): shapes.payout(each) for id, each in made.items()})


def _named(things: Things, name: str) -> list[str]:
    return [thing[name] for thing in things if isinstance(thing[name], str)]


def _put(things: Things, name: str, found: Mapping[str, Any]) -> None:
    for thing in things:
        if isinstance(thing[name], str):
            thing[name] = found.get(thing[name], thing[name])


_Way = Callable[[Reader, Things, Eye], None]
_WAYS: dict[str, dict[str, _Way]] = {
    "payment_intent": {"transfer": _transfers, "refunds": _refunds, "payer": _payers, "disputes": _disputes},
    "refund": {"transfer": _transfers, "payment_intent": _intents},
    "dispute": {"transfer": _transfers, "payment_intent": _intents},
    "settlement_batch": {"payout": _payouts},
    "payout": {"transfer": _transfers, "settlement_batch": _batches},
}
_SCOPES = {
    "refunds": "refunds:read", "payer": "customers:read", "disputes": "disputes:read", "payout": "payouts:read",
    "payment_intent": "payment_intents:read", "settlement_batch": "settlement_batches:read",
}  # fmt: skip
"""What a restricted key needs for each; a transfer has no door of its own, and goes with what names it."""
