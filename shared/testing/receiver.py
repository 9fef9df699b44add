"""A receiver of webhooks on a free port: verifies what comes, keeps it, and lets a test wait for it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.testing.listening import Listener
from shared.testing.shop import Shop


@dataclass(frozen=True, slots=True)
class Received:
    """One request that came in. `event` is its JSON, empty where it is none; a forged one `is_genuine` not."""

    headers: Mapping[str, str]
    body: bytes
    event: dict[str, Any]
    is_genuine: bool
    answered: int
    trouble: str = ""
    """What the shop raised when it was passed on."""

    @property
    def type(self) -> str:
        """The event's type, such as `intent.captured`."""
        return str(self.event.get("type", ""))

    @property
    def is_taken(self) -> bool:
        """Whether it was genuine and answered with a 2xx."""
        return self.is_genuine and 200 <= self.answered < 300

    def concerns(self, subject: str | None) -> bool:
        """Whether its object is `subject`, or belongs to it; None: any."""
        data = self.event.get("data")
        thing = data.get("object") if isinstance(data, dict) else None
        named = [thing.get("id"), thing.get("payment_intent")] if isinstance(thing, dict) else []
        return subject is None or subject in named


class Webhooks(Listener):
    """The receiver. It answers 204 to what is genuine, 400 to what is not; or what the shop says that it passes on to.

    What it was told to refuse by `refuse_next` it refuses, and nobody else sees it.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        """Everything that came, in the order in which it came."""
        self.secret = ""
        self.endpoint = ""
        self._refusals: list[tuple[str, int]] = []
        self._shop: Callable[[Mapping[str, str], bytes], int] | None = None
        super().__init__()

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events that were taken so far; one that was sent twice is there twice."""
        with self.news:
            return [each.event for each in self.received if each.is_taken]

    def listen_to(self, shop: Shop) -> None:
        """Have all events of a shop sent here."""
        endpoint = shop.add_endpoint(self.url)
        self.secret, self.endpoint = endpoint["secret"], endpoint["id"]

    def pass_on(self, shop: Callable[[Mapping[str, str], bytes], int]) -> None:
        """Hand what comes to the program under test, also what is not genuine: `shop(headers, body)` is the status."""
        self._shop = shop

    def refuse_next(self, type: str, *, times: int = 1, status: int = 500) -> None:
        """Answer the next events of this type with an error, as a shop in trouble does; Saoma sends them again."""
        with self.news:
            self._refusals += [(type, status)] * times

    def wait_for(
        self, type: str, subject: str | None = None, *, times: int = 1, answered: int | None = None,
        timeout_s: float = 15,
    ) -> dict[str, Any]:  # fmt: skip
        """The event of this type, about `subject` (an intent's or another thing's id) where one is named, once taken.

        With `times` it waits until it came so often, and answers the last; with `answered`, for one that was answered
        with this status. AssertionError when it does not come.
        """
        give_up_at = time.monotonic() + timeout_s
        with self.news:
            while True:
                found = [
                    each.event
                    for each in self.received
                    if each.type == type and each.concerns(subject)
                    and (each.is_taken if answered is None else each.answered == answered)
                ]  # fmt: skip
                if len(found) >= times:
                    return found[times - 1]
                left = give_up_at - time.monotonic()
                if left <= 0:
                    raise AssertionError(self._missing(type, subject, len(found), times, timeout_s))
                self.news.wait(left)

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Judge and keep a request; its answer's status."""
        is_genuine = verified(self.secret, headers, body)
        try:
            event = json.loads(body)
        except ValueError:
            event = None
        told = event if isinstance(event, dict) else {}
        status, trouble = self._refusal(told), ""
        if status is None:
            try:
                status = (204 if is_genuine else 400) if self._shop is None else self._shop(headers, body)
            except Exception as error:  # the shop's own: a shop that breaks answers 500, and its test reads why
                status, trouble = 500, f"{type(error).__name__}: {error}"
        with self.news:
            self.received.append(Received(headers, body, told, is_genuine, status, trouble))
            self.news.notify_all()
        return status

    def _refusal(self, event: Mapping[str, Any]) -> int | None:
        """The status that this event is to be refused with; None for one that is not."""
        with self.news:
            for refusal in self._refusals:
                if refusal[0] == event.get("type"):
                    self._refusals.remove(refusal)
                    return refusal[1]
        return None

    def _missing(self, type: str, subject: str | None, came: int, times: int, timeout_s: float) -> str:
        what = type + (f" of {subject}" if subject else "")
        lines = [f"{what} came {came} times of {times} within {timeout_s:g} s. What came:"]
        for each in self.received:
            thing = (each.event.get("data") or {}).get("object") or {}
            notes = [f"answered {each.answered}", *([] if each.is_genuine else ["signature wrong"])]
            notes += [f"the shop raised {each.trouble}"] if each.trouble else []
            lines.append(f"  {each.type or 'no event'} of {thing.get('id')}: {', '.join(notes)}")
        return "\n".join(lines if self.received else [*lines, "  nothing"])


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures holds, by the Standard Webhooks specification. The time is not judged."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    signed = f"{given.get('webhook-id', '')}.{given.get('webhook-timestamp', '')}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    signatures = [part.partition(",") for part in given.get("webhook-signature", "").split()]
    return any(version == "v1" and hmac.compare_digest(text, wanted) for version, _, text in signatures)
