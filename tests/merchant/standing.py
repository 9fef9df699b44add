"""Browsers of the demo shop's people, and another shop beside it."""

from __future__ import annotations

from merchant.shops import actions as shops
from merchant.staff import members
from merchant.staff.members import Role
from merchant.terminals import actions as terminals
from shared.db.unit import UnitOfWork
from shared.identity.parties import Known
from tests.merchant.shop import Browser, Shop
from tests.world import CNY, SECRET

OTHER_PIN = "161803"


def signed_in(shop: Shop, name: str) -> Browser:
    """A browser in which one of the demo shop's people is signed in: May, Wu or Lin."""
    pins = {shop.told["cashier"]: shop.told["pin"]} | {person["name"]: person["pin"] for person in shop.told["staff"]}
    browser = shop.browser(is_signed_in=False)
    assert browser.sign_in(shop.told["handle"], name, pins[name]).status_code == 303
    return browser


def other_shop(shop: Shop, handle: str = "elsewhere") -> Known:
    """Another shop of the same house, with its owner Zoe."""
    own, till, pin_hash = terminals.new_key(SECRET), terminals.new_key(SECRET), members.hashed(OTHER_PIN)

    def open_it(uow: UnitOfWork) -> Known:
        made = shops.create_shop(
            uow, handle=handle, display_name="Elsewhere", unit=CNY, public_key=own.public, locked=own.locked,
            till_key=till,
        )  # fmt: skip
        members.add(uow, shop_id=made.id, name="Zoe", pin_hash=pin_hash, role=Role.OWNER)
        return made

    return shop.store.run(open_it)


def owner_of(shop: Shop, other: Known) -> Browser:
    """A browser in which the other shop's owner is signed in."""
    browser = shop.browser(is_signed_in=False)
    assert browser.sign_in(other.handle, "Zoe", OTHER_PIN).status_code == 303
    return browser
