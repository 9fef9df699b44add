"""The launcher's page: two phones and a till in frames, signed in by tickets that only this computer is given.

It holds no data and asks no database: what just happened it is told by the wallet (story.py). A ticket says who may be
signed in without a PIN; it is made with the installation's secret, so it is only handed out on loopback, in demo mode,
to a browser that names the launcher's own host (a page elsewhere that makes its name point here is refused).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from shared import config as settings
from shared.codes import render
from shared.config import Config
from shared.launcher import story
from shared.web import format, language, tickets
from shared.web.catalog import Catalog
from shared.web.secrets import load_secret

_HERE = Path(__file__).parent
_SHELL = _HERE.parent / "web"


@dataclass(frozen=True, slots=True)
class Place:
    """One frame: who it belongs to (`who` in the ticket), where it lives, and whether it is a phone."""

    who: str
    home: str
    is_phone: bool


def places(config: Config) -> list[Place]:
    """The frames of the page. They are this computer's own addresses, also while the LAN is served."""
    wallet, till = f"http://localhost:{config.wallet_port}", f"http://localhost:{config.merchant_port}"
    return [Place("ana", f"{wallet}/w/ana", True), Place("li", f"{wallet}/w/li", True), Place("till", till, False)]


def create_app(config: Config | None = None) -> Flask:
    """The launcher as a Flask app."""
    config = config or settings.from_environment()
    app = Flask("launcher", root_path=str(_HERE), static_folder="static", template_folder="templates")
    app.config.update(TRUSTED_HOSTS=["localhost", "127.0.0.1"], MAX_CONTENT_LENGTH=1024)
    shell = Blueprint(
        "shared",
        __name__,
        static_folder=str(_SHELL / "static"),
        static_url_path="/static/shared",
        template_folder=str(_SHELL / "templates"),
    )
    app.register_blueprint(shell)
    secret = load_secret(config)
    language.install(app, Catalog(_HERE / "locales"))
    _furnish(app)
    _guard(app, config)
    _open_doors(app, config, secret)
    story.install(app, config, secret)
    return app


def _open_doors(app: Flask, config: Config, secret: bytes) -> None:
    homes = {place.who: place.home for place in places(config)}

    def join(who: str) -> str:
        """Where a browser becomes `who`; without demo mode, where it may sign in by itself."""
        return f"{homes[who]}/join#ticket={tickets.made(secret, who)}" if config.is_demo else f"{homes[who]}/"

    @app.get("/")
    def home() -> AnyResponse | str:
        if request.host.partition(":")[0] != "localhost":
            return redirect(config.launcher_url)  # the frames accept one origin only
        return render_template(
            "launcher/home.html",
            places=places(config),
            join=join,
            is_demo=config.is_demo,
            start_url=config.start_url,
            wallet_port=config.wallet_port,
            ca_url=config.ca_url,
            drawing=Markup(render.qr_svg(config.start_url, g.say("own.code_label"))) if config.is_lan else None,
        )

    @app.get("/join/<any(ana, li, till):who>")
    def join_alone(who: str) -> AnyResponse:
        return redirect(join(who))

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "service": "launcher"}


def _furnish(app: Flask) -> None:
    """What the templates call."""

    def t(key: str, **params: object) -> str:
        return str(g.say(key, **params))

    def strings(*keys: str) -> Markup:
        texts = json.dumps({key: t(key) for key in keys}, ensure_ascii=False).replace("<", "\\u003c")
        return Markup('<script type="application/json" id="strings">{}</script>').format(Markup(texts))

    app.jinja_env.globals.update(
        t=t,
        strings=strings,
        asset=lambda file: url_for("shared.static", filename=file),
        money=lambda minor, code: format.money(minor, code, g.language),
        fields=story.fields,
        slices=story.slices,
    )


def _guard(app: Flask, config: Config) -> None:
    """Only the services may stand in its frames, nobody may frame it, and their frames may ask for the camera."""
    origins = sorted({place.home.partition("/w/")[0] for place in places(config)})
    policy = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        f" frame-src {' '.join(origins)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    allowed = " ".join(["self", *(f'"{origin}"' for origin in origins)])

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["Permissions-Policy"] = f"camera=({allowed}), microphone=(), geolocation=()"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
        is_static = request.path.startswith("/static/")
        response.headers["Cache-Control"] = "no-cache" if is_static else "no-store"
        return response
