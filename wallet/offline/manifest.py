"""What makes the wallet an app on the home screen: its name, its pictures, where it starts."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for

from shared.web.persona import persona_of

PAPER = "#f3f5f1"
SIDES_PX = (192, 512)


def manifest() -> dict[str, Any]:
    """The web app manifest of this prefix, in the reader's language."""
    persona = persona_of(request.script_root)
    home, name = url_for("history_pages.home"), g.say("app.name")
    return {
        "id": home,
        "name": f"{name} ({persona})" if persona else name,
        "short_name": name,
        "description": g.say("app.description"),
        "lang": g.language,
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "orientation": "portrait",
        "theme_color": PAPER,
        "background_color": PAPER,
        "icons": [_icon(side, purpose) for side in SIDES_PX for purpose in ("any", "maskable")],
        "shortcuts": [
            _shortcut("nav.scan", url_for("scan_pages.scan")),
            _shortcut("paycode.title", url_for("presented_pages.pay_code")),
        ],
    }


def _shortcut(key: str, url: str) -> dict[str, Any]:
    return {"name": g.say(key), "url": url, "icons": [_icon(SIDES_PX[0], "any")]}


def _icon(side_px: int, purpose: str) -> dict[str, str]:
    name = f"icons/{'maskable' if purpose == 'maskable' else 'icon'}-{side_px}.png"
    source = url_for("static", filename=name)
    return {"src": source, "sizes": f"{side_px}x{side_px}", "type": "image/png", "purpose": purpose}
