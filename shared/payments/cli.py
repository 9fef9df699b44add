"""`run.py audit`: is every balance the sum of its transfers, every transfer what somebody signed, and none missing?"""

from __future__ import annotations

import argparse
import dataclasses
import json

from shared.config import from_environment
from shared.db.store import open_existing
from shared.money import UnknownCurrency, currency, to_major
from shared.payments import audit
from shared.payments.chain import Chain
from shared.web.console import refused_as_json


@refused_as_json
def main(argv: list[str]) -> int:
    """Audit the database; exit code 1 when anything is wrong, naming the first broken row."""
    parser = argparse.ArgumentParser(
        prog="run.py audit",
        description="Trial balance, every balance from its transfers, every stored order re-verified, every transfer"
        " under its signed checkpoint, and the head file.",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    config = from_environment()
    store = open_existing(config.database_url)
    try:
        report = store.read(audit.run, config=config)
    finally:
        store.close()
    if args.json:
        print(json.dumps({"ok": not report.faults, **dataclasses.asdict(report)}, ensure_ascii=False))
    else:
        _print(report)
    return 1 if report.faults else 0


def _print(report: audit.Report) -> None:
    for trial in report.trial_balances:
        sums = (trial.debits_minor, trial.credits_minor, trial.assets_minor, trial.liabilities_minor)
        debits, credits, assets, liabilities = (_amount(minor, trial.currency) for minor in sums)
        print(f"{trial.currency}: {trial.accounts} accounts, {report.transfers} transfers")
        print(f"  debits {debits}, credits {credits}")
        print(f"  assets {assets}, liabilities {liabilities}")
    print(f"{report.orders} signed orders re-verified")
    if report.chain:
        _print_chain(report.chain, report.transfers)
    if not report.faults:
        print("Everything agrees.")
        return
    first, rest = report.faults[0], len(report.faults) - 1
    print(f"FAULT {first.code} at {first.subject}: {first.detail}")
    if rest:
        print(f"and {rest} more:")
        for fault in report.faults[1:21]:
            print(f"  {fault.code} at {fault.subject}: {fault.detail}")


def _amount(minor: int, code: str) -> str:
    """The amount in major units; in minor ones where damage has left no currency that there is."""
    try:
        return to_major(minor, currency(code))
    except UnknownCurrency:
        return f"{minor} minor units"


def _print_chain(chain: Chain, transfers: int) -> None:
    print(f"{chain.sealed} of {transfers} transfers sealed under {chain.checkpoints} signed checkpoints")
    if chain.filed is not None:
        print(f"  the head file knows the first {chain.filed}: {chain.head_file}")
    elif chain.checkpoints:
        print(f"  there is no head file that says how far the ledger went: {chain.head_file}")
    for item in chain.discontinuities:
        print(
            f"  taken back on purpose on {item['at']}, from {item['old_size']} sealed transfers to {item['new_size']}:"
            f" {item['reason']}"
        )
