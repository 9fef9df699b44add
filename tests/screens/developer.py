"""What the screens for those who program against a shop need: payments that a program asked for."""

from __future__ import annotations

from tests.screens.cast import Cast


def hosted(cast: Cast) -> str:
    """The hosted page of a payment that nobody has paid yet."""
    cast.code(4_800, reference="order-1042", memo="A tin of green tea")
    return f"/pay/{cast.said['intent']}"


def merchant(cast: Cast) -> str:
    """The page of a shop that a program has made a WeChat Pay merchant."""
    cast.services.till().merchant.ask("POST", "/v1/wechatpay_merchant", {})
    return "/developer/wechatpay"


def story(cast: Cast) -> str:
    """The story of a payment that was made, told of by a webhook and given back in part."""
    till = cast.services.till()
    made = till.charge(4_800, reference="order-1043", memo="A tin of green tea")
    cast.services.phone("Mia Wang").pay(str(made["code"]))
    till.refund(str(made["id"]), 800, reason="The tin had a dent")
    return f"/inspector/payments/{made['id']}"
