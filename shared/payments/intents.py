"""Payment intents: made by a shop, scanned by people, canceled by the shop, expired by the clock."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import NamedTuple

from shared import events, ids, money
from shared.codes import payloads, seal
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, NotFound
from shared.identity import names, parties
from shared.identity.signing import Signer
from shared.ledger import holds
from shared.payments.states import IntentState, advance

SHORTEST_TTL_S, LONGEST_TTL_S, USUAL_TTL_S = 15, 900, 300
GRACE_MS = seal.LATE_S * 1000
"""How long after `expires_at` an order that is on its way still counts."""
UNPAID = (IntentState.REQUIRES_PAYMENT, IntentState.REQUIRES_CONFIRMATION)
"""The states in which the time of its code runs."""
MANUAL, AUTOMATIC = "manual", "automatic"
"""Whether paying an intent captures it, or authorizes it until the shop captures or voids."""


class UnknownIntent(NotFound):
    """No payment intent goes by this name here."""

    code = "unknown_intent"


class BadTtl(BadInput):
    """An intent lives 15 to 900 seconds."""

    code = "bad_ttl"


class PaymentIntent(NamedTuple):
    """A payment intent as it stands. `code` is the sealed payment request, empty for a sale at the static code.

    `payer_id` is who paid it, or whose phone is asked to. `transfer_id` is the transfer that captured it; `hold_id` the
    pending one that authorized it, until `authorized_until` (ms).
    """

    id: str
    shop_id: str
    amount_minor: int
    currency: str
    reference: str
    memo: str
    state: IntentState
    kid: str
    jti: str
    code: bytes
    created_at: int
    expires_at: int
    payer_id: str | None
    transfer_id: str | None
    closed_at: int | None
    capture_method: str = AUTOMATIC
    hold_id: str | None = None
    authorized_until: int | None = None
    captured_minor: int = 0
    refunded_minor: int = 0

    def as_of(self, now: int) -> PaymentIntent:
        """The intent as its readers should see it: one whose time is over is expired, also before the sweeper came."""
        if self.state in UNPAID and now > self.expires_at + GRACE_MS:
            return self._replace(state=IntentState.EXPIRED, closed_at=self.expires_at)
        if self.state is IntentState.AUTHORIZED and self.authorized_until is not None and now >= self.authorized_until:
            return self._replace(state=IntentState.EXPIRED, closed_at=self.authorized_until)
        return self


COLUMNS = ", ".join(PaymentIntent._fields)
_INSERT = f"INSERT INTO payments_intent ({COLUMNS}) VALUES (:{', :'.join(PaymentIntent._fields)})"


def draft(
    *,
    shop: parties.Known,
    signer: Signer,
    realm: str,
    now: int,
    amount_minor: int,
    unit: money.Currency,
    reference: str = "",
    memo: str = "",
    ttl_s: int = USUAL_TTL_S,
    capture_method: str = AUTOMATIC,
) -> PaymentIntent:
    """Seal a payment request of `shop` for `amount_minor` of `unit`, good for `ttl_s` seconds from `now` (ms)."""
    if capture_method not in (AUTOMATIC, MANUAL):
        raise BadInput(field="capture_method")
    if type(ttl_s) is not int or not SHORTEST_TTL_S <= ttl_s <= LONGEST_TTL_S:
        raise BadTtl()
    request = payloads.PaymentRequest(
        handle=shop.handle,
        amount_minor=money.check_minor(amount_minor),
        currency=unit.numeric,
        issued_at_s=now // 1000,
        ttl_s=ttl_s,
        jti=secrets.token_bytes(8),
        reference=names.check_text(reference, 16) or None,
        memo=names.check_text(memo, 64) or None,
    )
    return PaymentIntent(
        id=ids.new_id("pi", now),
        shop_id=shop.id,
        amount_minor=request.amount_minor,
        currency=unit.code,
        reference=request.reference or "",
        memo=request.memo or "",
        state=IntentState.REQUIRES_PAYMENT,
        kid=signer.public_key.kid_hex,
        jti=request.jti.hex(),
        code=seal.seal(request, signer, realm),
        created_at=now,
        expires_at=(request.issued_at_s + ttl_s) * 1000,
        payer_id=None,
        transfer_id=None,
        closed_at=None,
        capture_method=capture_method,
    )


def create(uow: UnitOfWork, *, intent: PaymentIntent) -> PaymentIntent:
    """Store a sealed intent."""
    uow.sql.run(_INSERT, **intent._asdict())
    _tell(uow, "intent.created", intent)
    return intent


def note_scan(uow: UnitOfWork, *, intent_id: str, party_id: str) -> PaymentIntent:
    """Remember that somebody opened the intent's code, and tell the till. Reserves nothing."""
    intent = by_id(uow, id=intent_id).as_of(uow.now)
    if intent.state is IntentState.REQUIRES_PAYMENT and uow.sql.run(
        "INSERT INTO payments_scan (intent_id, party_id, scanned_at) VALUES (:intent, :party, :now)"
        " ON CONFLICT (intent_id, party_id) DO NOTHING",
        intent=intent_id,
        party=party_id,
        now=uow.now,
    ):
        person = parties.by_id(uow, id=party_id)
        _tell(uow, "intent.scanned", intent, by=names.initial_only(person.display_name))
    return intent


def cancel(uow: UnitOfWork, *, intent_id: str, shop_id: str) -> PaymentIntent:
    """Withdraw an unpaid intent; canceling it again returns it as it is."""
    intent = of_shop(uow, id=intent_id, shop_id=shop_id).as_of(uow.now)
    if intent.state is IntentState.CANCELED:
        return intent
    return close(uow, intent, IntentState.CANCELED, "intent.canceled")


def give_up(uow: UnitOfWork, *, intent_id: str, shop_id: str) -> PaymentIntent:
    """Make sure that nobody pays an intent any more, since another one takes its place; `already_paid` when it is.

    One whose time is over expires at once: an order that is on its way comes too late from now on.
    """
    intent = of_shop(uow, id=intent_id, shop_id=shop_id)
    if intent.state in UNPAID and uow.now >= intent.expires_at:
        return close(uow, intent, IntentState.EXPIRED, "intent.expired")
    if intent.state in (IntentState.EXPIRED, IntentState.CANCELED, IntentState.DECLINED):
        return intent
    return close(uow, intent, IntentState.CANCELED, "intent.canceled")


def expire_due(uow: UnitOfWork) -> int:
    """Make the intents whose time is over visibly expired, and release the holds whose time is over; how many."""
    ended = holds.expire_due(uow)
    for intent in by_ids(uow, ids=[row.reference for row in ended]).values():
        close(uow, intent, IntentState.EXPIRED, "intent.expired")
    rows = uow.sql.rows(
        f"SELECT {COLUMNS} FROM payments_intent WHERE state IN :states AND expires_at < :limit",
        states=[state.value for state in UNPAID],
        limit=uow.now - GRACE_MS,
    )
    for row in rows:
        close(uow, _intent(row), IntentState.EXPIRED, "intent.expired")
    return len(rows) + len(ended)


def has_due(reader: Reader) -> bool:
    """Whether `expire_due` would find anything."""
    return holds.has_due(reader) or bool(
        reader.sql.rows(
            "SELECT 1 FROM payments_intent WHERE state IN :states AND expires_at < :limit LIMIT 1",
            states=[state.value for state in UNPAID],
            limit=reader.now - GRACE_MS,
        )
    )


def by_id(reader: Reader, *, id: str) -> PaymentIntent:
    """One intent; `unknown_intent` otherwise."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM payments_intent WHERE id = :id", id=id)
    if not rows:
        raise UnknownIntent()
    return _intent(rows[0])


def by_ids(reader: Reader, *, ids: Iterable[str]) -> dict[str, PaymentIntent]:
    """Those of the intents that exist, by id."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM payments_intent WHERE id IN :ids", ids=sorted(set(ids)))
    return {row[0]: _intent(row) for row in rows}


def of_shop(reader: Reader, *, id: str, shop_id: str) -> PaymentIntent:
    """One intent of this shop; another shop's does not exist for it."""
    intent = by_id(reader, id=id)
    if intent.shop_id != shop_id:
        raise UnknownIntent()
    return intent


def by_code(reader: Reader, *, kid: str, jti: str) -> PaymentIntent:
    """The intent that a scanned payment request names."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM payments_intent WHERE kid = :kid AND jti = :jti", kid=kid, jti=jti)
    if not rows:
        raise UnknownIntent()
    return _intent(rows[0])


def by_subjects(reader: Reader, *, jtis: Iterable[str]) -> dict[tuple[str, str], PaymentIntent]:
    """The intents that orders name, by (shop id, jti). None names a sale at the static code: its jti is the payer's."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM payments_intent WHERE jti IN :jtis AND length(code) > 0", jtis=sorted(set(jtis))
    )
    found = [_intent(row) for row in rows]
    return {(intent.shop_id, intent.jti): intent for intent in found}


def list_of_shop(reader: Reader, *, shop_id: str, before: str | None = None, limit: int = 50) -> list[PaymentIntent]:
    """A shop's intents, newest first, those made before intent `before` when given."""
    made_at = int.from_bytes(ids.id_bytes(before)[:6], "big") if before and ids.is_id(before, "pi") else 2**62
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM payments_intent WHERE shop_id = :shop AND (created_at, id) < (:made_at, :before)"
        " ORDER BY created_at DESC, id DESC LIMIT :limit",
        shop=shop_id,
        made_at=made_at,
        before=before or "",
        limit=limit,
    )
    now = reader.now
    return [_intent(row).as_of(now) for row in rows]


def awaiting(reader: Reader, *, party_id: str) -> list[PaymentIntent]:
    """What this person's phone is asked to confirm, oldest first."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM payments_intent WHERE state = :state AND payer_id = :party AND expires_at >= :limit"
        " ORDER BY created_at, id",
        state=IntentState.REQUIRES_CONFIRMATION.value,
        party=party_id,
        limit=reader.now - GRACE_MS,
    )
    return [_intent(row) for row in rows]


def last_scan(reader: Reader, *, intent_id: str) -> str | None:
    """Who scanned the intent's code last, as a shop may see it (`A***`); None when nobody did."""
    rows = reader.sql.rows(
        "SELECT party_id FROM payments_scan WHERE intent_id = :id ORDER BY scanned_at DESC LIMIT 1", id=intent_id
    )
    return names.initial_only(parties.by_id(reader, id=rows[0][0]).display_name) if rows else None


def close(uow: UnitOfWork, intent: PaymentIntent, to: IntentState, event: str) -> PaymentIntent:
    """Bring an intent to a final state without a payment, and tell the shop and whoever was to pay it."""
    closed = intent._replace(state=advance(intent.state, to), closed_at=uow.now)
    changed = uow.sql.run(
        "UPDATE payments_intent SET state = :to, closed_at = :now WHERE id = :id AND state = :was",
        id=intent.id,
        to=to.value,
        now=uow.now,
        was=intent.state.value,
    )
    assert changed == 1, "the head lock lets nobody else change an intent meanwhile"
    _tell(uow, event, closed)
    return closed


def _tell(uow: UnitOfWork, name: str, intent: PaymentIntent, **more: str) -> None:
    topics = [events.intent_topic(intent.id), events.party_topic(intent.shop_id)]
    if intent.payer_id is not None:
        topics.append(events.party_topic(intent.payer_id))
    uow.emit(name, topics, intent=intent.id, amount_minor=intent.amount_minor, currency=intent.currency, **more)


def _intent(row: tuple) -> PaymentIntent:  # type: ignore[type-arg]
    return PaymentIntent(*(*row[:6], IntentState(row[6]), *row[7:9], bytes(row[9]), *row[10:]))
