"""A receipt's own page: for whoever has its link, without signing in, to read, keep, print and verify."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request
from markupsafe import Markup

from merchant import service
from merchant.receipts import links, receipt
from shared.codes import render
from shared.errors import BadInput
from shared.payments import receipts

doors = Blueprint("receipts", __name__)
PAPERS = ("a4", "roll")


@doors.get("/r/<token>")
def show(token: str) -> str:
    """The receipt, with the operator's signed word for the payment as a code; laid out for A4 or an 80 mm roll."""
    found = service.read(receipt.of_intent, intent_id=links.opened(token, service.secret()))
    paper = request.args.get("paper", PAPERS[0])
    if paper not in PAPERS:
        raise BadInput(field="paper")
    code = _signed(found)
    drawing = Markup(render.qr_svg(code, label=g.say("receipt.code"))) if code else None
    return render_template("till/receipt.html", receipt=found, code=code, drawing=drawing, paper=paper)


def _signed(found: receipt.Receipt) -> str | None:
    """The signed receipt as the text of its code; None while nothing was captured."""
    if found.transfer is None:
        return None
    frame = service.read(
        receipts.receipt_frame,
        transfer_id=found.transfer.id,
        viewer_id=found.shop.id,
        config=service.config(),
        secret=service.secret(),
    )
    return service.code_text(frame)
