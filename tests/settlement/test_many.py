"""A large batch: as many statements as a small one, and exact to the last unit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from shared.codes.payloads import OrderKind
from shared.db.sql import Sql
from shared.payments import actions as payments
from shared.settlement import files, reconcile
from tests.examples import IS_FULL
from tests.settlement.day import Day

MANY = 10_000 if IS_FULL else 400


def sell_many(day: Day, count: int) -> int:
    """So many sales at the printed code, of 1 to 97 units; their sum."""
    amounts = [1 + number * 31 % 97 for number in range(count)]
    world = day.world
    for start in range(0, count, 500):
        orders = [
            world.prepared(world.frame(day.payer, OrderKind.PAY, day.shop.handle, amount))
            for amount in amounts[start : start + 500]
        ]
        done = world.store.run(_execute_all, calls=[{"order": order} for order in orders])
        assert all(isinstance(one, payments.Executed) for one in done)
    return sum(amounts)


def _execute_all(uow: Any, *, calls: Any) -> Any:
    return payments.execute_many(uow, calls)


def test_many_sales_are_one_exact_batch(day: Day, tmp_path: Path) -> None:
    gross = sell_many(day, MANY)
    [batch] = day.settle()
    assert (batch.sales, batch.gross_minor) == (MANY, gross)
    assert day.in_transit + day.earned == gross
    files.write_missing(day.world.store, tmp_path / "kept")
    report = reconcile.run(day.world.store, folder=tmp_path / "kept")
    assert (report.lines, list(report.differences)) == (MANY, [])


def test_a_batch_takes_as_many_statements_however_many_sales_there_are(
    sqlite_day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    for name in ("rows", "run", "run_many"):
        plain = getattr(Sql, name)

        def counted(self: Sql, *args: Any, _name: str = name, _plain: Any = plain, **more: Any) -> Any:
            asked[_name] += 1
            return _plain(self, *args, **more)

        monkeypatch.setattr(Sql, name, counted)
    counts = []
    for count in (3, 60):
        sell_many(sqlite_day, count)
        asked.clear()
        assert len(sqlite_day.settle()) == 1
        counts.append(dict(asked))
    assert counts[0] == counts[1]
