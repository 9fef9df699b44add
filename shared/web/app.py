"""The shell of a service: a Flask app with the guards, sentences, formats, errors, live events and health of both."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from flask import Blueprint, Flask, g, request, url_for
from markupsafe import Markup, escape

from shared import clock, faults
from shared.config import Config
from shared.db import outbox
from shared.db.store import Store
from shared.web import format, health, language, live, look, packing, persona, problems, secure_page, security, wire
from shared.web.catalog import Catalog
from shared.web.secrets import load_secret

_HERE = Path(__file__).parent
CLOCK_TOLD_MS = 30_000
"""A clock that was moved by less is not worth a word in every page's header."""


def create_shell(
    service: str, folder: Path, config: Config, store: Store, topics: Callable[[], Iterable[str]]
) -> Flask:
    """A Flask app for the service whose package lies in `folder` (with `templates/`, `static/` and `locales/`).

    `topics` says which events the session of the current request may hear.
    """
    app = Flask(service, root_path=str(folder), static_folder="static", template_folder="templates")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    faults.load(os.environ.get("SAOMA_FAULTS", ""))
    secret = load_secret(config)
    catalog = Catalog(folder / "locales")
    app.config.update(SAOMA_SERVICE=service, SAOMA_CONFIG=config, SAOMA_SECRET_BYTES=secret)
    app.extensions.update(saoma_store=store, saoma_catalog=catalog)
    app.wsgi_app = persona.PersonaPrefix(app.wsgi_app)  # type: ignore[method-assign]
    app.register_blueprint(
        Blueprint(
            "shared",
            __name__,
            template_folder=str(_HERE / "templates"),
            static_folder=str(_HERE / "static"),
            static_url_path="/static/shared",
        )
    )
    wire.install(app, store, config)
    language.install(app, catalog)
    health.install(app, store, service)
    security.install(app, secret=secret, frame_origin=launcher_origin(config))
    problems.install(app)
    live.install(app, store, topics)
    look.install(app, folder)
    packing.install(app)
    _furnish(app, config, store)
    return app


def launcher_origin(config: Config) -> str | None:
    """The one origin that may frame the pages, in demo mode only."""
    return config.launcher_url if config.is_demo else None


def _furnish(app: Flask, config: Config, store: Store) -> None:
    """What templates may call; see shared/templates for how they use it."""

    def t(key: str, **params: object) -> Markup:
        return Markup(g.say(key, **{name: escape(value) for name, value in params.items()}))

    def clock_ahead() -> str:
        """How far the clock has been moved, as a signed-in reader reads it; empty where nobody has moved it."""
        session = g.get("session")
        ahead_ms = session.ahead_ms if session else 0
        return format.span(ahead_ms, g.language) if ahead_ms >= CLOCK_TOLD_MS else ""

    def strings(*keys: str) -> Markup:
        texts = json.dumps({key: g.say(key) for key in keys}, ensure_ascii=False).replace("<", "\\u003c")
        return Markup('<script type="application/json" id="strings">{}</script>').format(Markup(texts))

    app.jinja_env.globals.update(
        t=t,
        clock_ahead=clock_ahead,
        strings=strings,
        money=lambda minor, code, sign=False: format.money(minor, code, g.language, sign=sign),
        when=lambda at_ms: format.when(at_ms, g.language),
        month=lambda at_ms: format.month(at_ms, g.language),
        iso=clock.rfc3339,
        csrf_token=security.csrf_token,
        asset=lambda file: url_for("shared.static", filename=file),
        config_launcher_origin=launcher_origin(config),
        secure_address=lambda: secure_page.address(config, app.name),
        persona=lambda: persona.persona_of(request.script_root),
        last_seq=lambda: store.read(outbox.last_seq),
    )
