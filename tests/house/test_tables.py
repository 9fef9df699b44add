"""Each table is named after its room, and only that room writes it."""

from __future__ import annotations

import re

from tests.house.plan import ROOT, files

WRITES = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) ([a-z]+)_[a-z_]+\b")
CORE_WRITES = re.compile(r"\b(?:insert|update|delete)\((\w+)\)")


def rooms_by_model() -> dict[str, str]:
    found = {}
    for file in files():
        if file.path.name == "models.py":
            text = file.path.read_text()
            for name, table in re.findall(r"class (\w+)\(Base\):.*?__tablename__ = \"(\w+)\"", text, re.S):
                assert table.startswith(file.path.parent.name + "_"), f"{file.name}: {table}"
                found[name] = file.path.parent.name
    return found


def test_tables_are_named_after_their_room() -> None:
    assert len(rooms_by_model()) > 10


def test_only_its_own_room_writes_a_table() -> None:
    models = rooms_by_model()
    wrong = []
    for file in files():
        if "migrations" in file.path.parts or file.name == "shared/db/migrate.py":
            continue
        text, room = file.path.read_text(), file.path.parent.name
        written = set(WRITES.findall(text)) | {models[name] for name in CORE_WRITES.findall(text) if name in models}
        wrong += [f"{file.name} writes {table}_*" for table in written if table != room]
    assert not wrong, wrong


def test_migrations_import_nothing_of_ours() -> None:
    for file in files("shared/db/migrations"):
        assert not list(file.imports()), file.name
    assert (ROOT / "shared/db/migrations/versions/0001_first_schema.py").exists()
