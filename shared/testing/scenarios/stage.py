"""The stage of one scenario: its people, shops, sales and codes, by the names that the file gives them."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.testing.handset import Handset
from shared.testing.receiver import Webhooks
from shared.testing.sandbox import Sandbox
from shared.testing.scenarios.reading import Scenario
from shared.testing.shop import Shop


@dataclass(frozen=True, slots=True)
class Sale:
    """A payment intent that a step has made."""

    shop: str
    id: str
    code: str
    expires_at: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A complaint that a step has made, and the shop that it is about."""

    shop: str
    id: str


@dataclass
class Stage:
    """Who and what there is. Every scenario has people and shops of its own; the clock is everybody's."""

    sandbox: Sandbox
    people: dict[str, Handset] = field(default_factory=dict)
    shops: dict[str, Shop] = field(default_factory=dict)
    webhooks: dict[str, Webhooks] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)

    def shop_of(self, sale: str) -> Shop:
        """The shop that a sale is made in."""
        return self.shops[self.sales[sale].shop]

    def id_of(self, sale: str) -> str:
        """A sale's intent."""
        return self.sales[sale].id

    def close(self) -> None:
        """Listen to no webhooks any more, and have none sent."""
        for name, receiver in self.webhooks.items():
            if receiver.endpoint:
                self.shops[name].remove_endpoint(receiver.endpoint)
            receiver.close()


def furnish(stage: Stage, scenario: Scenario) -> None:
    """Put the scenario's people and shops on an empty stage, each shop heard by a receiver."""
    for name, balance_minor in scenario.people.items():
        phone = stage.people[name] = stage.sandbox.phone(name.title())
        if balance_minor is not None:
            _bring_to(phone, balance_minor)
    for name in scenario.shops:
        shop = stage.shops[name] = stage.sandbox.shop(name.title())
        receiver = stage.webhooks[name] = Webhooks()
        receiver.listen_to(shop)


def _bring_to(phone: Handset, balance_minor: int) -> None:
    """Top up, or withdraw to the bank, until the phone has so much."""
    more = balance_minor - phone.balance_minor
    if more > 0:
        phone.top_up(more)
    elif more < 0:
        phone.withdraw(-more)
