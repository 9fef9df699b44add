"""Keeping what a shop asked of a hosted page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import insert

from merchant.hosted import addresses
from merchant.hosted.models import Page
from shared.db.unit import UnitOfWork
from shared.web.body import Body


@dataclass(frozen=True, slots=True)
class Wish:
    """What a shop asks of the page of one intent: where it leads, and who may frame it."""

    return_url: str | None = None
    embed_origin: str | None = None


def wish_of(given: Body) -> Wish:
    """What a request asks for; `bad_return_url` or `bad_embed_origin` where that cannot be."""
    return_url = given.optional_text("return_url")
    origin = given.optional_text("embed_origin")
    return Wish(
        None if return_url is None else addresses.checked_return_url(return_url),
        None if origin is None else addresses.checked_origin(origin),
    )


def keep(uow: UnitOfWork, *, intent_id: str, wish: Wish) -> None:
    """Remember it with the intent; the plain page needs no row."""
    if wish != Wish():
        row = {"intent_id": intent_id, "return_url": wish.return_url, "embed_origin": wish.embed_origin}
        uow.execute(insert(Page).values(row))
