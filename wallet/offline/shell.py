"""What the worker keeps: the pages that work alone, all that they load, and a version that changes with any of it.

The files are found by following the modules' imports from the pages' scripts, so that nobody has to keep a list.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import shared.web

WALLET = Path(__file__).parents[1]
SHARED = Path(shared.web.__file__).parent
WORKER = WALLET / "static" / "service-worker.js"
SCRIPTS = ("shared/early.js", "paycode.js", "offline-card.js", "offline.js", "standby.js")
"""The scripts of the shells' pages, in the wallet's static folder."""
PICTURES = ("shared/sprite.svg", "shared/mark.svg")
LOOK = "look.css"
_IMPORT = re.compile(r"""(?:from|import|import\()\s*['"](\.[^'"]+)['"]""")


def modules(entries: Iterable[str] = SCRIPTS) -> list[str]:
    """The entries with every module that they import, now or later; names as under `/static/`."""
    waiting, found = list(entries), set[str]()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            folder = Path(name).parent
            waiting += [(folder / named).as_posix() for named in _IMPORT.findall(_file(name).read_text("utf-8"))]
    return sorted(found)


def files() -> list[str]:
    """Everything that the shells load, by its name under `/static/`."""
    return [LOOK, *PICTURES, *modules()]


def version() -> str:
    """The hash of all that is kept and of all that the shells are made of."""
    whole = hashlib.sha256()
    sources = [_file(name) for name in files() if name != LOOK]
    for top in (WALLET, SHARED):
        for kind in ("templates/**/*.html", "locales/*.json", "static/*.css"):
            sources += sorted(top.glob(kind))
    for path in (*sources, WORKER):
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16]


def worker(*, version: str, scope: str, shells: Mapping[str, str], offline: str, files: Iterable[str]) -> str:
    """The worker's script. Paths carry the persona's prefix; `shells` names the shell of each page that has one."""
    constants = {"VERSION": version, "SCOPE": scope, "SHELLS": shells, "OFFLINE": offline, "FILES": list(files)}
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in constants.items())
    return head + WORKER.read_text("utf-8")


def _file(name: str) -> Path:
    return SHARED / "static" / name.removeprefix("shared/") if name.startswith("shared/") else WALLET / "static" / name
