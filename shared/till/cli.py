"""`run.py till …`: a till for the terminal, an HTTP client of the running merchant service."""

from __future__ import annotations

import argparse
import json
from contextlib import closing
from pathlib import Path
from typing import Any

from shared import money
from shared.codes import read, render
from shared.config import Config, from_environment
from shared.errors import NotFound
from shared.till.client import Refused, Till
from shared.web.console import refuse, refused_as_json


class NoTill(NotFound):
    """The data folder holds no till's key: the demo shop was not made yet."""

    code = "no_till"


@refused_as_json
def main(argv: list[str]) -> int:
    """Do what the sub-command says; 0, or 1 with `{"code", "detail"}` on refusal."""
    args = _parser().parse_args(argv)
    config = from_environment()
    try:
        till = _till(config)
        with closing(till.merchant):
            answer = args.act(till, config, args)
    except Refused as error:
        refuse(error.code, error.detail)
        return 1
    print(json.dumps(answer, ensure_ascii=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py till", description="A till for the terminal.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    charge = verbs.add_parser("charge", help="ask for an amount: prints the intent and its code")
    charge.add_argument("amount", metavar="AMOUNT", help="in major units, such as 12.50")
    charge.add_argument("--reference", metavar="R", default="", help="the shop's own name for the sale")
    charge.add_argument("--png", metavar="F", type=Path, help="also write the code as a PNG picture")
    charge.add_argument("--manual", action="store_true", help="the payer authorizes; capture or void later")
    charge.set_defaults(act=_charge)
    for name, act, help in (
        ("status", _status, "how an intent stands"),
        ("cancel", _cancel, "withdraw an intent that nobody has paid"),
        ("capture", _capture, "take what was authorized; what is not taken is released"),
        ("void", _void, "release what was authorized"),
        ("refund", _refund, "give back what was captured"),
    ):
        sub = verbs.add_parser(name, help=help, description=help)
        sub.add_argument("intent", metavar="INTENT")
        sub.set_defaults(act=act)
        if name in ("capture", "refund"):
            sub.add_argument("--amount", metavar="AMOUNT", help="a part of it, in major units, such as 12.50")
        if name == "refund":
            sub.add_argument("--reason", metavar="R", default="", help="why, for the payer to read")
    accept = verbs.add_parser("accept", help="charge an intent to the code that a customer's phone shows")
    accept.add_argument("intent", metavar="INTENT")
    accept.add_argument(
        "code", metavar="CODE", help="the payer code's text, its digits, the 18-digit number, or a picture"
    )
    accept.set_defaults(act=_accept)
    static = verbs.add_parser("static", help="the shop's printed code, where the payer types the amount")
    static.add_argument("--png", metavar="F", type=Path, help="also write the code as a PNG picture")
    static.set_defaults(act=_static)
    return parser


def _till(config: Config) -> Till:
    try:
        kept = json.loads((config.data_dir / "till.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NoTill() from None
    return Till(f"http://127.0.0.1:{config.merchant_port}", kept["api_key"])


def _charge(till: Till, config: Config, args: argparse.Namespace) -> dict[str, Any]:
    more = {"capture_method": "manual"} if args.manual else {}
    made = till.charge(money.parse_major(args.amount, config.currency), reference=args.reference, **more)
    _draw(made["code"], args.png)
    return {"intent": made["id"], "code": made["code"], "expires_at": made["expires_at"]}


def _accept(till: Till, _config: Config, args: argparse.Namespace) -> dict[str, Any]:
    found = till.accept(args.intent, read.text_of(args.code))
    return {name: found[name] for name in ("status", "amount_minor", "payer")} | found


def _status(till: Till, _config: Config, args: argparse.Namespace) -> dict[str, Any]:
    found = till.status(args.intent)
    return {name: found[name] for name in ("status", "amount_minor", "payer")} | found


def _cancel(till: Till, _config: Config, args: argparse.Namespace) -> dict[str, Any]:
    return till.cancel(args.intent)


def _capture(till: Till, config: Config, args: argparse.Namespace) -> dict[str, Any]:
    return till.capture(args.intent, _minor(config, args.amount))


def _void(till: Till, _config: Config, args: argparse.Namespace) -> dict[str, Any]:
    return till.void(args.intent)


def _refund(till: Till, config: Config, args: argparse.Namespace) -> dict[str, Any]:
    return till.refund(args.intent, _minor(config, args.amount), reason=args.reason)


def _minor(config: Config, amount: str | None) -> int | None:
    return None if amount is None else money.parse_major(amount, config.currency)


def _static(till: Till, _config: Config, args: argparse.Namespace) -> dict[str, Any]:
    code = till.static_code()
    _draw(code, args.png)
    return {"code": code}


def _draw(code: str, png: Path | None) -> None:
    if png:
        png.write_bytes(render.qr_png(code))
