"""The doors that the lab's page calls to have this shop's callbacks go wrong, and what it shows of that."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from merchant import service
from merchant.callbacks import faults, kinds
from merchant.callbacks.faults import Fault, OrderedFault
from merchant.callbacks.views import asked_fault
from merchant.lab import sandbox
from merchant.staff.roles import Role, needs
from shared.db.unit import Reader
from shared.errors import BadInput
from shared.web import body

doors = Blueprint("faults_scripts", __name__, url_prefix="/api/faults")
_EXTENTS = {"next": 1, "on": None}


@doors.post("")
@needs(Role.MANAGER)
def order() -> Response:
    """Order a fault for all kinds of callbacks: `extent` is `next` (the next one), `on` (until off) or `off`."""
    sandbox.required()
    given = body.read().only("fault", "extent")
    fault, extent = asked_fault(given), given.text("extent", longest=10)
    asked = {"shop_id": service.at().shop.id, "kinds": kinds.names(), "fault": fault}
    if extent == "off":
        service.run(faults.clear, **asked)
    elif extent in _EXTENTS:
        service.run(faults.put, **asked, times=_EXTENTS[extent], delay_s=None)
    else:
        raise BadInput(field="extent")
    return jsonify({})


def panel(reader: Reader, *, shop_id: str) -> dict[Fault, OrderedFault | None]:
    """Every fault, with the order that is open for it: what `till/lab_faults.html` shows as `faults`."""
    ordered = {each.fault: each for each in faults.of_shop(reader, shop_id=shop_id)}
    return {fault: ordered.get(fault) for fault in Fault}
