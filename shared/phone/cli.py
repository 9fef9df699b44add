"""`run.py phone …`: a phone for the terminal, an HTTP client of the running wallet. One JSON object per call."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from shared import money
from shared.codes import read, render
from shared.config import Config, from_environment
from shared.errors import NotFound
from shared.payments import limits
from shared.phone import keeping
from shared.phone.client import NoAnswer, Phone, Refused
from shared.web.console import refuse, refused_as_json

Answer = dict[str, Any]
_SAYS_NOTHING = frozenset({"bad_pin", "wrong_pin", "pin_not_set", "too_many_attempts", "not_signed_in"})


class NothingAsked(NotFound):
    """No shop asks this phone for anything, or not for that."""

    code = "nothing_asked"


@refused_as_json
def main(argv: list[str]) -> int:
    """Do what the sub-command says; 0, or 1 with `{"code", "detail"}` on refusal."""
    args = _parser().parse_args(argv)
    config = from_environment()
    try:
        with ExitStack() as args.opened:
            answer = args.act(config, args)
    except Refused as error:
        refuse(error.code, error.detail)
        return 1
    print(json.dumps(answer, ensure_ascii=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py phone", description="A phone for the terminal.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, act: Callable[[Config, argparse.Namespace], Answer], help: str) -> argparse.ArgumentParser:
        sub = verbs.add_parser(name, help=help, description=help)
        sub.add_argument("name", metavar="NAME", help="the phone's name")
        sub.set_defaults(act=act)
        return sub

    code = {"metavar": "TEXT|IMAGE", "help": "a code's text, or the path of a picture that shows it"}
    amount = {"metavar": "AMOUNT", "help": "in major units, such as 12.50"}
    png = {"metavar": "F", "type": Path, "help": "also write the code as a PNG picture"}
    pin = {"metavar": "N", "help": "the six-digit PIN, for amounts above the no-PIN limit"}
    verb("new", _new, "join with a new key").add_argument("--pin", **pin)  # type: ignore[arg-type]
    verb("card", _card, "print the contact card's code").add_argument("--png", **png)  # type: ignore[arg-type]
    verb("scan", _scan, "say what a code means; never acts").add_argument("text", **code)  # type: ignore[arg-type]
    pay = verb("pay", _pay, "pay what a code asks for")
    pay.add_argument("text", **code)  # type: ignore[arg-type]
    pay.add_argument("--amount", **amount)  # type: ignore[arg-type]
    pay.add_argument("--pin", **pin)  # type: ignore[arg-type]
    verb("add", _add, "add a contact by their card").add_argument("text", **code)  # type: ignore[arg-type]
    verb("contacts", _contacts, "list contacts")
    send = verb("send", _send, "send money to a person")
    send.add_argument("handle", metavar="HANDLE")
    send.add_argument("amount", **amount)  # type: ignore[arg-type]
    send.add_argument("--pin", **pin)  # type: ignore[arg-type]
    request = verb("request", _request, "print a code that asks for money")
    request.add_argument("amount", nargs="?", **amount)  # type: ignore[arg-type]
    request.add_argument("--png", **png)  # type: ignore[arg-type]
    show = verb("code", _code, "print a code for a shop to charge, once, in the next two minutes; also offline")
    show.add_argument("--png", **png)  # type: ignore[arg-type]
    show.add_argument("--cap", metavar="AMOUNT", help="the most that it is good for, in major units")
    confirm = verb("confirm", _confirm, "pay what a shop asks this phone for after it took its code")
    confirm.add_argument("intent", metavar="INTENT", nargs="?", help="which; the oldest unless given")
    confirm.add_argument("--pin", **pin)  # type: ignore[arg-type]
    decline = verb("decline", _decline, "refuse what a shop asks this phone for")
    decline.add_argument("intent", metavar="INTENT", nargs="?", help="which; the oldest unless given")
    verb("balance", _balance, "print the balance")
    verb("statement", _statement, "print the newest transfers")
    return parser


def wallet_address(config: Config) -> str:
    """Where the wallet listens for programs on this computer."""
    return f"http://127.0.0.1:{config.wallet_port}"


def _phone(config: Config, args: argparse.Namespace) -> tuple[Phone, keeping.Kept]:
    kept = keeping.load(config.data_dir, args.name)
    phone = Phone(
        wallet_address(config),
        key=kept.key(),
        handle=kept.handle,
        realm=kept.realm,
        session=kept.session,
        user=kept.user,
    )
    args.opened.callback(phone.wallet.close)
    return phone, kept


def _minor(config: Config, amount: str | None) -> int | None:
    return None if amount is None else money.parse_major(amount, config.currency)


def _new(config: Config, args: argparse.Namespace) -> Answer:
    if keeping.path_of(config.data_dir, args.name).exists():
        raise keeping.PhoneExists(name=args.name)
    phone = Phone.join(wallet_address(config), args.name, pin=args.pin)
    args.opened.callback(phone.wallet.close)
    kept = keeping.Kept(
        name=args.name,
        handle=phone.handle,
        user=phone.user,
        kid=phone.key.public_key.kid_hex,
        realm=phone.realm,
        session=phone.session,
        private_key=keeping.key_text(phone.key),
    )
    keeping.save(config.data_dir, kept)
    return {"user": kept.user, "handle": kept.handle, "kid": kept.kid}


def _card(config: Config, args: argparse.Namespace) -> Answer:
    return _drawn(_phone(config, args)[0].card(), args.png)


def _scan(config: Config, args: argparse.Namespace) -> Answer:
    found = _phone(config, args)[0].scan(read.text_of(args.text))
    first = ("kind", "payee", "amount_minor", "currency", "expires_at", "verified")
    return _flat({name: found[name] for name in first} | found)


def _pay(config: Config, args: argparse.Namespace) -> Answer:
    phone, kept = _phone(config, args)
    text, amount = read.text_of(args.text), _minor(config, args.amount)
    # An order whose outcome was not learnt is asked for again as it is, never a second one for the same code.
    order = kept.pending.get(text) or phone.order_for(text, amount_minor=amount)
    return _carried_out(config, phone, kept, text, order, presented=text, pin=args.pin)


def _send(config: Config, args: argparse.Namespace) -> Answer:
    phone, kept = _phone(config, args)
    amount = money.parse_major(args.amount, config.currency)
    mark = f"send:{args.handle}:{amount}"
    order = kept.pending.get(mark) or phone.order("send", args.handle, amount, config.currency.code)
    return _carried_out(config, phone, kept, mark, order, presented=None, pin=args.pin)


def _code(config: Config, args: argparse.Namespace) -> Answer:
    """A payer code; offline it is made with the clock and the cap that the phone heard last, and has no number."""
    phone, kept = _phone(config, args)
    try:
        kept.cap_minor = int(phone.me()["cap_minor"])
        kept.offset_ms = phone.offset_ms or 0
        keeping.save(config.data_dir, kept)
    except NoAnswer:
        phone.offset_ms = kept.offset_ms
    usual = kept.cap_minor or limits.Limits().cap_minor
    cap = usual if args.cap is None else money.parse_major(args.cap, config.currency)
    code = phone.payer_code(config.currency, cap)
    try:
        number = phone.number_of(code)
    except NoAnswer:
        number = None
    return _drawn(code, args.png) | {"number": number, "digits": code.rpartition("#")[2], "cap_minor": cap}


def _confirm(config: Config, args: argparse.Namespace) -> Answer:
    phone, kept = _phone(config, args)
    asked = _asked(phone, args.intent)
    mark = f"confirm:{asked['intent']}"
    order = kept.pending.get(mark) or phone.order_to_confirm(asked)
    return _carried_out(config, phone, kept, mark, order, presented=None, pin=args.pin)


def _decline(config: Config, args: argparse.Namespace) -> Answer:
    phone, _ = _phone(config, args)
    return phone.decline(args.intent or _asked(phone, None)["intent"])


def _asked(phone: Phone, intent: str | None) -> Answer:
    """What a shop asks for: the one that is named, or the oldest."""
    found = [asked for asked in phone.asked() if intent in (None, asked["intent"])]
    if not found:
        raise NothingAsked()
    return found[0]


def _carried_out(
    config: Config, phone: Phone, kept: keeping.Kept, mark: str, order: str, *, presented: str | None, pin: str | None
) -> Answer:
    """Send an order, kept before it leaves and forgotten once its outcome is known."""
    was_pending = mark in kept.pending
    kept.pending[mark] = order
    keeping.save(config.data_dir, kept)
    try:
        answer = phone.send_order(order, presented=presented, pin=pin)
    except Refused as refusal:
        # A refused PIN says nothing about an order that was sent before, nor does a service in trouble about any.
        if refusal.status < 500 and not (was_pending and refusal.code in _SAYS_NOTHING):
            _settled(config, kept, mark)
        raise
    _settled(config, kept, mark)
    return _flat({name: answer[name] for name in ("status", "transfer", "seq")} | answer)


def _flat(answer: Answer) -> Answer:
    """The answer with people by handle, as scripts want them; the name that the registry shows stands beside."""
    told = dict(answer)
    for side in ("payee", "payer"):
        if isinstance(told.get(side), dict):
            told[side], told[f"{side}_name"] = answer[side]["handle"], answer[side]["display_name"]
    return told


def _settled(config: Config, kept: keeping.Kept, mark: str) -> None:
    kept.pending.pop(mark, None)
    keeping.save(config.data_dir, kept)


def _add(config: Config, args: argparse.Namespace) -> Answer:
    return _phone(config, args)[0].add(read.text_of(args.text))


def _contacts(config: Config, args: argparse.Namespace) -> Answer:
    return {"contacts": _phone(config, args)[0].contacts()}


def _request(config: Config, args: argparse.Namespace) -> Answer:
    return _drawn(_phone(config, args)[0].request(_minor(config, args.amount)), args.png)


def _balance(config: Config, args: argparse.Namespace) -> Answer:
    return _phone(config, args)[0].balance()


def _statement(config: Config, args: argparse.Namespace) -> Answer:
    return {"rows": _phone(config, args)[0].statement()}


def _drawn(code: str, png: Path | None) -> Answer:
    if png:
        png.write_bytes(render.qr_png(code))
    return {"code": code}
