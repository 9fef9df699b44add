"""`python -m tests.bench`, which `run.py bench` starts: measure, print, and write what was asked for."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from tests.bench import codes, history, http, ledger, machine, pages, payments, plot, report, rounds, servers, web
from tests.bench.rounds import Results, Subject, Verdict
from tests.bench.scale import FULL, FULL_HISTORY, QUICK, Scale

PARTS: dict[str, Sequence[ModuleType]] = {
    "ledger": (ledger, payments, history),
    "codes": (codes,),
    "http": (http,),
    "web": (web,),
}
ONCE: dict[str, Callable[[Path, Callable[[str], None]], tuple[list[Verdict], list[str]]]] = {"web": pages.figures}
"""What a part also finds out without rounds: verdicts, and notes on what could not be found out."""
Subjects = Callable[[Path, Scale, Callable[[str], None]], AbstractContextManager[list[Subject]]]


def main(argv: Sequence[str]) -> int:
    """Measure what the command line asks for; 0, whatever the figures are."""
    given = _parser().parse_args(argv)
    scale = QUICK if given.quick else FULL
    if given.rounds:
        scale = replace(scale, rounds=given.rounds)
    if given.full_history:
        scale = replace(scale, long_history=FULL_HISTORY)
    with servers.prepared(), _folder(given.folder) as folder:
        described = machine.describe(folder)
        results = measure(given.part, folder, scale)
    print("\n" + report.as_text(described, results))
    if given.json:
        told = report.as_json(described, results, rounds=scale.rounds)
        given.json.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if given.plot:
        given.plot.write_text(plot.as_svg(described, results), encoding="utf-8")
    return 0


def measure(part: str, folder: Path, scale: Scale) -> Results:
    """Every subject of a part (or of all), in rounds."""
    results = Results()
    for name in PARTS if part == "all" else [part]:
        for module in PARTS[name]:
            results.goals.extend(module.GOALS)
            own = folder / module.__name__.rpartition(".")[2]
            own.mkdir(mode=0o755)
            subjects: Subjects = module.subjects
            with subjects(own, scale, _say) as found:
                rounds.run(found, scale.rounds, _say, results)
        if name in ONCE:
            (folder / f"{name}-once").mkdir()
            verdicts, notes = ONCE[name](folder / f"{name}-once", _say)
            results.found += verdicts
            results.notes += notes
    return results


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def _folder(place: Path | None) -> Iterator[Path]:
    """A folder for everything that is written, gone afterwards; on the disk that is to be measured."""
    with tempfile.TemporaryDirectory(prefix="saoma-bench-", dir=place) as name:
        folder = Path(name)
        folder.chmod(0o755)  # the database server may run as a user of its own
        yield folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="run.py bench",
        description="Measure Saoma against references, in turn in one run on this machine.",
        epilog="Ratios count, not rates: leave the machine alone meanwhile. See docs/performance.md.",
    )
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all", help="what to measure (all)")
    parser.add_argument("--json", metavar="F", type=Path, help="also write every round's figures as JSON")
    parser.add_argument("--plot", metavar="F.svg", type=Path, help="also draw the figures against their goals")
    parser.add_argument("--quick", action="store_true", help="tiny rounds: only to see that everything runs")
    parser.add_argument("--rounds", metavar="N", type=int, help="how many rounds (5)")
    parser.add_argument("--full-history", action="store_true", help="a long history of 1,000,000 transfers")
    parser.add_argument("--folder", metavar="D", type=Path, help="where to put the databases: the disk to measure")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
