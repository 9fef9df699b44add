"""A program's own words about a payment intent: up to twenty texts under names of its choice; Saoma only keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput

MOST, LONGEST_NAME, LONGEST_TEXT = 20, 40, 500
Kept = Mapping[str, str]
Words = Mapping[str, str | None]


class BadMetadata(BadInput):
    """Up to 20 texts of at most 500 characters under names of at most 40."""

    code = "bad_metadata"


def checked(given: object) -> Words:
    """Metadata as it was sent: an object of texts, or of nulls for what is to be forgotten."""
    if not isinstance(given, dict) or len(given) > 2 * MOST:
        raise BadMetadata()
    for name, text in given.items():
        if not _is_fit(name, LONGEST_NAME) or not name or not (text is None or _is_fit(text, LONGEST_TEXT)):
            raise BadMetadata()
    return given


def changed(old: Words, by: Words) -> dict[str, str]:
    """The old metadata with these changes; what is null or empty is forgotten."""
    now = {name: text for name, text in {**old, **by}.items() if text}
    if len(now) > MOST:
        raise BadMetadata()
    return now


def keep(uow: UnitOfWork, *, intent_id: str, words: Mapping[str, str]) -> None:
    """Keep these words, and no others, with an intent."""
    uow.sql.run("DELETE FROM api_metadata WHERE intent_id = :intent", intent=intent_id)
    if words:
        uow.sql.run(
            "INSERT INTO api_metadata (intent_id, content) VALUES (:intent, :content)",
            intent=intent_id,
            content=json.dumps(words, ensure_ascii=False),
        )


def of_intents(reader: Reader, *, ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """What is kept with these intents, by intent; nothing for one without."""
    rows = reader.sql.rows("SELECT intent_id, content FROM api_metadata WHERE intent_id IN :ids", ids=sorted(set(ids)))
    return {intent_id: json.loads(content) for intent_id, content in rows}


def of_intent(reader: Reader, *, id: str) -> dict[str, str]:
    """What is kept with one intent."""
    rows = reader.sql.rows("SELECT content FROM api_metadata WHERE intent_id = :id", id=id)
    found: dict[str, str] = json.loads(rows[0][0]) if rows else {}
    return found


def _is_fit(text: object, longest: int) -> bool:
    """Whether this is a text that every database takes."""
    if not isinstance(text, str) or len(text) > longest or "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
