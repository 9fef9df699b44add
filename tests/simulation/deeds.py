"""What somebody has asked for that moves money or makes something, and what they have been told about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from shared.web.caller import NoAnswer, Refused
from tests.simulation.clockwork import Clockwork
from tests.simulation.network import Network

UNKNOWN, DONE, REFUSED = "unknown", "done", "refused"


class Wrong(AssertionError):
    """What somebody was told and what the ledger holds are two things."""


@dataclass
class Deed:
    """One thing asked for, under one name for ever. `ask` asks, and asks again: it happens once at most."""

    who: str
    what: str
    amount: int
    ask: Callable[[], dict[str, Any]]
    about: str = ""
    """The other person's, the shop's or the intent's name."""
    transfer: str | None = None
    """The id of its transfer; a phone knows it beforehand."""
    verdict: str = UNKNOWN
    code: str = ""
    refused_at: int = 0
    answer: dict[str, Any] = field(default_factory=dict)
    begun_at: int = 0


class Memory:
    """The deeds of everybody, in the order in which they were begun."""

    def __init__(self, clockwork: Clockwork, network: Network) -> None:
        self._clockwork = clockwork
        self._network = network
        self.deeds: list[Deed] = []

    def begin(self, deed: Deed) -> Deed:
        """Remember a deed, and ask for it."""
        self.deeds.append(deed)
        deed.begun_at = self._clockwork.now_ms
        self.ask(deed)
        return deed

    def ask(self, deed: Deed) -> None:
        """Ask for it, once more perhaps, and remember what was said. What was done once can only have been done."""
        known = deed.transfer
        try:
            answer = deed.ask()
        except NoAnswer:
            self._note(deed, "no answer")
            return
        except Refused as refusal:
            if deed.verdict == DONE:
                raise Wrong(f"{deed.who} was told that {deed.what} was done, then {refusal.code}") from refusal
            deed.verdict, deed.code = REFUSED, refusal.code
            deed.refused_at = self._network.answered_at[deed.who]
            self._note(deed, refusal.code)
            return
        deed.verdict, deed.answer = DONE, answer
        deed.transfer = answer.get("transfer") or deed.transfer
        if known not in (None, deed.transfer):
            raise Wrong(f"{deed.what} of {deed.who} has another transfer than it had")
        self._note(deed, f"{answer.get('status', 'done')}, number {answer.get('seq', '-')}")

    def of(self, who: str, *whats: str, verdict: str = DONE) -> list[Deed]:
        """Somebody's deeds of these kinds that came to this."""
        return [deed for deed in self.deeds if (deed.who, deed.verdict) == (who, verdict) and deed.what in whats]

    def _note(self, deed: Deed, outcome: str) -> None:
        self._clockwork.note(deed.who, f"{deed.what} {deed.amount} {deed.about}: {outcome}")
