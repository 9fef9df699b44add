"""The door of topping up. Withdrawing goes through the door of paying: it is the person's own signed order."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from shared import money
from shared.db.once import body_hash, once
from shared.identity import parties
from shared.payments import installation
from shared.web import body, sessions
from wallet import service
from wallet.bank import actions

doors = Blueprint("bank", __name__)


@doors.post("/api/bank/top-ups")
def top_up() -> Response:
    """Take `amount_minor` from the demo bank. With an `Idempotency-Key` the same request again moves nothing more."""
    session, given, unit = sessions.required(), body.read(), service.unit()
    amount_minor = money.check_minor(given.integer("amount_minor"))
    person = service.read(parties.by_id, id=session.party_id)
    order = service.read(
        installation.prepare_top_up, secret=service.secret(), payee=person.handle, amount_minor=amount_minor, unit=unit
    )
    key = request.headers.get("Idempotency-Key")
    action = once(f"top-up:{person.id}", key, body_hash(request.get_data()), actions.top_up, lambda made: made)
    return jsonify(service.run(action, party_id=person.id, order=order, unit=unit))
