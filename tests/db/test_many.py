"""Statements of many rows: whatever they carry arrives, on either engine."""

from __future__ import annotations

import json

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.db.many import Many, array, insert_into
from shared.db.models import EventRow, Head
from shared.db.store import Store
from shared.db.unit import UnitOfWork
from shared.payments.models import OrderRow
from tests.examples import examples

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


@pytest.fixture(scope="module")
def line(postgres: str):
    with psycopg.connect(postgres) as connection:
        yield connection


@given(st.lists(st.none() | TEXT))
@examples(150)
def test_texts_arrive_in_an_array_as_they_are(line, values: list[str | None]) -> None:
    assert line.execute("SELECT %s::text[]", [array(values)]).fetchone() == (values,)


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)))
@examples(50)
def test_integers_arrive_in_an_array_as_they_are(line, values: list[int | None]) -> None:
    assert line.execute("SELECT %s::bigint[]", [array(values)]).fetchone() == (values,)


@given(st.lists(st.none() | st.binary()))
@examples(50)
def test_bytes_arrive_in_an_array_as_they_are(line, values: list[bytes | None]) -> None:
    assert line.execute("SELECT %s::bytea[]", [array(values)]).fetchone() == (values,)


ROWS = [
    {"id": f"o{number}", "kind": number, "frame": b'\x00\\"', "presented": None, "transfer_id": text, "executed_at": 1}
    for number, text in enumerate(['a"b', "c\\d", "{e,f}", "NULL", "", "100 % :name"])
]


def test_rows_of_every_type_are_inserted_as_they_are(store: Store) -> None:
    insert = insert_into(OrderRow.__table__, ROWS[0])

    def write_and_read(uow: UnitOfWork) -> tuple[int, list]:
        written = uow.sql.run_many(insert, [tuple(ROWS[0].values()), *ROWS[1:]])
        return written, uow.sql.rows(f"SELECT {', '.join(ROWS[0])} FROM payments_order ORDER BY kind")

    written, rows = store.run(write_and_read)
    assert written == len(ROWS)
    assert [(*row[:2], bytes(row[2]), *row[3:]) for row in rows] == [tuple(row.values()) for row in ROWS]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 255, 256, 257, 700])
def test_a_set_of_any_size_is_written_whole_and_in_order(store: Store, count: int) -> None:
    insert = insert_into(OrderRow.__table__, ["id", "kind", "frame", "transfer_id", "executed_at"])
    shift = Many(Head.__table__, "UPDATE db_head SET commits = commits + :by WHERE id = :id", by="commits")
    single = Many(OrderRow.__table__, "INSERT INTO payments_order (id, kind, frame, transfer_id, executed_at)"
                                      " VALUES (:id, 1, 'x', :id, 2)")  # fmt: skip

    def write_and_read(uow: UnitOfWork) -> tuple[int, int, list, int]:
        written = uow.sql.run_many(
            insert, [(f"o{number:03}", number, b"x", f"t{number}", 1) for number in range(count)]
        )
        shifted = uow.sql.run_many(shift, [(7, number) for number in range(count)])
        named = uow.sql.run_many(single, [(f"p{number}",) for number in range(count)])
        return (
            written,
            shifted,
            uow.sql.rows("SELECT kind FROM payments_order WHERE executed_at = 1 ORDER BY id"),
            named,
        )

    written, shifted, kinds, named = store.run(write_and_read)
    assert (written, shifted, named) == (count, min(count - 1, 1) if count else 0, count)
    assert [kind for (kind,) in kinds] == list(range(count))


def test_a_set_begins_with_the_word_by_which_drivers_count_its_rows() -> None:
    for count in (1, 2, 256):
        assert insert_into(EventRow.__table__, ["seq"]).sqlite(count).startswith("INSERT ")
        assert (
            Many(Head.__table__, "UPDATE db_head SET realm = :realm WHERE id = :id").sqlite(count).startswith("UPDATE ")
        )


def test_an_update_of_many_says_how_many_rows_it_found(store: Store) -> None:
    shift = Many(
        Head.__table__,
        "UPDATE db_head SET clock_offset_ms = clock_offset_ms + :by WHERE id = :id AND realm <> :not",
        by="clock_offset_ms",
        **{"not": "realm"},
    )

    def run(uow: UnitOfWork) -> tuple[int, int]:
        found = uow.sql.run_many(shift, [{"id": 1, "by": 5, "not": "x"}, {"id": 2, "by": 5, "not": "x"}])
        return found, uow.sql.rows("SELECT clock_offset_ms FROM db_head")[0][0]

    assert store.run(run) == (1, 5)


def test_an_event_of_any_text_is_told_as_it_was(store: Store) -> None:
    words = "quotes \"'`, a back\\slash, 扫码, {braces}, %s, :name"
    store.run(lambda uow: uow.emit("thing.happened", ["party:x"], words=words))
    [(body,)] = store.read(lambda reader: reader.sql.rows(f"SELECT body FROM {EventRow.__tablename__}"))
    assert words in json.loads(body)["words"]
