"""Charging a sale to the payer code that a customer's phone shows: scanned, pasted, or typed as its 18 digits."""

from __future__ import annotations

from merchant import service
from merchant.checkout import afterwards, sales
from merchant.checkout.afterwards import Shown
from shared.codes import frame as frames
from shared.identity.parties import Known
from shared.payments import numbers, presented
from shared.web import attempts
from shared.web.body import Body


def charged(*, shop: Known, id: str, given: Body) -> Shown:
    """Charge the sale to a payer code; the sale as it then stands: captured, authorized, or waiting for the phone."""
    intent_id = sales.checked(id)
    order = service.read(
        presented.prepare,
        shop=shop,
        signer=service.signers().of_shop(shop.id),
        intent_id=intent_id,
        code=_frame(shop, given.text("code")),
    )
    return afterwards.run_once(shop.id, given, afterwards.shown(presented.charge_presented), order=order)


def _frame(shop: Known, code: str) -> bytes:
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
