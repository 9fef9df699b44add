"""The least that Flask can answer as JSON, served by the very server that the services are served by.

`python -m tests.bench.references.bare PORT`. No hooks, no database, no session: what the web framework and the server
themselves cost, and so the rate that no service of this kind can pass.
"""

from __future__ import annotations

import sys

from flask import Flask, Response, jsonify

from shared.web import serve


def create_app() -> Flask:
    """An app with one door."""
    app = Flask("bare")

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify({"status": "ok", "service": "bare"})

    return app


if __name__ == "__main__":
    serve.serve("tests.bench.references.bare:create_app", "127.0.0.1", int(sys.argv[1]))
