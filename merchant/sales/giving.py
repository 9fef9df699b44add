"""What a sale's own pages order once it was signed: to take what was authorized or release it, and to give money back,
all of it, an amount, or the price of lines that come back.

The refund, the lines that are counted as returned, the stock and the line in the activity log are one commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from merchant import service
from merchant.activity import log
from merchant.checkout import actions, afterwards, sales
from merchant.checkout.afterwards import Shown
from merchant.register import returns
from merchant.sales import sold
from merchant.sales.sold import Sold
from merchant.shifts import actions as shifts
from merchant.standing import At
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, NotFound
from shared.identity import wording
from shared.payments import intents, shop_orders
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.web.body import Body

MOST_LINES = 1_000
_UNSAID = "–"


class NothingToRefund(NotFound):
    """Nothing was taken for this sale or for these lines, or all of it was given back."""

    code = "nothing_to_refund"


def refunded(*, id: str, given: Body) -> Shown:
    """Give back `amount_minor` of a sale, or all that is left; `lines` ({position: count}) come back with it.

    Lines without an amount bring back their own price, as far as so much is left. The refund as JSON.
    """
    at, intent_id = service.at(), sales.checked(id)
    intent = service.read(intents.of_shop, id=intent_id, shop_id=at.shop.id)
    behind = service.read(sold.by_intents, intent_ids=[intent_id]).get(intent_id)
    counts, amount_minor = _counts(given), given.optional_integer("amount_minor")
    if counts and amount_minor is None:
        amount_minor = _price(intent, behind, counts)
    reason = wording.fitted(given.text("reason"), actions.REASON_BYTES)
    order = service.read(
        shop_orders.prepare_refund,
        secret=service.secret(),
        shop_id=at.shop.id,
        intent_id=intent_id,
        amount_minor=amount_minor,
        reason=reason,
        kid=service.signers().own_kid(at.shop.id),
    )
    back: dict[str, Any] | None = None
    if behind and counts:
        back = {"shop_id": at.shop.id, "sale_id": behind.id, "returned": counts, "to_stock": given.flag("to_stock")}
    return afterwards.run_once(at.shop.id, given, _give_back, order=order, back=back, by=by(at))


def captured(*, id: str, given: Body) -> Shown:
    """Take what was authorized, or `amount_minor` of it; the sale as it then stands."""
    at = service.at()
    order = service.read(
        shop_orders.prepare_capture,
        secret=service.secret(),
        shop_id=at.shop.id,
        intent_id=sales.checked(id),
        amount_minor=given.optional_integer("amount_minor"),
        kid=service.signers().own_kid(at.shop.id),
    )
    return afterwards.run_once(at.shop.id, given, afterwards.shown(_take), order=order, by=by(at))


def voided(*, id: str, given: Body) -> Shown:
    """Release what was authorized, and write down why; the sale as it then stands."""
    at = service.at()
    order = service.read(
        shop_orders.prepare_void,
        secret=service.secret(),
        shop_id=at.shop.id,
        intent_id=sales.checked(id),
        kid=service.signers().own_kid(at.shop.id),
    )
    reason = wording.fitted(given.optional_text("reason") or "", actions.REASON_BYTES)
    return afterwards.run_once(at.shop.id, given, afterwards.shown(_release), order=order, reason=reason, by=by(at))


def by(at: At) -> dict[str, Any]:
    """Who stands at this till, as the activity log names them."""
    return {"shop_id": at.shop.id, "member_id": at.member.id, "terminal_id": at.terminal.id}


def _give_back(uow: UnitOfWork, *, order: Prepared, back: Mapping[str, Any] | None, by: Mapping[str, Any]) -> Shown:
    refund = actions.give_back(uow, order=order)
    if back:
        returns.take_back(uow, **back)
    details: dict[str, str | int] = {"amount_minor": refund.amount_minor, "reason": refund.reason or _UNSAID}
    shifts.took_back(uow, refund_id=refund.id, **by)
    log.note(uow, what="refund.given", subject=refund.intent_id, details=details, **by)
    return sales.refund_as_json(refund)


def _take(uow: UnitOfWork, *, order: Prepared, by: Mapping[str, Any]) -> PaymentIntent:
    intent = actions.carry_out(uow, order=order)
    log.note(uow, what="sale.captured", subject=intent.id, details={"amount_minor": intent.captured_minor}, **by)
    return intent


def _release(uow: UnitOfWork, *, order: Prepared, reason: str, by: Mapping[str, Any]) -> PaymentIntent:
    intent = actions.carry_out(uow, order=order)
    details: dict[str, str | int] = {"amount_minor": intent.amount_minor, "reason": reason or _UNSAID}
    log.note(uow, what="sale.voided", subject=intent.id, details=details, **by)
    return intent


def _counts(given: Body) -> dict[int, int]:
    """The lines that come back, by position."""
    if not given.has("lines"):
        return {}
    lines = given.part("lines")
    names = lines.names()
    if len(names) > MOST_LINES or not all(name.isascii() and name.isdigit() and len(name) < 6 for name in names):
        raise BadInput(field="lines")
    counts = {int(name): lines.integer(name) for name in names}
    if len(counts) < len(names) or not all(1 <= count <= 999 for count in counts.values()):
        raise BadInput(field="lines")
    return counts


def _price(intent: PaymentIntent, behind: Sold | None, counts: Mapping[int, int]) -> int | None:
    """What the lines bring back, as far as so much is left of the payment; None when nothing is, so that the order is
    answered or refused as any other. Lines that cost nothing bring nothing back (`nothing_to_refund`).
    """
    known = {line.position: line for line in behind.lines} if behind else {}
    if not counts.keys() <= known.keys():
        raise BadInput(field="lines")
    worth = sum(known[position].worth_minor(count) for position, count in counts.items())
    if not worth:
        raise NothingToRefund()
    return min(worth, intent.captured_minor - intent.refunded_minor) or None
