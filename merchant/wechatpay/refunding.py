"""Refunds of orders, under the merchant's own numbers: given once, however often they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert

from merchant.checkout import actions as checkout
from merchant.wechatpay import models, refusals, trades
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.trades import Standing, Trade
from shared.db.unit import Reader, UnitOfWork
from shared.payments import intents, refunds
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.refunds import Refund

MOST = 50
"""So many refunds an order may have."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """What the doors keep of a refund: `refund_number` is ours, `out_refund_no` the merchant's, `refund_id` the row."""

    refund_number: str
    mchid: str
    out_refund_no: str
    transaction_id: str
    refund_id: str
    fingerprint: str
    notify_url: str | None
    is_by_public_key: bool
    created_at: int


_COLUMNS = ", ".join(Numbered.__slots__)


@dataclass(frozen=True, slots=True)
class Given:
    """A refund with its order and the money that it moved."""

    numbered: Numbered
    trade: Trade
    intent: PaymentIntent
    refund: Refund

    def as_json(self) -> dict[str, Any]:
        """The refund as an answer tells it."""
        total, amount, currency = self.intent.amount_minor, self.refund.amount_minor, self.refund.currency
        return {
            "refund_id": self.numbered.refund_number,
            "out_refund_no": self.numbered.out_refund_no,
            "transaction_id": self.trade.transaction_id,
            "out_trade_no": self.trade.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": "支付用户零钱",
            "success_time": trades.beijing(self.refund.created_at),
            "create_time": trades.beijing(self.numbered.created_at),
            "status": "SUCCESS",
            "funds_account": "AVAILABLE",
            "amount": {
                "total": total,
                "refund": amount,
                "from": [],
                "payer_total": total,
                "payer_refund": amount,
                "settlement_refund": amount,
                "settlement_total": total,
                "discount_refund": 0,
                "currency": currency,
                "refund_fee": 0,
            },
            "promotion_detail": [],
        }

    def as_notice(self) -> dict[str, Any]:
        """The refund as a notice tells it: in part under other names."""
        amount = self.as_json()["amount"]
        return {
            "mchid": self.numbered.mchid,
            "out_trade_no": self.trade.out_trade_no,
            "transaction_id": self.trade.transaction_id,
            "out_refund_no": self.numbered.out_refund_no,
            "refund_id": self.numbered.refund_number,
            "refund_status": "SUCCESS",
            "success_time": trades.beijing(self.refund.created_at),
            "user_received_account": "支付用户零钱",
            "amount": {name: amount[name] for name in ("total", "refund", "payer_total", "payer_refund")},
        }


def refund(uow: UnitOfWork, *, numbered: Numbered, order: Prepared) -> Given:
    """Give back what the order says, under the merchant's number; the first refund again when it was given before."""
    known = find(uow, mchid=numbered.mchid, out_refund_no=numbered.out_refund_no)
    if known is not None:
        return same(uow, known=known, fingerprint=numbered.fingerprint)
    made = checkout.give_back(uow, order=order)
    kept = {name: getattr(numbered, name) for name in Numbered.__slots__}
    changed = {"refund_id": made.id, "is_by_public_key": int(numbered.is_by_public_key)}
    uow.execute(insert(models.TradeRefund).values(kept | changed))
    found = by_number(uow, mchid=numbered.mchid, out_refund_no=numbered.out_refund_no)
    assert found is not None, "it was just written"
    return found


def same(reader: Reader, *, known: Numbered, fingerprint: str) -> Given:
    """The refund that was given under this number, when it was asked for in the same words."""
    if known.fingerprint != fingerprint:
        raise refusals.invalid_request("订单金额或退款金额与之前请求不一致，请核实后再试")
    return _given(reader, known)


def refundable(reader: Reader, *, merchant: Merchant, out_trade_no: str, transaction_id: str) -> Standing:
    """The order to give something back of, when it is paid and was not given back fifty times."""
    numbers = {"out_trade_no": out_trade_no} if out_trade_no else {"transaction_id": transaction_id}
    try:
        stands = trades.of_merchant(reader, merchant=merchant, **numbers)
    except refusals.Refusal:
        raise refusals.unknown_thing("订单不存在，请检查订单号") from None
    if not stands.is_paid:
        raise refusals.invalid_request("订单未支付，不能退款")
    if len(refunds.of_intent(reader, intent_id=stands.intent.id, limit=MOST)) >= MOST:
        raise refusals.invalid_request("一笔订单最多支持50次部分退款")
    return stands


def find(reader: Reader, *, mchid: str, out_refund_no: str) -> Numbered | None:
    """The merchant's refund of this number, or None."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM wechatpay_refund WHERE mchid = :mchid AND out_refund_no = :number",
        mchid=mchid,
        number=out_refund_no,
    )
    return _numbered(rows[0]) if rows else None


def by_number(reader: Reader, *, mchid: str, out_refund_no: str) -> Given | None:
    """The same with its order and its money."""
    known = find(reader, mchid=mchid, out_refund_no=out_refund_no)
    return _given(reader, known) if known else None


def by_refund(reader: Reader, *, refund_id: str) -> Given | None:
    """The merchant's refund that a refund of ours is, or None."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM wechatpay_refund WHERE refund_id = :id", id=refund_id)
    return _given(reader, _numbered(rows[0])) if rows else None


def _given(reader: Reader, known: Numbered) -> Given:
    trade = trades.by_ids(reader, transaction_ids=[known.transaction_id])[known.transaction_id]
    intent = intents.by_id(reader, id=trade.intent_id)
    return Given(known, trade, intent, refunds.of_shop(reader, id=known.refund_id, shop_id=intent.shop_id))


def _numbered(row: tuple) -> Numbered:  # type: ignore[type-arg]
    values = dict(zip(Numbered.__slots__, row, strict=True))
    return Numbered(**values | {"is_by_public_key": bool(values["is_by_public_key"])})
