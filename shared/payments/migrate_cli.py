"""`run.py migrate`: bring the database to this version's schema, and see that it is the newest one.

It stands in this room and not in the store's because what it sees to last, the head file, is signed by the operator.
"""

from __future__ import annotations

import argparse
import sys

from shared.config import Config, from_environment
from shared.db.engine import UnfitDatabase
from shared.db.migrate import migrate
from shared.db.store import Store
from shared.payments import installation, sealing
from shared.web.console import refused_as_json
from shared.web.secrets import load_secret

_NO_REASON = "no reason given"


@refused_as_json
def main(argv: list[str]) -> int:
    """Migrate the configured database; 0 when it is up to date afterwards and may be served."""
    parser = argparse.ArgumentParser(prog="run.py migrate", description="Bring the database to this version's schema.")
    parser.add_argument(
        "--accept-head",
        action="store_true",
        help="take the database as it is, although its head file knows another: signed, and reported by every audit",
    )
    parser.add_argument("--reason", metavar="WHY", help="with --accept-head: why it was put back")
    args = parser.parse_args(argv)
    if args.reason and not args.accept_head:
        parser.error("--reason goes with --accept-head")
    config = from_environment()
    try:
        changed = migrate(config.database_url, realm=config.realm)
    except (UnfitDatabase, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    store = Store(config.database_url)
    try:
        if args.accept_head:
            _accept(store, config, args.reason or _NO_REASON)
        sealing.guard(store, config=config)
    finally:
        store.close()
    print("The database is up to date." if not changed else "The database was brought up to date.")
    return 0


def _accept(store: Store, config: Config, reason: str) -> None:
    secret = load_secret(config)
    installation.ensure(store, currency=config.currency, secret=secret)
    made = sealing.accept_head(store, config=config, secret=secret, reason=reason)
    if made is None:
        print("Nothing to accept: the database contains its head.")
    else:
        print(
            f"Accepted: from {made.old_size} sealed transfers to {made.new_size}. The discontinuity is signed and every"
            " audit will report it."
        )
