"""A shop's day with complaints in it; whatever a test did, audit and the three-way match find nothing in the end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.disputes import actions, queries
from shared.disputes.queries import Dispute
from shared.ledger import accounts, chart
from shared.payments.intents import PaymentIntent
from tests.settlement.day import Day
from tests.world import SECRET, World


class Court(Day):
    """A day (1 % and 2 units a sale) on which the payer complains."""

    def complain(self, intent: PaymentIntent, amount_minor: int, *, reason: str = "not_received") -> Dispute:
        return self.world.store.run(
            actions.open_dispute, payer_id=self.payer.id, intent_id=intent.id, reason=reason, words="Nothing came",
            amount_minor=amount_minor,
        )  # fmt: skip

    def answer(self, dispute: Dispute, **more: object) -> Dispute:
        said = {"words": "It was handed over"} | more
        return self.world.store.run(actions.answer, dispute_id=dispute.id, shop_id=self.shop.id, **said)

    def accept(self, dispute: Dispute) -> Dispute:
        return self.world.store.run(actions.accept, dispute_id=dispute.id, shop_id=self.shop.id, secret=SECRET)

    def withdraw(self, dispute: Dispute) -> Dispute:
        return self.world.store.run(actions.withdraw, dispute_id=dispute.id, payer_id=self.payer.id)

    def decide(self, dispute: Dispute, *, is_won: bool) -> Dispute:
        return self.world.store.run(
            actions.decide, dispute_id=dispute.id, is_won=is_won, note="I looked at both", secret=SECRET
        )

    def lose(self, *amounts_minor: int) -> Dispute:
        """Sell for each amount, and lose a dispute over all of it; the last one."""
        return [self.accept(self.complain(self.sell(amount), amount)) for amount in amounts_minor][-1]

    def seen(self, dispute: Dispute) -> Dispute:
        return self.world.store.read(queries.by_id, id=dispute.id)

    @property
    def advanced(self) -> int:
        """What the house has paid for shops and not had back."""
        found = self.world.store.read(accounts.balances, codes=[chart.DISPUTES])
        return -found[chart.DISPUTES].balance_minor if found else 0


@pytest.fixture
def court(world: World, tmp_path: Path) -> Iterator[Court]:
    """On either engine."""
    opened = Court(world)
    yield opened
    assert opened.differences(tmp_path / "settlements") == []


@pytest.fixture
def sqlite_court(sqlite_world: World, tmp_path: Path) -> Iterator[Court]:
    """On SQLite alone, for what does not depend on the engine."""
    opened = Court(sqlite_world)
    yield opened
    assert opened.differences(tmp_path / "settlements") == []
