"""Everything that the operator did, kept in the transaction that did it, newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from merchant.operating.models import Deed
from shared import ids
from shared.db.unit import Reader, UnitOfWork

PAGE = 30


@dataclass(frozen=True, slots=True)
class Done:
    """Something that the operator did (`what` is `noun.past_verb`) to whom, and when (ms)."""

    id: str
    what: str
    subject_id: str
    subject_name: str
    details: Mapping[str, str | int]
    done_at: int


def note(uow: UnitOfWork, *, what: str, subject_id: str = "", **details: str | int) -> None:
    """Keep what is being done; `details` are what its sentence names besides the subject."""
    text = json.dumps(details, ensure_ascii=False)
    uow.execute(
        insert(Deed).values(
            id=ids.new_id("op", uow.now), what=what, subject_id=subject_id, details=text, done_at=uow.now
        )
    )


def newest(reader: Reader, *, subject_id: str = "", before: str = "", limit: int = PAGE) -> Sequence[Done]:
    """What was done, newest first: all of it or what was done to one subject; before deed `before` when given."""
    rows = reader.sql.rows(
        "SELECT d.id, d.what, d.subject_id, coalesce(p.display_name, d.subject_id), d.details, d.done_at"
        " FROM operating_deed AS d LEFT JOIN identity_party AS p ON p.id = d.subject_id"
        " WHERE (:subject = '' OR d.subject_id = :subject) AND d.id < :before ORDER BY d.id DESC LIMIT :limit",
        subject=subject_id,
        before=before or "op_" + "z" * 26,
        limit=limit,
    )
    return [Done(id, what, subject, name, json.loads(details), at) for id, what, subject, name, details, at in rows]
