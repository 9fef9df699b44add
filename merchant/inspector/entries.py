"""One thing that happened, as a row of the inspector: call, code, order, transfer, event or callback. Pure.

Whatever is shown of a payer is their initial: the shop that looks on knows no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("call", "code", "order", "transfer", "event", "callback")
OK, BAD, WARN = "ok", "bad", "warn"
PROGRAM, SAOMA, PHONE = "program", "saoma", "phone"
"""Between whom something went: the shop's own programs, Saoma, somebody's phone."""
SADLY = frozenset(
    {"intent.declined", "intent.expired", "intent.canceled", "intent.became_unknown", "intent.voided",
     "batch.returned", "payout.returned", "dispute.opened"}
)  # fmt: skip
"""Events that tell of money that did not come, or not to stay."""
_MOVES = {"transfer.posted": "moved", "transfer.held": "held", "transfer.released": "released"}
_BY_PHONE = ("pay", "hold", "send")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `at` in ms; `place` orders what happened in the same millisecond.

    `name` is the thing's own name, `said` the end of its sentence's key with the sentence's `places`; `mark` stands at
    its end, in the `tone` ok, bad, warn or none. `way` is from whom to whom.
    """

    id: str
    kind: str
    at: int
    place: tuple[int, int]
    name: str
    said: str
    places: Mapping[str, Any] = field(default_factory=dict)
    mark: str = ""
    tone: str = ""
    intent_id: str = ""
    way: tuple[str, str] = (SAOMA, SAOMA)
    took_us: int | None = None
    missed: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """A request with its answer, as it was kept; bodies are without secrets. Times in ms, `took_us` in microseconds."""

    seq: int
    at: int
    took_us: int
    service: str
    method: str
    path: str
    status: int
    shop_id: str
    intent_id: str
    subject: str
    request_id: str
    asked_headers: Mapping[str, str]
    asked: str
    answered_headers: Mapping[str, str]
    answered: str
    missed: int

    @property
    def is_program(self) -> bool:
        """Whether a program of the shop made it, and not somebody's phone."""
        return self.service == "merchant"


def of_call(call: Call, *, code: str, status: str, intent_id: str = "") -> Entry:
    """A call; `code` is what a refusal says of itself, `status` what the answer says of the thing."""
    who = "call" if call.is_program else "phone"
    said = f"{who}_refused" if call.status >= 400 else f"{who}_answered" if status else who
    return Entry(
        id=f"call-{call.seq}",
        kind="call",
        at=call.at,
        place=(0, call.seq),
        name=f"{call.method} {call.path}",
        said=said,
        places={"code": code or str(call.status), "status": status},
        mark=str(call.status),
        tone=BAD if call.status >= 400 else OK,
        intent_id=call.intent_id or intent_id,
        way=(PROGRAM if call.is_program else PHONE, SAOMA),
        took_us=call.took_us,
        missed=call.missed,
    )


def of_event(seq: int, name: str, at: int, body: Mapping[str, Any]) -> Entry:
    """An event of the journal."""
    tone = WARN if name in SADLY else OK if name in ("intent.captured", "payout.paid") else ""
    return Entry(
        id=f"event-{seq}",
        kind="event",
        at=at,
        place=(1, seq * 10 + 4),
        name=name,
        said="event_" + name.replace(".", "_"),
        places=body,
        mark=f"#{seq}",
        tone=tone,
        intent_id=str(body.get("intent", "")),
    )


def of_frame(kind: str, seq: int, at: int, apart: Mapping[str, Any], intent_id: str, by: str = "") -> Entry:
    """A frame: the `code` of an intent, a `payer_code` that was shown, or an `order` that `by` (an initial) signed."""
    says = apart["says"] or {}
    what = str(says.get("kind", "")) if kind == "order" else ""
    rank = ("code", "payer_code", "order").index(kind)
    from_phone = kind == "payer_code" or what in _BY_PHONE
    return Entry(
        id=f"{kind}-{seq}",
        kind="order" if kind == "order" else "code",
        at=at,
        place=(1, seq * 10 + rank),
        name=f"order · {what}" if what else {"code": "payment_request"}.get(kind, kind),
        said=f"order_{what}" if what else kind,
        places={"amount_minor": says.get("amount_minor", says.get("cap_minor")), "by": by},
        mark="✓" if apart["seal_holds"] else "✗",
        tone=OK if apart["seal_holds"] else BAD,
        intent_id=intent_id,
        way=(PHONE, SAOMA) if from_phone else (SAOMA, PHONE) if kind == "code" else (SAOMA, SAOMA),
    )


def of_transfer(seq: int, name: str, at: int, body: Mapping[str, Any], intent_id: str) -> Entry:
    """A row of the ledger, by the event that tells of it."""
    return Entry(
        id=f"transfer-{seq}",
        kind="transfer",
        at=at,
        place=(1, seq * 10 + 3),
        name=f"transfer · {body['kind']}",
        said="transfer_" + _MOVES.get(name, "moved"),
        places=body,
        mark=f"#{body['seq']}",
        intent_id=intent_id,
    )


def of_callback(
    delivery_id: str, number: int, at: int, kind: str, event: str, state: str, tries: int, status: int | None,
    subject: str, fault: str,
) -> Entry:  # fmt: skip
    """A message to one of the shop's addresses; `status` is what its last try was answered, None where it was not."""
    tone = {"delivered": OK, "failed": BAD, "dropped": WARN}.get(state, WARN if tries else "")
    return Entry(
        id=delivery_id,
        kind="callback",
        at=at,
        place=(2, number),
        name=f"{kind} · {event}",
        said=f"callback_{state}",
        places={"tries": tries, "fault": fault},
        mark=str(status) if status else state,
        tone=tone,
        intent_id=subject if subject.startswith("pi_") else "",
        way=(SAOMA, PROGRAM),
    )


def newest_first(found: Iterable[Entry]) -> list[Entry]:
    """Entries in the order of the live page."""
    return sorted(found, key=lambda entry: (entry.at, entry.place), reverse=True)
