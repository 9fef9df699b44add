"""Payment intents as the API tells them: the sale that the till shows too, and what programs keep with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from merchant import service
from merchant.api import metadata
from merchant.checkout import sales
from merchant.checkout.sales import Sale
from merchant.hosted import addresses
from shared.config import Config
from shared.db.unit import Reader, UnitOfWork
from shared.payments.intents import PaymentIntent

Shown = dict[str, Any]


def told(reader: Reader, intent: PaymentIntent, *, config: Config) -> Shown:
    """One intent as it stands; the settings say where its code leads and where its hosted page is."""
    return _told(reader, intent, metadata.of_intent(reader, id=intent.id), config)


def as_made(intent: PaymentIntent, kept: metadata.Kept, *, config: Config) -> Shown:
    """An intent that was made just now: nobody has scanned it, and nothing about it need be read."""
    return _form(Sale(intent, None), kept, config)


def all_told(reader: Reader, intents: Sequence[PaymentIntent], *, config: Config) -> list[Shown]:
    """Several intents, in their order."""
    kept = metadata.of_intents(reader, ids=[intent.id for intent in intents])
    return [_told(reader, intent, kept.get(intent.id, {}), config) for intent in intents]


def shown(action: Callable[..., PaymentIntent]) -> Callable[..., Shown]:
    """The action, answering with its intent as the API tells it once the action has run."""
    config = service.config()

    def run(uow: UnitOfWork, **args: Any) -> Shown:
        return told(uow, action(uow, **args), config=config)

    return run


def _told(reader: Reader, intent: PaymentIntent, kept: metadata.Kept, config: Config) -> Shown:
    return _form(sales.told(reader, intent), kept, config)


def _form(sale: Sale, kept: metadata.Kept, config: Config) -> Shown:
    page = addresses.page_url(config.merchant_url, sale.intent.id) if sale.intent.code else None
    return sale.as_json(config.wallet_url) | {"metadata": kept, "hosted_url": page}
