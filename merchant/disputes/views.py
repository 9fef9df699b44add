"""The doors that the dispute's page calls: answer with words and pictures, or accept."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.disputes import actions
from merchant.staff.roles import Role, needs
from shared.disputes import pictures
from shared.disputes.actions import ANSWER_BYTES
from shared.disputes.pictures import BadPicture, Picture, TooManyPictures
from shared.disputes.queries import Dispute
from shared.identity import wording
from shared.web import body
from shared.web.body import Body

doors = Blueprint("disputes", __name__, url_prefix="/api/disputes")


@doors.post("/<id>/answer")
@needs(Role.MANAGER)
def answer(id: str) -> Response:
    """The shop's side of it: `words`, and `pictures` as base64 texts, which are redrawn before the commit."""
    given = body.read().only("words", "pictures")
    words, shown = wording.fitted(given.text("words"), ANSWER_BYTES), _pictures(given)
    done = service.run(actions.answer, at=service.at(), dispute_id=id, words=words, pictures=shown)
    return jsonify(_told(done))


@doors.post("/<id>/accept")
@needs(Role.MANAGER)
def accept(id: str) -> Response:
    """Give the money back: the payer gets it now, and it comes off the shop's next settlement."""
    body.read().only()
    done = service.run(actions.accept, at=service.at(), dispute_id=id, secret=service.secret())
    return jsonify(_told(done))


def _pictures(given: Body) -> list[Picture]:
    sent = given.as_dict().get("pictures") or []
    if not isinstance(sent, list) or not all(isinstance(each, str) for each in sent):
        raise BadPicture()
    if len(sent) > pictures.MOST:
        raise TooManyPictures(most=pictures.MOST)
    return [pictures.redrawn(_bytes(each)) for each in sent]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadPicture() from None


def _told(dispute: Dispute) -> dict[str, Any]:
    return {"id": dispute.id, "state": dispute.state.value, "paid_minor": dispute.paid_minor}
