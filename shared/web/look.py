"""The style sheet of a service: the shell's and its own, packed into one, so that a page needs one small request."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask, Response, request

_STATIC = Path(__file__).parent / "static"


def packed(*sheets: Path) -> str:
    """The sheets in order, without comments and blanks. What they say is not changed."""
    text = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    without_comments = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r" ?([{};,]) ?", r"\1", " ".join(without_comments.split()))


def install(app: Flask, folder: Path) -> None:
    """Serve `look`: the shell's sheets and those in the service's own `static` folder."""
    text = packed(_STATIC / "tokens.css", _STATIC / "ui.css", *sorted((folder / "static").glob("*.css")))

    @app.get("/static/look.css")
    def look() -> Response:
        response = Response(text, mimetype="text/css")
        response.add_etag()
        response.make_conditional(request)
        return response
