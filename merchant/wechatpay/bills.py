"""What a day's bills hold, read from the orders, the refunds and the ledger; and when a bill can be had.

A day is China's. Its bill is there from ten o'clock of the next day on, for three months, and never changes: so it is
made when it is asked for and again when it is fetched.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

from merchant.wechatpay import refusals, trades
from merchant.wechatpay.bill_tables import (
    CHINA_MS,
    DAY_MS,
    GivenBack,
    Heading,
    Movement,
    NotADay,
    Payment,
    day_of,
    flow_bill,
    trade_bill,
)
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.refusals import Refusal
from shared import money
from shared.db.unit import Reader
from shared.ledger import accounts, chart, extracts
from shared.ledger.extracts import Pick
from shared.settlement import batches

READY_MS = 10 * 3_600_000
"""How long after the end of a day its bill is there."""
KEPT_DAYS = 92
_LONGEST_LIFE_MS = 8 * DAY_MS
"""How long before its payment an order can have been made: with time to spare for clocks that were moved."""
_NAMES = {
    "pay": ("交易", "交易"), "capture": ("交易", "交易"), "charge": ("交易", "交易"), "refund": ("退款", "退款"),
    "fee": ("交易", "扣除交易手续费"), "payout": ("提现", "提现"), "returned": ("提现", "提现退票"),
    "clawback": ("其他", "争议扣款"),
}  # fmt: skip
"""What a kind of transfer is called in a fund-flow bill: the business, and its type."""


class _Row(NamedTuple):
    """What an order's row contributes to a bill's row."""

    transaction_id: str
    out_trade_no: str
    trade_type: str
    asked: str
    payer_id: str
    paid_at: int
    captured_minor: int


def check_day(date: str, now: int) -> int:
    """The first moment (ms) of the day whose bill is asked for at `now`; a refusal where there is none, or not yet."""
    try:
        start = day_of(date)
    except NotADay:
        raise refusals.bad_field("bill_date", "格式应为yyyy-MM-DD", value=date, location="query") from None
    today = (now + CHINA_MS) // DAY_MS * DAY_MS - CHINA_MS
    if start > today or start < today - KEPT_DAYS * DAY_MS:
        raise refusals.invalid_request("bill_date 仅支持三个月内的已过日期")
    if now < start + DAY_MS + READY_MS:
        raise Refusal(400, "STATEMENT_CREATING", "账单生成中，请在次日上午10点后再申请")
    return start


def trade(reader: Reader, *, merchant: Merchant, date: str, of_type: str, secret: bytes) -> bytes:
    """The trade bill of a day: the merchant's orders that were paid, what was given back, or both."""
    start = check_day(date, reader.now)
    paid = _paid(reader, merchant, start, start + DAY_MS) if of_type != "REFUND" else []
    back = _given_back(reader, merchant, start, start + DAY_MS) if of_type != "SUCCESS" else []
    if not paid and not back:
        raise _nothing()
    payments = [_payment(merchant, row, secret) for row in paid]
    refunds = [GivenBack(row.at, _payment(merchant, row.of, secret), *row[1:5]) for row in back]
    return trade_bill(_heading(reader, merchant), of_type, payments, refunds)


def flow(reader: Reader, *, merchant: Merchant, date: str, account: str) -> bytes:
    """The fund-flow bill of a day: whatever changed the shop's account, at the till too, with the balance after it.

    A shop has one account here, the BASIC one: nothing happens on the others.
    """
    start = check_day(date, reader.now)
    if account != "BASIC":
        raise _nothing()
    code = chart.shop_account(merchant.shop_id)
    first, end = extracts.seq_at(reader, at_ms=start), extracts.seq_at(reader, at_ms=start + DAY_MS)
    moved = _moved(reader, code, first, end)
    if not moved:
        raise _nothing()
    before = extracts.sums(reader, code=code, pick=Pick(), before_seq=first)
    names = _names(reader, moved)
    rows, balance = [], before.in_minor - before.out_minor
    for at, kind, reference, id, changed in moved:
        balance += changed
        business, voucher = names.get(id) or names.get(reference) or (reference or id, reference)
        name, of_kind = _NAMES.get(kind, ("其他", kind))
        by = f"{merchant.mchid}API" if kind == "refund" else "system"
        rows.append(Movement(at, business, id, name, of_kind, changed, balance, by, "", voucher))
    return flow_bill(_heading(reader, merchant), rows)


class _Back(NamedTuple):
    at: int
    refund_number: str
    out_refund_no: str
    amount_minor: int
    state: str
    of: _Row


def _heading(reader: Reader, merchant: Merchant) -> Heading:
    unit = money.currency(accounts.balance(reader, code=chart.shop_account(merchant.shop_id)).currency)
    return Heading(merchant.appid, merchant.mchid, unit, batches.rate_of(reader, shop_id=merchant.shop_id))


def _nothing() -> Refusal:
    return Refusal(400, "NO_STATEMENT_EXIST", "请求的账单文件不存在")


_TRADE = "t.transaction_id, t.out_trade_no, t.trade_type, t.asked, i.payer_id, i.closed_at, i.captured_minor"


def _paid(reader: Reader, merchant: Merchant, start: int, end: int) -> list[_Row]:
    rows = reader.sql.rows(
        f"SELECT {_TRADE} FROM payments_intent AS i JOIN wechatpay_trade AS t ON t.intent_id = i.id"
        " WHERE i.shop_id = :shop AND i.created_at >= :oldest AND i.created_at < :end AND i.state = 'captured'"
        " AND i.closed_at >= :start AND i.closed_at < :end ORDER BY i.closed_at, t.transaction_id",
        shop=merchant.shop_id,
        oldest=start - _LONGEST_LIFE_MS,
        start=start,
        end=end,
    )
    return [_Row._make(row) for row in rows]


def _given_back(reader: Reader, merchant: Merchant, start: int, end: int) -> list[_Back]:
    """What was given back of orders; a refund that was made at the till has its own name for a number."""
    rows = reader.sql.rows(
        "SELECT p.created_at, COALESCE(r.refund_number, p.id), COALESCE(r.out_refund_no, p.id), p.amount_minor,"
        " COALESCE(t.ended, 'REFUND'),"
        f" {_TRADE} FROM payments_refund AS p JOIN wechatpay_trade AS t ON t.intent_id = p.intent_id"
        " JOIN payments_intent AS i ON i.id = p.intent_id LEFT JOIN wechatpay_refund AS r ON r.refund_id = p.id"
        " WHERE p.shop_id = :shop AND p.state = 'succeeded' AND p.created_at >= :start AND p.created_at < :end"
        " ORDER BY p.created_at, p.id",
        shop=merchant.shop_id,
        start=start,
        end=end,
    )
    return [_Back._make((*row[:5], _Row._make(row[5:]))) for row in rows]


def _payment(merchant: Merchant, row: _Row, secret: bytes) -> Payment:
    asked = json.loads(row.asked)
    return Payment(
        at=row.paid_at,
        transaction_id=row.transaction_id,
        out_trade_no=row.out_trade_no,
        openid=trades.openid(secret, appid=merchant.appid, payer_id=row.payer_id),
        trade_type=row.trade_type,
        amount_minor=row.captured_minor,
        description=asked.get("description") or "",
        attach=asked.get("attach") or "",
        device_id=(asked.get("scene_info") or {}).get("device_id") or "",
    )


_HALF = (
    "SELECT created_at, kind, reference, id, {sign}amount_minor AS changed, seq FROM ledger_transfer"
    " WHERE {side}_account = :code AND phase = 'posted' AND seq >= :first AND seq < :end"
)


def _moved(reader: Reader, code: str, first: int, end: int) -> list[tuple[int, str, str, str, int]]:
    """Each transfer of a stretch that changed the account: time, kind, reference, id, change."""
    halves = [_HALF.format(sign=sign, side=side) for sign, side in (("", "credit"), ("-", "debit"))]
    rows = reader.sql.rows(f"{' UNION ALL '.join(halves)} ORDER BY seq", code=code, first=first, end=end)
    return [(at, kind, reference, id, changed) for at, kind, reference, id, changed, _ in rows]


def _names(reader: Reader, moved: Iterable[tuple[int, str, str, str, int]]) -> dict[str, tuple[str, str]]:
    """WeChat Pay's number and the merchant's own: of orders by their intents, of refunds by their transfers."""
    moved = list(moved)
    orders = reader.sql.rows(
        "SELECT intent_id, transaction_id, out_trade_no FROM wechatpay_trade WHERE intent_id IN :ids",
        ids=sorted({reference for _, _, reference, _, _ in moved if reference}),
    )
    refunds = reader.sql.rows(
        "SELECT p.transfer_id, r.refund_number, r.out_refund_no FROM wechatpay_refund AS r"
        " JOIN payments_refund AS p ON p.id = r.refund_id WHERE p.transfer_id IN :ids",
        ids=sorted(id for _, kind, _, id, _ in moved if kind == "refund"),
    )
    return {key: (number, own) for key, number, own in (*orders, *refunds)}
