"""What a failed test is told beside its assertion: what happened in its shop, and what its receiver heard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.testing.receiver import Webhooks
from shared.testing.shop import Shop

_MOST = 50


def what_happened(fixtures: Mapping[str, Any]) -> str:
    """The newest events of the test's shop, oldest first, and the webhooks that came; empty without a shop."""
    till, webhooks = fixtures.get("till"), fixtures.get("webhooks")
    lines: list[str] = []
    if isinstance(till, Shop):
        told = till.ask("GET", f"/v1/events?limit={_MOST}")["data"]
        lines += ["events of the shop:", *(f"  {_line(event)}" for event in reversed(told))]
    if isinstance(webhooks, Webhooks):
        lines += ["webhooks that came:"]
        for each in webhooks.received:
            forged = "" if each.is_genuine else ", signature wrong"
            lines.append(f"  {_line(each.event)}, answered {each.answered}{forged}")
    return "\n".join(lines)


def _line(event: Mapping[str, Any]) -> str:
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    shown = thing if isinstance(thing, dict) else {}
    status = f" ({shown['status']})" if "status" in shown else ""
    return f"{event.get('created_at', '')} {event.get('type', 'no event')} {shown.get('id', '')}{status}".strip()
