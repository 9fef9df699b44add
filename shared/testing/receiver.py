"""A receiver of webhooks on a free port: verifies what comes, keeps it, and lets a test wait for it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from shared.testing.shop import Shop

_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """One request that came in. `event` is its JSON, empty where it is none; a forged one `is_genuine` not."""

    headers: Mapping[str, str]
    body: bytes
    event: dict[str, Any]
    is_genuine: bool
    answered: int

    @property
    def type(self) -> str:
        """The event's type, such as `intent.captured`."""
        return str(self.event.get("type", ""))

    def concerns(self, subject: str | None) -> bool:
        """Whether its object is `subject`, or belongs to it; None: any."""
        data = self.event.get("data")
        thing = data.get("object") if isinstance(data, dict) else None
        named = [thing.get("id"), thing.get("payment_intent")] if isinstance(thing, dict) else []
        return subject is None or subject in named


class Webhooks:
    """The receiver. It answers 204 to what is genuine, 400 to what is not, and what it was told to by `refuse_next`."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        """Everything that came, in the order in which it came."""
        self.secret = ""
        self._waiting = threading.Condition()
        self._refusals: list[int] = []
        self.endpoint = ""
        receiver = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LONGEST))
                self.send_response(receiver._take(dict(self.headers), body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="webhooks", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def events(self) -> list[dict[str, Any]]:
        """The genuine events so far; one that was sent twice is there twice."""
        with self._waiting:
            return [each.event for each in self.received if each.is_genuine]

    def listen_to(self, shop: Shop) -> None:
        """Have all events of a shop sent here."""
        endpoint = shop.add_endpoint(self.url)
        self.secret, self.endpoint = endpoint["secret"], endpoint["id"]

    def wait_for(
        self, type: str, subject: str | None = None, *, times: int = 1, timeout_s: float = 15
    ) -> dict[str, Any]:
        """The event of this type, about `subject` (an intent's or another thing's id) where one is named.

        With `times` it waits until it came so often, and answers the last. AssertionError when it does not come.
        """
        give_up_at = time.monotonic() + timeout_s
        with self._waiting:
            while True:
                found = [r.event for r in self.received if r.is_genuine and r.type == type and r.concerns(subject)]
                if len(found) >= times:
                    return found[times - 1]
                left = give_up_at - time.monotonic()
                if left <= 0:
                    raise AssertionError(self._missing(type, subject, len(found), times, timeout_s))
                self._waiting.wait(left)

    def refuse_next(self, times: int = 1, status: int = 500) -> None:
        """Answer the next so many with an error, as a shop in trouble does; Saoma sends them again."""
        with self._waiting:
            self._refusals += [status] * times

    def close(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _take(self, headers: Mapping[str, str], body: bytes) -> int:
        is_genuine = verified(self.secret, headers, body)
        try:
            event = json.loads(body)
        except ValueError:
            event = None
        with self._waiting:
            status = self._refusals.pop(0) if self._refusals else 204 if is_genuine else 400
            told = event if isinstance(event, dict) else {}
            self.received.append(Received(headers, body, told, is_genuine, status))
            self._waiting.notify_all()
        return status

    def _missing(self, type: str, subject: str | None, came: int, times: int, timeout_s: float) -> str:
        what = type + (f" of {subject}" if subject else "")
        lines = [f"{what} came {came} times of {times} within {timeout_s:g} s. What came:"]
        for each in self.received:
            thing = (each.event.get("data") or {}).get("object") or {}
            forged = "" if each.is_genuine else ", signature wrong"
            lines.append(f"  {each.type or 'no event'} of {thing.get('id')}, answered {each.answered}{forged}")
        return "\n".join(lines if self.received else [*lines, "  nothing"])


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures holds, by the Standard Webhooks specification. The time is not judged."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    signed = f"{given.get('webhook-id', '')}.{given.get('webhook-timestamp', '')}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    signatures = [part.partition(",") for part in given.get("webhook-signature", "").split()]
    return any(version == "v1" and hmac.compare_digest(text, wanted) for version, _, text in signatures)
