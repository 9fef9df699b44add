"""A merchant's order as it stands: its number, the intent behind it, the `trade_state` that follows, and its JSON."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from merchant.wechatpay import refusals
from merchant.wechatpay.bill_tables import CHINA_MS
from merchant.wechatpay.merchants import Merchant
from shared.db.unit import Reader
from shared.payments import intents
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentState
from shared.web.secrets import derived

NATIVE, MICROPAY = "NATIVE", "MICROPAY"
"""How an order is paid: the customer scans its code, or the shop takes the customer's."""
CLOSED, REVOKED = "CLOSED", "REVOKED"
BEIJING = timezone(timedelta(milliseconds=CHINA_MS))
"""WeChat Pay's days and times."""
DESCRIBED = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
    "REVOKED": "订单已撤销",
    "USERPAYING": "需要用户输入支付密码",
    "PAYERROR": "支付失败",
}


@dataclass(frozen=True, slots=True)
class Trade:
    """A merchant's order. `asked` is the request that placed it; `is_by_public_key` how its merchant verifies us.

    Times are Saoma's, in milliseconds; `expires_at` is when nobody can pay it any more. `ended` is `CLOSED` or
    `REVOKED` where the merchant said so.
    """

    transaction_id: str
    mchid: str
    out_trade_no: str
    trade_type: str
    intent_id: str
    asked: dict[str, Any]
    fingerprint: str
    notify_url: str | None
    is_by_public_key: bool
    created_at: int
    expires_at: int
    ended: str | None
    ended_at: int | None


COLUMNS = ", ".join(Trade.__slots__)


@dataclass(frozen=True, slots=True)
class Standing:
    """An order with its intent as of now (ms)."""

    trade: Trade
    intent: PaymentIntent
    now: int

    @property
    def state(self) -> str:
        """The `trade_state`."""
        state, trade = self.intent.state, self.trade
        if trade.ended == REVOKED:
            return REVOKED
        if state is IntentState.CAPTURED:
            return "REFUND" if self.intent.refunded_minor else "SUCCESS"
        if trade.ended:
            return trade.ended
        if state in (IntentState.UNKNOWN, IntentState.REQUIRES_CONFIRMATION):
            return "USERPAYING"
        if trade.trade_type == MICROPAY:
            return "PAYERROR" if state in (IntentState.DECLINED, IntentState.EXPIRED) else "NOTPAY"
        return CLOSED if state is IntentState.CANCELED or self.now > trade.expires_at + intents.GRACE_MS else "NOTPAY"

    @property
    def is_paid(self) -> bool:
        """Whether money was taken, given back or not."""
        return self.intent.state is IntentState.CAPTURED

    def as_json(self, secret: bytes) -> dict[str, Any]:
        """The order as a query and a notice tell it."""
        trade, asked, intent = self.trade, self.trade.asked, self.intent
        told: dict[str, Any] = {
            "appid": asked["appid"],
            "mchid": trade.mchid,
            "out_trade_no": trade.out_trade_no,
            "trade_type": trade.trade_type,
            "trade_state": self.state,
            "trade_state_desc": DESCRIBED[self.state],
            "attach": asked.get("attach") or "",
            "amount": {
                "total": intent.amount_minor,
                "currency": intent.currency,
                "payer_currency": intent.currency,
            },
            "payer": {},
            "promotion_detail": [],
        }
        if asked.get("scene_info"):
            told["scene_info"] = {"device_id": asked["scene_info"].get("device_id") or ""}
        if self.is_paid:
            told["transaction_id"] = trade.transaction_id
            told["bank_type"] = "OTHERS"
            told["success_time"] = beijing(intent.closed_at or 0)
            told["payer"] = {"openid": openid(secret, appid=asked["appid"], payer_id=intent.payer_id or "")}
            told["amount"]["payer_total"] = intent.amount_minor
        return told


def new_transaction_id(now: int) -> str:
    """A fresh number of an order: 28 digits, with the day on which it was placed."""
    return f"4200{secrets.randbelow(10**6):06d}{_day(now)}{secrets.randbelow(10**10):010d}"


def new_refund_number(now: int) -> str:
    """A fresh number of a refund: 29 digits."""
    return f"50{secrets.randbelow(10**9):09d}{_day(now)}{secrets.randbelow(10**10):010d}"


def beijing(at_ms: int) -> str:
    """A time as WeChat Pay writes it: `2026-11-21T18:09:00+08:00`."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(BEIJING).isoformat(timespec="seconds")


def openid(secret: bytes, *, appid: str, payer_id: str) -> str:
    """Who paid, as one app may know them: always the same, and another one for another app."""
    digest = hmac.new(derived(secret, "wechatpay openid"), f"{appid} {payer_id}".encode(), hashlib.sha256).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]


def find(reader: Reader, *, mchid: str, out_trade_no: str) -> Trade | None:
    """The merchant's order of this number, or None."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM wechatpay_trade WHERE mchid = :mchid AND out_trade_no = :number",
        mchid=mchid,
        number=out_trade_no,
    )
    return from_row(rows[0]) if rows else None


def by_intent(reader: Reader, *, intent_id: str) -> Trade | None:
    """The order that an intent is behind, or None."""
    rows = reader.sql.rows(f"SELECT {COLUMNS} FROM wechatpay_trade WHERE intent_id = :intent", intent=intent_id)
    return from_row(rows[0]) if rows else None


def by_ids(reader: Reader, *, transaction_ids: Iterable[str]) -> dict[str, Trade]:
    """Those of the orders that exist, by number."""
    rows = reader.sql.rows(
        f"SELECT {COLUMNS} FROM wechatpay_trade WHERE transaction_id IN :ids", ids=sorted(set(transaction_ids))
    )
    return {row[0]: from_row(row) for row in rows}


def standing(reader: Reader, *, trade: Trade) -> Standing:
    """An order with its intent as of now."""
    return Standing(trade, intents.by_id(reader, id=trade.intent_id).as_of(reader.now), reader.now)


def of_merchant(reader: Reader, *, merchant: Merchant, out_trade_no: str = "", transaction_id: str = "") -> Standing:
    """The merchant's order by its own number, or, once it is paid, by WeChat Pay's; `ORDER_NOT_EXIST` otherwise."""
    trade = (
        find(reader, mchid=merchant.mchid, out_trade_no=out_trade_no)
        if out_trade_no
        else by_ids(reader, transaction_ids=[transaction_id]).get(transaction_id)
    )
    if trade is None or trade.mchid != merchant.mchid:
        raise refusals.unknown_order()
    found = standing(reader, trade=trade)
    if not out_trade_no and not found.is_paid:
        raise refusals.unknown_order()
    return found


def from_row(row: tuple) -> Trade:  # type: ignore[type-arg]
    """A row of `COLUMNS`."""
    values = dict(zip(Trade.__slots__, row, strict=True))
    changed = {"asked": json.loads(values["asked"]), "is_by_public_key": bool(values["is_by_public_key"])}
    return Trade(**values | changed)


def _day(now: int) -> str:
    return datetime.fromtimestamp(now // 1000, UTC).astimezone(BEIJING).strftime("%Y%m%d")
