"""The settlement file: the same bytes every time, whole or not there, and a reader that takes nothing else."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import faults, ids
from shared.errors import DomainError
from shared.settlement import files
from shared.settlement.batches import Line
from shared.settlement.files import FileChanged, MalformedFile, Statement
from tests.examples import examples
from tests.settlement.day import Day

TIMES = st.integers(0, 4_000_000_000_000)
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=16)
AMOUNTS = st.integers(1, 10**12)


def an_id(prefix: str) -> st.SearchStrategy[str]:
    return st.binary(min_size=16, max_size=16).map(lambda raw: ids.id_from_bytes(prefix, raw))


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    sales = st.builds(
        Line, st.just("sale"), an_id("pi"), an_id("pi"), an_id("trf"), TIMES, AMOUNTS, st.integers(0, 10**9), TEXTS
    )
    refunds = st.builds(
        Line, st.just("refund"), an_id("rf"), an_id("pi"), an_id("trf"), TIMES, AMOUNTS.map(lambda n: -n),
        st.just(0), TEXTS,
    )  # fmt: skip
    carried = st.builds(
        Line, st.just("carried"), an_id("bat"), st.just(""), st.just(""), TIMES, st.integers(-(10**12), 10**12),
        st.just(0),
    )  # fmt: skip
    return Statement(
        batch_id=draw(an_id("bat")),
        shop="corner-tea",
        shop_id=draw(an_id("shp")),
        currency=draw(st.sampled_from(["CNY", "JPY", "KWD"])),
        cutoff_at=draw(TIMES),
        closed_at=draw(TIMES),
        basis_points=draw(st.integers(0, 10_000)),
        fixed_minor=draw(st.integers(0, 10**12)),
        lines=draw(st.lists(st.one_of(sales, refunds, carried), max_size=8)),
        fee_transfer=("", 0),
        payout_transfer=(draw(an_id("trf")), draw(AMOUNTS)),
    )


@given(said=statements())
@examples(40)
def test_what_is_written_is_read_back(said: Statement) -> None:
    assert files.parse(files.render(said), name="f") == said


@given(said=statements(), position=st.integers(0, 10**6), flip=st.integers(1, 255))
@examples(60)
def test_one_changed_byte_anywhere_is_refused(said: Statement, position: int, flip: int) -> None:
    content = bytearray(files.render(said))
    content[position % len(content)] ^= flip
    with pytest.raises(DomainError) as refusal:
        files.parse(bytes(content), name="f")
    assert isinstance(refusal.value, FileChanged | MalformedFile)


@given(said=statements(), length=st.integers(0, 10**6))
@examples(40)
def test_a_file_cut_anywhere_is_refused(said: Statement, length: int) -> None:
    content = files.render(said)
    with pytest.raises(DomainError) as refusal:
        files.parse(content[: length % len(content)], name="f")
    assert isinstance(refusal.value, FileChanged | MalformedFile)


@given(said=statements())
@examples(40)
def test_no_cell_begins_like_a_formula(said: Statement) -> None:
    for row in csv.reader(io.StringIO(files.render(said).decode(), newline="")):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t", "\r"))
            assert not cell.startswith("-") or cell[1:].isdigit()


@given(garbage=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
@examples(60)
def test_anything_else_is_refused_even_with_a_good_checksum(garbage: bytes) -> None:
    for content in (garbage, signed(garbage), signed(garbage + b"\n")):
        with pytest.raises(DomainError) as refusal:
            files.parse(content, name="f")
        assert isinstance(refusal.value, FileChanged | MalformedFile)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (b"saoma-settlement,1", b"saoma-settlement,2", 1),
        (b"currency,CNY,2", b"currency,CNY,0", 4),
        (b",1000,12,988,", b",1000,012,988,", 11),
        (b",1000,12,988,", b",1000,12,989,", 11),
        (b"total,1,", b"total,2,", 12),
        (b"sale,", b" sale,", 11),
        (b"\n", b"\r\n", 1),
    ],
)
def test_a_file_of_another_form_is_refused_with_its_line(
    sqlite_day: Day, before: bytes, after: bytes, line: int
) -> None:
    sqlite_day.sell(1000)
    [batch] = sqlite_day.settle()
    body = sqlite_day.content(batch).rpartition(b"sha256,")[0]
    assert files.parse(signed(body), name="f").batch_id == batch.id
    assert before in body
    with pytest.raises(MalformedFile) as refusal:
        files.parse(signed(body.replace(before, after, 1)), name="f")
    assert refusal.value.params == {"file": "f", "line": line}


def test_the_file_of_a_batch_has_the_documented_layout(day: Day) -> None:
    intent = day.world.intent(day.shop, 1000, reference="=table 4")
    day.world.execute(day.world.payment(day.payer, intent, day.shop))
    sale = day.sell(550)
    day.refund(sale, 50)
    [batch] = day.settle()
    rows = list(csv.reader(io.StringIO(day.content(batch).decode(), newline="")))
    assert [row[:1] for row in rows[:9]] == [
        ["saoma-settlement"], ["batch"], ["shop"], ["currency"], ["cutoff_at"], ["closed_at"], ["rate"],
        ["fee_transfer"], ["payout_transfer"],
    ]  # fmt: skip
    assert rows[6:9] == [
        ["rate", "100", "2"],
        ["fee_transfer", batch.fee_transfer_id, "20"],
        ["payout_transfer", batch.payout_transfer_id, "1480"],
    ]
    shown = [(row[0], row[2], *row[5:]) for row in rows[10:-2]]
    assert sorted(shown) == sorted(
        [
            ("sale", intent.id, "1000", "12", "988", "'=table 4"),
            ("sale", sale.id, "550", "8", "542", ""),
            ("refund", sale.id, "-50", "0", "-50", ""),
        ]
    )
    assert rows[-2] == ["total", "2", "1", "1550", "50", "20", "0", "1480"]
    body, _, last = day.content(batch).removesuffix(b"\n").rpartition(b"\n")
    assert last == b"sha256," + hashlib.sha256(body + b"\n").hexdigest().encode()


def test_the_bytes_stay_the_same_whatever_becomes_of_the_payout(sqlite_day: Day) -> None:
    sqlite_day.sell(1000)
    [first] = sqlite_day.settle()
    before = sqlite_day.content(first)
    sqlite_day.returned(first)
    sqlite_day.sell(10)
    [second] = sqlite_day.settle()
    sqlite_day.paid(second)
    assert sqlite_day.content(first) == before
    said = files.parse(sqlite_day.content(second), name="f")
    assert next((line.kind, line.source_id, line.amount_minor) for line in said.lines) == ("carried", first.id, 988)


def test_missing_files_are_written_and_those_that_are_there_left_alone(sqlite_day: Day, tmp_path: Path) -> None:
    for _ in range(2):
        sqlite_day.sell(1000)
        sqlite_day.settle()
    folder = tmp_path / "kept"
    [one, other] = files.write_missing(sqlite_day.world.store, folder)
    one.unlink()
    other.write_bytes(b"mine")
    assert files.write_missing(sqlite_day.world.store, folder) == [one]
    assert other.read_bytes() == b"mine"
    assert sorted(folder.iterdir()) == sorted([one, other])


def test_a_file_lost_between_commit_and_writing_comes_with_the_next_settlement(sqlite_day: Day, tmp_path: Path) -> None:
    """The batch is committed, the process dies before the file: settling again writes it, and makes no new batch."""
    sqlite_day.sell(1000)

    def die() -> None:
        raise KeyboardInterrupt

    faults.set_fault("store.committed", die)
    try:
        with pytest.raises(KeyboardInterrupt):
            sqlite_day.settle()
    finally:
        faults.set_fault("store.committed", None)
    assert sqlite_day.settle() == []
    [path] = files.write_missing(sqlite_day.world.store, tmp_path / "kept")
    assert files.parse(path.read_bytes(), name=path.name).totals == (1, 0, 1000, 0, 12, 0, 988)


def test_a_disk_that_refuses_leaves_no_half_file(
    sqlite_day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_day.sell(1000)
    sqlite_day.settle()

    def no_space(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        files.write_missing(sqlite_day.world.store, tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
    monkeypatch.undo()
    assert len(files.write_missing(sqlite_day.world.store, tmp_path / "kept")) == 1


def test_totals_are_those_of_the_lines() -> None:
    line = Line("sale", "pi_1", "pi_1", "trf_1", 0, 100, 2)
    said = Statement(
        "bat_1",
        "tea",
        "shp_1",
        "CNY",
        0,
        0,
        0,
        0,
        [line, replace(line, kind="refund", amount_minor=-30)],
        ("", 0),
        ("", 0),
    )
    assert said.totals == (1, 1, 100, 30, 4, 0, 66)


def signed(body: bytes) -> bytes:
    """A body with the checksum that belongs to it."""
    return body + b"sha256," + hashlib.sha256(body).hexdigest().encode() + b"\n"
