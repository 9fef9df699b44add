"""`run.py scenario FILE...`: play scenarios against services of their own, say how it went, write a report for CI."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from shared.testing.places import NotStarted
from shared.testing.sandbox import Sandbox
from shared.testing.scenarios import junit
from shared.testing.scenarios.grammar import BadScenario, Step
from shared.testing.scenarios.reading import Scenario, read
from shared.testing.scenarios.running import Outcome, play


def main(argv: list[str]) -> int:
    """Play every scenario; 0 when all went as their files say, 1 when not, 2 for a file that is none."""
    options = _parser().parse_args(argv)
    scenarios = _read(_files(options.files))
    if scenarios is None:
        return 2
    if options.check:
        print(f"{len(scenarios)} scenarios, nothing wrong with how they are written.")
        return 0
    with tempfile.TemporaryDirectory(prefix="saoma-scenario-", ignore_cleanup_errors=True) as folder:
        try:
            with Sandbox(Path(folder), inside=options.in_process) as sandbox:
                return judged(sandbox, scenarios, is_loud=options.verbose, junit_file=options.junit)
        except NotStarted as error:
            print(error, file=sys.stderr)
            return 1


def judged(sandbox: Sandbox, scenarios: Sequence[Scenario], *, is_loud: bool, junit_file: Path | None) -> int:
    """Play every scenario, say how each went, write the report; 0 when all went as their files say, else 1."""
    outcomes = [_played(sandbox, each, is_loud=is_loud) for each in scenarios]
    failed = [each for each in outcomes if each.why]
    print(f"{len(outcomes) - len(failed)} of {len(outcomes)} scenarios went as they should.")
    if junit_file:
        junit_file.write_bytes(junit.report(outcomes))
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    about = "Play scenarios (YAML: people, shops, steps, expectations) on services of their own; docs/testing.md."
    parser = argparse.ArgumentParser(prog="run.py scenario", description=about)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a scenario file, or a folder of them")
    parser.add_argument("--junit", type=Path, metavar="F", help="also write the report that CI systems read")
    about = "run the services as threads of this process, which start a little sooner"
    parser.add_argument("--in-process", action="store_true", help=about)
    parser.add_argument("--check", action="store_true", help="only say whether the files are well written")
    parser.add_argument("-v", "--verbose", action="store_true", help="say every step")
    return parser


def _files(given: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in given:
        inside = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
        found += inside or [path]
    return found


def _read(files: Sequence[Path]) -> list[Scenario] | None:
    """All scenarios; None, and every file's first mistake told, when one is not well written."""
    found, is_good = [], True
    for path in files:
        try:
            found += read(path)
        except BadScenario as error:
            print(f"{path}:{error.line}: {error.why}", file=sys.stderr)
            is_good = False
    return found if is_good else None


def _played(sandbox: Sandbox, scenario: Scenario, *, is_loud: bool) -> Outcome:
    def told(step: Step) -> None:
        if is_loud:
            print(f"    {step.line:4}  {step.verb} {dict(step.given)}", flush=True)

    outcome = play(sandbox, scenario, told)
    print(f"{'FAILED' if outcome.why else 'ok':7}{outcome.name} ({outcome.steps} steps, {outcome.took_s:.1f} s)")
    if outcome.why:
        print(f"       {outcome.file}:{outcome.line}: {outcome.why}", flush=True)
    return outcome


if __name__ == "__main__":  # where Saoma is installed, and no run.py is at hand
    raise SystemExit(main(sys.argv[1:]))
