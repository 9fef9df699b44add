"""Charging a sale to the payer code that a customer's phone shows: scanned, pasted, or typed as its 18 digits."""

from __future__ import annotations

from merchant import service
from merchant.activity import log
from merchant.checkout import afterwards, sales
from merchant.checkout.afterwards import Form, Shown
from merchant.shifts import queries as shifts
from merchant.standing import At
from shared.codes import frame as frames
from shared.db.unit import UnitOfWork
from shared.identity.parties import Known
from shared.identity.signing import Signer
from shared.payments import numbers, presented
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.web import attempts
from shared.web.body import Body


def charged(*, shop: Known, id: str, given: Body, form: Form = afterwards.shown) -> Shown:
    """Charge the sale to a payer code; the sale as it then stands: captured, authorized, or waiting for the phone."""
    order = _order(shop, service.signers().of_shop(shop.id), id, given)
    return afterwards.run_once(shop.id, given, form(presented.charge_presented), order=order)


def charged_at(*, at: At, id: str, given: Body) -> Shown:
    """The same at a till: the code is bound to the terminal that takes it, by its key, and its shift must be open."""
    order = _order(at.shop, service.signers().of_terminal(at.terminal), id, given)
    stand = {"shop_id": at.shop.id, "terminal_id": at.terminal.id, "member_id": at.member.id}
    return afterwards.run_once(at.shop.id, given, afterwards.shown(_take), order=order, **stand)


def _take(uow: UnitOfWork, *, order: Prepared, shop_id: str, terminal_id: str, member_id: str) -> PaymentIntent:
    """Charge a payer code at a terminal that may charge, and write down who took it."""
    shifts.on_duty(uow, terminal_id=terminal_id, shop_id=shop_id)
    intent = presented.charge_presented(uow, order=order)
    log.note(
        uow,
        shop_id=shop_id,
        member_id=member_id,
        terminal_id=terminal_id,
        what="code.taken",
        subject=intent.id,
        details={"amount_minor": intent.amount_minor},
    )
    return intent


def _order(shop: Known, signer: Signer, id: str, given: Body) -> Prepared:
    """The order that takes the code, sealed: dear work, before the writer's turn."""
    code = frame_shown(shop, given.text("code"))
    named = {"shop": shop, "intent_id": sales.checked(id)}
    return service.read(presented.prepare, signer=signer, code=code, plays=service.config().is_sandbox, **named)


def frame_shown(shop: Known, code: str) -> bytes:
    """The payer code in a text, or the one that goes by a number. Wrong numbers are counted: nobody guesses one."""
    text = presented.tidied(code)
    if not numbers.is_number(text):
        return frames.frame_of_text(text)
    if not numbers.is_well_typed(text):
        raise numbers.UnknownNumber()
    scopes = {
        "account": attempts.account_scope("merchant-number", shop.id),
        "address": attempts.address_scope("merchant-number", service.address()),
    }
    service.run(attempts.count, **scopes)
    frame = service.read(numbers.frame_of, number=text)
    service.run(attempts.clear, **scopes)
    return frame
