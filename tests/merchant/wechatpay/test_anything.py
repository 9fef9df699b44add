"""Whatever a merchant sends: it is refused by a name, or it is an order; nothing breaks, and nothing is half kept."""

from __future__ import annotations

import json
import secrets
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from merchant.wechatpay import signing
from tests.examples import examples
from tests.merchant.wechatpay.clerk import Clerk

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40) | st.just("\ud800\0")
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner))
ORDER = ("appid", "mchid", "description", "out_trade_no", "notify_url", "amount", "attach", "time_expire", "scene_info",
         "detail", "goods_tag", "settle_info", "payer")  # fmt: skip
REFUND = ("out_refund_no", "out_trade_no", "transaction_id", "reason", "notify_url", "amount")
REFUSED = {"PARAM_ERROR", "APPID_MCHID_NOT_MATCH", "RESOURCE_NOT_EXISTS", "INVALID_REQUEST", "AUTH_CODE_ERROR",
           "AUTH_CODE_INVALID", "ORDER_NOT_EXIST"}  # fmt: skip
tried = examples(60)


def right(clerk: Clerk, path: str) -> dict[str, Any]:
    """A request that would be fulfilled, or one for a refund of an order that there is not."""
    if path.endswith("refunds"):
        amount = {"refund": 1, "total": 1, "currency": "CNY"}
        return {"out_refund_no": "back-1", "out_trade_no": "never-placed", "amount": amount}
    return {
        "appid": clerk.appid, "mchid": clerk.mchid, "description": "Oolong", "notify_url": "http://127.0.0.1:9/never",
        "out_trade_no": secrets.token_hex(8), "amount": {"total": 1}, "payer": {"auth_code": "1" * 18},
    }  # fmt: skip


@tried
@given(
    path=st.sampled_from(["pay/transactions/native", "pay/transactions/codepay", "refund/domestic/refunds"]),
    changed=st.dictionaries(st.sampled_from(sorted({*ORDER, *REFUND})), VALUES, min_size=1, max_size=2),
)
def test_any_value_in_any_field_is_taken_or_refused_by_name(
    knocking: Clerk, path: str, changed: dict[str, Any]
) -> None:
    body = json.dumps(right(knocking, path) | changed).encode()
    answer = knocking.send("POST", f"/v3/{path}", body)
    told = answer.get_json()
    assert answer.status_code == 200 or told["code"] in REFUSED, told


@tried
@given(text=st.text() | st.from_regex(r'(mchid|nonce_str|timestamp)="[^"]*",?.{0,9}'))
def test_any_header_is_taken_apart_or_is_none(text: str) -> None:
    assert signing.parsed(f"{signing.SCHEME} {text}") is None
