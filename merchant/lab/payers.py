"""Test payers: people whose phones a program plays. This server holds their keys; each asks for one outcome.

They are made when they are first asked for, are topped up by the operator when they run short, and have no wallet of
their own. What they pay is signed, executed and audited like anybody's.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from merchant.terminals.actions import LockedKey, new_key
from shared import money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError, NotFound
from shared.identity import keys, parties
from shared.identity.parties import Known
from shared.ledger import accounts, chart
from shared.money import Currency
from shared.payments import actions, installation, intents, limits, numbers, orders, outcomes, presented, staging
from shared.payments.intents import PaymentIntent
from shared.payments.numbers import Number
from shared.payments.orders import Prepared
from shared.payments.outcomes import Row
from shared.payments.staging import Played

_FILLED_TO = 100


class UnknownTestPayer(NotFound):
    """No test payer goes by this name."""

    code = "unknown_test_payer"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a payment: the intent as it stands, and what the payer's phone was refused by, if it was."""

    intent: PaymentIntent
    refusal: DomainError | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A payer code as a phone shows it: its frame, the number under it, and the most that it is good for."""

    frame: bytes
    number: Number
    cap_minor: int


def row_of(name: str) -> Row:
    """The row of a test payer; `test-declined` and `declined` are the same one."""
    handle = name if name.startswith(outcomes.TEST_HANDLE) else outcomes.TEST_HANDLE + name
    found = next((row for row in outcomes.TABLE if row.payer == handle), None)
    if found is None:
        raise UnknownTestPayer()
    return found


def pay(store: Store, *, row: Row, intent: PaymentIntent, secret: bytes, unit: Currency) -> Attempt:
    """Open an intent's code as a phone does, and pay; what its shop wants to know of a refusal is in the answer."""
    payer = _ready(store, row=row, secret=secret, unit=unit, amount_minor=intent.amount_minor)
    store.run(intents.note_scan, intent_id=intent.id, party_id=payer.id)
    order = store.read(_order, payer=payer, intent=intent, secret=secret)
    refusal: DomainError | None = None
    try:
        played = store.run(_carry_out, order=order)
        refusal = played.refusal if played else None
    except DomainError as error:
        if error.status >= 500 and not isinstance(error, outcomes.PaymentTimedOut):
            raise  # the service itself is in trouble
        refusal = error
    return Attempt(store.read(_as_it_stands, id=intent.id), refusal)


def decline(store: Store, *, row: Row, intent: PaymentIntent, secret: bytes, unit: Currency) -> Attempt:
    """Say no to a charge that waits for this payer."""
    payer = _ready(store, row=row, secret=secret, unit=unit)
    return Attempt(store.run(presented.decline, intent_id=intent.id, party_id=payer.id), None)


def show_code(store: Store, *, row: Row, secret: bytes, unit: Currency, cap_minor: int | None) -> Shown:
    """A fresh payer code with its number, good once and for two minutes; newer ones make older ones void."""
    payer = _ready(store, row=row, secret=secret, unit=unit, amount_minor=cap_minor or 0)
    frame, code = store.read(_payer_code, payer=payer, secret=secret, unit=unit, cap_minor=cap_minor)
    opened = store.read(orders.open_as_of, frame=frame, at_ms=None, now_s=None)
    return Shown(frame, store.run(numbers.issue, opened=opened), code.cap_minor)


def intent_in(reader: Reader, *, text: str, shop_id: str) -> PaymentIntent:
    """The intent of this shop whose code a text is; `unknown_intent` for another shop's."""
    opened = orders.open_as_of(reader, frames.frame_of_text(text), at_ms=None, now_s=None)
    if not isinstance(opened.payload, payloads.PaymentRequest):
        raise intents.UnknownIntent()
    found = intents.by_code(reader, kid=opened.kid_hex, jti=opened.payload.jti.hex())
    return intents.of_shop(reader, id=found.id, shop_id=shop_id)


def _ready(store: Store, *, row: Row, secret: bytes, unit: Currency, amount_minor: int = 0) -> Known:
    """The payer, made if it is not there yet, with enough for `amount_minor`."""
    payer = store.read(parties.by_handles, handles=[row.payer]).get(row.payer)
    if payer is None:
        payer = store.run(_make, row=row, key=new_key(secret), unit=unit)
    if store.read(_holds, payer_id=payer.id) < max(1, amount_minor):
        filling = min(_FILLED_TO * max(10_000, amount_minor), money.MAX_MINOR)
        top_up = store.read(
            installation.prepare_top_up, secret=secret, payee=payer.handle, amount_minor=filling, unit=unit
        )
        store.run(actions.execute, order=top_up)
    return payer


def _make(uow: UnitOfWork, *, row: Row, key: LockedKey, unit: Currency) -> Known:
    """Enter a test payer, who lets everything go without being asked; whoever came first has made it already."""
    known = parties.by_handles(uow, handles=[row.payer])
    if known:
        return known[row.payer]
    name = row.payer.replace("-", " ").capitalize()
    payer = parties.create_party(uow, kind="user", handle=row.payer, display_name=name)
    may = keys.DEVICE_MAY_SEAL
    keys.enroll(uow, party_id=payer.id, public_key=key.public, may_seal=may, locked_private=key.locked)
    accounts.open_account(uow, code=chart.user_account(payer.id), currency=unit.code, owner_id=payer.id)
    limits.set_limits(uow, party_id=payer.id, no_pin_minor=money.MAX_MINOR, daily_minor=None)
    return payer


def _holds(reader: Reader, *, payer_id: str) -> int:
    return accounts.balance(reader, code=chart.user_account(payer_id)).balance_minor


def _order(reader: Reader, *, payer: Known, intent: PaymentIntent, secret: bytes) -> Prepared:
    """What the phone would sign: the payment of the intent, or its authorization."""
    is_manual = intent.capture_method == intents.MANUAL
    order = orders.server_order(
        reader.now,
        kind=OrderKind.HOLD if is_manual else OrderKind.PAY,
        payee=parties.by_id(reader, id=intent.shop_id).handle,
        amount_minor=intent.amount_minor,
        unit=money.currency(intent.currency),
        subject=bytes.fromhex(intent.jti),
    )
    signer = keys.server_signer(reader, party_id=payer.id, secret=secret)
    return orders.sealed(reader, order=order, signer_id=payer.id, signer=signer, plays=True)


def _carry_out(uow: UnitOfWork, *, order: Prepared) -> Played | None:
    """Execute the order, or play what it asks for."""
    try:
        actions.execute(uow, order=order)
    except outcomes.Staged:
        return staging.play(uow, order=order)
    return None


def _payer_code(
    reader: Reader, *, payer: Known, secret: bytes, unit: Currency, cap_minor: int | None
) -> tuple[bytes, payloads.PayerCode]:
    code = payloads.PayerCode(
        currency=unit.numeric,
        issued_at_s=reader.now // 1000,
        ttl_s=payloads.PayerCode.max_ttl_s,
        jti=secrets.token_bytes(8),
        counter=reader.now,
        cap_minor=cap_minor or limits.of(reader, party_id=payer.id).cap_minor,
    )
    signer = keys.server_signer(reader, party_id=payer.id, secret=secret)
    return seal.seal(code, signer, outbox.realm(reader)), code


def _as_it_stands(reader: Reader, *, id: str) -> PaymentIntent:
    return intents.by_id(reader, id=id).as_of(reader.now)
