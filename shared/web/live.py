"""Live pages: one tailer per process reads the journal of events, and each open stream takes from it what it may hear.

A stream resumes after `Last-Event-ID` (or `?after=`), so a page that was away misses nothing. Streams are counted:
one too many is refused with 503, and that page polls instead.
"""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from flask import Flask, Response, request

from shared import events as journal
from shared.db import outbox
from shared.db.store import Store
from shared.errors import DomainError
from shared.events import Event
from shared.web import sessions

MOST_STREAMS = 48
_EVERY_S, _PING_S, _KEPT = 0.05, 5.0, 2000
_LONGEST_SEQ = 18
"""Digits of an event's number that every database can compare."""


class TooManyStreams(DomainError):
    """All places for live streams are taken."""

    code = "too_many_streams"
    status = 503


class Tailer:
    """Reads new events every 50 ms while anybody listens; sleeps otherwise."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._news = threading.Condition()
        self._recent: deque[Event] = deque(maxlen=_KEPT)
        self._seq = 0
        self._listeners = 0
        self._thread: threading.Thread | None = None

    def listen(self, topics: Iterable[str], after: int | None) -> Iterator[Event | None]:
        """The events on these topics after a number (None: from now on), for ever; None when there is no news."""
        wanted = frozenset(topics)
        self._arrive()
        try:
            seq = self._store.read(outbox.last_seq) if after is None else after
            yield None
            spoke_at = time.monotonic()
            while True:
                fresh = self._after(seq)
                for event in fresh:
                    seq = event.seq
                    if not wanted.isdisjoint(event.topics):
                        yield event
                        spoke_at = time.monotonic()
                if not fresh:
                    with self._news:
                        if self._seq <= seq:
                            self._news.wait(_PING_S)
                if time.monotonic() - spoke_at >= _PING_S:
                    yield None
                    spoke_at = time.monotonic()
        finally:
            with self._news:
                self._listeners -= 1

    def _arrive(self) -> None:
        with self._news:
            if self._listeners >= MOST_STREAMS:
                raise TooManyStreams(retry_after_s=5)
            if self._thread is None:
                self._seq = self._store.read(outbox.last_seq)
                self._recent.clear()
                self._thread = threading.Thread(target=self._follow, name="event-tailer", daemon=True)
                self._thread.start()
            self._listeners += 1

    def _after(self, seq: int) -> Sequence[Event]:
        with self._news:
            if seq >= self._seq:
                return ()
            if self._recent and self._recent[0].seq <= seq + 1:
                return [event for event in self._recent if event.seq > seq]
        return self._store.read(outbox.events_after, seq=seq)

    def _follow(self) -> None:
        while True:
            with self._news:
                if self._listeners == 0:
                    self._thread = None
                    return
            try:
                events = self._store.read(outbox.events_after, seq=self._seq)
            except Exception:  # whatever the trouble, the pages that listen get no other thread
                events = ()
            if events:
                with self._news:
                    self._recent.extend(events)
                    self._seq = events[-1].seq
                    self._news.notify_all()
            time.sleep(_EVERY_S)


def install(app: Flask, store: Store, topics: Callable[[], Iterable[str]]) -> None:
    """Serve `/events`: server-sent events on the topics that this request's session may hear."""
    tailer = Tailer(store)

    @app.get("/events")
    def events() -> Response:
        after = request.headers.get("Last-Event-ID") or request.args.get("after") or ""
        is_number = after.isascii() and after.isdigit() and len(after) <= _LONGEST_SEQ
        stream = tailer.listen({*topics(), journal.EVERYBODY}, int(after) if is_number else None)
        first = next(stream)
        assert first is None, "a stream starts with a sign of life, so that a refusal comes before the headers"
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        session = sessions.current()
        goes_on = sessions.watched(session) if session else lambda: True
        return Response(_written(stream, goes_on), mimetype="text/event-stream", headers=headers)


def _written(stream: Iterator[Event | None], goes_on: Callable[[], bool]) -> Iterator[str]:
    yield "retry: 1500\n\n"
    for event in stream:
        if not goes_on():
            return
        if event is None:
            yield ": ping\n\n"
        else:
            body = json.dumps({"name": event.name, "at": event.created_at, **event.body}, ensure_ascii=False)
            yield f"id: {event.seq}\nevent: {event.name}\ndata: {body}\n\n"
