"""`run.py backup FILE`: one picture of the whole database in one file, while payments go on."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from shared import clock
from shared.backup import writing
from shared.backup.progress import Lines
from shared.config import from_environment
from shared.db.archive import Manifest
from shared.web.console import refused_as_json
from shared.web.secrets import secret_file


@refused_as_json
def main(argv: list[str]) -> int:
    """Back the configured database up; what was written, in words or as one JSON object."""
    parser = argparse.ArgumentParser(
        prog="run.py backup",
        description="Write the whole database into one file, as it is at one moment, while payments go on.",
        epilog="Keep FILE as safe as the database: it holds people's names and payments, and locked keys. The secret"
        " that unlocks those keys is not in it, unless --with-secret puts it there.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="where to; only you will be able to read it")
    parser.add_argument("--with-secret", action="store_true", help="put the secret in too: then FILE alone is enough")
    parser.add_argument("--force", action="store_true", help="replace an older backup of that name")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    config, file = from_environment(), args.file.absolute()
    manifest = writing.back_up(
        config, file, is_replacing=args.force, with_secret=args.with_secret, progress=Lines("written")
    )
    size = file.stat().st_size
    if args.json:
        told = {"file": str(file), "bytes": size, **summary(manifest), "with_secret": args.with_secret}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    print(f"{file}: {in_words(manifest)}, {size:,} bytes, as of {clock.rfc3339(manifest.created_at)}.")
    if args.with_secret:
        print("The secret is in it: whoever has this file can sign for the shops and the operator.")
    else:
        print(f"The secret is not in it: keep {secret_file(config)} or SAOMA_SECRET as well, in another place.")
    return 0


def summary(manifest: Manifest) -> dict[str, object]:
    """What an archive holds, for scripts."""
    return {
        "realm": manifest.realm,
        "revision": manifest.revision,
        "created_at": clock.rfc3339(manifest.created_at),
        "heads": dict(manifest.heads),
        "tables": len(manifest.tables),
        "rows": manifest.rows,
    }


def in_words(manifest: Manifest) -> str:
    """What an archive holds, for people."""
    return f"{manifest.heads['transfer_seq']:,} transfers, {manifest.rows:,} rows in {len(manifest.tables)} tables"
