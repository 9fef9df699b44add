"""`run.py settle`: close the day's batches, write their files; and what belongs to it: rates, payouts, reconciling."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from shared import clock, money
from shared.config import Config, from_environment
from shared.db.store import Store
from shared.identity import parties
from shared.ledger.checkpoints import BrokenChain
from shared.payments import sealing
from shared.settlement import actions, batches, files, payouts, reconcile
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate
from shared.web.console import refused_as_json, sentence
from shared.web.secrets import load_secret

_EPILOG = """also:
  run.py settle rate SHOP [--bps N] [--fixed M]   what a shop pays for its sales; without numbers, what it pays now
  run.py settle paid BATCH...                     the bank says that these payouts arrived
  run.py settle returned BATCH --reason TEXT      the bank sent this payout back
  run.py settle reconcile [FILE...]               hold sales, transfers and settlement files against each other"""


@refused_as_json
def main(argv: list[str]) -> int:
    """Carry out `settle`, or the errand that its first word names."""
    errand = _ERRANDS.get(argv[0]) if argv else None
    return errand(argv[1:]) if errand else _settle(argv)


def _settle(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py settle",
        description="Pay every shop what it sold up to a cut-off, less refunds and fees, and write settlement files.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--cutoff", metavar="T", help="RFC 3339 time, UTC unless it says otherwise (default: now)")
    args = _parsed(parser, argv)
    try:
        cutoff_at = clock.parse_rfc3339(args.cutoff) if args.cutoff else None
    except (ValueError, OverflowError):
        parser.error(f"{args.cutoff!r} is no RFC 3339 time, such as 2026-11-21T18:00:00Z")
    with _at_work() as (config, store):
        done = actions.settle(store, cutoff_at=cutoff_at, secret=load_secret(config))
        folder = config.data_dir / files.FOLDER
        unwritten = _write_files(store, folder)
        with suppress(BrokenChain):  # which the audit names; what was settled stands
            sealing.seal_due(store, config=config, secret=load_secret(config))
        rows = _rows(store, done.batches, folder)
        shops = store.read(parties.by_ids, ids=[shop_id for shop_id, _ in done.refused])
    refused = [
        {"shop": shops[shop_id].handle, "code": why.code, "detail": sentence(why)} for shop_id, why in done.refused
    ]
    if args.json:
        more = ({"refused": refused} if refused else {}) | ({"files_not_written": unwritten} if unwritten else {})
        print(json.dumps({"batches": rows} | more, ensure_ascii=False))
    else:
        _print(rows, refused)
        if unwritten:
            print(f"The settlement files were not written: {unwritten}. The batches stand; settle again to write them.")
    return 1 if refused or unwritten else 0


def _rate(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py settle rate", description="Show or set what a shop pays for sales.")
    parser.add_argument("shop", help="the shop's handle")
    parser.add_argument("--bps", type=int, metavar="N", help="hundredths of a percent of each sale")
    parser.add_argument("--fixed", type=int, metavar="M", help="and so many minor units for each sale (default: 0)")
    args = _parsed(parser, argv)
    if args.fixed is not None and args.bps is None:
        parser.error("--fixed goes with --bps")
    with _at_work() as (_, store):
        shop = store.read(parties.by_handle, handle=args.shop)
        if args.bps is None:
            rate = store.read(batches.rate_of, shop_id=shop.id)
        else:
            rate = store.run(actions.set_rate, shop_id=shop.id, rate=Rate(args.bps, args.fixed or 0))
    said = {"shop": shop.handle, "basis_points": rate.basis_points, "fixed_minor": rate.fixed_minor}
    line = f"{shop.handle} pays {rate.basis_points} basis points and {rate.fixed_minor} minor units a sale."
    print(json.dumps(said) if args.json else line)
    return 0


def _paid(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py settle paid", description="These payouts have reached the bank.")
    parser.add_argument("batch", nargs="+", help="a batch's id")
    args = _parsed(parser, argv)
    with _at_work() as (config, store):
        secret = load_secret(config)
        ended = [store.run(payouts.mark_paid, batch_id=id, secret=secret) for id in args.batch]
        return _show(store, config, ended, as_json=args.json)


def _returned(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="run.py settle returned", description="The bank has sent a payout back.")
    parser.add_argument("batch", help="the batch's id")
    parser.add_argument("--reason", default="", help="the bank's reason, for the shop to read")
    args = _parsed(parser, argv)
    with _at_work() as (config, store):
        secret = load_secret(config)
        ended = store.run(payouts.mark_returned, batch_id=args.batch, reason=args.reason, secret=secret)
        return _show(store, config, [ended], as_json=args.json)


def _reconcile(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py settle reconcile",
        description="Hold sales, transfers and settlement files against each other; exit code 1 on any difference.",
    )
    parser.add_argument("file", nargs="*", type=Path, help="settlement files (default: all batches with their files)")
    args = _parsed(parser, argv)
    with _at_work() as (config, store):
        report = reconcile.run(store, folder=config.data_dir / files.FOLDER, only=args.file)
    if args.json:
        print(json.dumps(report.as_json(), ensure_ascii=False))
        return 1 if report.differences else 0
    print(f"{report.batches} batches, {report.lines} lines, {report.files} files held against each other")
    for found in report.differences:
        print(f"DIFFERENCE {found.code} at {found.subject}: {found.detail}")
    if not report.differences:
        print("Everything agrees.")
    return 1 if report.differences else 0


_ERRANDS: dict[str, Callable[[list[str]], int]] = {
    "rate": _rate,
    "paid": _paid,
    "returned": _returned,
    "reconcile": _reconcile,
}


def _parsed(parser: argparse.ArgumentParser, argv: list[str]) -> argparse.Namespace:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args(argv)


@contextmanager
def _at_work() -> Iterator[tuple[Config, Store]]:
    config = from_environment()
    store = sealing.open_checked(config)
    try:
        yield config, store
    finally:
        store.close()


def _write_files(store: Store, folder: Path) -> str:
    """Write what is missing; why not, when the disk refuses."""
    try:
        files.write_missing(store, folder)
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _show(store: Store, config: Config, ended: Sequence[Batch], *, as_json: bool) -> int:
    rows = _rows(store, ended, config.data_dir / files.FOLDER)
    if as_json:
        print(json.dumps({"batches": rows}, ensure_ascii=False))
    else:
        _print(rows, [])
    return 0


def _rows(store: Store, found: Sequence[Batch], folder: Path) -> list[dict[str, Any]]:
    shops = store.read(parties.by_ids, ids=[batch.shop_id for batch in found])
    return [_row(batch, shops[batch.shop_id].handle, folder) for batch in found]


def _row(batch: Batch, shop: str, folder: Path) -> dict[str, Any]:
    path = folder / files.file_name(shop, batch.id)
    return {
        "batch": batch.id,
        "shop": shop,
        "state": batch.state,
        "cutoff_at": clock.rfc3339(batch.cutoff_at),
        "sales": batch.sales,
        "gross_minor": batch.gross_minor,
        "currency": batch.currency,
        "transfer": batch.payout_transfer_id,
        "refunds": batch.refunds,
        "refunds_minor": batch.refunds_minor,
        "fee_minor": batch.fee_minor,
        "carried_in_minor": batch.carried_in_minor,
        "net_minor": batch.net_minor,
        "fee_transfer": batch.fee_transfer_id,
        "end_transfer": batch.end_transfer_id,
        "adjustments": batch.adjustments,
        "adjustments_minor": batch.adjustments_minor,
        "clawback_transfer": batch.clawback_transfer_id,
        "file": str(path) if path.exists() else None,
    }


def _print(rows: list[dict[str, Any]], refused: list[dict[str, Any]]) -> None:
    for row in rows:
        unit = money.currency(row["currency"])
        gross, back, fee, net = (
            money.to_major(row[name], unit) for name in ("gross_minor", "refunds_minor", "fee_minor", "net_minor")
        )
        sales = "1 sale" if row["sales"] == 1 else f"{row['sales']} sales"
        print(f"{row['batch']}  {row['shop']}  {sales}  {gross} {row['currency']}  {row['state']}")
        carried = f", carried in {money.to_major(row['carried_in_minor'], unit)}" if row["carried_in_minor"] else ""
        lost = f", lost disputes {money.to_major(row['adjustments_minor'], unit)}" if row["adjustments"] else ""
        print(f"    refunds {back}{lost}, fee {fee}{carried}, net {net}")
    for row in refused:
        print(f"NOT SETTLED  {row['shop']}  {row['code']}: {row['detail']}")
    if not rows and not refused:
        print("Nothing to settle: every captured sale up to the cut-off is in a batch already.")
