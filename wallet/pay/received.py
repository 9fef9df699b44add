"""An order as it comes in: sealed by the phone, or a draft that the server seals with the key it holds for a browser.

Only the person of the session may order: what somebody else has signed is refused, however good the signature.
"""

from __future__ import annotations

from shared import money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import BadInput, NotAllowed
from shared.identity import keys
from shared.payments import orders
from shared.payments.orders import Prepared
from shared.web.body import Body
from shared.web.sessions import Session

KINDS = {"pay": payloads.OrderKind.PAY, "send": payloads.OrderKind.SEND}
JTI_DIGITS = 16


class NotYourOrder(NotAllowed):
    """The order was signed by somebody else than the person who is signed in."""

    code = "not_your_order"


def prepared(reader: Reader, *, session: Session, given: Body, secret: bytes) -> Prepared:
    """The order in a request, its signature checked: `order` (a code) or `draft`, and perhaps `presented`."""
    if given.has("draft"):
        frame = _sealed(reader, session, draft(given.part("draft")), secret)
    else:
        frame = frames.frame_of_text(given.text("order"))
    order = orders.prepare(reader, frame=frame, presented=given.optional_text("presented"))
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
        jti=_eight_bytes(given, "jti"),
        payee=given.text("payee"),
        kind=KINDS[kind],
        subject=_eight_bytes(given, "subject") if given.has("subject") else None,
        memo=given.optional_text("memo") or None,
    )


def _sealed(reader: Reader, session: Session, order: payloads.Order, secret: bytes) -> bytes:
    """The order, sealed by the session's own key where the server holds it; `no_server_key` otherwise."""
    signer = keys.server_signer(reader, party_id=session.party_id, secret=secret, kid=session.holder)
    return seal.seal(order, signer, outbox.realm(reader))


def _eight_bytes(given: Body, name: str) -> bytes:
    text = given.text(name)
    if len(text) != JTI_DIGITS or any(digit not in "0123456789abcdef" for digit in text):
        raise BadInput(field=name)
    return bytes.fromhex(text)
