"""A stage: the shell's templates, statics and sentences, served without a service, to test the shell's parts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import qrcode
from flask import Flask, render_template_string
from markupsafe import Markup
from qrcode.image.svg import SvgPathImage
from werkzeug.serving import WSGIRequestHandler, make_server

import shared.web
from shared.web import look
from shared.web.catalog import shell_catalog
from shared.web.format import money

WEB = Path(shared.web.__file__).parent
POLICY = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'"


def drawing(text: str) -> Markup:
    """A QR code of `text` as SVG, without its margin: the card around it is the margin."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=0)
    code.add_data(text)
    return Markup(code.make_image(image_factory=SvgPathImage).to_string(encoding="unicode"))


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: a browser asks for much."""


def build(pages: Mapping[str, str], scripts: Mapping[str, str]) -> Flask:
    """An app with these pages (Jinja source by path) and scripts (by path), under the services' content policy."""
    app = Flask("stage", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))

    def t(key: str, **params: object) -> str:
        return shell_catalog().sentence("en", key, **params)

    def strings(*keys: str) -> Markup:
        block = app.json.dumps({key: t(key) for key in keys}).replace("<", "\\u003c")
        return Markup('<script type="application/json" id="strings">{}</script>').format(Markup(block))

    app.jinja_env.globals.update(
        t=t, strings=strings, asset=lambda name: f"/static/{name}", csrf_token=lambda: "token",
        money=lambda amount_minor, code, sign=False: money(amount_minor, code, "en", sign=sign),
    )  # fmt: skip
    look.install(app, WEB.parents[1] / "merchant")
    for path, source in pages.items():
        app.add_url_rule(path, path, lambda source=source: render_template_string(source))
    for path, source in scripts.items():
        app.add_url_rule(path, path, lambda source=source: app.response_class(source, mimetype="text/javascript"))

    @app.after_request
    def guard(response):  # type: ignore[no-untyped-def]
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return app


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` on a free port of this computer; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
