"""A shop's customers as its programs see them: whoever has paid there, under a name that is theirs at this shop alone.

The name is derived from the shop's and the person's by the installation's secret, so two shops that compare their lists
learn nothing, and nobody finds a wallet by it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared import clock, ids
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.identity import names, parties
from shared.web.secrets import derived


class UnknownCustomer(NotFound):
    """Nobody of this name has paid at this shop."""

    code = "unknown_customer"


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who has paid at a shop: how often, how much in all, and what was given back; times in ms."""

    id: str
    party_id: str
    payments: int
    captured_minor: int
    refunded_minor: int
    currency: str
    first_seen_at: int
    last_seen_at: int


def name_of(party_id: str, *, shop_id: str, secret: bytes) -> str:
    """What a person is called at this shop."""
    key = derived(secret, "customers")
    digest = hmac.new(key, f"{shop_id}\n{party_id}".encode(), hashlib.sha256).digest()
    return ids.id_from_bytes("cus", digest[:16])


def of_shop(reader: Reader, *, shop_id: str, secret: bytes, party_ids: Iterable[str] = ()) -> list[Customer]:
    """All customers of a shop, the newest first; only those among `party_ids`, when any are given."""
    wanted = sorted(set(party_ids))
    rows = reader.sql.rows(
        "SELECT payer_id, COUNT(*), SUM(captured_minor), SUM(refunded_minor), MIN(currency), MIN(closed_at),"
        " MAX(closed_at) FROM payments_intent WHERE shop_id = :shop AND state = 'captured' AND payer_id IS NOT NULL"
        f"{' AND payer_id IN :wanted' if wanted else ''} GROUP BY payer_id",
        shop=shop_id,
        wanted=wanted,
    )
    found = [
        Customer(name_of(row[0], shop_id=shop_id, secret=secret), row[0], row[1], int(row[2]), int(row[3]), *row[4:])
        for row in rows
    ]
    return sorted(found, key=lambda each: (-each.first_seen_at, each.id))


def by_id(reader: Reader, *, id: str, shop_id: str, secret: bytes) -> Customer:
    """One customer of this shop; `unknown_customer` for anybody else."""
    for each in of_shop(reader, shop_id=shop_id, secret=secret) if ids.is_id(id, "cus") else ():
        if each.id == id:
            return each
    raise UnknownCustomer()


def as_json(reader: Reader, found: Iterable[Customer]) -> list[dict[str, Any]]:
    """Customers as the API tells them: of their name the first letter."""
    listed = list(found)
    known = parties.by_ids(reader, ids=[each.party_id for each in listed])
    return [
        {
            "id": each.id,
            "object": "customer",
            "name": names.initial_only(known[each.party_id].display_name),
            "payments": each.payments,
            "captured_minor": each.captured_minor,
            "refunded_minor": each.refunded_minor,
            "currency": each.currency,
            "first_seen_at": clock.rfc3339(each.first_seen_at),
            "last_seen_at": clock.rfc3339(each.last_seen_at),
        }
        for each in listed
    ]
