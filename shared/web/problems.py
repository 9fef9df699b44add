"""Refusals on their way out: `application/problem+json` for programs, a page with one plain sentence for people."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import BadHost, HTTPException

from shared.errors import DomainError
from shared.web import request_ids
from shared.web.catalog import Catalog

_log = logging.getLogger("saoma")
_HTTP_CODES = {
    400: "bad_request", 401: "not_signed_in", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed",
    413: "request_too_large", 415: "unsupported_media_type", 429: "too_many_requests",
}  # fmt: skip


def install(app: Flask) -> None:
    """Answer every error of the app in the form that its reader can use."""
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _broken)


def sentence(error: DomainError) -> str:
    """What the catalogue says of a refusal, in the reader's language."""
    catalog: Catalog = current_app.extensions["saoma_catalog"]
    return catalog.refusal(g.language, error)


def refused(error: DomainError) -> Response:
    """The answer that tells of a refusal."""
    if error.status >= 500:
        cause = getattr(error.__cause__, "orig", error.__cause__)  # the statement stays out: it holds values
        _log.error("%s in %s %s: %s", error.code, request.method, request.path, cause)
    headers = {"Retry-After": str(error.params["retry_after_s"])} if "retry_after_s" in error.params else {}
    return _answer(error.status, error.code, sentence(error), error.params, headers)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or 300 <= status < 400:
        return error.get_response()  # type: ignore[return-value]
    code = _HTTP_CODES.get(status, "internal_error" if status >= 500 else "bad_request")
    return _answer(status, code, g.say("error." + code), {}, {})


def _broken(error: Exception) -> Response:
    _log.exception("unexpected error in %s %s", request.method, request.path, exc_info=error)
    return _answer(500, "internal_error", g.say("error.internal_error"), {}, {})


def wants_json() -> bool:
    """Whether the caller is a program: a JSON door, or a script that asked for JSON, or one that names no real host."""
    if request.path.startswith(("/api/", "/v1/")) or isinstance(request.routing_exception, BadHost):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _answer(status: int, code: str, detail: str, params: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    if wants_json():
        told = {name: value for name, value in params.items() if isinstance(value, str | int)}
        problem = {"type": f"about:blank#{code}", "title": code, "status": status, "code": code, "detail": detail}
        if request.path.startswith("/v1/"):
            problem["request_id"] = request_ids.current()
        response = jsonify({**problem, **{f"x_{name}": value for name, value in told.items()}})
        response.mimetype = "application/problem+json"
    else:
        response = Response(render_template("shared/error.html", code=code, detail=detail, status=status))
    response.status_code = status
    response.headers.update(headers)
    return response
