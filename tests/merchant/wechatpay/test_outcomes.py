"""The sandbox's outcomes as a WeChat Pay merchant sees them: the `trade_state` at once, and when time has passed."""

from __future__ import annotations

import pytest

from shared.payments import outcomes
from shared.payments.outcomes import Outcome
from tests.merchant.shop import Shop
from tests.merchant.wechatpay.clerk import Clerk

AMOUNTS = {row.outcome: row.amount_minor for row in outcomes.TABLE}


@pytest.mark.parametrize(
    ("outcome", "at_once", "later"),
    [
        (Outcome.SUCCEEDS, "SUCCESS", "SUCCESS"),
        (Outcome.DECLINED, "NOTPAY", "NOTPAY"),
        (Outcome.INSUFFICIENT, "NOTPAY", "NOTPAY"),
        (Outcome.TIMES_OUT, "NOTPAY", "NOTPAY"),
        (Outcome.SCANNED_AND_ABANDONED, "NOTPAY", "NOTPAY"),
        (Outcome.NEEDS_CONFIRMATION, "USERPAYING", "NOTPAY"),
        (Outcome.SUCCEEDS_LATE, "USERPAYING", "SUCCESS"),
        (Outcome.UNKNOWN_THEN_SUCCEEDS, "USERPAYING", "SUCCESS"),
        (Outcome.UNKNOWN_THEN_FAILS, "USERPAYING", "NOTPAY"),
        (Outcome.PAID_TWICE, "SUCCESS", "SUCCESS"),
    ],
)
def test_an_outcome_is_seen_in_the_trade_state(
    standing_shop: Shop, knocking: Clerk, outcome: Outcome, at_once: str, later: str
) -> None:
    clerk, program, number = knocking, standing_shop.program(), f"order-{outcome.value}"
    asked = {
        "appid": clerk.appid, "mchid": clerk.mchid, "description": "Oolong", "out_trade_no": number,
        "notify_url": "http://127.0.0.1:9/never", "amount": {"total": AMOUNTS[outcome]},
    }  # fmt: skip
    code = clerk.post("/v3/pay/transactions/native", asked).get_json()["code_url"]
    assert program.ask("POST", "/test_payers/pays/pay", {"code": code}).status_code == 200
    assert clerk.query(number)["trade_state"] == at_once
    if at_once == "USERPAYING":
        assert clerk.post("/v3/pay/transactions/native", asked).get_json()["code_url"] == code
    assert program.ask("POST", "/test_clock/advance", {"by_s": 1000}).status_code == 200
    assert clerk.query(number)["trade_state"] == later
    fresh = clerk.post("/v3/pay/transactions/native", asked).get_json()
    assert fresh.get("code") == "ORDERPAID" if later == "SUCCESS" else fresh["code_url"] != code
