"""The bills of a day: when there is one, what stands in it, and who may fetch it."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from merchant.wechatpay import bill_tables
from shared.codes import frame as frames
from tests.merchant.shop import Shop, open_shop
from tests.merchant.wechatpay.clerk import Clerk, hired
from tests.merchant.wechatpay.test_bill_tables import table
from tests.world import SECRET, Member, World

HOUR_S = 3_600


@pytest.fixture
def clerk(shop: Shop) -> Clerk:
    return hired(shop)


def morning(shop: Shop) -> str:
    """Let it be eight in the morning in China; the day's name."""
    now = shop.world.now() + bill_tables.CHINA_MS
    shop.world.pass_time((24 + 8) * HOUR_S - now // 1000 % (24 * HOUR_S))
    return bill_tables.china_time(shop.world.now())[:10]


def sold(shop: Shop, clerk: Clerk, payer: Member, number: str, fen: int) -> dict[str, Any]:
    """An order that was paid by code; the order."""
    shop.world.limit(payer, no_pin_minor=100_000)
    code = frames.code_text(shop.config.wallet_url, shop.world.payer_code(payer))
    told: dict[str, Any] = clerk.code_pay(code, number, fen, attach="desk").get_json()
    assert told["trade_state"] == "SUCCESS"
    return told


def offered(clerk: Clerk, query: str) -> dict[str, Any]:
    """What is answered to who asks for a bill."""
    told: dict[str, Any] = clerk.get(f"/v3/bill/{query}").get_json()
    return told


def fetched(clerk: Clerk, told: dict[str, Any]) -> bytes:
    """The file at the address that was answered, as it comes."""
    address = urlsplit(told["download_url"])
    answer = clerk.get(f"{address.path.removeprefix('/wechatpay')}?{address.query}")
    assert answer.status_code == 200
    assert "Wechatpay-Signature" not in answer.headers
    return answer.data


def test_a_days_bills_hold_its_orders_its_refunds_and_all_that_moved_on_both_engines(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(world.store, tmp_path / "data")
    clerk, ana = hired(shop), world.person("ana")
    day = morning(shop)
    kept = sold(shop, clerk, ana, "order-0001", 1250)
    sold(shop, clerk, ana, "order-0002", 300)
    back = {"refund": 400, "total": 1250, "currency": "CNY"}
    asked = {"out_trade_no": "order-0001", "out_refund_no": "back-1", "amount": back}
    clerk.post("/v3/refund/domestic/refunds", asked)
    clerk.reverse("order-0002")
    program = shop.program()
    shop.paid_by(ana, program.create(7_000).get_json()["id"])
    balance = shop.world.balance(shop.member)
    shop.world.pass_time(26 * HOUR_S)

    told = offered(clerk, f"tradebill?bill_date={day}&tar_type=GZIP")
    bill = gzip.decompress(fetched(clerk, told))
    rows, totals = table(bill)
    assert (told["hash_type"], told["hash_value"]) == ("SHA1", hashlib.sha1(bill).hexdigest())
    assert sorted((row["商户订单号"], row["交易状态"], row["退款金额"]) for row in rows) == [
        ("order-0001", "REFUND", "4.00"), ("order-0001", "SUCCESS", "0.00"),
        ("order-0002", "REVOKED", "3.00"), ("order-0002", "SUCCESS", "0.00"),
    ]  # fmt: skip
    assert {row["用户标识"] for row in rows} == {kept["payer"]["openid"]}
    assert [row["微信订单号"] for row in rows if row["商户退款单号"] == "back-1"] == [kept["transaction_id"]]
    assert (totals["订单总金额"], totals["退款总金额"]) == ("15.50", "7.00")
    only = [len(table(fetched(clerk, offered(clerk, f"tradebill?bill_date={day}&bill_type={kind}")))[0])
            for kind in ("SUCCESS", "REFUND")]  # fmt: skip
    assert only == [2, 2]

    flow, sums = table(fetched(clerk, offered(clerk, f"fundflowbill?bill_date={day}")))
    assert [row["收支类型"] + row["收支金额(元)"] for row in flow] == [
        "收入12.50", "收入3.00", "支出4.00", "支出3.00", "收入70.00",
    ]  # fmt: skip
    assert flow[0]["业务凭证号"] == "order-0001"
    assert flow[2]["业务凭证号"] == "back-1"
    assert flow[-1]["账户结余(元)"] == f"{balance / 100:.2f}"
    assert sums["资金流水总笔数"] == "5"


def test_a_bill_is_there_from_ten_of_the_next_day_on_for_three_months(shop: Shop, clerk: Clerk, ana: Member) -> None:
    day = morning(shop)
    sold(shop, clerk, ana, "order-0001", 100)

    def asked(date: str = day, more: str = "") -> str:
        return str(offered(clerk, f"tradebill?bill_date={date}{more}").get("code", "there"))

    assert asked() == "STATEMENT_CREATING"
    shop.world.pass_time(25 * HOUR_S)
    assert asked() == "STATEMENT_CREATING"
    shop.world.pass_time(2 * HOUR_S)
    assert asked() == "there"
    assert asked(more="&bill_type=REFUND") == "NO_STATEMENT_EXIST"
    assert offered(clerk, f"fundflowbill?bill_date={day}&account_type=FEES")["code"] == "NO_STATEMENT_EXIST"
    for wrong in ("", "2026-13-01", "20261121", "2026-11-21%0A"):
        assert asked(wrong) == "PARAM_ERROR"
    assert asked(more="&bill_type=EVERYTHING") == asked(more="&tar_type=ZIP") == "PARAM_ERROR"
    assert asked("2999-01-01") == "INVALID_REQUEST"
    shop.world.pass_time(95 * 24 * HOUR_S)
    assert asked() == "INVALID_REQUEST"


def test_an_address_fetches_for_five_minutes_for_its_merchant_alone_and_cannot_be_made(
    shop: Shop, clerk: Clerk, ana: Member
) -> None:
    day = morning(shop)
    sold(shop, clerk, ana, "order-0001", 100)
    shop.world.pass_time(26 * HOUR_S)
    token = offered(clerk, f"tradebill?bill_date={day}")["download_url"].partition("token=")[2]

    def answer(text: str, by: Clerk = clerk) -> str:
        return str((by.get(f"/v3/billdownload/file?token={text}").get_json(silent=True) or {}).get("code", "there"))

    assert answer(token) == "there"
    assert answer(token, hired(shop, shop.world.shop("neighbour").id)) == "NO_AUTH"
    other = "A" if token[0] != "A" else "B"
    for wrong in ("", "abc", other + token[1:], token[:-4], "%C3%A9", "A" * 600):
        assert answer(wrong) == "INVALID_REQUEST"
    shop.world.pass_time(301)
    assert answer(token) == "INVALID_REQUEST"
