"""`run.py settle`: close the day's batches."""

from __future__ import annotations

import argparse
import json
from typing import Any

from shared import clock, money
from shared.config import from_environment
from shared.db.store import open_existing
from shared.identity import parties
from shared.settlement import actions
from shared.settlement.batches import Batch
from shared.web.console import refused_as_json, sentence
from shared.web.secrets import load_secret


@refused_as_json
def main(argv: list[str]) -> int:
    """Settle up to a cut-off; one line per batch, or one JSON object."""
    parser = argparse.ArgumentParser(prog="run.py settle", description="Pay every shop what it sold up to a cut-off.")
    parser.add_argument("--cutoff", metavar="T", help="RFC 3339 time, UTC unless it says otherwise (default: now)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    try:
        cutoff_at = clock.parse_rfc3339(args.cutoff) if args.cutoff else None
    except ValueError:
        parser.error(f"{args.cutoff!r} is no RFC 3339 time, such as 2026-11-21T18:00:00Z")
    config = from_environment()
    store = open_existing(config.database_url)
    try:
        done = actions.settle(store, cutoff_at=cutoff_at, secret=load_secret(config))
        named = [batch.shop_id for batch in done.batches] + [shop_id for shop_id, _ in done.refused]
        shops = store.read(parties.by_ids, ids=named)
    finally:
        store.close()
    rows = [_row(batch, shops[batch.shop_id]) for batch in done.batches]
    refused = [
        {"shop": shops[shop_id].handle, "code": why.code, "detail": sentence(why)} for shop_id, why in done.refused
    ]
    if args.json:
        print(json.dumps({"batches": rows} | ({"refused": refused} if refused else {}), ensure_ascii=False))
    else:
        _print(rows, refused)
    return 1 if refused else 0


def _print(rows: list[dict[str, Any]], refused: list[dict[str, Any]]) -> None:
    for row in rows:
        amount = money.to_major(row["gross_minor"], money.currency(row["currency"]))
        sales = "1 sale" if row["sales"] == 1 else f"{row['sales']} sales"
        print(f"{row['batch']}  {row['shop']}  {sales}  {amount} {row['currency']}  {row['state']}")
    for row in refused:
        print(f"NOT SETTLED  {row['shop']}  {row['code']}: {row['detail']}")
    if not rows and not refused:
        print("Nothing to settle: every captured sale up to the cut-off is in a batch already.")


def _row(batch: Batch, shop: parties.Known) -> dict[str, Any]:
    return {
        "batch": batch.id,
        "shop": shop.handle,
        "state": batch.state,
        "cutoff_at": clock.rfc3339(batch.cutoff_at),
        "sales": batch.sales,
        "gross_minor": batch.gross_minor,
        "currency": batch.currency,
        "transfer": batch.transfer_id,
    }
