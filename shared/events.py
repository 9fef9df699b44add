"""The journal's vocabulary: one `Event` per change that somebody may want to hear of.

Live pages, webhooks and statements all read events by `seq`, which is dense and in commit order; so after any crash
each of them goes on where it was. Names are `noun.past_verb`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the journal.

    `topics` say who may hear it (`party:usr_…`, `intent:pi_…`); `body` is JSON-able and holds no secret.
    """

    seq: int
    id: str
    name: str
    created_at: int
    topics: Sequence[str] = ()
    body: Mapping[str, Any] = field(default_factory=dict)


EVERYBODY = "everybody"
"""The topic that every open page hears, whoever sits before it."""


def party_topic(party_id: str) -> str:
    """The topic on which a person or a shop hears of their own affairs."""
    return f"party:{party_id}"


def intent_topic(intent_id: str) -> str:
    """The topic of one payment intent: what its checkout page listens to."""
    return f"intent:{intent_id}"
