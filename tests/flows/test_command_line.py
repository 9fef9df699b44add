"""The phone and the till of the terminal, as a script would use them: one JSON object per call, exit 1 on refusal."""

from __future__ import annotations

import importlib
import io
import json
import os
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import text

import run
from shared.codes import read
from shared.db.engine import migration_engine
from tests.services import Services


class Terminal:
    """`terminal("phone", "balance", "ana")`: the object that the command prints; fails unless its exit code fits.

    Each command is a process of its own where `is_real`; else the sub-command's `main` is called, without its start.
    """

    def __init__(self, services: Services, *, is_real: bool = False) -> None:
        self.services = services
        self._is_real = is_real

    def __call__(self, *command: str) -> dict[str, Any]:
        code, printed = self._run(command)
        assert code == 0, (command, printed)
        answer: dict[str, Any] = json.loads(printed)
        return answer

    def refused(self, *command: str) -> str:
        """The code of the refusal."""
        code, printed = self._run(command)
        assert code == 1, (command, printed)
        told = json.loads(printed)
        assert told["detail"]
        return str(told["code"])

    def _run(self, command: tuple[str, ...]) -> tuple[int, str]:
        if self._is_real:
            done = self.services.run("run.py", *command)
            return done.returncode, done.stdout
        name, *rest = command
        room = importlib.import_module(run.COMMANDS[name][0])
        with patch.dict(os.environ, self.services.environ, clear=True), redirect_stdout(io.StringIO()) as printed:
            code = int(room.main(rest) or 0)
        return code, printed.getvalue()


@pytest.fixture
def terminal(services: Services) -> Terminal:
    return Terminal(services)


def test_a_sale_from_charge_to_audit(services: Services, tmp_path: Path) -> None:
    terminal = Terminal(services, is_real=True)
    new = terminal("phone", "new", "ana", "--pin", "271828")
    assert set(new) == {"user", "handle", "kid"}
    terminal("phone", "new", "bo")
    picture = tmp_path / "code.png"
    sale = terminal("till", "charge", "12.50", "--reference", "T-1", "--png", str(picture))
    assert set(sale) == {"intent", "code", "expires_at"}
    assert read.read_image(picture.read_bytes()) == sale["code"]

    seen = terminal("phone", "scan", "ana", str(picture))
    assert {"kind": "payment_request", "payee": "corner-tea", "amount_minor": 1250, "currency": "CNY", "verified": True,
            "expires_at": sale["expires_at"]}.items() <= seen.items()  # fmt: skip
    paid = terminal("phone", "pay", "ana", str(picture))
    assert (paid["status"], set(paid) >= {"transfer", "seq"}) == ("captured", True)
    assert terminal.refused("phone", "pay", "bo", sale["code"]) == "already_paid"
    status = terminal("till", "status", sale["intent"])
    assert (status["status"], status["amount_minor"], status["payer"]) == ("captured", 1250, "A***")
    assert terminal("phone", "balance", "ana") == {"balance_minor": 98_750, "held_minor": 0, "currency": "CNY"}
    assert terminal("phone", "statement", "ana")["rows"][0]["transfer"] == paid["transfer"]
    assert terminal.refused("till", "cancel", sale["intent"]) == "already_paid"

    [batch] = terminal("settle", "--json")["batches"]
    assert (batch["shop"], batch["gross_minor"]) == ("corner-tea", 1250)
    assert terminal("settle", "--json") == {"batches": []}
    assert terminal("audit", "--json")["ok"]


def test_a_sale_is_authorized_captured_voided_and_refunded(terminal: Terminal) -> None:
    terminal("phone", "new", "ana")
    sale, other = (terminal("till", "charge", "150", "--manual") for _ in range(2))
    assert terminal("phone", "scan", "ana", sale["code"])["capture_method"] == "manual"
    for code in (sale["code"], other["code"]):
        assert terminal("phone", "pay", "ana", code)["status"] == "authorized"
    assert terminal("phone", "balance", "ana") == {"balance_minor": 70_000, "held_minor": 30_000, "currency": "CNY"}
    assert terminal.refused("till", "capture", sale["intent"], "--amount", "150.01") == "capture_exceeds_authorized"
    taken = terminal("till", "capture", sale["intent"], "--amount", "120")
    assert (taken["status"], taken["amount_captured_minor"]) == ("captured", 12_000)
    assert terminal("till", "void", other["intent"])["status"] == "voided"
    assert terminal.refused("till", "void", sale["intent"]) == "intent_closed"

    back = terminal("till", "refund", sale["intent"], "--amount", "20", "--reason", "A cup broke")
    assert (back["amount_minor"], back["status"], back["reason"]) == (2_000, "succeeded", "A cup broke")
    assert terminal("till", "refund", sale["intent"])["amount_minor"] == 10_000
    assert terminal.refused("till", "refund", sale["intent"]) == "refund_exceeds_captured"
    assert terminal("till", "status", sale["intent"])["amount_refunded_minor"] == 12_000
    rows = [(row["kind"], row["direction"]) for row in terminal("phone", "statement", "ana")["rows"]]
    assert rows[:3] == [("refund", "in"), ("refund", "in"), ("void", "released")]
    assert terminal("phone", "balance", "ana") == {"balance_minor": 100_000, "held_minor": 0, "currency": "CNY"}


def test_people_exchange_cards_and_money(terminal: Terminal, tmp_path: Path) -> None:
    for name in ("cy", "di"):
        terminal("phone", "new", name)
    card = tmp_path / "card.png"
    terminal("phone", "card", "cy", "--png", str(card))
    assert terminal("phone", "add", "di", str(card))["state"] == "requested"
    assert terminal("phone", "add", "cy", terminal("phone", "card", "di")["code"])["state"] == "accepted"
    assert [row["handle"] for row in terminal("phone", "contacts", "di")["contacts"]] == ["cy"]
    assert terminal("phone", "send", "di", "cy", "1.50")["status"] == "posted"
    request = tmp_path / "request.png"
    terminal("phone", "request", "di", "5", "--png", str(request))
    assert terminal("phone", "pay", "cy", str(request))["amount_minor"] == 500
    open_request = terminal("phone", "request", "di")["code"]
    assert terminal.refused("phone", "pay", "cy", open_request) == "amount_required"
    assert terminal("phone", "pay", "cy", open_request, "--amount", "2")["amount_minor"] == 200


def test_the_static_code_and_cancel(terminal: Terminal, tmp_path: Path) -> None:
    terminal("phone", "new", "eve")
    picture = tmp_path / "static.png"
    terminal("till", "static", "--png", str(picture))
    assert terminal("phone", "pay", "eve", str(picture), "--amount", "3")["status"] == "captured"
    sale = terminal("till", "charge", "1")
    assert terminal("till", "cancel", sale["intent"])["status"] == "canceled"
    assert terminal.refused("phone", "pay", "eve", sale["code"]) == "intent_canceled"


REFUSED = {
    "an amount of zero": (["till", "charge", "0"], "invalid_amount"),
    "a negative amount": (["till", "charge", "--", "-1"], "invalid_amount"),
    "a fraction of a cent": (["till", "charge", "1.005"], "invalid_amount"),
    "a huge amount": (["till", "charge", "99999999999"], "invalid_amount"),
    "digits of another script": (["till", "charge", "١٢"], "invalid_amount"),
    "an unknown intent": (["till", "status", "pi_01h455vb4pex5vsknk084sn02q"], "unknown_intent"),
    "a phone that is not there": (["phone", "balance", "nobody"], "no_such_phone"),
    "a phone that is there already": (["phone", "new", "fay"], "phone_exists"),
    "a web page's code": (["phone", "scan", "fay", "https://example.org/"], "not_a_code"),
    "somebody unknown": (["phone", "send", "fay", "nobody", "1"], "unknown_party"),
    "more than the balance": (["phone", "send", "fay", "li", "150000", "--pin", "271828"], "insufficient_funds"),
    "no PIN above the limit": (["phone", "send", "fay", "li", "300"], "pin_required"),
    "a wrong PIN": (["phone", "send", "fay", "li", "300", "--pin", "111111"], "wrong_pin"),
    "oneself": (["phone", "send", "fay", "fay", "1"], "paid_to_self"),
    "a name that hides something": (["phone", "new", "f\u200bay"], "bad_phone_name"),
}  # fmt: skip


def test_a_till_takes_the_code_that_a_phone_shows(terminal: Terminal, tmp_path: Path) -> None:
    """From a picture, by its number, and made while the wallet is away; above the limit the phone is asked."""
    terminal("phone", "new", "kim", "--pin", "271828")
    picture = tmp_path / "code.png"
    large, refused, off = (terminal("till", "charge", amount)["intent"] for amount in ("300", "400", "8"))
    terminal("phone", "code", "kim", "--png", str(picture))
    assert terminal("till", "accept", large, str(picture))["status"] == "requires_confirmation"
    assert terminal("phone", "confirm", "kim", "--pin", "271828")["status"] == "captured"
    shown = terminal("phone", "code", "kim", "--cap", "400")
    assert (shown["cap_minor"], len(shown["number"])) == (40_000, 18)
    assert terminal("till", "accept", refused, shown["number"])["status"] == "requires_confirmation"
    assert terminal("phone", "decline", "kim") == {"intent": refused, "status": "declined"}

    terminal.services.kill("wallet")
    offline = terminal("phone", "code", "kim")
    assert offline["number"] is None
    assert terminal("till", "accept", off, offline["digits"])["status"] == "captured"


def test_refusals_have_stable_codes_and_move_nothing(terminal: Terminal) -> None:
    terminal("phone", "new", "fay", "--pin", "271828")
    found = {case: terminal.refused(*command) for case, (command, _) in REFUSED.items()}
    assert found == {case: code for case, (_, code) in REFUSED.items()}
    assert terminal("phone", "balance", "fay")["balance_minor"] == 100_000


def test_a_changed_digit_is_explained_and_refused(terminal: Terminal) -> None:
    terminal("phone", "new", "gil")
    code = terminal("till", "charge", "4")["code"]
    link, _, digits = code.partition("#")
    changed = f"{link}#{digits[:40]}{(int(digits[40]) + 1) % 10}{digits[41:]}"
    assert terminal.refused("phone", "pay", "gil", changed) in {"bad_seal", "unknown_key", "malformed_code"}
    explained = terminal.services.run("run.py", "code", changed, "--json")
    answer = json.loads(explained.stdout)
    assert (explained.returncode, answer["valid_now"], bool(answer["problems"])) == (1, False, True)
    good = json.loads(terminal.services.run("run.py", "code", code, "--json").stdout)
    assert (good["seal_holds"], good["sealed_by"]["handle"], good["says"]["amount_minor"]) == (True, "corner-tea", 400)


def test_the_audit_names_what_a_dishonest_server_changed(terminal: Terminal) -> None:
    terminal("phone", "new", "hal")
    paid = terminal("phone", "pay", "hal", terminal("till", "charge", "4")["code"])
    with migration_engine(terminal.services.config.database_url).begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_transfer_no_update"))
        connection.execute(text("UPDATE ledger_transfer SET amount_minor = 1 WHERE id = :id"), {"id": paid["transfer"]})
    done = terminal.services.run("run.py", "audit")
    assert done.returncode == 1
    assert "FAULT" in done.stdout


def test_without_a_running_service_the_phone_says_so(terminal: Terminal) -> None:
    terminal("phone", "new", "ida")
    terminal.services.stop()
    assert terminal.refused("phone", "balance", "ida") == "no_answer"
