"""A shop's day, for tests: sales, refunds, settling, and what the books say afterwards."""

from __future__ import annotations

from pathlib import Path

from shared.ledger import accounts, chart
from shared.payments import audit
from shared.payments.intents import PaymentIntent
from shared.settlement import actions, batches, files, payouts, reconcile
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate
from tests.world import SECRET, Member, World


class Day:
    """One payer and one shop, which pays 1 % and 2 units a sale when `rate` is not given."""

    def __init__(self, world: World, *, rate: Rate | None = None, shop: str = "tea", payer: str = "ana") -> None:
        self.world = world
        self.payer: Member = world.person(payer, balance_minor=10_000_000)
        self.shop: Member = world.shop(shop)
        world.store.run(actions.set_rate, shop_id=self.shop.id, rate=rate or Rate(100, 2))

    def sell(self, *amounts_minor: int) -> PaymentIntent:
        """Sell for each amount; the last sale."""
        sold = [self.world.sold(self.shop, self.payer, amount) for amount in amounts_minor]
        return sold[-1]

    def refund(self, intent: PaymentIntent, amount_minor: int) -> None:
        self.world.execute(self.world.refund(self.shop, intent, self.payer, amount_minor))

    def settle(self, cutoff_at: int | None = None) -> list[Batch]:
        done = actions.settle(self.world.store, cutoff_at=cutoff_at, secret=SECRET)
        assert done.refused == []
        return done.batches

    def paid(self, batch: Batch) -> Batch:
        return self.world.store.run(payouts.mark_paid, batch_id=batch.id, secret=SECRET)

    def returned(self, batch: Batch, reason: str = "account closed") -> Batch:
        return self.world.store.run(payouts.mark_returned, batch_id=batch.id, reason=reason, secret=SECRET)

    def again(self, batch: Batch) -> Batch:
        """The batch as it stands now."""
        return self.world.store.read(batches.by_id, id=batch.id)

    def content(self, batch: Batch) -> bytes:
        return self.world.store.read(files.content_of, batch_id=batch.id)

    def balance(self, code: str) -> int:
        return self.world.store.read(accounts.balance, code=code).balance_minor

    @property
    def taken(self) -> int:
        """What lies in the shop's account."""
        return self.world.balance(self.shop)

    @property
    def in_transit(self) -> int:
        return self.balance(chart.payout_account(self.shop.id))

    @property
    def earned(self) -> int:
        """What the house has earned in fees."""
        return self.balance(chart.FEES)

    def differences(self, folder: Path) -> list[str]:
        """What the three-way match finds, after the missing files were written; audit must be content anyway."""
        assert self.world.store.read(audit.run).faults == []
        files.write_missing(self.world.store, folder)
        return [found.code for found in reconcile.run(self.world.store, folder=folder).differences]
