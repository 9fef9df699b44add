"""Reading what a merchant asks for: an order with its sealed intent, a refund with its number. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from merchant import service
from merchant.checkout import actions as checkout
from merchant.wechatpay import entry, fields, refunding, refusals, trades
from merchant.wechatpay.fields import Fields
from merchant.wechatpay.merchants import Merchant
from merchant.wechatpay.refunding import Given, Numbered
from merchant.wechatpay.trades import Trade
from shared import clock
from shared.db.unit import Reader
from shared.identity import parties, wording
from shared.identity.parties import Known
from shared.payments import intents
from shared.payments.intents import PaymentIntent

NUMBER = 6, 32
"""How short and how long a merchant's own order number may be."""
REFUND_NUMBER = 1, 64
GOOD_FOR_MS = 2 * 3_600_000
"""How long an order can be paid whose merchant does not say."""
SOONEST_MS, LATEST_MS = 60_000, 7 * 86_400_000
"""When an order may end at the earliest and at the latest."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A refund that is asked for, of `amount_minor` of what an intent took."""

    intent_id: str
    amount_minor: int
    reason: str
    numbered: Numbered


def native(given: Fields) -> tuple[Trade, PaymentIntent]:
    """An order that is paid by scanning, and the sealed intent behind it; neither is stored yet."""
    asked = common(given) | {"notify_url": given.url("notify_url")}
    shop, known, now = service.read(_scene, merchant=entry.merchant(), out_trade_no=asked["out_trade_no"])
    ends_at = known.expires_at if known else _end(given, now)
    return drafted(given, asked, shop=shop, trade_type=trades.NATIVE, now=now, expires_at=ends_at)


def common(given: Fields) -> dict[str, Any]:
    """What an order of any kind says, each field within its limits."""
    merchant = entry.merchant()
    fields.asked_for(merchant, given.optional_text("mchid", longest=32), location="body")
    amount = given.part("amount")
    asked: dict[str, Any] = {
        "appid": fields.of_app(merchant, given),
        "out_trade_no": given.number("out_trade_no", shortest=NUMBER[0], longest=NUMBER[1]),
        "description": given.text("description", longest=127),
        "attach": given.optional_text("attach", longest=128),
        "goods_tag": given.optional_text("goods_tag", longest=32),
        "total": amount.amount("total"),
    }
    currency(amount)
    scene = given.optional_part("scene_info")
    if scene:
        asked["scene_info"] = {
            "device_id": scene.optional_text("device_id", longest=32),
            "payer_client_ip": scene.optional_text("payer_client_ip", longest=45),
        }
    for name in ("detail", "settle_info"):
        if given.has(name):
            asked[name] = given.part(name).as_dict()
    return asked


def drafted(
    given: Fields, asked: dict[str, Any], *, shop: Known, trade_type: str, now: int, expires_at: int
) -> tuple[Trade, PaymentIntent]:
    """An order and the sealed intent behind it. Sealing is dear: this is done before the writer's turn."""
    intent = checkout.drafted(
        service.store(),
        service.signers(),
        shop=shop,
        unit=service.unit(),
        amount_minor=asked["total"],
        reference=asked["out_trade_no"][-checkout.REFERENCE_BYTES :],
        memo=wording.fitted(asked["description"], checkout.MEMO_BYTES),
        ttl_s=min(intents.LONGEST_TTL_S, max(intents.SHORTEST_TTL_S, (expires_at - now) // 1000)),
    )
    trade = Trade(
        transaction_id=trades.new_transaction_id(now),
        mchid=entry.merchant().mchid,
        out_trade_no=asked["out_trade_no"],
        trade_type=trade_type,
        intent_id=intent.id,
        asked=asked,
        fingerprint=fields.fingerprint(given),
        notify_url=asked.get("notify_url"),
        is_by_public_key=entry.is_by_public_key(),
        created_at=now,
        expires_at=expires_at,
        ended=None,
        ended_at=None,
    )
    return trade, intent


def refund(given: Fields) -> Asked | Given:
    """A refund that is asked for; the one that was given, when it is asked for again."""
    merchant, amount = entry.merchant(), given.part("amount")
    out_refund_no = given.number("out_refund_no", shortest=REFUND_NUMBER[0], longest=REFUND_NUMBER[1])
    asked, total = amount.amount("refund"), amount.amount("total")
    amount.text("currency", longest=16)
    currency(amount)
    known = service.read(refunding.find, mchid=merchant.mchid, out_refund_no=out_refund_no)
    if known is not None:
        return service.read(refunding.same, known=known, fingerprint=fields.fingerprint(given))
    transaction_id = given.optional_text("transaction_id", longest=32)
    out_trade_no = "" if transaction_id else given.number("out_trade_no", shortest=NUMBER[0], longest=NUMBER[1])
    stands = service.read(
        refunding.refundable, merchant=merchant, out_trade_no=out_trade_no, transaction_id=transaction_id
    )
    if total != stands.intent.amount_minor:
        raise refusals.invalid_request("订单金额与支付时不一致，请核实后再试")
    numbered = Numbered(
        refund_number=trades.new_refund_number(stands.now),
        mchid=merchant.mchid,
        out_refund_no=out_refund_no,
        transaction_id=stands.trade.transaction_id,
        refund_id="",
        fingerprint=fields.fingerprint(given),
        notify_url=given.url("notify_url") if given.has("notify_url") else None,
        is_by_public_key=entry.is_by_public_key(),
        created_at=stands.now,
    )
    reason = wording.fitted(given.optional_text("reason", longest=80), checkout.REASON_BYTES)
    return Asked(stands.intent.id, asked, reason, numbered)


def currency(amount: Fields) -> None:
    """Refuse an amount of another currency than this installation's."""
    named = amount.optional_text("currency", longest=16)
    if named and named != service.unit().code:
        raise amount.refused("currency", f"应为{service.unit().code}")


def _end(given: Fields, now: int) -> int:
    """When the order ends (ms of Saoma's clock). One that is over there is read by the machine's clock."""
    if not given.has("time_expire"):
        return now + GOOD_FOR_MS
    ends_at = given.time("time_expire")
    if ends_at < now + SOONEST_MS:
        ends_at += now - clock.system_now()
    if not now + SOONEST_MS <= ends_at + 1_000 or ends_at > now + LATEST_MS:
        raise given.refused("time_expire", "应晚于下单时间1分钟，且在7天之内")
    return ends_at


def _scene(reader: Reader, *, merchant: Merchant, out_trade_no: str) -> tuple[Known, Trade | None, int]:
    known = trades.find(reader, mchid=merchant.mchid, out_trade_no=out_trade_no)
    return parties.by_id(reader, id=merchant.shop_id), known, reader.now
