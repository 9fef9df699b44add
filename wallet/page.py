"""A page of the signed-in person: who they are, what its scripts must know, and where live news go on from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import render_template, request

from shared.db import outbox
from shared.db.unit import Reader
from shared.money import currency
from shared.web import sessions, visits
from shared.web.persona import persona_of
from shared.web.sessions import Session
from wallet import service
from wallet.users import queries
from wallet.users.queries import Me

_ASKING = ("error.offline", "error.timeout", "error.unreadable_answer")
PIN_STRINGS = (
    *_ASKING, "key.lost", "pin.enter", "pin.choose", "pin.choose_text", "pin.again", "pin.again_text", "pin.differ",
    "pin.text", "pin.needed_text",
)  # fmt: skip
"""What the scripts say that ask for a PIN."""
NEWS_STRINGS = ("live.received", "live.refunded", "live.taken", "live.released")
"""What the scripts say when money moves, or is set free, without this phone doing anything."""
PAYING_STRINGS = (*PIN_STRINGS, "pay.button", "pay.enter_amount", "checking.what", "checking.unpaid")
"""What the scripts say that pay."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page. `after` is the newest event there was before anything that the page shows was read."""

    me: Me
    after: int

    @property
    def viewer_id(self) -> str:
        """The party that looks at the page."""
        return self.me.user

    def show(self, template: str, current: str = "", **values: Any) -> str:
        """The page, with `current` marked in the bar."""
        unit = currency(self.me.currency)
        facts = {
            **facts_of_phone(),
            "user": self.me.user,
            "handle": self.me.handle,
            "display_name": self.me.display_name,
            "kid": self.me.kid,
            "custody": self.me.custody,
            "has_pin": self.me.has_pin,
            "no_pin_limit_minor": self.me.no_pin_limit_minor,
            "cap_minor": self.me.cap_minor,
            "card": self.me.card,
            "currency": unit.code,
            "currency_number": unit.numeric,
            "realm": self.me.realm,
            "now_ms": self.me.now_ms,
            "after": self.after,
        }
        words = {"pin_strings": PIN_STRINGS, "paying_strings": PAYING_STRINGS, "news_strings": NEWS_STRINGS}
        return render_template(template, me=self.me, unit=unit, facts=facts, current=current, **words, **values)


def facts_of_phone() -> dict[str, Any]:
    """What the scripts of a phone know before anybody has signed in: the name that its key is kept under."""
    return {"phone": persona_of(request.script_root) or "phone"}


def visit() -> Visit:
    """The signed-in person's visit; `not_signed_in`, which sends a browser to the welcome page, for anybody else."""
    session = sessions.required()
    me, after, is_due = service.read(_look, session=session)
    if is_due:
        visits.note(service.store(), session=session)
    return Visit(me, after)


def _look(reader: Reader, *, session: Session) -> tuple[Me, int, bool]:
    after = outbox.last_seq(reader)
    me = queries.me(reader, party_id=session.party_id, kid=session.holder)
    return me, after, visits.is_due(reader, session=session)
