"""The doors that the webhooks' pages call: make an endpoint, change it, send to it, send again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.staff.roles import Role, needs
from merchant.webhooks import actions, deeds, endpoints
from merchant.webhooks.views import asked_url, with_secret
from shared.errors import BadInput
from shared.web import body
from shared.web.body import Body

doors = Blueprint("webhook_scripts", __name__, url_prefix="/api/webhooks")


@doors.post("")
@needs(Role.MANAGER)
def make() -> tuple[Response, int]:
    """Make an endpoint; its secret is told here alone."""
    asked = _asked(body.read().only("url", "events", "description"))
    made = service.run(deeds.add, at=service.at(), **asked)
    return jsonify(with_secret(made, service.secret())), 201


@doors.post("/<id>")
@needs(Role.MANAGER)
def change(id: str) -> Response:
    """Change what an endpoint hears, and where."""
    asked = _asked(body.read().only("url", "events", "description"))
    service.run(deeds.change, at=service.at(), id=id, **asked)
    return jsonify({})


@doors.post("/<id>/rotate")
@needs(Role.MANAGER)
def rotate(id: str) -> Response:
    """Make another secret, told here alone; the old one signs too for `overlap_s` seconds."""
    overlap_s = body.read().only("overlap_s").integer("overlap_s")
    done = service.run(deeds.rotate, at=service.at(), id=id, overlap_s=overlap_s)
    return jsonify(with_secret(done, service.secret()))


@doors.post("/<id>/switch")
@needs(Role.MANAGER)
def switch(id: str) -> Response:
    """Switch an endpoint `off` or `on`."""
    to = body.read().only("to").text("to", longest=3)
    if to not in ("on", "off"):
        raise BadInput(field="to")
    service.run(deeds.switch, at=service.at(), id=id, is_off=to == "off")
    return jsonify({})


@doors.post("/<id>/test")
@needs(Role.MANAGER)
def send_test(id: str) -> Response:
    """Send a test event; the delivery's id."""
    body.read().only()
    return jsonify({"id": service.run(actions.send_test, id=id, shop_id=service.at().shop.id).id})


@doors.post("/<id>/remove")
@needs(Role.MANAGER)
def remove(id: str) -> Response:
    """Send nothing there any more."""
    body.read().only()
    service.run(deeds.remove, at=service.at(), id=id)
    return jsonify({})


@doors.post("/deliveries/<id>/redeliver")
@needs(Role.MANAGER)
def redeliver(id: str) -> Response:
    """Send a delivery again, now."""
    body.read().only()
    service.run(actions.redeliver, id=id, shop_id=service.at().shop.id)
    return jsonify({})


def _asked(given: Body) -> dict[str, Any]:
    names = given.as_dict().get("events")
    if names is not None and not isinstance(names, list):
        raise BadInput(field="events")
    return {
        "url": asked_url(given),
        "description": given.text("description", longest=actions.LONGEST_DESCRIPTION).strip(),
        "names": actions.checked_events(names) if names is not None else (endpoints.ALL,),
    }
