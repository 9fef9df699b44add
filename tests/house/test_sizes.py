"""Nothing grows into an attic: files, functions, templates and scripts have their limits."""

from __future__ import annotations

import ast

from tests.house.plan import ROOT, files

FILE_LINES, FUNCTION_LINES, TEMPLATE_LINES, SCRIPT_LINES, DOOR_LINES = 300, 50, 120, 200, 20
FROZEN = "shared/db/migrations/versions/"


def functions(tree: ast.AST) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def length(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_file_is_longer_than_300_lines() -> None:
    long = [f"{file.name}: {file.lines}" for file in files() if file.lines > FILE_LINES and FROZEN not in file.name]
    run_py = len((ROOT / "run.py").read_text().splitlines())
    assert not long
    assert run_py <= FILE_LINES


def test_no_function_is_longer_than_50_lines() -> None:
    assert not [
        f"{file.name}:{node.name} {length(node)}"
        for file in files()
        if FROZEN not in file.name
        for node in functions(file.tree)
        if length(node) > FUNCTION_LINES
    ]


def test_a_door_is_at_most_20_lines() -> None:
    """Doors are the functions of the views modules that a route decorates."""
    assert not [
        f"{file.name}:{node.name} {length(node)}"
        for file in files()
        if file.path.stem.startswith("views") or file.path.stem == "pages"
        for node in functions(file.tree)
        if node.decorator_list and length(node) > DOOR_LINES
    ]


def test_no_template_and_no_script_outgrows_its_page() -> None:
    limits = {"html": TEMPLATE_LINES, "js": SCRIPT_LINES}
    found = [
        path
        for top in ("shared", "wallet", "merchant")
        for kind in limits
        for path in (ROOT / top).rglob(f"*.{kind}")
        if "vendor" not in path.parts
    ]
    long = {path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines()) for path in found}
    assert not {name: lines for name, lines in long.items() if lines > limits[name.rpartition(".")[2]]}


def test_public_functions_and_classes_say_what_they_are() -> None:
    silent = [
        f"{file.name}:{node.name}"
        for file in files()
        if FROZEN not in file.name
        for node in file.tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert not silent, silent


def test_every_module_says_what_lives_in_it() -> None:
    assert not [file.name for file in files() if not ast.get_docstring(file.tree)]
