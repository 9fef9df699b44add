"""`run.py dispute`: what payers complain about, and the operator's word on it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from shared import clock, money
from shared.config import Config, from_environment
from shared.db.store import Store
from shared.disputes import actions, deadlines, queries
from shared.disputes.queries import Dispute
from shared.disputes.states import DisputeState
from shared.identity import parties
from shared.ledger.checkpoints import BrokenChain
from shared.payments import sealing
from shared.web.console import refused_as_json
from shared.web.secrets import load_secret

_USAGE = """usage:
  run.py dispute list [--state STATE] [--shop SHOP]   what payers complain about, newest first
  run.py dispute decide ID won|lost [--note TEXT]     the operator's word, once the shop has answered
Each takes --json."""
MOST = 200


@refused_as_json
def main(argv: list[str]) -> int:
    """Carry out the errand that the first word names."""
    errand = _ERRANDS.get(argv[0]) if argv else None
    if errand is not None:
        return errand(argv[1:])
    print(_USAGE)
    return 0 if argv in (["-h"], ["--help"]) else 2


def _list(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py dispute list", description="What payers complain about, newest first."
    )
    parser.add_argument("--state", choices=[state.value for state in DisputeState], help="only those that stand so")
    parser.add_argument("--shop", metavar="SHOP", help="only those about this shop (its handle)")
    args = _parsed(parser, argv)
    with _at_work() as (_, store):
        states = [args.state] if args.state else [state.value for state in DisputeState]
        if args.shop:
            shop = store.read(parties.by_handle, handle=args.shop)
            found = store.read(queries.list_of_shop, shop_id=shop.id, states=states, limit=MOST)
        else:
            found = store.read(queries.list_all, states=states, limit=MOST)
        _show(store, found, as_json=args.json)
    return 0


def _decide(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="run.py dispute decide",
        description="Decide a dispute. Lost: the payer is paid at once, and the shop's next batch pays it back.",
    )
    parser.add_argument("id", help="the dispute's id")
    parser.add_argument("verdict", choices=("won", "lost"), help="whether the shop has won or lost")
    parser.add_argument("--note", default="", help="why, for both sides to read")
    args = _parsed(parser, argv)
    with _at_work() as (config, store):
        secret = load_secret(config)
        deadlines.follow_due(store, secret=secret)
        word = {"dispute_id": args.id, "is_won": args.verdict == "won", "note": args.note}
        decided = store.run(actions.decide, secret=secret, **word)
        with suppress(BrokenChain):  # which the audit names; what was decided stands
            sealing.seal_due(store, config=config, secret=secret)
        _show(store, [decided], as_json=args.json)
    return 0


_ERRANDS: dict[str, Callable[[list[str]], int]] = {"list": _list, "decide": _decide}


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


def _show(store: Store, found: Sequence[Dispute], *, as_json: bool) -> None:
    who = store.read(parties.by_ids, ids={id for each in found for id in (each.shop_id, each.payer_id)})
    rows = [_row(each, who[each.shop_id].handle, who[each.payer_id].handle) for each in found]
    if as_json:
        print(json.dumps({"disputes": rows}, ensure_ascii=False))
        return
    for row in rows:
        worth = f"{money.to_major(row['amount_minor'], money.currency(row['currency']))} {row['currency']}"
        print(f"{row['dispute']}  {row['shop']}  {worth}  {row['reason']}  {row['state']}")
        for name in ("words", "answer", "note"):
            if row[name]:
                print(f"    {name}: {row[name]}")
    if not rows:
        print("There are no such disputes.")


def _row(dispute: Dispute, shop: str, payer: str) -> dict[str, Any]:
    plain = ("amount_minor", "currency", "reason", "words", "answer", "decided_by", "note", "paid_minor", "pictures")
    told: dict[str, Any] = {"dispute": dispute.id, "intent": dispute.intent_id, "shop": shop, "payer": payer}
    told |= {name: getattr(dispute, name) for name in plain}
    times = ("opened_at", "answer_by", "answered_at", "closed_at")
    told |= {"state": dispute.state.value, "left_minor": dispute.left_minor, "transfer": dispute.transfer_id}
    at = {name: getattr(dispute, name) for name in times}
    return told | {name: None if value is None else clock.rfc3339(value) for name, value in at.items()}
