"""When each key was used last: noted in memory with every request, written to the database behind them."""

from __future__ import annotations

import logging
import threading

from merchant.keys import actions
from shared import clock
from shared.db.store import Store
from shared.db.unit import Reader

EVERY_S = 20.0
AT_MOST_EVERY_MS = 3 * 60 * 1000
_log = logging.getLogger("saoma")


class Uses:
    """The last uses of keys that came to this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._used_at: dict[str, int] = {}
        self._written_at: dict[str, int] = {}

    def note(self, key_id: str) -> None:
        """Somebody came with this key just now."""
        self._used_at[key_id] = clock.system_now()

    def seen_at(self, key_id: str) -> int | None:
        """When somebody last came with this key to this process (ms of the machine's time)."""
        return self._used_at.get(key_id)

    def write(self) -> int:
        """Write those whose last written use is some minutes old; how many."""
        fresh = {
            id: moment
            for id, moment in self._used_at.copy().items()
            if moment - self._written_at.get(id, 0) >= AT_MOST_EVERY_MS
        }
        if fresh:
            ahead_ms = self._store.read(_now) - clock.system_now()
            self._store.run(actions.note_uses, used_at={id: moment + ahead_ms for id, moment in fresh.items()})
            self._written_at |= fresh
        return len(fresh)

    def start(self) -> threading.Event:
        """Write in a thread that ends with the process; setting the event that is returned ends it earlier."""
        stop = threading.Event()
        threading.Thread(target=self._write_until, args=(stop,), name="key-uses", daemon=True).start()
        return stop

    def _write_until(self, stop: threading.Event) -> None:
        while not stop.wait(EVERY_S):
            try:
                self.write()
            except Exception:  # a note that nobody's money depends on: it is tried again
                _log.warning("when keys were used last could not be written; it is tried again")


def _now(reader: Reader) -> int:
    return reader.now
