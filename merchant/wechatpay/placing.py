"""Placing an order, placing it again, closing it: what a merchant does before the money moves.

A Saoma code lives for minutes and a merchant's order for hours. Whoever places the order again, with the same content,
gets a fresh code when the old one's time is over: the fresh intent takes the old one's place in one commit, and nobody
can pay the old one any more. So an order is paid once, whichever code was scanned.
"""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import insert, update

from merchant.checkout import actions as checkout
from merchant.wechatpay import models, refusals, trades
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.trades import CLOSED, REVOKED, Standing, Trade
from shared.db.unit import UnitOfWork
from shared.payments import intents
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentState

_GONE = (IntentState.EXPIRED, IntentState.DECLINED)


def place(uow: UnitOfWork, *, trade: Trade, intent: PaymentIntent) -> Standing:
    """Take an order with a sealed intent behind it; one that was placed before, as it stands, with a code to pay."""
    known = trades.find(uow, mchid=trade.mchid, out_trade_no=trade.out_trade_no)
    if known is not None:
        return _again(uow, known, trade, intent)
    checkout.charge(uow, intent=intent)
    values = {name: getattr(trade, name) for name in Trade.__slots__}
    kept = {"asked": json.dumps(trade.asked), "is_by_public_key": int(trade.is_by_public_key)}
    uow.execute(insert(models.Trade).values(values | kept))
    return Standing(trade, intent, uow.now)


def close(uow: UnitOfWork, *, merchant: Merchant, out_trade_no: str) -> Trade:
    """Close an order that nobody has paid, and return it; `ORDERPAID` or `ORDER_CLOSED` otherwise."""
    stands = trades.of_merchant(uow, merchant=merchant, out_trade_no=out_trade_no)
    if stands.is_paid:
        raise refusals.already_paid()
    if stands.state in (CLOSED, REVOKED):
        raise refusals.order_closed()
    if stands.intent.state is IntentState.UNKNOWN:
        raise refusals.invalid_request("支付结果未知，请先查询订单")
    intents.give_up(uow, intent_id=stands.intent.id, shop_id=merchant.shop_id)
    end(uow, trade=stands.trade, how=CLOSED)
    return stands.trade


def end(uow: UnitOfWork, *, trade: Trade, how: str) -> None:
    """Write down that the merchant closed or revoked the order."""
    mine = models.Trade.transaction_id == trade.transaction_id
    uow.execute(update(models.Trade).where(mine).values(ended=how, ended_at=uow.now))


def _again(uow: UnitOfWork, known: Trade, trade: Trade, intent: PaymentIntent) -> Standing:
    stands = trades.standing(uow, trade=known)
    if stands.is_paid:
        raise refusals.already_paid()
    if (known.fingerprint, known.trade_type) != (trade.fingerprint, trade.trade_type):
        raise refusals.other_content()
    if stands.state in (CLOSED, REVOKED):
        raise refusals.order_closed()
    if known.trade_type == trades.NATIVE and _needs_a_code(stands, intent):
        checkout.charge_again(uow, old_id=known.intent_id, intent=intent)
        mine = models.Trade.transaction_id == known.transaction_id
        uow.execute(update(models.Trade).where(mine).values(intent_id=intent.id))
        return Standing(replace(known, intent_id=intent.id), intent, uow.now)
    return stands


def _needs_a_code(stands: Standing, fresh: PaymentIntent) -> bool:
    """Whether the code that was given out can be paid no more, and a fresh one ends before the order does."""
    is_over = stands.intent.state in intents.UNPAID and stands.now >= stands.intent.expires_at
    return (is_over or stands.intent.state in _GONE) and fresh.expires_at <= stands.trade.expires_at
