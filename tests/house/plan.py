"""The plan of the house: its files, its rooms, the floor that each stands on, and what each file imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]

FLOORS = [
    ["shared"],  # the ground modules directly in shared/
    ["shared.db"],
    ["shared.ledger", "shared.identity", "shared.web"],
    ["shared.codes"],
    ["shared.payments"],
    ["shared.settlement", "shared.backup"],
    ["shared.disputes"],
    ["shared.phone", "shared.till", "shared.launcher"],
    ["shared.testing"],
    ["wallet", "merchant"],
    ["run"],
]
"""Lowest first; rooms on one floor never import each other."""

FLOOR_OF = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}


@dataclass(frozen=True)
class SourceFile:
    """A Python file of the house."""

    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        return room_of(self.module)

    @property
    def lines(self) -> int:
        return len(self.path.read_text(encoding="utf-8").splitlines())

    def imports(self) -> Iterator[tuple[str, int]]:
        """The modules of ours that this file imports, with the line."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            else:
                continue
            for name in names:
                if name.partition(".")[0] in ("shared", "wallet", "merchant", "run", "tests"):
                    yield name, node.lineno


def room_of(module: str) -> str:
    """The room that a module (or a name imported from one) belongs to."""
    parts = module.split(".")
    if parts[0] != "shared":
        return parts[0]
    return "shared." + parts[1] if len(parts) > 1 and (ROOT / "shared" / parts[1]).is_dir() else "shared"


def files(*folders: str) -> list[SourceFile]:
    """The product's Python files, or those under some folders."""
    wanted = folders or ("shared", "wallet", "merchant")
    found = [path for folder in wanted for path in sorted((ROOT / folder).rglob("*.py"))]
    return [SourceFile(path) for path in found]
