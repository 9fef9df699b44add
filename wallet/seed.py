"""The first people: Ana and Li, whose phones the launcher shows. Without a PIN, not yet in each other's contacts."""

from __future__ import annotations

from shared.config import Config
from shared.db.store import Store
from shared.identity import parties
from shared.payments import installation
from wallet.users import actions

PEOPLE = (("ana", "Ana"), ("li", "Li"))


def seed_people(store: Store, *, config: Config, secret: bytes) -> None:
    """Make the people that are not there yet, each with a key that the server holds; doing it again changes nothing."""
    installation.ensure(store, currency=config.currency, secret=secret)
    for handle, display_name in PEOPLE:
        if store.read(parties.by_handles, handles=[handle]):
            continue
        card = store.read(actions.server_card, handle=handle, display_name=display_name, secret=secret)
        welcome = store.read(actions.welcome_money, handle=handle, unit=config.currency, secret=secret)
        store.run(
            actions.register,
            display_name=display_name,
            handle=handle,
            pin_hash="",
            card=card,
            unit=config.currency,
            welcome=welcome,
            token=None,
        )
