"""`run.py operator`: where the console is, and a new password for it."""

from __future__ import annotations

import argparse
import json

from merchant.operating import access
from shared.config import from_environment
from shared.payments import sealing
from shared.web.console import refused_as_json


@refused_as_json
def main(argv: list[str]) -> int:
    """Say where the console is; with `password`, write a new password, which signs everybody out there."""
    parser = argparse.ArgumentParser(
        prog="run.py operator", description="The operator's console: where it is, and a new password for it."
    )
    parser.add_argument(
        "errand", nargs="?", choices=["password"], help="write a new password; whoever is signed in is signed out"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    config = from_environment()
    store = sealing.open_checked(config)
    try:
        path = access.renew(store, config=config) if args.errand else access.ensure(store, config=config)
    finally:
        store.close()
    told = {"console": f"{config.merchant_url}/operator", "password_file": str(path)}
    line = f"The operator's console: {told['console']}\nIts password stands in {told['password_file']}"
    print(json.dumps(told) if args.json else line)
    return 0
