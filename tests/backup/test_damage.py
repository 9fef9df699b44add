"""An archive that was cut short, changed, made newer or made up is refused, and nothing is changed by trying."""

from __future__ import annotations

import hashlib
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shared.backup.restoring import RestoredFaulty
from shared.backup.writing import archive_key
from shared.config import Config
from shared.db import archive
from shared.db.archive import ArchiveDamaged, ArchiveTooNew
from shared.db.engine import migration_engine
from shared.errors import DomainError
from tests.backup.places import back_up, place, restore
from tests.examples import IS_FULL
from tests.world import SECRET

Members = dict[str, bytes]
TRANSFERS = "tables/ledger_transfer.jsonl"
FLIPS = 300 if IS_FULL else 30


@pytest.fixture
def there(tmp_path: Path) -> Config:
    """An empty place with the same secret."""
    return place(tmp_path / "there")


def refusal(config: Config, file: Path) -> DomainError:
    """Why the archive is refused; nothing is there afterwards that was not there before."""
    before = _content(config)
    with pytest.raises(DomainError) as caught:
        restore(config, file)
    assert _content(config) == before
    return caught.value


def _content(config: Config) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in config.data_dir.iterdir()}
    return {name: content for name, content in found.items() if not name.endswith((".lock", ".users"))}


def rewritten(file: Path, change: Callable[[Members], None]) -> Path:
    """The archive with its members changed, a well-formed zip again."""
    with zipfile.ZipFile(file) as old:
        members = {name: old.read(name) for name in old.namelist()}
    change(members)
    other = file.with_name("changed.zip")
    with zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return other


def test_an_archive_that_was_cut_short_is_refused_wherever_the_cut_is(backup: Path, there: Config) -> None:
    whole = backup.read_bytes()
    for length in [0, 1, 100, *range(1000, len(whole), len(whole) // 6), len(whole) - 1]:
        backup.write_bytes(whole[:length])
        assert isinstance(refusal(there, backup), ArchiveDamaged), length


def test_a_flipped_bit_is_found_or_changes_nothing_that_counts(backup: Path, tmp_path: Path) -> None:
    """Some bytes of a zip say nothing (times of its many members): a flip there may pass, if every row is right."""
    whole, dice = backup.read_bytes(), random.Random(7)
    good, found = _tables(backup), 0
    for _ in range(FLIPS):
        place_of_bit = dice.randrange(len(whole) * 8)
        damaged = bytearray(whole)
        damaged[place_of_bit // 8] ^= 1 << place_of_bit % 8
        backup.write_bytes(damaged)
        try:
            assert _tables(backup) == good, f"bit {place_of_bit}"
        except (ArchiveDamaged, ArchiveTooNew):
            found += 1
    assert found > FLIPS / 2


def _tables(file: Path) -> list[list[Any]]:
    opened = archive.Archive(file)
    try:
        assert opened.is_sealed_with(archive_key(SECRET))
        return [list(opened.pages(name)) for name in opened.manifest.tables]
    finally:
        opened.close()


def _edit_row(members: Members) -> None:
    members[TRANSFERS] = members[TRANSFERS].replace(b"10000,", b"10001,", 1)


def _drop_row(members: Members) -> None:
    members[TRANSFERS] = members[TRANSFERS][members[TRANSFERS].index(b"\n") + 1 :]


def _drop_table(members: Members) -> None:
    del members[TRANSFERS]


def _add_member(members: Members) -> None:
    members["tables/more.jsonl"] = b""


def _edit_row_and_its_sum(members: Members) -> None:
    _edit_row(members)
    _in_manifest(members, lambda told: _resum(told, members))


def _resum(told: dict[str, Any], members: Members) -> None:
    told["tables"]["ledger_transfer"]["sha256"] = hashlib.sha256(members[TRANSFERS]).hexdigest()


def _say_another_time(members: Members) -> None:
    _in_manifest(members, lambda told: told.update(created_at=1))


def _say_another_head(members: Members) -> None:
    _in_manifest(members, lambda told: told["heads"].update(transfer_seq=1))
    _seal_again(members)


def _break_manifest(members: Members) -> None:
    members["manifest.json"] = members["manifest.json"][:-2]


def _say_nothing(members: Members) -> None:
    members["manifest.json"] = b"[]"


def _drop_seal(members: Members) -> None:
    del members["manifest.seal"]


def _refer_to_nobody(members: Members) -> None:
    name = "tables/payments_spent.jsonl"
    members[name] += b'["00","ord_nobody","usr_nobody"]\n'

    def count(told: dict[str, Any]) -> None:
        part = told["tables"]["payments_spent"]
        part.update(rows=part["rows"] + 1, sha256=hashlib.sha256(members[name]).hexdigest())

    _in_manifest(members, count)
    _seal_again(members)


def _put_text_for_a_number(members: Members) -> None:
    members[TRANSFERS] = members[TRANSFERS].replace(b"[10000,", b'["10000",', 1)
    _in_manifest(members, lambda told: _resum(told, members))
    _seal_again(members)


def _rename_column(members: Members) -> None:
    def rename(told: dict[str, Any]) -> None:
        columns = told["tables"]["ledger_transfer"]["columns"]
        columns["amount_minor) VALUES (1); --"] = columns.pop("amount_minor")

    _in_manifest(members, rename)
    _seal_again(members)


def _in_manifest(members: Members, change: Callable[[dict[str, Any]], object]) -> None:
    told = json.loads(members["manifest.json"])
    change(told)
    members["manifest.json"] = json.dumps(told).encode()


def _seal_again(members: Members) -> None:
    """By somebody who has the installation's secret."""
    members["manifest.seal"] = archive._seal(archive_key(SECRET), members["manifest.json"]).encode()


CHANGES = [
    _edit_row, _drop_row, _drop_table, _add_member, _edit_row_and_its_sum, _say_another_time, _say_another_head,
    _break_manifest, _say_nothing, _drop_seal, _refer_to_nobody, _put_text_for_a_number, _rename_column,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_changed_archive_is_refused(backup: Path, there: Config, change: Callable[[Members], None]) -> None:
    assert isinstance(refusal(there, rewritten(backup, change)), ArchiveDamaged)


@pytest.mark.parametrize("change", [_refer_to_nobody, _say_another_head])
def test_a_server_too_is_left_as_it_was(
    backup: Path, tmp_path: Path, empty_postgres_url: str, change: Callable[[Members], None]
) -> None:
    server = place(tmp_path / "server", url=empty_postgres_url)
    assert isinstance(refusal(server, rewritten(backup, change)), ArchiveDamaged)
    with migration_engine(empty_postgres_url).connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).scalar() == 0
    restore(server, backup, is_verifying=True)


def test_rewriting_alone_does_no_harm(backup: Path, there: Config) -> None:
    restore(there, rewritten(backup, lambda members: None), is_verifying=True)


@pytest.mark.parametrize("newer", [{"format": 2}, {"revision": "9999"}], ids=["format", "schema"])
def test_an_archive_of_a_newer_saoma_says_so(backup: Path, there: Config, newer: dict[str, Any]) -> None:
    changed = rewritten(backup, lambda members: _in_manifest(members, lambda told: told.update(newer)))
    assert isinstance(refusal(there, changed), ArchiveTooNew)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all\n" * 100])
def test_what_is_no_archive_is_refused(tmp_path: Path, there: Config, content: bytes) -> None:
    (tmp_path / "what.zip").write_bytes(content)
    assert isinstance(refusal(there, tmp_path / "what.zip"), ArchiveDamaged)


def test_a_database_that_was_faulty_when_it_was_backed_up_is_not_kept_with_verify(
    lived: Config, there: Config, tmp_path: Path
) -> None:
    with migration_engine(lived.database_url).begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_transfer_no_update"))
        connection.execute(text("UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE seq = 3"))
    back_up(lived, tmp_path / "b.zip")
    before = _content(there)
    with pytest.raises(RestoredFaulty) as caught:
        restore(there, tmp_path / "b.zip", is_verifying=True)
    assert caught.value.params["count"] >= 1
    assert _content(there) == before
