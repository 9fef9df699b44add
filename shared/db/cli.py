"""`run.py migrate`: bring the database to this version's schema."""

from __future__ import annotations

import argparse
import sys

from shared.config import from_environment
from shared.db.engine import UnfitDatabase
from shared.db.migrate import migrate


def main(argv: list[str]) -> int:
    """Migrate the configured database; 0 when it is up to date afterwards."""
    parser = argparse.ArgumentParser(prog="run.py migrate", description="Bring the database to this version's schema.")
    parser.parse_args(argv)
    config = from_environment()
    try:
        changed = migrate(config.database_url, realm=config.realm)
    except (UnfitDatabase, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print("The database is up to date." if not changed else "The database was brought up to date.")
    return 0
