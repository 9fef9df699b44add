"""Waiting for a condition of the database, never for an amount of time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
_MOST_LOOKS = 3000


def until(look: Callable[[], Found]) -> Found:
    """What `look` finds, once it finds anything."""
    for _ in range(_MOST_LOOKS):
        if found := look():
            return found
        threading.Event().wait(0.01)
    raise AssertionError("what the test waits for never happened")


class Answer:
    """A call in a thread of its own: its value or its error, once it has ended."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.value: object = None
        self.error: BaseException | None = None
        self._call = call
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.value = self._call()
        except BaseException as error:
            self.error = error

    @property
    def is_there(self) -> bool:
        return not self._thread.is_alive()

    def wait(self) -> Answer:
        """Wait for the end; nothing here takes as long as this waits."""
        self._thread.join(60)
        assert self.is_there, "the call hangs"
        return self
