"""The sender: follows the journal and sends what is due, behind the payments' back.

One thread looks ten times a second, records what came back and claims what goes next in one commit; each try has a
thread of its own, for at most ten seconds. There are few of them in all and fewer to one receiver, so neither a queue
of thousands nor a receiver that hangs holds the others up, or the till.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Sequence

from merchant.callbacks import actions, faults, kinds, outgoing, spoiling, trying, waiting
from merchant.callbacks.deliveries import Delivery
from merchant.callbacks.faults import Fault
from merchant.callbacks.follower import Following
from merchant.callbacks.trying import Outcome
from shared import clock
from shared.config import Config
from shared.db.store import OutcomeUnknown, Store, StoreUnavailable
from shared.db.unit import Reader

EVERY_S, GATHERED_S = 0.1, 0.04
AT_A_TIME = 24
PRUNED_EVERY_S = 60.0
_log = logging.getLogger("saoma")


def start(store: Store, *, config: Config, secret: bytes) -> threading.Event:
    """Follow and send in threads that end with the process; setting the event that is returned ends them earlier."""
    stop = threading.Event()
    sender = Sender(store, config=config, secret=secret)
    threading.Thread(target=sender.run_until, args=(stop,), name="callbacks", daemon=True).start()
    return stop


def send_due(store: Store, *, config: Config, secret: bytes) -> int:
    """Read the journal to its end and send whatever is due, in order, in this thread; how many tries were made."""
    following, tries = Following(store, config), 0
    while True:
        following.catch_up()
        wanted = store.read(waiting.due, machine_now=clock.system_now(), busy={}, room=1)
        claimed = store.run(trying.claim, wanted=wanted, machine_now=clock.system_now()) if wanted else []
        if not claimed:
            return tries
        outcome = try_once(store, claimed[0], secret=secret, is_sandbox=config.is_sandbox)
        store.run(trying.record, outcome=outcome)
        tries += 1


def try_once(store: Store, delivery: Delivery, *, secret: bytes, is_sandbox: bool) -> Outcome:
    """Send a delivery once; what came of it. Never raises: what cannot be put together has failed."""
    began = time.perf_counter()
    headers: dict[str, str] = {}
    body, at, is_taken, is_first = b"", delivery.next_at, False, delivery.attempts == 0
    try:
        kind = kinds.by_name(delivery.kind)
        at, headers, body = store.read(_composed, kind=kind, delivery=delivery, secret=secret)
        if is_first and delivery.fault == Fault.BAD_SIGNATURE:
            headers = spoiling.spoilt(headers)
        pause_s = outgoing.PAUSE_S if is_first and delivery.fault == Fault.SLOW else 0
        answer = outgoing.post(delivery.url, headers, body, is_sandbox=is_sandbox, pause_s=pause_s)
        is_taken = answer.status is not None and kind.accepts(answer.status, answer.headers, answer.body)
    except Exception:  # a kind's own trouble must not stop the others
        _log.exception("the callback %s cannot be put together", delivery.id)
        answer = outgoing.Answer(error="not_composed")
    sent = body.decode("utf-8", "replace")
    return Outcome(
        delivery_id=delivery.id,
        at=at,
        took_ms=round((time.perf_counter() - began) * 1000),
        is_taken=is_taken,
        status=answer.status,
        error=answer.error,
        sent_headers=headers,
        sent_body=None if sent == delivery.payload else sent,
        answer=answer.body.decode("utf-8", "replace").replace("\x00", "\ufffd"),
    )


def _composed(
    reader: Reader, *, kind: kinds.Kind, delivery: Delivery, secret: bytes
) -> tuple[int, dict[str, str], bytes]:
    headers, body = kind.compose(reader, delivery, secret)
    return reader.now, dict(headers), body


class Sender:
    """One process's sender: what is on its way, and what came back and is not recorded yet."""

    def __init__(self, store: Store, *, config: Config, secret: bytes) -> None:
        self._store = store
        self._config = config
        self._secret = secret
        self._following = Following(store, config)
        self._came_back: queue.SimpleQueue[tuple[str, Outcome]] = queue.SimpleQueue()
        self._busy: Counter[str] = Counter()
        self._unrecorded: list[Outcome] = []
        self._pruned_at = 0.0
        self._has_faults = not config.is_sandbox
        """Whether faults may be on order that were ordered while this was a sandbox."""

    def run_until(self, stop: threading.Event) -> None:
        """Go on until `stop` is set; troubles of the database are waited out."""
        is_failing = False
        while not stop.is_set():
            self._gather(stop)
            try:
                self.step()
                is_failing = False
            except Exception:  # the thread must outlive any trouble of the database
                if not is_failing:
                    _log.exception("callbacks cannot be sent; the sender keeps trying")
                is_failing = True

    def step(self) -> int:
        """Follow the journal, record what came back, send what is due; how many were sent."""
        if self._has_faults:
            self._store.run(faults.forget_all)
            self._has_faults = False
        self._following.catch_up()
        room = AT_A_TIME - self._busy.total()
        now = clock.system_now()
        wanted = self._store.read(waiting.due, machine_now=now, busy=self._busy, room=room)
        claimed: Sequence[Delivery] = []
        if wanted or self._unrecorded:
            claimed = self._turn(wanted, now)
            self._unrecorded = []
        for delivery in claimed:
            self._busy[delivery.destination] += 1
            threading.Thread(target=self._try, args=(delivery,), name="callback", daemon=True).start()
        self._prune()
        return len(claimed)

    def _turn(self, wanted: Sequence[str], now: int) -> Sequence[Delivery]:
        """Record and claim together; where one outcome cannot be recorded, each by itself, and that one not at all."""
        try:
            return self._store.run(trying.turn, outcomes=self._unrecorded, wanted=wanted, machine_now=now)
        except (StoreUnavailable, OutcomeUnknown):
            raise
        except Exception:
            for outcome in self._unrecorded:
                try:
                    self._store.run(trying.record, outcome=outcome)
                except Exception:  # its claim lapses, and it is tried again
                    _log.exception("what became of the callback %s cannot be recorded", outcome.delivery_id)
            return []

    def _try(self, delivery: Delivery) -> None:
        outcome = try_once(self._store, delivery, secret=self._secret, is_sandbox=self._config.is_sandbox)
        self._came_back.put((delivery.destination, outcome))

    def _gather(self, stop: threading.Event) -> None:
        """Wait for something that came back, a little longer for more of it, and not for ever."""
        is_idle = not self._busy.total()
        if is_idle:
            stop.wait(EVERY_S)
            return
        try:
            self._note(*self._came_back.get(timeout=EVERY_S))
        except queue.Empty:
            return
        stop.wait(GATHERED_S)
        while True:
            try:
                self._note(*self._came_back.get_nowait())
            except queue.Empty:
                return

    def _note(self, destination: str, outcome: Outcome) -> None:
        self._unrecorded.append(outcome)
        self._busy[destination] -= 1
        if not self._busy[destination]:
            del self._busy[destination]

    def _prune(self) -> None:
        if time.monotonic() - self._pruned_at >= PRUNED_EVERY_S:
            self._pruned_at = time.monotonic()
            if self._store.read(actions.has_old):
                self._store.run(actions.prune)
