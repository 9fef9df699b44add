"""`run.py audit`: is every balance the sum of its transfers, and every transfer what somebody signed?"""

from __future__ import annotations

import argparse
import dataclasses
import json

from shared.config import from_environment
from shared.db.store import open_existing
from shared.money import currency, to_major
from shared.payments import audit
from shared.web.console import refused_as_json


@refused_as_json
def main(argv: list[str]) -> int:
    """Audit the database; exit code 1 when anything is wrong, naming the first fault."""
    parser = argparse.ArgumentParser(
        prog="run.py audit",
        description="Trial balance, every balance from its transfers, every stored order re-verified.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    store = open_existing(from_environment().database_url)
    try:
        report = store.read(audit.run)
    finally:
        store.close()
    if args.json:
        print(json.dumps({"ok": not report.faults, **dataclasses.asdict(report)}, ensure_ascii=False))
    else:
        _print(report)
    return 1 if report.faults else 0


def _print(report: audit.Report) -> None:
    for trial in report.trial_balances:
        unit = currency(trial.currency)
        print(f"{trial.currency}: {trial.accounts} accounts, {report.transfers} transfers")
        print(f"  debits {to_major(trial.debits_minor, unit)} = credits {to_major(trial.credits_minor, unit)}")
        print(f"  assets {to_major(trial.assets_minor, unit)} = liabilities {to_major(trial.liabilities_minor, unit)}")
    print(f"{report.orders} signed orders re-verified")
    if not report.faults:
        print("Everything agrees.")
        return
    first, rest = report.faults[0], len(report.faults) - 1
    print(f"FAULT {first.code} at {first.subject}: {first.detail}")
    if rest:
        print(f"and {rest} more:")
        for fault in report.faults[1:21]:
            print(f"  {fault.code} at {fault.subject}: {fault.detail}")
