"""What the launcher makes of the wallet's account of the last minutes: titles, hints, and codes cut at their joints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g

from shared import config as settings
from shared.launcher import app as launcher
from shared.launcher import story


def happening(name: str, **said: Any) -> dict[str, Any]:
    return {"seq": 7, "at": "2026-01-01T00:00:00Z", "name": name, "said": said, "parts": []}


PAID = {"payer": "Ana", "payee": "Tea", "amount_minor": 1250, "currency": "CNY"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return launcher.create_app(settings.from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DEMO": "1"}))


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Ana paid Tea ¥12.50"), ("zh-CN,zh;q=0.9", "Ana 付给 Tea ¥12.50")]
)
def test_a_payment_is_told_in_the_readers_language(app: Flask, language: str, title: str) -> None:
    with app.test_request_context(headers={"Accept-Language": language}):
        app.preprocess_request()
        assert story.told(happening("transfer.posted", kind="pay", **PAID))["title"] == title


def test_every_kind_of_change_has_a_title_without_gaps(app: Flask) -> None:
    said = {**PAID, "shop": "Tea", "by": "A***", "to": "Li"}
    kinds = ("pay", "send", "top_up", "withdraw", "refund", "charge", "payout", "fee")
    names = [name.replace("_", ".", 1) for name in story.KNOWN] + ["transfer.held", "transfer.released", "batch.closed"]
    told = [happening("transfer.posted", kind=kind, **said) for kind in kinds]
    told += [happening(name, **said) for name in names]
    for language in ("en", "zh"):
        with app.test_request_context(headers={"Accept-Language": language}):
            app.preprocess_request()
            titles = [story.told(one)["title"] for one in told]
            assert g.language == language
        assert not [title for title in titles if "{" in title]
        assert len(set(titles)) >= len(titles) - 3  # a charge is a payment, and what is rare shares a title


@pytest.mark.parametrize(
    ("given", "hint", "step"),
    [
        (happening("intent.created"), "pay", 2),
        (happening("intent.scanned"), "pay", 3),
        (happening("intent.canceled"), "pay", 1),
        (happening("transfer.posted", kind="pay"), "pay", "done"),
        (happening("transfer.posted", kind="charge"), "pay", "done"),
        (happening("contact.requested"), "scan", "done"),
        (happening("transfer.posted", kind="send"), "send", "done"),
        (happening("transfer.posted", kind="top_up", payee_handle="mia"), "own", "done"),
    ],
)
def test_a_hint_goes_on_by_what_really_happened(given: dict[str, Any], hint: str, step: object) -> None:
    assert story.hint_of(given) == {"seq": 7, "hint": hint, "step": step}


@pytest.mark.parametrize(
    "given",
    [
        happening("transfer.posted", kind="top_up", payee_handle="ana"),  # the seed's welcome money
        happening("transfer.posted", kind="refund"),
        happening("batch.closed"),
    ],
)
def test_other_changes_move_no_hint(given: dict[str, Any]) -> None:
    assert story.hint_of(given) is None


def test_a_frame_is_cut_at_its_joints() -> None:
    frame = "01" + "04" + "aa" * 8 + "bb" * 20 + "cc" * 64

    assert story.slices(frame) == [
        ("version", "01"), ("type", "04"), ("key", "aa" * 8), ("content", "bb" * 20), ("seal", "cc" * 64),
    ]  # fmt: skip


def test_without_a_wallet_the_drawer_is_told_to_wait(tmp_path: Path) -> None:
    config = settings.from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DEMO": "1", "SAOMA_WALLET_PORT": "1"})

    answer = launcher.create_app(config).test_client().get("/happened", headers={"Host": "localhost:5000"})

    assert (answer.status_code, answer.json) == (503, {})


def test_outside_demo_mode_there_is_no_drawer(tmp_path: Path) -> None:
    config = settings.from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DEMO": "0"})
    page = launcher.create_app(config).test_client()

    assert page.get("/happened", headers={"Host": "localhost:5000"}).status_code == 404
    assert 'id="drawer"' not in page.get("/", headers={"Host": "localhost:5000"}).text


def test_a_foreign_name_that_points_here_reads_nothing(app: Flask) -> None:
    assert app.test_client().get("/happened", headers={"Host": "attacker.example:5000"}).status_code == 400


def test_on_the_lan_the_page_shows_the_address_as_a_code(tmp_path: Path) -> None:
    environ = {"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_LAN": "1", "SAOMA_PUBLIC_HOST": "192.168.1.50"}
    page = launcher.create_app(settings.from_environment(environ)).test_client()

    html = page.get("/", headers={"Host": "localhost:5000"}).text

    assert "http://192.168.1.50:5001/start" in html
    assert "http://192.168.1.50:5001/ca" in html
    assert "run.py --lan" not in html
