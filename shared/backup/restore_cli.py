"""`run.py restore FILE`: a backup into an empty database, verified when that is asked for."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

from shared import clock
from shared.backup import restoring
from shared.backup.cli import in_words, summary
from shared.backup.progress import Lines
from shared.backup.restoring import Restored, Wanted
from shared.config import from_environment
from shared.web.console import refused_as_json


@refused_as_json
def main(argv: list[str]) -> int:
    """Restore a backup into the configured database; 1 and nothing changed when it cannot be, or is found faulty."""
    parser = argparse.ArgumentParser(
        prog="run.py restore",
        description="Put a backup into an empty database (a fresh SQLite file, or an empty database on a PostgreSQL"
        " server). No service may run. Whatever goes wrong, nothing is changed.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="what run.py backup has written")
    parser.add_argument("--verify", action="store_true", help="audit what was restored, and keep it only if it is good")
    parser.add_argument("--replace", action="store_true", help="move the SQLite database that is there aside")
    parser.add_argument("--without-secret", action="store_true", help="restore though the keys cannot be unlocked here")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    wanted = Wanted(args.verify, args.replace, args.without_secret)
    done = restoring.restore(args.file.absolute(), config=from_environment(), wanted=wanted, progress=Lines("restored"))
    if args.json:
        print(json.dumps(_as_json(done), ensure_ascii=False))
    else:
        _print(done)
    return 0


def _as_json(done: Restored) -> dict[str, object]:
    return {
        "database": done.database,
        **summary(done.manifest),
        "replaced": done.replaced and str(done.replaced),
        "audit": done.report and {"ok": not done.report.faults, **dataclasses.asdict(done.report)},
        "discontinuity": done.discontinuity and done.discontinuity.id,
        "has_secret": done.has_secret,
    }


def _print(done: Restored) -> None:
    print(f"{done.database}: {in_words(done.manifest)}, as of {clock.rfc3339(done.manifest.created_at)}.")
    if done.report:
        print(f"Verified: {done.report.orders:,} signed orders, every balance and every sum agree with the backup.")
    else:
        print("Whole: every row and every sum is the backup's. To re-check signatures and balances: run.py audit")
    if done.replaced:
        print(f"The database that was here before lies in {done.replaced}.")
    if done.discontinuity:
        print(f"It is older than what was here: said so, signed, in {done.discontinuity.id}, which the audit reports.")
    if not done.has_secret:
        print("The secret is not here: put it in place before Saoma starts, then say: run.py migrate --accept-head")
