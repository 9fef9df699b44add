"""Payment intents as the API tells them: the sale that the till shows too, and what programs keep with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from merchant import service
from merchant.api import metadata
from merchant.checkout import sales
from shared.db.unit import Reader, UnitOfWork
from shared.payments.intents import PaymentIntent

Shown = dict[str, Any]


def told(reader: Reader, intent: PaymentIntent, *, wallet_url: str) -> Shown:
    """One intent as it stands; `wallet_url` is what its code begins with."""
    kept = metadata.of_intent(reader, id=intent.id)
    return sales.told(reader, intent).as_json(wallet_url) | {"metadata": kept}


def all_told(reader: Reader, intents: Sequence[PaymentIntent], *, wallet_url: str) -> list[Shown]:
    """Several intents, in their order."""
    kept = metadata.of_intents(reader, ids=[intent.id for intent in intents])
    return [
        sales.told(reader, intent).as_json(wallet_url) | {"metadata": kept.get(intent.id, {})} for intent in intents
    ]


def shown(action: Callable[..., PaymentIntent]) -> Callable[..., Shown]:
    """The action, answering with its intent as the API tells it once the action has run."""
    wallet_url = service.config().wallet_url

    def run(uow: UnitOfWork, **args: Any) -> Shown:
        return told(uow, action(uow, **args), wallet_url=wallet_url)

    return run
