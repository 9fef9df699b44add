"""Notices: a merchant hears that an order was paid or a refund given, signed by us and encrypted for it alone.

They follow the journal, behind the payments' backs, and go out by the engine that sends every callback, as patiently as
WeChat Pay's own: fifteen tries over a day.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from merchant.callbacks import actions as callbacks
from merchant.callbacks import follower, kinds
from merchant.callbacks.deliveries import Delivery
from merchant.callbacks.follower import Follower
from merchant.wechatpay import merchants, platform, refunding, signing, trades
from shared.config import Config
from shared.db.unit import Reader, UnitOfWork
from shared.events import Event
from shared.web.secrets import load_secret

KIND = "wechatpay"
_S, _MIN, _H = 1_000, 60_000, 3_600_000
WAITS_MS = (
    15 * _S, 15 * _S, 30 * _S, 3 * _MIN, 10 * _MIN, 20 * _MIN, 30 * _MIN, 30 * _MIN, 30 * _MIN, 60 * _MIN,
    3 * _H, 3 * _H, 3 * _H, 6 * _H, 6 * _H,
)  # fmt: skip
PAID, REFUNDED = "intent.captured", "refund.succeeded"


def install() -> None:
    """Make this kind of callback known, and follow the journal for it."""
    kinds.register(kinds.Kind(KIND, compose, is_taken, WAITS_MS))
    follower.register(Follower(KIND, tell, frozenset({PAID, REFUNDED}), _has_trades, wanted))


def compose(reader: Reader, delivery: Delivery, secret: bytes) -> tuple[dict[str, str], bytes]:
    """The notice around what the delivery tells: encrypted for its merchant, and signed now."""
    told = json.loads(delivery.payload)
    merchant, signer = merchants.find(reader, mchid=told["mchid"]), platform.find(reader, secret=secret)
    assert merchant is not None, "whoever is told has placed an order"
    assert signer is not None, "and was answered"
    original = told["original_type"]
    plain = json.dumps(told["resource"], ensure_ascii=False, separators=(",", ":"))
    sealed = signing.encrypted(plain, api_key=merchant.api_key(secret), associated_data=original)
    notice = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, delivery.event_id)),
        "create_time": trades.beijing(delivery.created_at),
        "resource_type": "encrypt-resource",
        "event_type": told["event_type"],
        "summary": told["summary"],
        "resource": {"original_type": original} | sealed,
    }
    body = json.dumps(notice, ensure_ascii=False, separators=(",", ":"))
    headers = signer.headers(body, by_public_key=told["is_by_public_key"])
    return {"Content-Type": "application/json", "Request-ID": delivery.id} | headers, body.encode()


def is_taken(status: int, _headers: Mapping[str, str], _body: bytes) -> bool:
    """A merchant says by 200 or 204 that it has heard."""
    return status in (200, 204)


def _has_trades(reader: Reader) -> bool:
    return bool(reader.sql.rows("SELECT 1 FROM wechatpay_trade LIMIT 1"))


def wanted(reader: Reader, found: Sequence[Event]) -> list[Event]:
    """Those of the events that a merchant is told of."""
    paid = [event.body["intent"] for event in found if event.name == PAID]
    given = [event.body["refund"] for event in found if event.name == REFUNDED]
    known: set[str] = set()
    if paid:
        known |= _known(reader, "SELECT intent_id FROM wechatpay_trade WHERE intent_id IN :ids", paid)
    if given:
        known |= _known(reader, "SELECT refund_id FROM wechatpay_refund WHERE refund_id IN :ids", given)
    return [
        event
        for event in found
        if (event.name == PAID and event.body["intent"] in known)
        or (event.name == REFUNDED and event.body["refund"] in known)
    ]


def tell(uow: UnitOfWork, event: Event, config: Config) -> None:
    """Have the notice of one event sent, where its merchant gave an address for it."""
    if event.name == PAID:
        _tell_of_payment(uow, event, load_secret(config))
    else:
        _tell_of_refund(uow, event)


def _tell_of_payment(uow: UnitOfWork, event: Event, secret: bytes) -> None:
    trade = trades.by_intent(uow, intent_id=event.body["intent"])
    if trade is None or not trade.notify_url:
        return
    stands = trades.standing(uow, trade=trade)
    told = stands.as_json(secret) | {"trade_state": "SUCCESS", "trade_state_desc": trades.DESCRIBED["SUCCESS"]}
    _send(uow, event, stands.intent.shop_id, trade.notify_url, trade.intent_id, {
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "original_type": "transaction",
        "mchid": trade.mchid,
        "is_by_public_key": trade.is_by_public_key,
        "resource": told,
    })  # fmt: skip


def _tell_of_refund(uow: UnitOfWork, event: Event) -> None:
    given = refunding.by_refund(uow, refund_id=event.body["refund"])
    if given is None or not given.numbered.notify_url:
        return
    _send(uow, event, given.intent.shop_id, given.numbered.notify_url, given.intent.id, {
        "event_type": "REFUND.SUCCESS",
        "summary": "退款成功",
        "original_type": "refund",
        "mchid": given.numbered.mchid,
        "is_by_public_key": given.numbered.is_by_public_key,
        "resource": given.as_notice(),
    })  # fmt: skip


def _send(uow: UnitOfWork, event: Event, shop_id: str, url: str, intent_id: str, told: dict[str, Any]) -> None:
    callbacks.enqueue(
        uow,
        shop_id=shop_id,
        kind=KIND,
        url=url,
        payload=json.dumps(told, ensure_ascii=False),
        subject=intent_id,
        event_id=event.id,
        event_type=told["event_type"],
    )


def _known(reader: Reader, query: str, ids: Sequence[str]) -> set[str]:
    return {str(row[0]) for row in reader.sql.rows(query, ids=sorted(set(ids)))}
