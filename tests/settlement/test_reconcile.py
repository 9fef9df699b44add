"""The three-way match: every planted difference is found and named, wherever of the three it was planted."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from shared.settlement import files, reconcile
from shared.settlement.books import Difference
from shared.settlement.files import Statement
from tests.settlement.day import Day
from tests.world import World


class Settled:
    """Two batches with files: two sales and a refund, then a debt and what covers it."""

    def __init__(self, world: World, folder: Path, url: str) -> None:
        self.day = Day(world)
        self.url = url
        self.folder = folder
        self.sale = self.day.sell(1000)
        self.day.refund(self.sale, 100)
        self.day.sell(500)
        [self.first] = self.day.settle()
        self.day.paid(self.first)
        self.day.refund(self.day.sell(30), 30)
        [self.second] = self.day.settle()
        files.write_missing(world.store, folder)

    @property
    def path(self) -> Path:
        return self.folder / files.file_name("tea", self.first.id)

    def found(self, *only: Path) -> list[Difference]:
        return list(reconcile.run(self.day.world.store, folder=self.folder, only=only).differences)

    def codes(self) -> set[str]:
        return {difference.code for difference in self.found()}

    def edit(self, change: Callable[[Statement], Statement]) -> None:
        """Write the first batch's file with a change, and with the right totals and checksum."""
        self.path.write_bytes(files.render(change(files.parse(self.path.read_bytes(), name="f"))))

    def tamper(self, statement: str, **values: object) -> None:
        """Change a row behind everybody's back."""
        engine = create_engine(self.url)
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                for verb in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS ledger_transfer_no_{verb}"))
            else:
                connection.execute(text("DROP TRIGGER IF EXISTS ledger_transfer_never_changes ON ledger_transfer"))
            assert connection.execute(text(statement), values).rowcount == 1
        engine.dispose()


@pytest.fixture
def settled(world: World, database_url: str, tmp_path: Path) -> Settled:
    return Settled(world, tmp_path / "settlements", database_url)


@pytest.fixture
def sqlite_settled(sqlite_world: World, sqlite_url: str, tmp_path: Path) -> Settled:
    return Settled(sqlite_world, tmp_path / "settlements", sqlite_url)


def test_what_was_settled_agrees(settled: Settled) -> None:
    report = reconcile.run(settled.day.world.store, folder=settled.folder)
    assert report.as_json() == {"ok": True, "batches": 2, "lines": 5, "files": 2, "differences": []}


def test_a_missing_file_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.path.unlink()
    assert [(one.code, one.subject) for one in sqlite_settled.found()] == [("missing_file", sqlite_settled.first.id)]


def test_a_damaged_file_is_named(sqlite_settled: Settled) -> None:
    content = sqlite_settled.path.read_bytes()
    sqlite_settled.path.write_bytes(content.replace(b",1000,", b",9000,", 1))
    assert [(one.code, one.subject) for one in sqlite_settled.found()] == [("file_damaged", sqlite_settled.path.name)]
    sqlite_settled.path.write_bytes(content[:-200])
    assert sqlite_settled.codes() == {"file_damaged"}


def test_a_line_missing_in_the_file_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.edit(lambda said: replace(said, lines=[line for line in said.lines if line.kind != "refund"]))
    found = sqlite_settled.found()
    assert {one.code for one in found} == {"missing_in_file", "totals_differ"}
    assert found[0].subject.startswith("rf_")


def test_a_line_too_many_in_the_file_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.edit(
        lambda said: replace(said, lines=[*said.lines, replace(said.lines[0], source_id="pi_" + "0" * 26)])
    )
    assert sqlite_settled.codes() == {"extra_in_file", "totals_differ"}


def test_a_line_twice_in_the_file_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.edit(lambda said: replace(said, lines=[*said.lines, said.lines[0]]))
    assert sqlite_settled.codes() == {"extra_in_file", "totals_differ"}


def test_another_amount_in_the_file_is_named(sqlite_settled: Settled) -> None:
    def change(said: Statement) -> Statement:
        lines = [replace(line, amount_minor=1001) if line.amount_minor == 1000 else line for line in said.lines]
        return replace(said, lines=lines)

    sqlite_settled.edit(change)
    found = {one.code: one.subject for one in sqlite_settled.found()}
    assert found == {"amount_differs": sqlite_settled.sale.id, "totals_differ": sqlite_settled.first.id}


@pytest.mark.parametrize("field", ["transfer_id", "happened_at", "reference", "fee_minor"])
def test_anything_else_in_a_line_of_the_file_is_named(sqlite_settled: Settled, field: str) -> None:
    def change(said: Statement) -> Statement:
        other = {"transfer_id": "trf_" + "0" * 26, "happened_at": 1, "reference": "x", "fee_minor": 1}[field]
        return replace(said, lines=[replace(said.lines[0], **{field: other}), *said.lines[1:]])

    sqlite_settled.edit(change)
    assert "line_differs" in sqlite_settled.codes()


def test_another_head_of_the_file_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.edit(lambda said: replace(said, payout_transfer=(said.payout_transfer[0], 1)))
    [found] = sqlite_settled.found()
    assert (found.code, "payout_transfer" in found.detail) == ("header_differs", True)


def test_totals_that_are_not_those_of_the_lines_are_refused_as_damage(sqlite_settled: Settled) -> None:
    rows = list(csv.reader(io.StringIO(sqlite_settled.path.read_text(), newline="")))
    rows[-2][3] = "1501"
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows[:-1])
    body = out.getvalue().encode()
    sqlite_settled.path.write_bytes(body + f"sha256,{hashlib.sha256(body).hexdigest()}\n".encode())
    assert sqlite_settled.codes() == {"file_damaged"}


def test_a_file_under_another_name_is_extra(sqlite_settled: Settled) -> None:
    (sqlite_settled.folder / "copy.csv").write_bytes(sqlite_settled.path.read_bytes())
    assert [(one.code, one.subject) for one in sqlite_settled.found()] == [("extra_file", "copy.csv")]


def test_a_file_of_no_batch_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.edit(lambda said: replace(said, batch_id="bat_" + "0" * 26))
    assert sqlite_settled.codes() == {"unknown_batch"}


def test_one_file_alone_can_be_held_against_the_books(sqlite_settled: Settled) -> None:
    sent = sqlite_settled.folder.parent / "from-the-shop.csv"
    sent.write_bytes(sqlite_settled.path.read_bytes())
    sqlite_settled.path.unlink()
    report = reconcile.run(sqlite_settled.day.world.store, folder=sqlite_settled.folder, only=[sent])
    assert (report.batches, report.files, list(report.differences)) == (1, 1, [])


def test_a_sale_that_was_changed_after_it_was_settled_is_named(settled: Settled) -> None:
    settled.tamper("UPDATE payments_intent SET captured_minor = 999 WHERE id = :id", id=settled.sale.id)
    found = settled.found()
    assert ("amount_differs", settled.sale.id) in {(one.code, one.subject) for one in found}


def test_a_transfer_that_was_changed_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.tamper(
        "UPDATE ledger_transfer SET amount_minor = 999 WHERE id = :id", id=sqlite_settled.sale.transfer_id
    )
    assert [(one.code, one.subject) for one in sqlite_settled.found()] == [("amount_differs", sqlite_settled.sale.id)]


def test_a_transfer_that_is_gone_is_named(sqlite_settled: Settled) -> None:
    transfer_id = sqlite_settled.sale.transfer_id
    sqlite_settled.tamper("UPDATE ledger_transfer SET id = 'trf_other' WHERE id = :id", id=transfer_id)
    assert sqlite_settled.codes() == {"not_in_ledger", "not_explained"}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE settlement_batch SET gross_minor = gross_minor + 1, net_minor = net_minor + 1", "totals_differ"),
        ("UPDATE settlement_batch SET refunds = 7", "totals_differ"),
        ("UPDATE settlement_batch SET payout_transfer_id = 'trf_none'", "not_in_ledger"),
        ("UPDATE settlement_batch SET end_transfer_id = fee_transfer_id", "wrong_account"),
        ("UPDATE settlement_batch SET basis_points = 200", "fee_differs"),
        ("UPDATE settlement_batch SET carried_to = id", "totals_differ"),
    ],
)
def test_a_batch_that_was_changed_is_named(sqlite_settled: Settled, statement: str, code: str) -> None:
    sqlite_settled.tamper(statement + " WHERE id = :id", id=sqlite_settled.first.id)
    assert code in sqlite_settled.codes()


def test_a_line_that_was_taken_out_is_named(sqlite_settled: Settled) -> None:
    sqlite_settled.day.world.pass_time(1)
    sqlite_settled.day.sell(10)
    sqlite_settled.day.settle()
    files.write_missing(sqlite_settled.day.world.store, sqlite_settled.folder)
    sqlite_settled.tamper("DELETE FROM settlement_line WHERE source_id = :id", id=sqlite_settled.sale.id)
    assert {"not_settled", "totals_differ", "extra_in_file"} <= sqlite_settled.codes()


def test_a_payout_that_the_batch_forgot_shows_in_the_account(sqlite_settled: Settled) -> None:
    day = sqlite_settled.day
    day.sell(100)
    [batch] = day.settle()
    files.write_missing(day.world.store, sqlite_settled.folder)
    sqlite_settled.tamper(
        "UPDATE settlement_batch SET state = 'paid', end_transfer_id = payout_transfer_id WHERE id = :id", id=batch.id
    )
    assert "in_transit_differs" in sqlite_settled.codes()
