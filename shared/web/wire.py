"""What crossed the wire: requests of programs and phones with their answers, kept for a while for the inspector.

A request pays for one small object in a bounded queue. One thread writes what waits, in batches, and forgets the
oldest; when more comes than it may write, calls are counted and not kept. Secrets are blotted out before anything is
stored. A service that is told not to keep the wire (`SAOMA_INSPECTOR=0`) has none of this.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from shared import clock
from shared.config import Config
from shared.db.many import insert_into
from shared.db.store import Store, StoreUnavailable
from shared.db.unit import Reader, UnitOfWork
from shared.ids import is_id
from shared.web import blotting
from shared.web.models import WireRow

KEPT = 20_000
"""Calls that are kept; older ones are forgotten."""
EVERY_S = 0.25
MOST_WAITING = 128
"""Calls that may wait for the next batch: about 500 a second are kept, and a flood costs next to nothing."""
_PROGRAMS = ("/v1/", "/wechatpay/", "/v3/")
_LARGEST = 64 * 1024
_ASKED = ("Authorization", "Content-Type", "Idempotency-Key", "Saoma-Version", "User-Agent", "Wechatpay-Serial")
_ANSWERED = (
    "Content-Type", "X-Request-Id", "Request-Id", "Idempotent-Replayed", "Retry-After", "Saoma-Version", "Location",
    "Wechatpay-Signature", "Wechatpay-Serial", "Wechatpay-Timestamp", "Wechatpay-Nonce",
)  # fmt: skip
_NAMED = ("X-Request-Id", "Request-Id")
_READABLE = ("application/json", "application/problem+json", "text/", "application/x-www-form-urlencoded")
_INSERT = insert_into(WireRow.__table__, WireRow.__table__.columns.keys())
_log = logging.getLogger("saoma")


@dataclass(frozen=True, slots=True)
class Concern:
    """Whom a call concerns: a shop, one of its payment intents, or what an order names one by (`subject`, hex)."""

    shop_id: str = ""
    intent_id: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Crossing:
    """One request with its answer, as it waits to be written. `at` is the machine's time (ms)."""

    at: int
    took_us: int
    method: str
    path: str
    status: int
    concern: Concern
    asked_headers: Mapping[str, str]
    asked: bytes
    answered_headers: Mapping[str, str]
    answered: bytes
    missed: int


NOBODY = Concern()
_PHONES = "/api/"


def about(*, shop_id: str = "", intent_id: str = "", subject: str = "") -> None:
    """Say whom the call that is being answered concerns; what is not said stays as it was said before."""
    was: Concern = g.get("wire_concern") or NOBODY
    g.wire_concern = Concern(shop_id or was.shop_id, intent_id or was.intent_id, subject or was.subject)


class Known(NamedTuple):
    """Up to which event a recorder has followed the clock, and how far ahead (ms) it was then."""

    seq: int
    offset_ms: int


class Recorder:
    """The queue of one process, and what empties it."""

    def __init__(self, store: Store, service: str) -> None:
        self._store, self._service = store, service
        self._waiting: deque[Crossing] = deque()
        self._known = _known_at_start(store)
        self._missed = 0

    def take(self, response: Response) -> None:
        """Keep the call that has just been answered, when it is one to keep."""
        concern = _concern()
        if not concern and not (request.path.startswith(_PROGRAMS) and response.status_code >= 400):
            return
        if len(self._waiting) >= MOST_WAITING:
            self._missed += 1
            return
        missed, self._missed = self._missed, 0
        took_s = time.perf_counter() - g.get("started", time.perf_counter())
        self._waiting.append(
            Crossing(
                clock.system_now() - int(took_s * 1000),
                int(took_s * 1_000_000),
                request.method,
                request.full_path if request.query_string else request.path,
                response.status_code,
                concern or NOBODY,
                {name: request.headers[name] for name in _ASKED if name in request.headers},
                _asked(),
                {name: response.headers[name] for name in _ANSWERED if name in response.headers},
                _answered(response),
                missed,
            )
        )

    def write(self) -> int:
        """Write what waits; how many calls that were."""
        calls = [self._waiting.popleft() for _ in range(len(self._waiting))]
        if calls:
            self._known = self._store.run(keep, rows=[self._row(call) for call in calls], known=self._known)
        return len(calls)

    def start(self) -> None:
        """Write in a thread that ends with the process."""
        threading.Thread(target=self._write_for_ever, name="wire", daemon=True).start()

    def _row(self, call: Crossing) -> dict[str, Any]:
        may_keep = blotting.body if call.path.startswith(_PROGRAMS) else blotting.of_phone
        asked, answered = may_keep(call.asked), may_keep(call.answered)
        path = blotting.path(call.path)
        found = call.concern.intent_id or blotting.only_intent(path, asked, answered)
        return {
            "at": call.at,
            "took_us": call.took_us,
            "service": self._service,
            "method": call.method[:16],
            "path": path,
            "status": call.status,
            "shop_id": call.concern.shop_id,
            "intent_id": found if is_id(found, "pi") else "",
            "subject": call.concern.subject,
            "request_id": next(
                (call.answered_headers[name][:80] for name in _NAMED if name in call.answered_headers), ""
            ),
            "asked_headers": json.dumps(blotting.headers(call.asked_headers), ensure_ascii=False),
            "asked": asked,
            "answered_headers": json.dumps(blotting.headers(call.answered_headers), ensure_ascii=False),
            "answered": answered,
            "missed": call.missed,
        }

    def _write_for_ever(self) -> None:
        is_failing = False
        while True:
            time.sleep(EVERY_S)
            try:
                self.write()
                is_failing = False
            except Exception:  # the calls of this batch are lost; the next ones need not be
                if not is_failing:
                    _log.exception("what crossed the wire cannot be kept; the next calls are tried again")
                is_failing = True


def keep(uow: UnitOfWork, *, rows: list[dict[str, Any]], known: Known | None) -> Known:
    """Store calls in Saoma's time, and forget what is too old; what is `known` of the clock from now on."""
    [(last,)] = uow.sql.rows("SELECT coalesce(max(seq), 0) FROM web_wire")
    now_known, moves = _moves(uow, known)
    made = []
    for seq, row in enumerate(rows, last + 1):
        offset_ms = next(offset for since, offset in reversed(moves) if since <= row["at"])
        made.append(row | {"seq": seq, "at": row["at"] + offset_ms})
    uow.sql.run_many(_INSERT, made)
    uow.sql.run("DELETE FROM web_wire WHERE seq <= :oldest", oldest=last + len(rows) - KEPT)
    return now_known


def _known_at_start(store: Store) -> Known | None:
    """How far ahead the clock is before the first call comes; None when the database cannot be read now."""
    try:
        return store.read(_known)
    except StoreUnavailable:
        return None


def _known(reader: Reader) -> Known:
    [(offset_ms, seq)] = reader.sql.rows("SELECT clock_offset_ms, event_seq FROM db_head WHERE id = 1")
    return Known(seq, offset_ms)


def _moves(uow: UnitOfWork, known: Known | None) -> tuple[Known, list[tuple[int, int]]]:
    """What is known now, and since when (machine's time, ms) the clock was how far ahead, the earliest first.

    A call is told in the time that Saoma's clock showed then, also when the clock was moved before it was written.
    """
    now = _known(uow)
    if known is None or known.offset_ms == now.offset_ms:
        return now, [(0, now.offset_ms)]
    rows = uow.sql.rows(
        "SELECT created_at, body FROM db_event WHERE name = 'clock.advanced' AND seq > :seq ORDER BY seq", seq=known.seq
    )
    told = [(at, json.loads(body)) for at, body in rows]
    moved = [(at - (body["offset_ms"] - body["by_ms"]), body["offset_ms"]) for at, body in told]
    return now, [(0, known.offset_ms), *moved]


def install(app: Flask, store: Store, config: Config) -> None:
    """Keep the calls of a service, where the settings say so."""
    if not config.keeps_wire:
        return
    recorder = Recorder(store, app.name)
    app.extensions["saoma_wire"] = recorder

    @app.after_request
    def kept(response: Response) -> Response:
        recorder.take(response)
        return response


def start(app: Flask) -> None:
    """Begin to write, in a process that serves."""
    recorder: Recorder | None = app.extensions.get("saoma_wire")
    if recorder is not None:
        recorder.start()


def _concern() -> Concern | None:
    """Whom the call concerns, as its door has said; None when it is nobody."""
    said: Concern | None = g.get("wire_concern")
    return said if said != NOBODY and request.path.startswith((*_PROGRAMS, _PHONES)) else None


def _asked() -> bytes:
    """The request's body, where it has been read and is no larger than a program may send."""
    if request.method == "GET" or not 0 < (request.content_length or 0) <= _LARGEST:
        return b""
    try:
        return request.get_data()
    except HTTPException:
        return b""


def _answered(response: Response) -> bytes:
    if response.is_streamed or response.direct_passthrough or not (response.mimetype or "").startswith(_READABLE):
        return b""
    return response.get_data()
