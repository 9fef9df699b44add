"""Opening a shop for somebody who walks in: ready to charge, and not verified until the operator says so."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from merchant.activity import log
from merchant.groups import actions as groups
from merchant.shifts import actions as shifts
from merchant.shops import actions as shops
from merchant.staff import members
from merchant.staff.members import KnownMember, Role
from merchant.terminals import queries as terminals
from merchant.terminals.actions import LockedKey
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput
from shared.identity import keys, names, parties
from shared.identity.parties import HandleTaken, Known
from shared.money import Currency
from shared.payments import outcomes
from shared.settlement import actions as settlement
from shared.settlement.fees import Rate

USUAL_RATE = Rate(basis_points=60)
"""0.6 % of each sale, until the operator says otherwise."""


_MARKS = frozenset("\u2611\u2705\u2713\u2714\U0001f5f8\U0001f5f9")
"""Check marks: with one, a name reads as if somebody had checked it."""
_ALIKE = str.maketrans("0158", "olsb")
"""Digits that pass for letters."""


class NameReserved(BadInput):
    """A name or a handle that reads like the house's own, or like that of a shop that was checked."""

    code = "name_reserved"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the first screen asks for: the shop's name, and the handle that codes and sign-ins carry."""

    name: str
    handle: str


def checked(reader: Reader, *, name: str, handle: str) -> Wanted:
    """A name and a handle that a shop can have; without a handle, a free one made of the name."""
    shown = names.check_name(name)
    wanted = handle.strip().casefold() or _free_handle(reader, shown)
    parties.check_handle(wanted)
    _check_is_no_house(reader, shown)
    _check_is_no_house(reader, wanted)
    if wanted in outcomes.HANDLES or parties.by_handles(reader, handles=[wanted]):
        raise HandleTaken(handle=wanted)
    return Wanted(shown, wanted)


def open_shop(
    uow: UnitOfWork,
    *,
    wanted: Wanted,
    owner: str,
    pin_hash: str,
    unit: Currency,
    own: LockedKey,
    till: LockedKey,
    founder: KnownMember | None = None,
) -> tuple[Known, KnownMember]:
    """The shop and its owner. `founder` owns another shop, which becomes its group's.

    Its first till stands in an open shift with an empty drawer, so that the shop can charge at once.
    """
    shop = shops.create_shop(
        uow,
        handle=wanted.handle,
        display_name=wanted.name,
        unit=unit,
        public_key=own.public,
        locked=own.locked,
        till_key=till,
        is_verified=False,
    )
    member = members.add(uow, shop_id=shop.id, name=owner, pin_hash=pin_hash, role=Role.OWNER)
    settlement.set_rate(uow, shop_id=shop.id, rate=USUAL_RATE)
    [terminal] = terminals.of_shop(uow, shop_id=shop.id)
    shifts.begin(uow, shop_id=shop.id, terminal_id=terminal.id, member_id=member.id)
    log.note(uow, shop_id=shop.id, member_id=member.id, terminal_id=terminal.id, what="shop.opened")
    if founder is not None:
        groups.join(uow, founder=founder, owner=member)
    return shop, member


def _check_is_no_house(reader: Reader, text: str) -> None:
    """Refuse a text that is, or has among its words, the operator's name or handle, also by look-alike letters."""
    house = parties.by_id(reader, id=keys.operator_id(reader))
    own = {_as_read(house.display_name), _as_read(house.handle)}
    words = {_as_read(word) for word in re.split(r"[\W_]+", text)} | {_as_read(text)}
    if words & own or _as_read(text) == "operator" or _MARKS & set(text):
        raise NameReserved(field="name")


def _as_read(text: str) -> str:
    """A text as a hasty eye takes it."""
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE).replace("rn", "m")
    return "".join(filter(str.isalnum, plain))


def _free_handle(reader: Reader, name: str) -> str:
    base = names.slug(name) or "shop"
    tried = [base, *(f"{base}-{number}" for number in range(2, 100))]
    taken = parties.by_handles(reader, handles=tried)
    return next((handle for handle in tried if handle not in taken), base)
