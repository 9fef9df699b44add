"""The doors that the keys' page calls: make a key, give one a successor, revoke one."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify

from merchant import service
from merchant.keys import actions, queries, scopes
from merchant.keys.queries import ShopKey
from merchant.staff.roles import Role, needs
from shared.errors import BadInput
from shared.web import body
from shared.web.body import Body

doors = Blueprint("keys_scripts", __name__, url_prefix="/api/keys")


@doors.post("")
@needs(Role.OWNER)
def make() -> tuple[Response, int]:
    """Make a key: a full one, or with `scopes` a restricted one. The only time that it is told."""
    given = body.read().only("name", "scopes", "life_s")
    may = _scopes(given)
    key = actions.new_key(is_restricted=may is not None)
    made = service.run(
        actions.issue_at,
        at=service.at(),
        key=key,
        name=given.text("name"),
        scopes=may,
        life_s=given.optional_integer("life_s"),
    )
    return _told(made, key), 201


@doors.post("/<id>/rotate")
@needs(Role.OWNER)
def rotate(id: str) -> tuple[Response, int]:
    """Make the key that takes another one's place; that one is good for `overlap_s` more seconds."""
    overlap_s = body.read().only("overlap_s").integer("overlap_s")
    old = service.read(queries.at_shop, id=id, shop_id=service.at().shop.id)
    key = actions.new_key(is_restricted=old.scopes is not None)
    made = service.run(actions.rotate, at=service.at(), key_id=id, key=key, overlap_s=overlap_s)
    return _told(made, key), 201


@doors.post("/<id>/revoke")
@needs(Role.OWNER)
def revoke(id: str) -> Response:
    """Make a key worthless from now on."""
    body.read().only()
    service.run(actions.revoke, at=service.at(), key_id=id)
    return jsonify({})


def _scopes(given: Body) -> tuple[str, ...] | None:
    """What a restricted key shall be allowed; None for a full one."""
    wanted = given.as_dict().get("scopes")
    if wanted is None:
        return None
    if not isinstance(wanted, list) or not all(isinstance(scope, str) for scope in wanted):
        raise BadInput(field="scopes")
    return scopes.checked(wanted, scopes.of_doors(current_app))


def _told(made: ShopKey, key: str) -> Response:
    return jsonify({"id": made.id, "name": made.name, "key": key})
