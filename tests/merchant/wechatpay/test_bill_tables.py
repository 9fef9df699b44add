"""The bills' text: the real columns, backticks, totals that are the sums of the rows."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant.wechatpay import bill_tables
from merchant.wechatpay.bill_tables import GivenBack, Heading, Movement, Payment
from shared import money
from shared.settlement import fees
from shared.settlement.fees import Rate

CNY = Heading("wx8888888888888888", "1900000109", money.currency("CNY"), Rate(60))
NOON = bill_tables.day_of("2026-11-21") + 12 * 3_600_000
TEA = Payment(NOON, "4200000001", "order-1", "oTea", "NATIVE", 1250, "Oolong", "table 4")
AMOUNTS = st.lists(st.integers(1, 10**9), max_size=20)


def cells(line: str) -> list[str]:
    """The values of a row, each of which must begin with a backtick."""
    values = line.split(",")
    assert all(value.startswith("`") for value in values)
    return [value[1:] for value in values]


def table(bill: bytes) -> tuple[list[dict[str, str]], dict[str, str]]:
    """A bill's rows and its totals, by column."""
    lines = bill.decode().split("\r\n")
    assert lines.pop() == ""
    columns, totals = lines[0].split(","), lines[-2].split(",")
    rows = [dict(zip(columns, cells(line), strict=True)) for line in lines[1:-2]]
    return rows, dict(zip(totals, cells(lines[-1]), strict=True))


def test_a_paid_order_stands_in_the_columns_that_programs_look_for() -> None:
    [row], totals = table(bill_tables.trade_bill(CNY, "ALL", [TEA], []))

    assert row["交易时间"] == "2026-11-21 12:00:00"
    assert (row["公众账号ID"], row["商户号"], row["特约商户号"]) == ("wx8888888888888888", "1900000109", "0")
    assert (row["微信订单号"], row["商户订单号"], row["交易类型"]) == ("4200000001", "order-1", "NATIVE")
    assert (row["交易状态"], row["应结订单金额"], row["订单金额"]) == ("SUCCESS", "12.50", "12.50")
    assert (row["微信退款单号"], row["商户退款单号"], row["退款金额"], row["退款状态"]) == ("0", "0", "0.00", "")
    assert (row["手续费"], row["费率"], row["商品名称"], row["商户数据包"]) == ("0.07500", "0.60%", "Oolong", "table 4")
    assert totals["总交易单数"] == "1"
    assert (totals["应结订单总金额"], totals["手续费总金额"]) == ("12.50", "0.07500")


def test_a_refund_is_a_row_of_its_own_at_its_own_time() -> None:
    back = GivenBack(NOON + 60_000, TEA, "5030001", "back-1", 400)

    rows, totals = table(bill_tables.trade_bill(CNY, "ALL", [TEA], [back]))

    assert [row["交易状态"] for row in rows] == ["SUCCESS", "REFUND"]
    assert (rows[1]["退款金额"], rows[1]["申请退款金额"], rows[1]["退款类型"]) == ("4.00", "4.00", "ORIGINAL")
    assert (rows[1]["订单金额"], rows[1]["手续费"], rows[1]["交易时间"]) == ("0.00", "0.00000", "2026-11-21 12:01:00")
    assert (totals["总交易单数"], totals["订单总金额"], totals["退款总金额"]) == ("2", "12.50", "4.00")


def test_the_bill_of_refunds_says_when_each_order_was_paid_and_when_it_was_given_back() -> None:
    back = GivenBack(NOON + bill_tables.DAY_MS, TEA, "5030001", "back-1", 400)

    [row], totals = table(bill_tables.trade_bill(CNY, "REFUND", [], [back]))

    assert (row["交易时间"], row["退款成功时间"]) == ("2026-11-21 12:00:00", "2026-11-22 12:00:00")
    assert (totals["订单总金额"], totals["申请退款总金额"]) == ("0.00", "4.00")


def test_each_type_of_bill_holds_its_own_rows_only() -> None:
    back = GivenBack(NOON, TEA, "5030001", "back-1", 400)

    counts = {
        kind: len(table(bill_tables.trade_bill(CNY, kind, [TEA], [back]))[0]) for kind in bill_tables.TRADE_COLUMNS
    }

    assert counts == {"ALL": 2, "SUCCESS": 1, "REFUND": 1}


def test_what_would_break_a_row_becomes_a_space() -> None:
    odd = Payment(NOON, "1", "o", "u", "NATIVE", 1, "Tea, hot`\r\nwith milk", "a\tb")

    [row], _ = table(bill_tables.trade_bill(CNY, "ALL", [odd], []))

    assert (row["商品名称"], row["商户数据包"]) == ("Tea  hot   with milk", "a b")


def test_a_fund_flow_bill_carries_the_balance_and_sums_each_way() -> None:
    came = Movement(NOON, "4200000001", "trf1", "交易", "交易", 1250, 1250, "system", "", "order-1")
    went = Movement(NOON + 1000, "5030001", "trf2", "退款", "退款", -400, 850, "1900000109API", "", "back-1")

    rows, totals = table(bill_tables.flow_bill(CNY, [came, went]))

    assert [(row["收支类型"], row["收支金额(元)"], row["账户结余(元)"]) for row in rows] == [
        ("收入", "12.50", "12.50"), ("支出", "4.00", "8.50"),
    ]  # fmt: skip
    assert list(totals.values()) == ["2", "1", "12.50", "1", "4.00"]


def test_a_day_is_chinas_day_and_nothing_else_is_one() -> None:
    assert bill_tables.china_time(bill_tables.day_of("2026-11-21")) == "2026-11-21 00:00:00"
    for wrong in ("2026-11-31", "2026-1-21", "20261121", "2026-11-21T00:00", "", "２０２６-11-21"):
        with pytest.raises(bill_tables.NotADay):
            bill_tables.day_of(wrong)


@given(AMOUNTS, st.integers(0, 300))
def test_the_totals_are_the_sums_of_the_rows_and_the_fees_round_to_the_batchs(amounts: list[int], points: int) -> None:
    head = Heading("wx", "19", money.currency("CNY"), Rate(points))
    sold = [Payment(NOON + at, str(at), str(at), "o", "NATIVE", amount, "", "") for at, amount in enumerate(amounts)]

    rows, totals = table(bill_tables.trade_bill(head, "ALL", sold, []))

    assert Decimal(totals["订单总金额"]) == sum(Decimal(row["订单金额"]) for row in rows) == Decimal(sum(amounts)) / 100
    exact = sum(Decimal(row["手续费"]) for row in rows)
    assert abs(exact - Decimal(totals["手续费总金额"])) <= Decimal("0.00001") * len(rows)
    assert abs(exact * 100 - sum(fees.line_fees(amounts, head.rate))) <= 1
