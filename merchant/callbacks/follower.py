"""Followers of the journal: they turn events into callbacks behind the payments' back, each event once.

A follower's cursor moves in the commit that its callbacks are asked for in, so a crash neither loses nor doubles one.
Where no event concerns a follower nothing is written: it remembers its place, and writes it down now and then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shared.config import Config
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.events import Event

Turn = Callable[[UnitOfWork, Event, Config], None]
"""(unit of work, event, the installation's settings): what one event leads to. Called once per event, in order."""
Wants = Callable[[Reader, Sequence[Event]], Sequence[Event]]
"""Which of some events need a turn; asked on a reader, so that the others cost the writer nothing."""

Listens = Callable[[Reader], bool]
"""Whether anybody would hear of any event now; where nobody would, they are not even read."""

AT_ONCE = 200
_WRITTEN_EVERY = 20_000
START = "start"


def _all(_reader: Reader, found: Sequence[Event]) -> Sequence[Event]:
    return found


def _always(_reader: Reader) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows the journal, under a name of its own for ever; `names` are the events that it may want, None: any."""

    name: str
    turn: Turn
    names: frozenset[str] | None = None
    listens: Listens = _always
    wants: Wants = _all


_known: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """Have every event from now on, that it wants, taken to its `turn`; once, as its room is loaded."""
    _known[follower.name] = follower


class Following:
    """One process's place in the journal, for each follower."""

    def __init__(self, store: Store, config: Config) -> None:
        self._store = store
        self._config = config
        self._read_to: dict[str, int] = {}

    def catch_up(self) -> int:
        """Read to the journal's end; how many turns were taken."""
        return sum(self._lead_on(each) for each in list(_known.values()))

    def _lead_on(self, each: Follower) -> int:
        taken = 0
        while True:
            after = self._read_to.get(each.name, 0)
            wanted, last, kept = self._store.read(_next, follower=each, after=after)
            if wanted or last - kept >= _WRITTEN_EVERY:
                taken += self._store.run(_take, follower=each, wanted=wanted, last=last, config=self._config)
            self._read_to[each.name] = last
            if last <= max(after, kept):
                return taken


def _next(reader: Reader, *, follower: Follower, after: int) -> tuple[list[Event], int, int]:
    """What the follower wants of the next events, the last number it has then read, and the number written down."""
    kept = _cursor(reader, follower.name)
    after = max(after, kept)
    end = outbox.last_seq(reader)
    if end <= after:
        return [], after, kept
    if not follower.listens(reader):
        return [], end, kept
    found = outbox.events_after(reader, seq=after, limit=AT_ONCE, names=follower.names)
    last = found[-1].seq if len(found) == AT_ONCE else end
    return list(follower.wants(reader, found)), last, kept


def _take(uow: UnitOfWork, *, follower: Follower, wanted: Sequence[Event], last: int, config: Config) -> int:
    """Give the events their turns, unless another process was faster, and move the cursor; how many turns."""
    kept = _cursor(uow, follower.name)
    due = [event for event in wanted if event.seq > kept]
    for event in due:
        follower.turn(uow, event, config)
    if last > kept:
        uow.sql.run(
            "INSERT INTO callbacks_cursor (name, seq) VALUES (:name, :seq)"
            " ON CONFLICT (name) DO UPDATE SET seq = excluded.seq",
            name=follower.name,
            seq=last,
        )
    return len(due)


def _cursor(reader: Reader, name: str) -> int:
    rows = reader.sql.rows("SELECT name, seq FROM callbacks_cursor WHERE name IN :names", names=[name, START])
    found = {str(each): int(seq) for each, seq in rows}
    return found.get(name, found.get(START, 0))
