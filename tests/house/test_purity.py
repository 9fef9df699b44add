"""Pure modules touch no clock, no network, no database; verbs never commit and never read the clock."""

from __future__ import annotations

import ast

import pytest

from tests.house.plan import ROOT, SourceFile, files

PURE = [
    "shared/money.py", "shared/ids.py", "shared/errors.py", "shared/events.py",
    "shared/codes/cbor.py", "shared/codes/digits.py", "shared/codes/frame.py", "shared/codes/payloads.py",
    "shared/codes/explain.py", "shared/ledger/chart.py", "shared/ledger/merkle.py", "shared/ledger/leaf.py",
    "shared/payments/states.py", "shared/identity/wording.py",
    "merchant/catalog/options.py", "merchant/catalog/spreadsheet.py",
    "merchant/catalog/tea_house.py", "merchant/checkout/basket.py", "merchant/register/pricing.py",
    "merchant/register/states.py", "shared/settlement/fees.py",
    "merchant/insight/charts.py", "merchant/money/fee_lines.py",
]  # fmt: skip
IMPURE_MODULES = {"time", "datetime", "random", "os", "socket", "sqlalchemy", "flask", "httpx", "urllib", "threading"}
CLOCKS = {"time.time", "time.time_ns", "time.monotonic", "datetime.now", "datetime.utcnow", "clock.system_now"}


def imported_tops(file: SourceFile) -> set[str]:
    tops = set()
    for node in ast.walk(file.tree):
        if isinstance(node, ast.Import):
            tops |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            tops.add(node.module.partition(".")[0])
    return tops


def calls(tree: ast.AST) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_imports_nothing_impure(name: str) -> None:
    assert not imported_tops(SourceFile(ROOT / name)) & IMPURE_MODULES


def test_verbs_read_no_clock_and_never_commit() -> None:
    """A verb is a function whose first parameter is the unit of work."""
    wrong = []
    for file in files():
        for node in ast.walk(file.tree):
            if isinstance(node, ast.FunctionDef) and node.args.args and node.args.args[0].arg == "uow":
                used = calls(node)
                wrong += [f"{file.name}:{node.name} calls {call}" for call in used & CLOCKS]
                wrong += [
                    f"{file.name}:{node.name} calls {call}" for call in used if call.endswith((".commit", ".run_in"))
                ]
    assert not wrong, "\n" + "\n".join(wrong)


def test_verbs_take_keywords_after_the_unit_of_work() -> None:
    """So that a call at the store reads like a sentence; the batch verbs take their list of calls."""
    wrong = [
        f"{file.name}:{node.name}"
        for file in files()
        if file.path.name == "actions.py"
        for node in file.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        and node.args.args and node.args.args[0].arg == "uow"
        and len(node.args.args) > 1 and [arg.arg for arg in node.args.args[1:]] != ["calls"]
    ]  # fmt: skip
    assert not wrong, wrong


def test_only_the_system_clock_module_asks_the_machine_for_the_time() -> None:
    """Durations (`perf_counter`, `monotonic`) are something else; certificates live in the real world."""
    allowed = {"shared/clock.py", "shared/web/certificates.py"}
    wall = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow"}
    assert not [
        f"{file.name} calls {call}" for file in files() if file.name not in allowed for call in calls(file.tree) & wall
    ]
