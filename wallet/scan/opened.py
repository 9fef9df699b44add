"""What a scanned code means to the person who scanned it. Opening never acts; it answers what may be done.

The names come from the registry, never from the code; the amount of a shop's request is the intent's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from shared import clock, ids, money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import CodeType, ContactCard, PaymentRequest, PeerRequest, Receipt, ShopCode
from shared.codes.refusals import CodeRefused, UnknownKey
from shared.db import outbox
from shared.db.unit import Reader
from shared.identity import keys, parties
from shared.ledger import chart, transfers
from shared.payments import effects, intents, receipts
from shared.payments.states import IntentState
from wallet.contacts import people
from wallet.contacts.people import Person


class OrderNotForScanning(CodeRefused):
    """A signed order, drawn as a code: it was meant for the service alone."""

    code = "order_not_for_scanning"


class PayCodeNotForScanning(CodeRefused):
    """Somebody's payer code: only a shop's till charges one. Whose it is, is not told."""

    code = "pay_code_not_for_scanning"


@dataclass(frozen=True, slots=True)
class Scanned:
    """A genuine code with everything that a person should know before deciding. Amounts in minor units, times in ms."""

    kind: str
    kid: str
    frame: bytes
    payee: Person
    verified: bool
    payer: Person | None = None
    amount_minor: int | None = None
    currency: str | None = None
    memo: str = ""
    reference: str = ""
    expires_at: int | None = None
    state: str | None = None
    intent: str | None = None
    subject: str | None = None
    transfer: str | None = None
    """The transfer that a receipt tells of, or by which the viewer paid or authorized this request."""
    capture_method: str | None = None
    """Of a shop's request: whether paying it moves the money, or holds it until the shop takes it."""
    is_asked_of_me: bool = False
    """Whether the shop has taken the viewer's payer code for it and waits for their word."""
    captured_minor: int = 0
    """What the shop took of this request."""
    authorized_until: int | None = None
    seq: int | None = None
    sealed_to: int | None = None
    """The number of the last transfer under the head that a receipt carries."""
    at: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits to be paid."""
        return self.state in (None, IntentState.REQUIRES_PAYMENT.value)

    def as_json(self, text: str) -> dict[str, Any]:
        """The code as the API tells of it; `text` is its own text."""
        plain = ("kind", "kid", "amount_minor", "currency", "memo", "reference", "verified", "state", "intent",
                 "subject", "transfer", "seq", "sealed_to", "capture_method")  # fmt: skip
        return {name: getattr(self, name) for name in plain} | {
            "payee": self.payee.as_json(),
            "payer": self.payer.as_json() if self.payer else None,
            "expires_at": None if self.expires_at is None else clock.rfc3339(self.expires_at),
            "at": None if self.at is None else clock.rfc3339(self.at),
            "text": text,
        }


def open_text(reader: Reader, *, text: str) -> seal.Opened:
    """The code in a text, its seal checked; times are the caller's to judge."""
    return seal.open_frame(
        frames.frame_of_text(text),
        realm=outbox.realm(reader),
        find_key=lambda kid: keys.find(reader, kid=kid),
        now_s=None,
    )


def scanned(reader: Reader, *, text: str, viewer_id: str) -> Scanned:
    """What the code in `text` means to this viewer, or the refusal that says why it cannot be used."""
    code = open_text(reader, text=text)
    if code.payload.code_type == CodeType.ORDER:
        raise OrderNotForScanning()
    if code.payload.code_type == CodeType.PAYER_CODE:
        raise PayCodeNotForScanning()
    if code.sealed_by is None:
        raise UnknownKey(kid=code.kid_hex)
    if isinstance(code.payload, Receipt):
        return _receipt(reader, code, code.payload, viewer_id)
    owner = parties.by_id(reader, id=code.sealed_by.party_id)
    payee = people.seen_by(reader, viewer_id=viewer_id, who=[owner])[owner.id]
    found = Scanned(
        kind=CodeType(code.payload.code_type).name.lower(),
        kid=code.kid_hex,
        frame=code.frame,
        payee=payee,
        verified=payee.verified_at is not None,
    )
    if isinstance(code.payload, PaymentRequest):
        return _payment_request(reader, found, code.payload, viewer_id)
    seal.check_times(code.payload, reader.now // 1000)
    if isinstance(code.payload, PeerRequest):
        return _peer_request(reader, found, code.payload, viewer_id)
    if isinstance(code.payload, ShopCode):
        return replace(found, currency=money.currency_by_number(code.payload.currency).code)
    assert isinstance(code.payload, ContactCard)
    return replace(found, verified=True)


def _payment_request(reader: Reader, found: Scanned, asked: PaymentRequest, viewer_id: str) -> Scanned:
    """A request that somebody has paid or authorized says so for ever; any other one is judged by its time."""
    intent = intents.by_code(reader, kid=found.kid, jti=asked.jti.hex()).as_of(reader.now)
    if intent.transfer_id is None and intent.hold_id is None:
        seal.check_times(asked, reader.now // 1000)
    is_mine = intent.payer_id == viewer_id
    return replace(
        found,
        is_asked_of_me=is_mine and intent.state is IntentState.REQUIRES_CONFIRMATION,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
        memo=intent.memo,
        reference=intent.reference,
        expires_at=intent.expires_at,
        state=intent.state.value,
        intent=intent.id,
        subject=intent.jti,
        transfer=intent.transfer_id or intent.hold_id if is_mine else None,
        at=intent.closed_at if is_mine else None,
        capture_method=intent.capture_method,
        captured_minor=intent.captured_minor if is_mine else 0,
        authorized_until=intent.authorized_until if is_mine else None,
    )


def _peer_request(reader: Reader, found: Scanned, asked: PeerRequest, viewer_id: str) -> Scanned:
    subject = asked.jti.hex()
    is_paid = (found.payee.id, subject) in effects.spent_requests(reader, jtis=[subject])
    return replace(
        found,
        amount_minor=asked.amount_minor,
        currency=money.currency_by_number(asked.currency).code,
        memo=asked.memo or "",
        expires_at=(asked.issued_at_s + asked.ttl_s) * 1000,
        state=(IntentState.CAPTURED if is_paid else IntentState.REQUIRES_PAYMENT).value,
        subject=subject,
    )


def _receipt(reader: Reader, code: seal.Opened, said: payloads.Receipt, viewer_id: str) -> Scanned:
    id = ids.id_from_bytes("trf", said.transfer)
    sides = parties.by_handles(reader, handles={said.handle, said.payee} - {receipts.SOMEBODY})
    if said.handle == receipts.SOMEBODY and _is_paid_by(reader, id, viewer_id):
        sides[said.handle] = parties.by_id(reader, id=viewer_id)
    if not sides.keys() | {receipts.SOMEBODY} >= {said.handle, said.payee} or said.payee not in sides:
        raise parties.UnknownParty()
    seen = people.seen_by(reader, viewer_id=viewer_id, who=sides.values())
    return Scanned(
        kind="receipt",
        kid=code.kid_hex,
        frame=code.frame,
        payee=seen[sides[said.payee].id],
        payer=seen[sides[said.handle].id] if said.handle in sides else None,
        verified=True,
        amount_minor=said.amount_minor,
        currency=money.currency_by_number(said.currency).code,
        transfer=id,
        seq=said.seq,
        sealed_to=said.checkpoint_size,
        at=said.issued_at_s * 1000,
    )


def _is_paid_by(reader: Reader, transfer_id: str, party_id: str) -> bool:
    """Whether somebody is the unnamed payer of a receipt that a shop handed out."""
    transfer = transfers.by_ids(reader, ids=[transfer_id]).get(transfer_id)
    return transfer is not None and transfer.debit_account == chart.user_account(party_id)
