"""Writing the log: one row in the action's own transaction, so that a deed and its entry stand or fall together."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from sqlalchemy import insert

from merchant.activity.models import Entry
from shared import ids
from shared.db.unit import UnitOfWork

_WHAT = re.compile(r"[a-z]+(?:_[a-z]+)*\.[a-z]+(?:_[a-z]+)*\Z")


def note(
    uow: UnitOfWork,
    *,
    shop_id: str,
    member_id: str | None,
    terminal_id: str | None,
    what: str,
    subject: str = "",
    details: Mapping[str, str | int] | None = None,
) -> None:
    """Write down that somebody did something: `what` is `noun.past_verb`, with a sentence `activity.<what>`.

    `subject` is the id of what it was done to. `details` are the values that the sentence names: texts and numbers;
    those whose name ends in `_minor` are amounts of the installation's currency. `member_id` is None for a program.
    """
    assert _WHAT.match(what), what
    uow.execute(
        insert(Entry).values(
            id=ids.new_id("act", uow.now),
            shop_id=shop_id,
            member_id=member_id,
            terminal_id=terminal_id,
            what=what,
            subject=subject,
            details=json.dumps(dict(details or {}), ensure_ascii=False),
            created_at=uow.now,
        )
    )
