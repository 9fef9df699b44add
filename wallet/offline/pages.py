"""The doors of installing and of being offline: the worker, the manifest, the shells. All are open to everybody.

A shell is a page with nobody on it: what it must know of the phone's owner, its script finds in the phone.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, url_for

from wallet import page
from wallet.offline import manifest, shell

pages = Blueprint("offline_pages", __name__)

_kept_files = cache(shell.files)
_kept_version = cache(shell.version)


@pages.get("/sw.js")
def worker() -> Response:
    """The service worker of this prefix. A byte of it changes whenever anything does that it keeps."""
    script = shell.worker(
        version=_kept_version(),
        scope=url_for("history_pages.home"),
        shells={
            url_for("presented_pages.pay_code"): url_for(".pay_code"),
            url_for("users_pages.card"): url_for(".card"),
        },
        offline=url_for(".offline"),
        files=[url_for("static", filename=name) for name in _kept_files()],
    )
    return Response(script, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@pages.get("/manifest.webmanifest")
def tell_manifest() -> Response:
    """What makes the wallet an app on the home screen."""
    response = jsonify(manifest.manifest())
    response.mimetype = "application/manifest+json"
    return response


@pages.get("/offline")
def offline() -> str:
    """What stands in the place of a page that cannot be had."""
    return _shown("offline.html")


@pages.get("/offline/pay-code")
def pay_code() -> str:
    """The pay code's page with nobody on it."""
    return _shown("paycode.html")


@pages.get("/offline/card")
def card() -> str:
    """The contact card's page with nobody on it."""
    return _shown("offline_card.html")


def _shown(template: str) -> str:
    facts: dict[str, Any] = page.facts_of_phone() | {"is_shell": True}
    return render_template(template, facts=facts)
