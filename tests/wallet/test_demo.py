"""What the launcher may read of the last minutes, and that nobody else may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from shared.codes.payloads import OrderKind
from shared.config import from_environment
from shared.db.store import Store
from shared.web import tickets
from shared.web.secrets import load_secret
from tests.wallet.conftest import Phone, good
from tests.world import World
from wallet.app import create_app


def read(app: Flask, after: int = 0, key: str | None = None) -> list[dict[str, Any]]:
    """What the door tells the launcher, newest first."""
    key = tickets.launchers_key(app.config["SAOMA_SECRET_BYTES"]) if key is None else key
    query = f"?after={after}" if after else ""
    answer = app.test_client().get(f"/demo/happened{query}", headers={"Authorization": f"Bearer {key}"})
    return list(good(answer)["data"])


def parts(happening: dict[str, Any]) -> list[str]:
    return [part["part"] for part in happening["parts"]]


def test_a_payment_is_taken_apart_into_its_code_order_transfer_and_events(app: Flask, ana: Phone, world: World) -> None:
    intent = world.intent(world.shop("tea"), 1250)
    before = read(app)[0]["seq"]
    done = ana.post("/api/orders", {"order": ana.order(OrderKind.PAY, "tea", 1250, subject=bytes.fromhex(intent.jti))})

    [paid] = read(app, after=before)

    assert (paid["name"], paid["said"]["payer"], paid["said"]["payee"]) == ("transfer.posted", "Ana", "Tea")
    assert parts(paid) == ["code", "order", "transfer", "event", "event"]
    code, order, transfer, posted, captured = paid["parts"]
    assert (code["kind"], code["says"]["amount_minor"], code["seal_holds"]) == ("payment_request", 1250, True)
    assert (order["says"]["payee"], order["sealed_by"]["handle"], order["seal_holds"]) == ("tea", "ana", True)
    assert bytes.fromhex(order["frame"])[2:10].hex() == order["sealed_by"]["kid"] == ana.key.public_key.kid_hex
    assert (transfer["id"], transfer["amount_minor"]) == (done["transfer"], 1250)
    assert (posted["name"], captured["name"]) == ("transfer.posted", "intent.captured")


def test_a_new_contact_comes_with_the_card_that_was_scanned(app: Flask, ana: Phone, li: Phone) -> None:
    li.post("/api/contacts", {"card": ana.card()})

    asked = read(app)[0]

    assert (asked["name"], asked["said"]["by"], asked["said"]["to"]) == ("contact.requested", "Li", "Ana")
    card, event = asked["parts"]
    assert (card["kind"], card["says"]["handle"], card["seal_holds"]) == ("contact_card", "ana", True)
    assert event["name"] == "contact.requested"


def test_a_transfer_to_a_person_names_both(app: Flask, ana: Phone, li: Phone) -> None:
    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 700, memo="tea")})

    [sent, *_] = read(app)

    assert (sent["said"]["payer"], sent["said"]["payee"], sent["said"]["kind"]) == ("Ana", "Li", "send")
    assert sent["parts"][0]["says"]["memo"] == "tea"


@pytest.mark.parametrize("key", ["", "none", "0" * 64])
def test_without_the_launchers_key_there_is_nothing(app: Flask, ana: Phone, key: str) -> None:
    answer = app.test_client().get("/demo/happened", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 404
    assert ana.ask("GET", "/demo/happened").status_code == 404  # a person's own session opens it neither


def test_outside_demo_mode_there_is_nothing_even_for_the_launcher(tmp_path: Path, wallet_store: Store) -> None:
    config = from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DEMO": "0"})
    app = create_app(config, wallet_store)
    key = tickets.launchers_key(load_secret(config))

    answer = app.test_client().get("/demo/happened", headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 404
