"""What the API says of itself, to anybody: the OpenAPI document, and the page that shows it."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, render_template

from merchant import service
from merchant.api import openapi, reference
from merchant.api.description import OBJECT, Form, described
from shared.web import sessions

doors = Blueprint("api_openapi", __name__)
_DOCUMENT = Form("openapi_document", OBJECT)


@doors.get("/v1/openapi.json")
@described("Read this document", answers={200: _DOCUMENT}, is_public=True)
def document() -> Response:
    """The OpenAPI 3.1 document of this very service; needs no key."""
    if "saoma_openapi" not in current_app.extensions:
        made = openapi.document(current_app, server_url=service.config().merchant_url)
        current_app.extensions["saoma_openapi"] = made
    return jsonify(current_app.extensions["saoma_openapi"])


@doors.get("/developer/api")
def page() -> str:
    """The document as a page, to be read and searched."""
    return render_template(
        "till/api_reference.html",
        chapters=reference.chapters(current_app),
        common=openapi.common(),
        server_url=service.config().merchant_url,
        is_signed_in=sessions.current() is not None,
    )
