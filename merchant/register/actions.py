"""Selling: a sale and its first code in one transaction with its stock, further codes, giving up, and the end of each.

A payment intent ends in another room or another process (the payer's phone pays or declines, time passes). So what the
register makes of that end, the sale's state and the stock given back, is noticed by `settle_due`: at once where the
till itself ended it, within a second by the sweeper otherwise. Nothing relies on its being on time: who asks how a sale
stands is answered from its intents.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import insert

from merchant.activity import log
from merchant.catalog import stock
from merchant.checkout import actions as checkout
from merchant.register import queries
from merchant.register.models import LineRow, SaleRow, TenderRow
from merchant.register.queries import Sale
from merchant.register.ringing import Bill
from merchant.register.states import SaleState
from merchant.shifts import queries as shifts
from shared import events, ids
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict
from shared.payments import intents
from shared.payments.intents import PaymentIntent
from shared.payments.states import FINAL, IntentState


class SaleOver(Conflict):
    """The sale is paid, or was given up: no further code is made for it."""

    code = "sale_over"


class PartTaken(Conflict):
    """This part of the sale is paid, or has a code that can still be paid."""

    code = "part_taken"


@dataclass(frozen=True, slots=True)
class Stand:
    """By whom and where something is done at a shop."""

    shop_id: str
    member_id: str
    terminal_id: str


def charge(uow: UnitOfWork, *, bill: Bill, parts: tuple[int, ...], at: Stand, intent: PaymentIntent) -> PaymentIntent:
    """Store a sale with the sealed intent of its first part, and take its goods out of the stock."""
    shift = shifts.on_duty(uow, terminal_id=at.terminal_id, shop_id=at.shop_id)
    checkout.charge(uow, intent=intent)
    stock.take(uow, shop_id=at.shop_id, wanted=bill.wanted)
    sale_id = ids.new_id("sal", uow.now)
    [(number,)] = uow.sql.rows(
        "SELECT COALESCE(max(number), 0) + 1 FROM register_sale WHERE shop_id = :shop", shop=at.shop_id
    )
    uow.execute(
        insert(SaleRow).values(
            id=sale_id, number=number, created_at=uow.now, **_figures(bill, parts, at, intent), shift_id=shift.id
        )
    )
    uow.connection.execute(insert(LineRow), _line_rows(sale_id, bill))
    _tender(uow, sale_id, 0, intent, at)
    log.note(
        uow,
        shop_id=at.shop_id,
        member_id=at.member_id,
        terminal_id=at.terminal_id,
        what="sale.charged",
        subject=intent.id,
        details={"number": number, "total_minor": bill.priced.total_minor},
    )
    return intent


def charge_part(uow: UnitOfWork, *, sale_id: str, part: int, at: Stand, intent: PaymentIntent) -> PaymentIntent:
    """Store the sealed intent of another part of a split sale; `part_taken`, `sale_over` when it needs none."""
    shifts.on_duty(uow, terminal_id=at.terminal_id, shop_id=at.shop_id)
    sale = queries.by_id(uow, id=sale_id, shop_id=at.shop_id)
    parts = queries.parts_of(uow, sale)
    if sale.is_stopped or queries.state_of(parts, sale) is SaleState.PAID:
        raise SaleOver()
    if not 0 <= part < len(parts):
        raise BadInput(field="part")
    before = parts[part].intent
    if before is not None and (before.state is IntentState.CAPTURED or before.state not in FINAL):
        raise PartTaken()
    _open_again(uow, sale)
    checkout.charge(uow, intent=intent)
    _tender(uow, sale.id, part, intent, at)
    return intent


def charge_again(uow: UnitOfWork, *, old_id: str, at: Stand, intent: PaymentIntent) -> PaymentIntent:
    """Store an intent in the place of one of the same shop that nobody can pay any more; its sale is open again."""
    shifts.on_duty(uow, terminal_id=at.terminal_id, shop_id=at.shop_id)
    sale = queries.of_intent(uow, intent_id=old_id)
    if sale is None:
        return checkout.charge_again(uow, old_id=old_id, intent=intent)
    part = sale.part_of(old_id)
    if sale.newest[part] != old_id:
        raise PartTaken()
    if sale.is_stopped:
        raise SaleOver()
    intents.give_up(uow, intent_id=old_id, shop_id=at.shop_id)
    _open_again(uow, sale)
    _settled(uow, old_id)
    checkout.charge(uow, intent=intent)
    _tender(uow, sale.id, part, intent, at)
    return intent


def cancel(uow: UnitOfWork, *, intent_id: str, shop_id: str) -> PaymentIntent:
    """Withdraw an unpaid intent and settle its sale; the goods go back when nothing of it was or can be paid."""
    intent = intents.cancel(uow, intent_id=intent_id, shop_id=shop_id)
    sale = queries.of_intent(uow, intent_id=intent_id)
    if sale is not None:
        _settle(uow, sale)
    return intent


def stop(uow: UnitOfWork, *, sale_id: str, at: Stand) -> Sale:
    """Give up what is not paid of a split sale: its open codes are withdrawn, what was paid stays paid."""
    sale = queries.by_id(uow, id=sale_id, shop_id=at.shop_id)
    parts = queries.parts_of(uow, sale)
    if queries.state_of(parts, sale) is not SaleState.OPEN:
        raise SaleOver()
    for part in parts:
        if part.intent is not None and part.intent.state in intents.UNPAID:
            intents.cancel(uow, intent_id=part.intent.id, shop_id=at.shop_id)
    uow.sql.run("UPDATE register_sale SET is_stopped = 1 WHERE id = :id", id=sale.id)
    log.note(
        uow,
        shop_id=at.shop_id,
        member_id=at.member_id,
        terminal_id=at.terminal_id,
        what="sale.stopped",
        subject=sale.id,
        details={"number": sale.number},
    )
    _settle(uow, queries.by_id(uow, id=sale.id, shop_id=at.shop_id))
    return queries.by_id(uow, id=sale.id, shop_id=at.shop_id)


def settle_due(uow: UnitOfWork) -> int:
    """Notice what became of intents that have ended: their sales' states, and the stock of what was not paid."""
    rows = uow.sql.rows(_DUE, final=[state.value for state in FINAL])
    for sale in {
        sale.id: sale for sale in queries.by_intents(uow, intent_ids=[row[0] for row in rows]).values()
    }.values():
        _settle(uow, sale)
    return len(rows)


def has_due(reader: Reader) -> bool:
    """Whether `settle_due` would find anything."""
    return bool(reader.sql.rows(_DUE + " LIMIT 1", final=[state.value for state in FINAL]))


_DUE = (
    "SELECT t.intent_id FROM register_tender AS t JOIN payments_intent AS i ON i.id = t.intent_id"
    " WHERE t.is_settled = 0 AND i.state IN :final"
)


def _settle(uow: UnitOfWork, sale: Sale) -> None:
    """Bring a sale to the state that its intents give it."""
    known = intents.by_ids(uow, ids=[tender.intent_id for tender in sale.tenders])
    for tender in sale.tenders:
        if not tender.is_settled and known[tender.intent_id].state in FINAL:
            _settled(uow, tender.intent_id)
    state = queries.state_of(queries.parts_of(uow, sale), sale)
    if state is sale.state:
        return
    closed_at = None if state is SaleState.OPEN else uow.now
    uow.sql.run(
        "UPDATE register_sale SET state = :state, closed_at = :closed_at WHERE id = :id",
        state=state.value, closed_at=closed_at, id=sale.id,
    )  # fmt: skip
    if state is SaleState.UNPAID and sale.holds_stock:
        uow.sql.run("UPDATE register_sale SET holds_stock = 0 WHERE id = :id", id=sale.id)
        stock.put_back(uow, shop_id=sale.shop_id, wanted=_wanted(sale))
    topics = [events.party_topic(sale.shop_id)]
    uow.emit(f"sale.{state.value}", topics, sale=sale.id, total_minor=sale.total_minor, currency=sale.currency)


def _open_again(uow: UnitOfWork, sale: Sale) -> None:
    """A sale that gets a new code is open, and holds its goods, if they can still be had."""
    if not sale.holds_stock:
        stock.take(uow, shop_id=sale.shop_id, wanted=_wanted(sale))
    uow.sql.run("UPDATE register_sale SET state = 'open', closed_at = NULL, holds_stock = 1 WHERE id = :id", id=sale.id)


def _settled(uow: UnitOfWork, intent_id: str) -> None:
    uow.sql.run("UPDATE register_tender SET is_settled = 1 WHERE intent_id = :id", id=intent_id)


def _tender(uow: UnitOfWork, sale_id: str, part: int, intent: PaymentIntent, at: Stand) -> None:
    uow.execute(
        insert(TenderRow).values(
            intent_id=intent.id,
            sale_id=sale_id,
            part=part,
            amount_minor=intent.amount_minor,
            is_settled=0,
            created_at=uow.now,
        )
    )
    uow.emit(
        "sale.charged",
        [events.party_topic(at.shop_id)],
        sale=sale_id,
        intent=intent.id,
        terminal=at.terminal_id,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
    )


def _wanted(sale: Sale) -> dict[str, int]:
    """How many of each item the sale holds: what came back since is not among it."""
    count: Counter[str] = Counter()
    for line in sale.lines:
        if line.item_id and line.quantity > line.returned:
            count[line.item_id] += line.quantity - line.returned
    return dict(count)


def _figures(bill: Bill, parts: tuple[int, ...], at: Stand, intent: PaymentIntent) -> dict[str, object]:
    figures = bill.priced
    return {
        "shop_id": at.shop_id,
        "state": SaleState.OPEN.value,
        "currency": intent.currency,
        "goods_minor": figures.goods_minor,
        "discount_minor": figures.discount_minor,
        "tip_minor": figures.tip_minor,
        "tax_minor": figures.tax_minor,
        "total_minor": figures.total_minor,
        "discount_bp": bill.cart.discount.basis_points,
        "reference": bill.cart.reference,
        "note": bill.cart.note,
        "capture_method": intent.capture_method,
        "parts": json.dumps(parts),
        "member_id": at.member_id,
        "terminal_id": at.terminal_id,
        "holds_stock": 1,
        "is_stopped": 0,
        "closed_at": None,
    }


def _line_rows(sale_id: str, bill: Bill) -> list[dict[str, object]]:
    return [
        {
            "sale_id": sale_id,
            "position": position,
            "item_id": line.item_id,
            "name": line.name,
            "options": line.options,
            "quantity": line.quantity,
            "unit_minor": line.unit_minor,
            "gross_minor": line.figures.gross_minor,
            "off_minor": line.figures.off_minor,
            "share_minor": line.figures.share_minor,
            "net_minor": line.figures.net_minor,
            "tax_bp": line.tax_bp,
            "tax_minor": line.figures.tax_minor,
            "returned": 0,
        }
        for position, line in enumerate(bill.lines)
    ]
