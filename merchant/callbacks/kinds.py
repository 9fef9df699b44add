"""The kinds of callbacks: how each is put together, what its receivers answer, how patiently it is tried again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from merchant.callbacks.deliveries import Attempt, Delivery
from shared.db.unit import Reader, UnitOfWork

Headers = Mapping[str, str]
Compose = Callable[[Reader, Delivery, bytes], tuple[Headers, bytes]]
"""(reader, delivery, the installation's secret) → what is sent; called anew before each try."""
Accepts = Callable[[int, Headers, bytes], bool]
"""(status, headers with names in lower case, at most 64 kB of body) → whether the receiver has taken it."""
After = Callable[[UnitOfWork, Delivery, Attempt, bool], None]
"""(unit of work, the delivery as it now stands, its newest attempt, whether it was taken), in the same commit."""


def _nothing(_uow: UnitOfWork, _delivery: Delivery, _attempt: Attempt, _is_taken: bool) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Kind:
    """One dialect of callbacks. `waits_ms` lies between its tries, on Saoma's clock; after the last it has failed."""

    name: str
    compose: Compose
    accepts: Accepts
    waits_ms: Sequence[int]
    after: After = _nothing

    @property
    def longest_ms(self) -> int:
        """How long it is tried in all: one that is late when the clock was moved gets no more tries than its time."""
        return sum(self.waits_ms)


_known: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; once, as its room is loaded."""
    _known[kind.name] = kind


def by_name(name: str) -> Kind:
    """A registered kind; KeyError otherwise."""
    return _known[name]


def names() -> list[str]:
    """All kinds, in alphabetical order."""
    return sorted(_known)


def is_2xx(status: int, _headers: Headers, _body: bytes) -> bool:
    """The usual `accepts`: any success."""
    return 200 <= status < 300
