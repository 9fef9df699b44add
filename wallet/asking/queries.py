"""Requests for money as they stand now: paid where the scheme says so, expired where the clock does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared import clock
from shared.codes import payloads
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.identity import parties
from wallet.contacts import people
from wallet.contacts.people import Person

OPEN, PAID, DECLINED, WITHDRAWN, EXPIRED = "open", "paid", "declined", "withdrawn", "expired"
LONGEST_LIFE_MS = payloads.PeerRequest.max_ttl_s * 1000
_COLUMNS = (
    "r.id, r.asker_id, r.payer_id, r.kid, r.jti, r.code, r.amount_minor, r.currency, r.memo, r.state, r.created_at,"
    " r.expires_at, r.closed_at, o.transfer_id, o.executed_at"
)
_SELECT = (
    f"SELECT {_COLUMNS} FROM asking_request AS r LEFT JOIN payments_spent AS s ON s.payee_id = r.asker_id"
    " AND s.jti = r.jti LEFT JOIN payments_order AS o ON o.id = s.order_id"
)


class UnknownRequest(NotFound):
    """There is no such request, or none between this person and another."""

    code = "unknown_request"


@dataclass(frozen=True, slots=True)
class MoneyRequest:
    """A request for money between two people. `code` is the sealed frame; `closed_at` when it was paid, declined or
    withdrawn (ms); `transfer` the transfer that paid it.
    """

    id: str
    asker_id: str
    payer_id: str
    kid: str
    jti: str
    code: bytes
    amount_minor: int
    currency: str
    memo: str
    state: str
    created_at: int
    expires_at: int
    closed_at: int | None
    transfer: str | None

    @property
    def is_open(self) -> bool:
        """Whether it may still be paid."""
        return self.state == OPEN

    def as_json(self, asker: Person, payer: Person, text: str) -> dict[str, Any]:
        """The request as the API tells of it; `text` is its code's."""
        plain = ("id", "amount_minor", "currency", "memo", "state", "transfer")
        return {name: getattr(self, name) for name in plain} | {
            "asker": asker.as_json(),
            "payer": payer.as_json(),
            "created_at": clock.rfc3339(self.created_at),
            "expires_at": clock.rfc3339(self.expires_at),
            "closed_at": None if self.closed_at is None else clock.rfc3339(self.closed_at),
            "subject": self.jti,
            "code": text,
        }


def by_id(reader: Reader, *, id: str, party_id: str) -> MoneyRequest:
    """One request, for the one who asked or the one who was asked; `unknown_request` for anybody else."""
    rows = reader.sql.rows(f"{_SELECT} WHERE r.id = :id AND :party IN (r.asker_id, r.payer_id)", id=id, party=party_id)
    if not rows:
        raise UnknownRequest()
    return _request(rows[0], reader.now)


def by_jti(reader: Reader, *, asker_id: str, jti: str) -> MoneyRequest | None:
    """The request that this sealed code was sent as, if it was."""
    rows = reader.sql.rows(f"{_SELECT} WHERE r.asker_id = :asker AND r.jti = :jti", asker=asker_id, jti=jti)
    return _request(rows[0], reader.now) if rows else None


def waiting_for(reader: Reader, *, party_id: str, asker_id: str = "", limit: int = 20) -> list[MoneyRequest]:
    """The open requests that somebody should answer, newest first; those of one asker when given."""
    rows = reader.sql.rows(
        f"{_SELECT} WHERE r.payer_id = :party AND r.created_at > :oldest AND r.state = 'open' AND s.jti IS NULL"
        " AND r.expires_at > :now AND (:asker = '' OR r.asker_id = :asker)"
        " ORDER BY r.created_at DESC, r.id DESC LIMIT :limit",
        party=party_id,
        asker=asker_id,
        oldest=reader.now - LONGEST_LIFE_MS,
        now=reader.now,
        limit=limit,
    )
    return [_request(row, reader.now) for row in rows]


def asked_by(reader: Reader, *, party_id: str, limit: int = 20) -> list[MoneyRequest]:
    """What somebody asked of others, newest first, whatever became of it."""
    rows = reader.sql.rows(
        f"{_SELECT} WHERE r.asker_id = :party ORDER BY r.created_at DESC, r.id DESC LIMIT :limit",
        party=party_id,
        limit=limit,
    )
    return [_request(row, reader.now) for row in rows]


def asked_of(reader: Reader, *, party_id: str, limit: int = 20) -> list[MoneyRequest]:
    """What others asked of somebody, newest first, whatever became of it."""
    rows = reader.sql.rows(
        f"{_SELECT} WHERE r.payer_id = :party ORDER BY r.created_at DESC, r.id DESC LIMIT :limit",
        party=party_id,
        limit=limit,
    )
    return [_request(row, reader.now) for row in rows]


def people_of(reader: Reader, *, viewer_id: str, requests: Iterable[MoneyRequest]) -> dict[str, Person]:
    """Everybody in these requests, as the viewer sees them, by party id."""
    ids = {id for request in requests for id in (request.asker_id, request.payer_id)}
    return people.seen_by(reader, viewer_id=viewer_id, who=parties.by_ids(reader, ids=ids).values())


def takes_requests(reader: Reader, *, party_id: str) -> bool:
    """Whether this person takes requests for money at all."""
    rows = reader.sql.rows("SELECT takes_requests FROM asking_preference WHERE party_id = :party", party=party_id)
    return not rows or bool(rows[0][0])


def blocks(reader: Reader, *, owner_id: str, party_id: str) -> bool:
    """Whether the owner takes no requests from this person."""
    return bool(
        reader.sql.rows(
            "SELECT 1 FROM asking_block WHERE owner_id = :owner AND party_id = :party", owner=owner_id, party=party_id
        )
    )


def closed_among(reader: Reader, *, jtis: Iterable[str]) -> dict[tuple[str, str], str]:
    """Those of the requests that were declined or withdrawn, as (asker, jti) with their state."""
    rows = reader.sql.rows(
        "SELECT asker_id, jti, state FROM asking_request WHERE jti IN :jtis AND state <> 'open'",
        jtis=sorted(set(jtis)),
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _request(row: tuple[Any, ...], now: int) -> MoneyRequest:
    *fields, transfer, paid_at = row
    values = dict(zip(MoneyRequest.__slots__, fields, strict=False))
    values["code"] = bytes(values["code"])
    if transfer is not None:
        values |= {"state": PAID, "closed_at": paid_at}
    elif values["state"] == OPEN and now >= values["expires_at"]:
        values["state"] = EXPIRED
    return MoneyRequest(transfer=transfer, **values)
