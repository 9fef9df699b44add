"""Live pages: one tailer per process reads the journal of events and hands each to the streams that may hear it.

A stream that hears nothing is not woken, however much happens elsewhere: two hundred idle pages cost the others
nothing but their threads. A stream resumes after `Last-Event-ID` (or `?after=`), so a page that was away misses
nothing. Streams are counted: one too many is refused with 503, and that page polls instead.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator

from flask import Flask, Response, request

from shared import events as journal
from shared.db import outbox
from shared.db.store import Store
from shared.errors import DomainError
from shared.events import Event
from shared.web import sessions

MOST_STREAMS = 256
_EVERY_S, _PING_S, _MOST_UNHEARD = 0.05, 5.0, 2000
_LONGEST_SEQ = 18
"""Digits of an event's number that every database can compare."""


class TooManyStreams(DomainError):
    """All places for live streams are taken."""

    code = "too_many_streams"
    status = 503


class _Ear:
    """One open stream: its topics, and what it was told and has not passed on yet."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = frozenset(topics)
        self._told: deque[Event] = deque()
        self._bell = threading.Condition()

    def tell(self, event: Event) -> None:
        """Hear an event; one that was told by another of its topics just now is not heard twice."""
        with self._bell:
            if not self._told or self._told[-1].seq < event.seq:
                self._told.append(event)
                self._bell.notify()

    def heard(self) -> Event | None:
        """The next event, waited for until it is time for a sign of life; None then."""
        with self._bell:
            if not self._told:
                self._bell.wait(_PING_S)
            return self._told.popleft() if self._told else None

    @property
    def is_overrun(self) -> bool:
        """Whether nobody has read for so long that the page had better come again."""
        return len(self._told) > _MOST_UNHEARD


class Tailer:
    """Reads new events every 50 ms while anybody listens; sleeps otherwise."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._ears: dict[str, set[_Ear]] = defaultdict(set)
        self._seq = 0
        self._listeners = 0
        self._thread: threading.Thread | None = None

    def listen(self, topics: Iterable[str], after: int | None) -> Iterator[Event | None]:
        """The events on these topics after a number (None: from now on), for ever; None when there is no news."""
        ear = _Ear(topics)
        seq = self._arrive(ear)
        try:
            yield None
            if after is not None and after < seq:
                yield from self._missed(ear, after, seq)
            while not ear.is_overrun:
                event = ear.heard()
                if event is None or event.seq > max(seq, after or 0):
                    yield event
        finally:
            self._leave(ear)

    def _arrive(self, ear: _Ear) -> int:
        """Take a place; the number of the event after which the ear hears by itself."""
        with self._guard:
            if self._listeners >= MOST_STREAMS:
                raise TooManyStreams(retry_after_s=5)
            if self._thread is None:
                self._seq = self._store.read(outbox.last_seq)
                self._thread = threading.Thread(target=self._follow, name="event-tailer", daemon=True)
                self._thread.start()
            self._listeners += 1
            for topic in ear.topics:
                self._ears[topic].add(ear)
            return self._seq

    def _leave(self, ear: _Ear) -> None:
        with self._guard:
            self._listeners -= 1
            for topic in ear.topics:
                self._ears[topic].discard(ear)
                if not self._ears[topic]:
                    del self._ears[topic]

    def _missed(self, ear: _Ear, after: int, until: int) -> Iterator[Event | None]:
        """What happened on the ear's topics before it began to hear; None where a long stretch holds nothing of it."""
        while after < until:
            events = self._store.read(outbox.events_after, seq=after)
            mine = [event for event in events if event.seq <= until and not ear.topics.isdisjoint(event.topics)]
            yield from mine or (None,)
            after = events[-1].seq if events else until

    def _follow(self) -> None:
        while True:
            with self._guard:
                if self._listeners == 0:
                    self._thread = None
                    return
            try:
                events = self._store.read(outbox.events_after, seq=self._seq)
            except Exception:  # whatever the trouble, the pages that listen get no other thread
                events = ()
            with self._guard:
                for event in events:
                    self._seq = event.seq
                    for topic in event.topics:
                        for ear in self._ears.get(topic, ()):
                            ear.tell(event)
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
