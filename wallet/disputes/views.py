"""The doors of disputes: open one, take it back, look at the shop's pictures."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from shared import clock
from shared.disputes import actions, queries
from shared.disputes.pictures import MEDIA_TYPE
from shared.disputes.queries import Dispute
from shared.identity import wording
from shared.web import body, sessions
from wallet import service
from wallet.disputes import payments
from wallet.history import queries as history

doors = Blueprint("disputes", __name__)


@doors.post("/api/disputes")
def open_dispute() -> tuple[Response, int]:
    """Complain about the payment that `transfer` made."""
    viewer_id, given = sessions.required().party_id, body.read().only("transfer", "reason", "words", "amount_minor")
    settled = service.read(history.settled, transfer_id=given.text("transfer"), viewer_id=viewer_id)
    opened = service.run(
        actions.open_dispute,
        payer_id=viewer_id,
        intent_id=payments.payment(settled).id,
        reason=given.text("reason"),
        words=wording.fitted(given.text("words"), actions.WORDS_BYTES),
        amount_minor=given.integer("amount_minor"),
    )
    return jsonify(told(opened)), 201


@doors.get("/api/disputes")
def dispute_list() -> Response:
    """The person's disputes, newest first."""
    found = service.read(queries.list_of_payer, payer_id=sessions.required().party_id)
    return jsonify({"disputes": [told(each) for each in found]})


@doors.post("/api/disputes/<id>/withdraw")
def withdraw(id: str) -> Response:
    """Take it back."""
    session = sessions.required()
    return jsonify(told(service.run(actions.withdraw, dispute_id=id, payer_id=session.party_id)))


@doors.get("/disputes/<id>/pictures/<int:position>")
def picture(id: str, position: int) -> Response:
    """A picture of the shop's answer."""
    found = service.read(queries.of_payer, id=id, payer_id=sessions.required().party_id)
    shown = service.read(queries.picture, dispute_id=found.id, position=min(position, 99))
    return Response(shown.content, mimetype=MEDIA_TYPE)


def told(dispute: Dispute) -> dict[str, Any]:
    """A dispute as the API tells of it."""
    plain = ("id", "reason", "words", "amount_minor", "left_minor", "currency", "answer", "note", "paid_minor")
    return {name: getattr(dispute, name) for name in plain} | {
        "state": dispute.state.value,
        "opened_at": clock.rfc3339(dispute.opened_at),
        "answer_by": clock.rfc3339(dispute.answer_by),
        "transfer": dispute.transfer_id,
    }
