"""What just happened, for the drawer: the wallet's account of it as a list for people, and what it means for the hints.

The launcher itself reads no database. It asks the wallet, with a key made of the installation's secret, and is answered
in demo mode only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from flask import Flask, Response, g, jsonify, render_template, request

from shared.config import Config
from shared.web import format, tickets
from shared.web.caller import Caller, NoAnswer

SHOWN = 30
"""Changes that one answer draws; older ones count for the hints alone."""
SEEDED = ("ana", "li")
ECHOES = ("sale.", "payout.")
"""What the register notes of its sales, and what becomes of payouts: intents, transfers and batches tell the same."""
_MOVES = {"transfer.held": "held", "transfer.released": "released"}
_PAYING = ("pay", "charge", "capture", "hold", "charge_hold")

Happening = Mapping[str, Any]


def install(app: Flask, config: Config, secret: bytes) -> None:
    """The door that the drawer asks; it does not exist outside demo mode."""
    if not config.is_demo:
        return
    wallet = Caller(f"http://localhost:{config.wallet_port}", tickets.launchers_key(secret), timeout_s=5)

    @app.get("/happened")
    def happened() -> tuple[Response, int] | Response:
        after = request.args.get("after", 0, type=int)
        try:
            found = wallet.ask("GET", "/demo/happened" + (f"?after={after}" if after > 0 else ""))["data"]
        except NoAnswer:
            return jsonify({}), 503
        shown = [told(happening) for happening in found if not happening["name"].startswith(ECHOES)][:SHOWN]
        return jsonify(
            {
                "seq": found[0]["seq"] if found else after,
                "hints": [hint for hint in map(hint_of, reversed(found)) if hint],
                "newest": shown[0]["title"] if shown else "",
                "html": render_template("launcher/happened.html", happenings=shown),
            }
        )


def told(happening: Happening) -> dict[str, Any]:
    """A change with its title in the reader's language."""
    said = happening["said"]
    places = {name: said[name] for name in ("payer", "payee", "shop", "by", "to") if name in said}
    if "amount_minor" in said:
        places["amount"] = format.money(said["amount_minor"], said["currency"], g.language)
    return {**happening, "title": g.say(f"happened.{_title(happening)}", name=happening["name"], **places)}


def _title(happening: Happening) -> str:
    name, kind = happening["name"], happening["said"].get("kind")
    if name.startswith("transfer."):
        moves = {**dict.fromkeys(_PAYING, "paid"), "send": "sent", "top_up": "topped_up", "withdraw": "withdrew"}
        return _MOVES.get(name) or moves.get(kind) or ("refunded" if kind in ("refund", "make_good") else "moved")
    plain = str(name).replace(".", "_")
    return plain if plain in KNOWN else "other"


KNOWN = (
    "intent_created", "intent_scanned", "intent_canceled", "intent_expired", "intent_declined",
    "intent_confirmation_required", "contact_requested", "contact_accepted", "device_added", "request_made",
)  # fmt: skip
"""Events besides transfers that have a sentence of their own."""


def hint_of(happening: Happening) -> dict[str, Any] | None:
    """Which hint this brings forward, and to which of its steps; `done` when that was the last."""
    name, said = happening["name"], happening["said"]
    step: Any = None
    if name.startswith("intent."):
        hint, step = "pay", {"intent.created": 2, "intent.scanned": 3}.get(name, 1)
    elif name.startswith("contact."):
        hint, step = "scan", "done"
    elif said.get("kind") in _PAYING:
        hint, step = "pay", "done"
    elif said.get("kind") == "send":
        hint, step = "send", "done"
    elif said.get("kind") == "top_up" and said.get("payee_handle") not in SEEDED:
        hint, step = "own", "done"
    return {"seq": happening["seq"], "hint": hint, "step": step} if step else None


def fields(says: Mapping[str, Any] | None) -> Iterable[tuple[str, Any]]:
    """What a code says, as rows: the name of each field and its value."""
    return (says or {}).items()


def slices(frame: str) -> list[tuple[str, str]]:
    """A frame's hex cut at its joints: version, type, key, content, seal."""
    joints = (0, 2, 4, 20, len(frame) - 128, len(frame))
    names = ("version", "type", "key", "content", "seal")
    return [(name, frame[start:end]) for name, (start, end) in zip(names, pairwise(joints), strict=True)]
