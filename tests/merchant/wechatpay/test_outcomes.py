"""The sandbox's outcomes as a WeChat Pay merchant sees them: the `trade_state` at once, and when time has passed."""

from __future__ import annotations

import pytest

from shared.payments import outcomes
from shared.payments.outcomes import Outcome
from tests.merchant.shop import Shop
from tests.merchant.wechatpay.clerk import Clerk
from tests.merchant.wechatpay.test_codepay import intent_of

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


@pytest.mark.parametrize(
    ("outcome", "answer", "at_once", "later"),
    [
        (Outcome.SUCCEEDS, "200 SUCCESS", "SUCCESS", "SUCCESS"),
        (Outcome.DECLINED, "403 TRADE_ERROR", "PAYERROR", "PAYERROR"),
        (Outcome.INSUFFICIENT, "403 NOT_ENOUGH", "ORDER_NOT_EXIST", "ORDER_NOT_EXIST"),
        (Outcome.TIMES_OUT, "500 SYSTEM_ERROR", "NOTPAY", "PAYERROR"),
        (Outcome.SCANNED_AND_ABANDONED, "202 USERPAYING", "USERPAYING", "PAYERROR"),
        (Outcome.NEEDS_CONFIRMATION, "202 USERPAYING", "USERPAYING", "PAYERROR"),
        (Outcome.SUCCEEDS_LATE, "202 USERPAYING", "USERPAYING", "SUCCESS"),
        (Outcome.UNKNOWN_THEN_SUCCEEDS, "202 USERPAYING", "USERPAYING", "SUCCESS"),
        (Outcome.UNKNOWN_THEN_FAILS, "202 USERPAYING", "USERPAYING", "PAYERROR"),
        (Outcome.PAID_TWICE, "200 SUCCESS", "SUCCESS", "SUCCESS"),
    ],
)
def test_an_outcome_is_seen_by_who_charges_a_code(
    standing_shop: Shop, knocking: Clerk, outcome: Outcome, answer: str, at_once: str, later: str
) -> None:
    clerk, program, number = knocking, standing_shop.program(), f"code-{outcome.value}"
    code = program.ask("POST", "/test_payers/pays/payer_code", {}).get_json()["number"]

    charged = clerk.code_pay(code, number, AMOUNTS[outcome])

    told = charged.get_json()
    assert f"{charged.status_code} {told.get('code') or told['trade_state']}" == answer
    queried = [clerk.query(number)]
    program.ask("POST", "/test_clock/advance", {"by_s": 1000})
    queried.append(clerk.query(number))
    assert [each.get("code") or each["trade_state"] for each in queried] == [at_once, later]


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN_THEN_SUCCEEDS, Outcome.TIMES_OUT, Outcome.NEEDS_CONFIRMATION])
def test_a_charge_whose_end_nobody_knows_can_be_taken_back_and_then_takes_nothing(
    standing_shop: Shop, knocking: Clerk, outcome: Outcome
) -> None:
    clerk, program, number = knocking, standing_shop.program(), f"back-{outcome.value}"
    code = program.ask("POST", "/test_payers/pays/payer_code", {}).get_json()["number"]
    clerk.code_pay(code, number, AMOUNTS[outcome])

    assert clerk.reverse(number).status_code == 200
    program.ask("POST", "/test_clock/advance", {"by_s": 1000})

    assert clerk.query(number)["trade_state"] == "REVOKED"
    intent = standing_shop.intent(intent_of(standing_shop, number))
    assert (intent.state, intent.captured_minor) == ("canceled", 0)
