"""The doors of what happened: balance, statement, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from shared import clock
from shared.codes import proof_file, render
from shared.errors import BadInput
from shared.ledger import accounts, chart
from shared.payments import receipts, sealing
from shared.web import months, sessions
from wallet import service
from wallet.history import finding, queries, table
from wallet.history import wanted as wanting
from wallet.history.queries import Settled
from wallet.history.wanted import Wanted

doors = Blueprint("history", __name__)

LONGEST_PAGE, USUAL_PAGE = 100, 20


@dataclass(frozen=True, slots=True)
class ReceiptInHand:
    """A transfer with the operator's signed receipt of it, as text and as a drawing; with none where nothing moved."""

    settled: Settled
    text: str | None
    drawing: str | None


def receipt_of(transfer_id: str, viewer_id: str) -> ReceiptInHand:
    """The receipt of a transfer for one of its sides; `no_such_transfer` for everybody else."""
    settled = service.read(queries.settled, transfer_id=transfer_id, viewer_id=viewer_id)
    if not settled.has_moved:
        return ReceiptInHand(settled, None, None)
    frame = service.read(
        receipts.receipt_frame,
        transfer_id=transfer_id,
        viewer_id=viewer_id,
        config=service.config(),
        secret=service.secret(),
    )
    text = service.code_text(frame)
    return ReceiptInHand(settled, text, render.qr_svg(text, g.say("receipt.code_label")))


def proof_of(transfer_id: str, viewer_id: str) -> dict[str, Any]:
    """The proof of a transfer under the head that may be shown, for one of its sides; `not_sealed_yet` before that."""
    service.read(queries.settled, transfer_id=transfer_id, viewer_id=viewer_id)
    head = service.read(sealing.shown_head, config=service.config())
    return service.read(proof_file.made, transfer_id=transfer_id, size=head.size if head else None)


def number(name: str, usual: int | None, largest: int) -> int | None:
    """A positive integer of the query string; `bad_input` for anything else that stands there."""
    text = request.args.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 1 <= int(text) <= largest):
        raise BadInput(field=name)
    return int(text)


def wanted() -> Wanted:
    """What the query string asks of the statement: `q` (words and amounts), `which` and `month`."""
    text, which, month = (request.args.get(name, "") for name in ("q", "which", "month"))
    if month:
        months.month_named(month, UTC)
    return wanting.wanted(text, which, month, service.unit())


def zone() -> tzinfo:
    """The reader's own zone, as far as their browser has told it."""
    return months.readers_zone(request.cookies)


@doors.get("/api/balance")
def balance() -> Response:
    """What the person may spend, and what is set aside for shops that take it later."""
    account = service.read(accounts.balance, code=chart.user_account(sessions.required().party_id))
    held_minor = account.debits_pending
    return jsonify({"balance_minor": account.balance_minor, "held_minor": held_minor, "currency": account.currency})


@doors.get("/api/statement")
def statement() -> Response:
    """A page of the statement, newest first: all of it, or what is wanted."""
    viewer_id = sessions.required().party_id
    before, limit = number("before", None, 2**62), number("limit", USUAL_PAGE, LONGEST_PAGE) or USUAL_PAGE
    asked = {"viewer_id": viewer_id, "wanted": wanted(), "zone": zone()}
    found = service.read(finding.found, before=before, limit=limit, **asked)
    return jsonify({"rows": [row.as_json() for row in found.entries], "next": found.following})


@doors.get("/statement.csv")
def statement_file() -> Response:
    """All of the statement that is wanted, as a file for a spreadsheet."""
    viewer_id = sessions.required().party_id
    entries = finding.everything(service.store(), viewer_id=viewer_id, wanted=wanted(), zone=zone())
    response = Response(table.lines(entries), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="statement.csv"'
    return response


@doors.get("/receipts/<transfer>/proof.json")
def proof(transfer: str) -> Response:
    """The proof of one of the person's transfers, as a file that anybody can check."""
    response = jsonify(proof_of(transfer, sessions.required().party_id))
    response.headers["Content-Disposition"] = f'attachment; filename="proof-{transfer}.json"'
    return response


@doors.get("/api/receipts/<transfer>")
def receipt(transfer: str) -> Response:
    """The signed receipt of one of the person's transfers."""
    found = receipt_of(transfer, sessions.required().party_id)
    row = found.settled.transfer
    return jsonify(
        {
            "code": found.text,
            "svg": found.drawing,
            "transfer": row.id,
            "seq": row.seq,
            "kind": row.kind,
            "phase": row.phase,
            "at": clock.rfc3339(row.created_at),
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "payer": found.settled.payer.as_json(),
            "payee": found.settled.payee.as_json(),
        }
    )
