"""A room imports rooms on lower floors only; neighbours on a floor never import each other."""

from __future__ import annotations

import ast

from tests.house.plan import FLOOR_OF, ROOT, files, room_of


def wrong_arrows(module_room: str, imported: str) -> str | None:
    """Why a room may not import this module; None when it may."""
    target = room_of(imported)
    if target == module_room:
        return None
    if target not in FLOOR_OF:
        return f"{target} has no floor in the plan"
    if FLOOR_OF[target] < FLOOR_OF[module_room]:
        return None
    if FLOOR_OF[target] == FLOOR_OF[module_room]:
        return f"{module_room} and {target} are neighbours on one floor"
    return f"{target} stands above {module_room}"


def test_every_room_has_its_floor() -> None:
    assert {file.room for file in files()} <= set(FLOOR_OF)


def test_rooms_import_only_what_stands_below_them() -> None:
    wrong = [
        f"{file.name}:{line} imports {imported}: {why}"
        for file in files()
        for imported, line in file.imports()
        if (why := wrong_arrows(file.room, imported))
    ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_clients_and_wings_meet_over_http_only() -> None:
    above = {"wallet", "merchant"}
    assert not [
        f"{file.name}:{line} imports {imported}"
        for file in files("shared/phone", "shared/till", "shared/launcher", "shared/testing")
        for imported, line in file.imports()
        if room_of(imported) in above
    ]


def test_nothing_of_the_product_imports_its_tests() -> None:
    assert not [file.name for file in files() for imported, _ in file.imports() if imported.startswith("tests")]


def test_the_rule_itself_can_fail() -> None:
    assert wrong_arrows("shared.ledger", "shared.payments.actions")
    assert wrong_arrows("wallet", "merchant.shops.actions")
    assert wrong_arrows("shared.identity", "shared.ledger.chart")
    assert wrong_arrows("shared.db", "shared.clock") is None


def test_the_root_is_no_package_and_every_folder_is_one() -> None:
    assert not (ROOT / "__init__.py").exists(), "a package at the root would make a sibling `shared` importable"
    folders = {path.parent for top in ("shared", "wallet", "merchant", "tests") for path in (ROOT / top).rglob("*.py")}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]


def test_init_files_hold_a_docstring_alone() -> None:
    wrong = []
    for file in files():
        if file.path.name == "__init__.py":
            body = file.tree.body
            if len(body) != 1 or not isinstance(body[0], ast.Expr):
                wrong.append(file.name)
    assert not wrong


def test_there_is_no_attic() -> None:
    attics = {"utils", "helpers", "common", "misc", "util", "helper"}
    assert not [file.name for file in files() if set(file.path.with_suffix("").parts) & attics]
