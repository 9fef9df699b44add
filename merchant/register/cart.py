"""A cart as the register's page sends and parks it, read strictly: which things, how many, what off, which tip."""

from __future__ import annotations

from dataclasses import dataclass

from merchant.register.pricing import MOST_OF_ONE, NOTHING, Share
from shared.errors import BadInput
from shared.identity import wording
from shared.money import check_minor
from shared.web.body import Body

MOST_LINES, MOST_CHOSEN = 200, 72
NAME_BYTES, NOTE_BYTES, REFERENCE_BYTES = 64, 240, 16
FIELDS = ("lines", "discount", "tip", "note", "reference", "is_manual")


class CartTooLong(BadInput):
    """A cart holds at most `most` lines."""

    code = "cart_too_long"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One line of a cart: so many of an item with these choices, or a typed amount (`item_id` is None)."""

    item_id: str | None
    quantity: int = 1
    chosen: tuple[str, ...] = ()
    discount: Share = NOTHING
    typed_minor: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Cart:
    """What is to be sold. `is_manual`: paying only authorizes it."""

    lines: tuple[Wanted, ...]
    discount: Share
    tip: Share
    note: str
    reference: str
    is_manual: bool


def read(given: Body) -> Cart:
    """The cart in a body; `bad_input` names the field that is none, `cart_too_long` one with too many lines."""
    lines = given.parts("lines")
    if len(lines) > MOST_LINES:
        raise CartTooLong(most=MOST_LINES, lines=len(lines))
    return Cart(
        lines=tuple(_line(line) for line in lines),
        discount=share(given, "discount"),
        tip=share(given, "tip"),
        note=wording.fitted(given.optional_text("note") or "", NOTE_BYTES),
        reference=wording.fitted(given.optional_text("reference") or "", REFERENCE_BYTES),
        is_manual=given.flag("is_manual"),
    )


def share(given: Body, name: str) -> Share:
    """A field `{basis_points}` or `{amount_minor}`; nothing when it is missing."""
    if not given.has(name):
        return NOTHING
    part = given.part(name).only("basis_points", "amount_minor")
    return Share(part.optional_integer("basis_points") or 0, part.optional_integer("amount_minor") or 0)


def _line(given: Body) -> Wanted:
    given.only("item", "quantity", "options", "discount", "typed_minor", "name")
    if not given.has("item"):
        typed = check_minor(given.integer("typed_minor"))
        name = wording.fitted(given.optional_text("name") or "", NAME_BYTES)
        return Wanted(None, discount=share(given, "discount"), typed_minor=typed, name=name)
    quantity = given.integer("quantity")
    if not 1 <= quantity <= MOST_OF_ONE:
        raise BadInput(field="quantity")
    return Wanted(given.text("item", longest=64), quantity, _chosen(given), share(given, "discount"))


def _chosen(given: Body) -> tuple[str, ...]:
    """The ids of the chosen options; which of them the item has is the catalogue's to say."""
    chosen = given.as_dict().get("options") or []
    if not isinstance(chosen, list) or len(chosen) > MOST_CHOSEN or not all(isinstance(id, str) for id in chosen):
        raise BadInput(field="options")
    return tuple(chosen)
