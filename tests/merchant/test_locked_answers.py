"""What is kept for an Idempotency-Key of an answer that tells a secret once."""

from __future__ import annotations

import pytest

from merchant.checkout import locked_answers
from shared.identity.signing import CannotUnlockKey
from tests.merchant.shop import Shop

URL = {"url": "http://127.0.0.1:1/webhooks"}


def test_a_secret_is_told_again_under_its_key_and_lies_nowhere_in_the_database(shop: Shop) -> None:
    program = shop.program()
    endpoint = program.ask("POST", "/webhook_endpoints", URL, "hook")
    rotated = program.ask("POST", f"/webhook_endpoints/{endpoint.json['id']}/rotate_secret", {}, "rotate")
    merchant = program.ask("POST", "/wechatpay_merchant", {}, "merchant")
    assert program.ask("POST", "/webhook_endpoints", URL, "hook").data == endpoint.data
    assert program.ask("POST", "/wechatpay_merchant", {}, "merchant").data == merchant.data
    kept = str(shop.store.read(lambda reader: reader.sql.rows("SELECT answer FROM db_once")))
    assert kept.count("locked_answer") == 3
    assert "PRIVATE KEY" in merchant.json["private_key"]
    for told in (endpoint.json["secret"], rotated.json["secret"], "PRIVATE KEY", merchant.json["apiv3_key"]):
        assert told not in kept


def test_another_installation_cannot_open_it() -> None:
    locked = locked_answers.locking(lambda _uow: {"secret": "x"}, b"one installation's")(None)  # type: ignore[arg-type]
    assert locked_answers.opened(locked, b"one installation's") == {"secret": "x"}
    with pytest.raises(CannotUnlockKey):
        locked_answers.opened(locked, b"another's")
