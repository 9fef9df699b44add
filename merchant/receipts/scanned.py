"""A receipt that somebody brings back: which sale of this shop it is of.

Taken are the signed receipt (from the customer's phone, from paper, from a page), the link of a receipt's page, and the
number that is printed on it. A signed receipt is opened before it is believed.
"""

from __future__ import annotations

import re

from merchant.receipts import links
from shared import ids
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.refusals import CodeRefused
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import NotFound
from shared.identity import keys
from shared.payments import intents
from shared.payments.intents import PaymentIntent

_LINK = re.compile(r"/r/([\w-]{38})\s*\Z", re.ASCII)
_NUMBER = re.compile(r"#?\s*([0-9]{1,15})\Z", re.ASCII)


class NotOurReceipt(NotFound):
    """A genuine receipt, of a payment that this shop did not get; or a number that no sale here has."""

    code = "not_our_receipt"


class NoReceipt(CodeRefused):
    """A text that is no receipt."""

    code = "no_receipt"


def sale_of(reader: Reader, *, text: str, shop_id: str, secret: bytes) -> PaymentIntent:
    """The payment intent of this shop whose receipt a scanned, pasted or typed text is."""
    text = text.strip()
    link, number = _LINK.search(text), _NUMBER.match(text)
    if link:
        found = links.opened(link.group(1), secret)
        return _ours(reader, [(found,)], shop_id)
    if number:
        return _ours(reader, _numbered(reader, int(number.group(1)), shop_id), shop_id)
    return _ours(reader, _paid_by(reader, _transfer(reader, text)), shop_id)


def _transfer(reader: Reader, text: str) -> str:
    """The transfer that a signed receipt tells of."""
    opened = seal.open_frame(
        frames.frame_of_text(text),
        realm=outbox.realm(reader),
        find_key=lambda kid: keys.find(reader, kid=kid),
        now_s=reader.now // 1000,
    )
    if not isinstance(opened.payload, payloads.Receipt):
        raise NoReceipt()
    return ids.id_from_bytes("trf", opened.payload.transfer)


def _paid_by(reader: Reader, transfer_id: str) -> list[tuple[str]]:
    """The intent that a transfer paid, or gave money back for."""
    return reader.sql.rows(
        "SELECT id FROM payments_intent WHERE transfer_id = :transfer"
        " UNION ALL SELECT intent_id FROM payments_refund WHERE transfer_id = :transfer",
        transfer=transfer_id,
    )


def _numbered(reader: Reader, number: int, shop_id: str) -> list[tuple[str]]:
    """The sale of this number, as the register or else the ledger counts; of a split one its first payment."""
    of_register = reader.sql.rows(
        "SELECT t.intent_id FROM register_sale AS s JOIN register_tender AS t ON t.sale_id = s.id"
        " JOIN payments_intent AS i ON i.id = t.intent_id"
        " WHERE s.shop_id = :shop AND s.number = :number AND i.captured_minor > 0 ORDER BY t.part LIMIT 1",
        shop=shop_id,
        number=number,
    )
    return of_register or reader.sql.rows(
        "SELECT i.id FROM ledger_transfer AS t JOIN payments_intent AS i ON i.transfer_id = t.id"
        " WHERE t.seq = :number AND i.shop_id = :shop",
        shop=shop_id,
        number=number,
    )


def _ours(reader: Reader, rows: list[tuple[str]], shop_id: str) -> PaymentIntent:
    known = intents.by_ids(reader, ids=[row[0] for row in rows])
    mine = [intent for intent in known.values() if intent.shop_id == shop_id]
    if not mine:
        raise NotOurReceipt()
    return mine[0]
