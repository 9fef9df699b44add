"""Signed orders: opened before the commit, and the one transfer that each of them means.

Signature checks are dear, so they happen in `prepare`, outside the writer's turn. What may have changed by then (a
revoked key, a spent code, a balance) is judged again inside, by `actions.py`.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared import ids, money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.refusals import CodeRefused
from shared.db import outbox
from shared.db.batch import batched
from shared.db.unit import Reader
from shared.errors import BadInput, DomainError, NotAllowed
from shared.identity import keys, signing
from shared.identity.parties import Known
from shared.ledger.transfers import NewTransfer
from shared.payments import kinds, payer_codes


class NotAnOrder(BadInput):
    """A code where an order was expected, but of another type."""

    code = "not_an_order"


class RequestDoesNotMatch(BadInput):
    """The order names a peer request that was not presented, or differs from it in payee, amount or currency."""

    code = "request_mismatch"


class SignerMayNot(NotAllowed):
    """The key that sealed this order may not give an order of this kind."""

    code = "signer_may_not"


class WrongPayee(BadInput):
    """A payment names a person, or a peer transfer names a shop."""

    code = "wrong_payee"


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order whose seal holds. `presented` is the opened code it came with: the peer request that it answers, or the
    payer code that a shop charges.
    """

    order: payloads.Order
    frame: bytes
    kid: str
    signer_id: str
    presented: seal.Opened | None = None
    reason: str = ""
    """Why a shop gives money back, in its words; not part of what is signed."""
    plays: bool = False
    """Whether it came in at a sandbox, where a test may ask for its outcome (outcomes.py)."""
    accepted_at: int | None = None
    """When it was taken in (ms), where it is executed later: its times and its code were judged then."""
    id: str = field(init=False)
    """kid and jti: the name under which the order is executed once."""
    transfer_id: str = field(init=False)
    """The id of the transfer that it causes: always the same one, so that a repeated order is recognised."""

    def __post_init__(self) -> None:
        made_at = self.order.issued_at_s * 1000
        object.__setattr__(self, "id", self.kid + self.order.jti.hex())
        object.__setattr__(self, "transfer_id", ids.derived_id("trf", made_at, bytes.fromhex(self.kid), self.order.jti))

    @property
    def kids(self) -> tuple[str, ...]:
        """The keys that must be good for it: its own, and the one that sealed the code it came with."""
        return (self.kid, self.presented.kid_hex) if self.presented else (self.kid,)

    @property
    def spender_id(self) -> str | None:
        """The person whose daily limit it counts against, if it is of a kind that does."""
        if self.order.kind not in kinds.SPENDS:
            return None
        if self.order.kind in kinds.CHARGES and self.presented and self.presented.sealed_by:
            return self.presented.sealed_by.party_id
        return self.signer_id

    @property
    def currency(self) -> str:
        """The alphabetic code of its currency."""
        return money.currency_by_number(self.order.currency).code


def prepare_many(reader: Reader, calls: Sequence[Mapping[str, Any]]) -> list[Prepared | DomainError]:
    """Open the sealed orders `call["frame"]`; for each, in order, the order or why it is refused.

    `call["presented"]` is the code that came with it, taken where the order answers or charges one, and `call["plays"]`
    says that this is a sandbox. Times and revoked keys are judged when it is executed: an order that was executed
    before is answered whatever became of its key since.
    """

    def find_key(kid: str) -> keys.KeyRecord | None:
        return keys.as_enrolled(reader, kid=kid)

    sealed = [call["frame"] for call in calls]
    opened = seal.open_frames(sealed, realm=outbox.realm(reader), find_key=find_key, now_s=None)
    return [
        _prepared(reader, found, call.get("presented"), plays=call.get("plays", False))
        for found, call in zip(opened, calls, strict=True)
    ]


def _prepared(
    reader: Reader, found: seal.Opened | CodeRefused, presented: str | None, *, plays: bool
) -> Prepared | DomainError:
    if isinstance(found, CodeRefused):
        return found
    has_code = isinstance(found.payload, payloads.Order) and _comes_with_a_code(found.payload)
    try:
        code = frames.frame_of_text(presented) if has_code and presented is not None else None
        return of_opened(found, None if code is None else open_as_of(reader, code, at_ms=None, now_s=None), plays=plays)
    except DomainError as refusal:
        return refusal


prepare = batched(prepare_many)
"""Prepare one order: `store.read(orders.prepare, frame=frame)`."""


def open_as_of(reader: Reader, frame: bytes, *, at_ms: int | None, now_s: int | None) -> seal.Opened:
    """Open a code with the keys as they were at a millisecond (None: as if none had ever been given up)."""

    def find_key(kid: str) -> keys.KeyRecord | None:
        if at_ms is None:
            return keys.as_enrolled(reader, kid=kid)
        record = keys.find(reader, kid=kid)
        if record and record.revoked_at is not None and record.revoked_at >= at_ms:
            return replace(record, revoked_at=None)
        return record

    return seal.open_frame(frame, realm=outbox.realm(reader), find_key=find_key, now_s=now_s)


def of_opened(
    opened: seal.Opened, presented: seal.Opened | None, *, plays: bool = False, accepted_at: int | None = None
) -> Prepared:
    """The order in an opened code; `NotAnOrder` for other codes, or the refusal of the code that it came with."""
    if not isinstance(opened.payload, payloads.Order) or opened.sealed_by is None:
        raise NotAnOrder()
    prepared = Prepared(
        opened.payload,
        opened.frame,
        opened.kid_hex,
        opened.sealed_by.party_id,
        presented,
        plays=plays,
        accepted_at=accepted_at,
    )
    _check_presented(prepared)
    return prepared


def meaning_of(order: payloads.Order, signer: Known, other: Known) -> kinds.Meaning:
    """What an order of this kind means; refuses a signer and another side of the wrong kind."""
    meaning = kinds.MEANINGS[order.kind]
    if signer.kind != meaning.signer:
        raise SignerMayNot()
    if other.kind != meaning.other:
        raise WrongPayee()
    return meaning


def transfer_of(
    prepared: Prepared, signer: Known, other: Known, *, reference: str = "", hold_id: str | None = None
) -> NewTransfer:
    """The one transfer that this order means (see kinds.py).

    `hold_id` is the pending transfer that a capture or a void ends.
    """
    order = prepared.order
    meaning = meaning_of(order, signer, other)
    is_hold = order.kind in kinds.HOLDS
    return NewTransfer(
        id=prepared.transfer_id,
        debit_account=meaning.debit.format(signer=signer.id, other=other.id),
        credit_account=meaning.credit.format(signer=signer.id, other=other.id),
        amount_minor=order.amount_minor,
        currency=prepared.currency,
        kind=order.kind.name.lower(),
        reference=reference,
        phase=meaning.phase.value,
        pending_id=hold_id if order.kind in kinds.ENDS_A_HOLD else None,
        group_id=order.memo if order.kind in kinds.IN_THE_BATCHS_GROUP else None,
        expires_at=order.issued_at_s * 1000 + kinds.HOLD_MS if is_hold else None,
    )


def _check_presented(prepared: Prepared) -> None:
    """A charge, and a send that names a subject, must come with that very code; other orders come without one."""
    order, presented = prepared.order, prepared.presented
    if _comes_with_a_code(order) != (presented is not None):
        raise RequestDoesNotMatch()
    if presented is None:
        return
    asked = presented.payload
    if order.kind in kinds.CHARGES:
        payer_codes.check(order, presented)
    elif not (
        isinstance(asked, payloads.PeerRequest)
        and asked.jti == order.subject
        and asked.handle == order.payee
        and asked.currency == order.currency
        and asked.amount_minor in (None, order.amount_minor)
    ):
        raise RequestDoesNotMatch()


def _comes_with_a_code(order: payloads.Order) -> bool:
    return order.kind in kinds.CHARGES or (order.kind == payloads.OrderKind.SEND and order.subject is not None)


def sealed(
    reader: Reader,
    *,
    order: payloads.Order,
    signer_id: str,
    signer: signing.Signer,
    presented: seal.Opened | None = None,
    plays: bool = False,
) -> Prepared:
    """An order that this server gives itself, sealed by a key that it holds."""
    frame = seal.seal(order, signer, outbox.realm(reader))
    prepared = Prepared(order, frame, signer.public_key.kid_hex, signer_id, presented, plays=plays)
    _check_presented(prepared)
    return prepared


def server_order(
    now: int,
    *,
    kind: payloads.OrderKind,
    payee: str,
    amount_minor: int,
    unit: money.Currency,
    memo: str | None = None,
    subject: bytes | None = None,
    jti: bytes | None = None,
) -> payloads.Order:
    """An order of the operator's or of a shop's, made at `now` (ms). The same `jti` makes it the same order again."""
    return payloads.Order(
        amount_minor=amount_minor,
        currency=unit.numeric,
        issued_at_s=now // 1000,
        ttl_s=payloads.Order.max_ttl_s,
        jti=jti or secrets.token_bytes(8),
        payee=payee,
        kind=kind,
        memo=memo,
        subject=subject,
    )
