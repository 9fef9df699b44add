"""The doors of /v1 to the faults that a shop orders for its own callbacks."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from merchant import service
from merchant.api import entry, paging
from merchant.api.description import TEXT, TIME, body, choice, described, form, integer, list_of, named, nullable
from merchant.callbacks import faults, kinds
from merchant.callbacks.faults import LONGEST_DELAY_S, MOST_AT_ONCE, Fault, OrderedFault
from merchant.checkout import afterwards
from merchant.lab import sandbox
from shared import clock
from shared.db.unit import UnitOfWork
from shared.errors import BadInput
from shared.web import body as bodies
from shared.web.body import Body

doors = entry.doors_of("test_faults")
_NAMES = [each.value for each in Fault]
_FAULT = form(
    "test_fault",
    kind=TEXT,
    fault=choice(*_NAMES),
    remaining=nullable(integer(1, MOST_AT_ONCE)),
    delay_s=nullable(integer(1, LONGEST_DELAY_S)),
    set_at=TIME,
)
_FAULTS = form("test_faults", object=named("test_faults"), data=list_of(_FAULT))
_ORDER = body(
    "test_fault_order",
    "fault",
    fault=choice(*_NAMES),
    kind=TEXT,
    times=integer(1, MOST_AT_ONCE),
    delay_s=integer(1, LONGEST_DELAY_S),
).like(fault="twice", times=1)
_CLEARING = body("test_fault_clearing", fault=choice(*_NAMES), kind=TEXT)


@doors.get("/test_faults")
@entry.allows("test_faults:read")
@described("List the faults on order", answers={200: _FAULTS})
def list_faults() -> Response:
    """What is to go wrong with the shop's next callbacks, the oldest order first."""
    paging.once_each()
    return jsonify(as_json(service.read(faults.of_shop, shop_id=entry.shop().id)))


@doors.post("/test_faults")
@entry.allows("test_faults:write")
@described("Order a fault", sent=_ORDER, answers={200: _FAULTS}, refuses=("not_a_sandbox",))
def order_fault() -> Response:
    """Have the next `times` callbacks go wrong, or all of them until it is cleared.

    `kind` is `webhook` or `wechatpay`; both unless given. `delay_s` is for `late` and `out_of_order`.
    """
    sandbox.required()
    given = bodies.read().only("fault", "kind", "times", "delay_s")
    extent = {name: given.optional_integer(name) for name in ("times", "delay_s")}
    asked = {"kinds": asked_kinds(given), "fault": asked_fault(given), **extent}
    return jsonify(afterwards.run_once(entry.shop().id, given, _ordered, shop_id=entry.shop().id, **asked))


@doors.post("/test_faults/clear")
@entry.allows("test_faults:write")
@described("Clear faults", sent=_CLEARING, is_sent_optional=True, answers={200: _FAULTS}, refuses=("not_a_sandbox",))
def clear_faults() -> Response:
    """Cancel a fault of a kind; all of them unless named."""
    sandbox.required()
    given = entry.optional_body().only("fault", "kind")
    fault = asked_fault(given) if given.has("fault") else None
    asked = {"kinds": asked_kinds(given), "fault": fault}
    return jsonify(afterwards.run_once(entry.shop().id, given, _cleared, shop_id=entry.shop().id, **asked))


def asked_fault(given: Body) -> Fault:
    """The fault that a body names."""
    try:
        return Fault(given.text("fault", longest=40))
    except ValueError:
        raise BadInput(field="fault") from None


def asked_kinds(given: Body) -> list[str]:
    """The kind of callbacks that a body names; all of them where it names none."""
    if not given.has("kind"):
        return kinds.names()
    kind = given.text("kind", longest=40)
    if kind not in kinds.names():
        raise BadInput(field="kind")
    return [kind]


def as_json(ordered: list[OrderedFault]) -> dict[str, Any]:
    """The faults on order."""
    told = [
        {
            "kind": each.kind,
            "fault": each.fault.value,
            "remaining": each.remaining,
            "delay_s": each.delay_s if each.fault in faults.DELAYED else None,
            "set_at": clock.rfc3339(each.set_at),
        }
        for each in ordered
    ]
    return {"object": "test_faults", "data": told}


def _ordered(uow: UnitOfWork, **asked: Any) -> dict[str, Any]:
    return as_json(faults.put(uow, **asked))


def _cleared(uow: UnitOfWork, **asked: Any) -> dict[str, Any]:
    return as_json(faults.clear(uow, **asked))
