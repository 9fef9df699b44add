"""Whole signed payments in one process: verified, intent captured, transfer, events, durable."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from shared import one_processor
from tests.bench.measure import Measure, all_of
from tests.bench.references.verify import verifications
from tests.bench.rounds import Goal, Subject
from tests.bench.scale import Scale
from tests.bench.shop_street import ShopStreet

GOALS = [Goal("a whole signed payment / Ed25519 verifications of one core", "payments", "verify", at_least=0.35)]


@contextmanager
def subjects(folder: Path, scale: Scale, say: Callable[[str], None]) -> Iterator[list[Subject]]:
    """Payments and their ceiling, for as long as the block."""
    say("Opening the shops…")
    with (
        one_processor.staying(0),  # as a service does
        closing(ShopStreet(f"sqlite:///{folder}/street.db", people=scale.payers, shops=20)) as street,
    ):

        def pay(seed: int) -> Measure:
            return all_of(street.payments(scale.payments, random.Random(seed)), street.pay, threads=scale.threads)

        yield [
            Subject(
                "verify", "Ed25519, one core", lambda _: verifications(seconds=scale.seconds / 2), is_reference=True
            ),
            Subject("payments", f"{scale.threads} threads, signed orders on SQLite", pay),
        ]
