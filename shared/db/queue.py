"""Callers that wait together, one of whom does the work of all.

Whoever comes queues a call. If nobody leads, they lead: they take what is queued, have it worked on, wake the others,
and hand the lead to whoever came meanwhile. There is no timer and no thread that works for others: one caller alone
pays nothing extra.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from contextvars import Context
from typing import Any

from shared.db.batch import Call
from shared.db.refusals import StoreUnavailable
from shared.errors import DomainError

LARGEST_BATCH = 1000
_PATIENCE = 50
"""How often a leader lets others have the processor without one more of them asking: some 0.05 ms in all."""
_LONGEST_BATCH = 4
"""In deadlines: trying, the last answer that is waited for, learning an unknown outcome, and its last answer."""


class Queue:
    """Calls that are answered in batches: `work` settles each of a batch, or raises what becomes of all of them.

    `turn` is entered before a batch is taken. `deadline_s` is how long a call waits for a batch to take it; one that
    was taken and got no answer ends in `unanswered`.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Call]], None],
        *,
        turn: Callable[[], AbstractContextManager[None]] = nullcontext,
        deadline_s: float | None = None,
        unanswered: type[DomainError] = StoreUnavailable,
    ) -> None:
        self._work = work
        self._turn = turn
        self._deadline_s = deadline_s
        self._unanswered = unanswered
        self._guard = threading.Lock()
        self._waiting: deque[Call] = deque()
        self._is_led = False
        self._company = 0

    def __len__(self) -> int:
        """How many calls wait to be taken."""
        return len(self._waiting)

    def answer(self, action: Callable[..., Any], args: Mapping[str, Any]) -> Any:
        """The answer to a call once its batch is done, or the error that it came to."""
        call = Call(action, args)
        with self._guard:
            self._waiting.append(call)
            leads, self._is_led = not self._is_led, True
        if leads or self._is_to_lead(call):
            self._lead(call)
        if call.error is not None:
            raise call.error
        return call.value

    def _is_to_lead(self, call: Call) -> bool:
        """Wait until the call is answered, or has to lead; which of the two."""
        if self._deadline_s is None:
            call.done.acquire()
            return call.is_leader
        if call.done.acquire(timeout=self._deadline_s):
            return call.is_leader
        with self._guard:
            if call.is_leader:
                return True
            if call in self._waiting:
                self._waiting.remove(call)
                raise StoreUnavailable()
        if not call.done.acquire(timeout=_LONGEST_BATCH * self._deadline_s):
            raise self._unanswered()
        return False

    def _lead(self, own: Call) -> None:
        """Have what waits worked on, `own` first; answer everybody, and hand the lead on."""
        calls = [own]
        try:
            with self._turn():
                calls = self._take()
                Context().run(self._work, calls)  # who leads is chance: nothing of their request may be seen
        except BaseException as error:
            with self._guard:
                if own in self._waiting:
                    self._waiting.remove(own)
            for call in calls:  # an interrupt is the leader's alone: it may have come in the middle of the work
                call.settle(error if isinstance(error, Exception) else self._unanswered())
            if not isinstance(error, Exception):
                raise
        finally:
            with self._guard:
                self._company = len(self._waiting) + len(calls)
                heir = self._waiting[0] if self._waiting else None
                self._is_led = heir is not None
                if heir:
                    heir.is_leader = True
            if heir:
                heir.done.release()
            for call in calls:
                if not call.is_leader:
                    call.done.release()

    def _take(self) -> list[Call]:
        """What waits now, the longest first.

        Those whom the last batch answered may be about to ask again: they are waited for while they keep coming, since
        whoever misses this batch waits for two.
        """
        seen, patience = 0, _PATIENCE
        while patience and len(self._waiting) < self._company:
            patience = _PATIENCE if len(self._waiting) > seen else patience - 1
            seen = len(self._waiting)
            os.sched_yield()
        with self._guard:
            return [self._waiting.popleft() for _ in range(min(len(self._waiting), LARGEST_BATCH))]
