"""An order as it comes in: sealed by the phone, or a draft that the server seals with the key it holds for a browser.

Only the person of the session may order: what somebody else has signed is refused, however good the signature.
"""

from __future__ import annotations

from shared import money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import BadInput, IdempotencyConflict, NotAllowed
from shared.identity import keys
from shared.payments import effects, orders
from shared.payments.orders import Prepared
from shared.web.body import Body
from shared.web.sessions import Session
from wallet import service

KINDS = {
    "pay": payloads.OrderKind.PAY,
    "send": payloads.OrderKind.SEND,
    "hold": payloads.OrderKind.HOLD,
    "withdraw": payloads.OrderKind.WITHDRAW,
}
JTI_DIGITS = 16


class NotYourOrder(NotAllowed):
    """The order was signed by somebody else than the person who is signed in."""

    code = "not_your_order"


def prepared(given: Body, *, session: Session) -> Prepared:
    """The order in a request, its signature checked: `order` (a code) or `draft`, and perhaps `presented`."""
    if given.has("draft"):
        frame = service.read(_sealed, session=session, given=given.part("draft"), secret=service.secret())
    else:
        frame = frames.frame_of_text(given.text("order"))
    presented, plays = given.optional_text("presented"), service.config().is_sandbox
    order: Prepared = service.read(orders.prepare, frame=frame, presented=presented, plays=plays)
    if order.signer_id != session.party_id:
        raise NotYourOrder()
    return order


def draft(given: Body) -> payloads.Order:
    """The order that a draft asks for. Its `jti` is the browser's, so that asking again is the same order."""
    kind = given.text("kind")
    if kind not in KINDS:
        raise BadInput(field="kind")
    return payloads.Order(
        amount_minor=given.integer("amount_minor"),
        currency=money.currency(given.text("currency")).numeric,
        issued_at_s=given.integer("issued_at_s"),
        ttl_s=payloads.Order.max_ttl_s,
        jti=eight_bytes(given, "jti"),
        payee=given.text("payee"),
        kind=KINDS[kind],
        subject=eight_bytes(given, "subject") if given.has("subject") else None,
        memo=given.optional_text("memo") or None,
    )


def _sealed(reader: Reader, *, session: Session, given: Body, secret: bytes) -> bytes:
    """The drafted order, sealed by the key that the draft names, where the server holds it; `no_server_key` otherwise.

    An order of that key and number that was executed before is taken as it is stored: a session may have got another
    key meanwhile, and the same draft must stay the same order.
    """
    order = draft(given)
    kid = eight_bytes(given, "kid").hex() if given.has("kid") else session.holder
    name = kid + order.jti.hex()
    executed = effects.stored_frames(reader, ids=[name]).get(name)
    if executed is not None:
        if orders.open_as_of(reader, executed, at_ms=None, now_s=None).payload != order:
            raise IdempotencyConflict()
        return executed
    signer = keys.server_signer(reader, party_id=session.party_id, secret=secret, kid=kid)
    return seal.seal(order, signer, outbox.realm(reader))


def eight_bytes(given: Body, name: str) -> bytes:
    """A one-time number in hex, as bytes."""
    text = given.text(name)
    if len(text) != JTI_DIGITS or any(digit not in "0123456789abcdef" for digit in text):
        raise BadInput(field=name)
    return bytes.fromhex(text)
