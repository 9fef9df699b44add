"""Every route of the till and who may take it: the table that test_roles.py tries, cell by cell.

A new route needs a row here. `CASHIER`, `MANAGER`, `OWNER`: the lowest role of the shop that may; `EVERYBODY`;
`PROGRAM`: only who has the shop's API key; `SIGNED`: only who signs as a WeChat Pay merchant; `CONSOLE`: the operator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from merchant.staff.members import Role

CASHIER, MANAGER, OWNER = Role.CASHIER, Role.MANAGER, Role.OWNER
EVERYBODY, PROGRAM, SIGNED, CONSOLE = "everybody", "program", "signed", "console"


@dataclass(frozen=True)
class Row:
    """Who may take a route. `of` makes the thing of this shop that its address names (see test_roles.py); `sent` is
    the JSON, and `form` the form, that goes with it.
    """

    who: Role | str
    of: str = ""
    sent: Any = None
    form: dict[str, str] | None = None


ITEM = {"name": "Cake", "price": "5", "version": 1}

ROUTES: dict[tuple[str, str], Row] = {
    # the till
    ("GET", "/"): Row(CASHIER),
    ("GET", "/checkout/<id>"): Row(CASHIER, "charged"),
    ("POST", "/api/sales"): Row(CASHIER, sent={"lines": [{"typed_minor": 100}]}),
    ("GET", "/api/sales/<id>"): Row(CASHIER, "charged"),
    ("POST", "/api/sales/<id>/again"): Row(CASHIER, "charged", {}),
    ("POST", "/api/sales/<id>/cancel"): Row(CASHIER, "charged", {}),
    ("POST", "/api/sales/<id>/part"): Row(CASHIER, "split", {"part": 1}),
    ("POST", "/api/sales/<id>/stop"): Row(CASHIER, "split", {}),
    ("POST", "/api/sales/<id>/present"): Row(CASHIER, "charged_beside_a_phone"),
    ("POST", "/api/sales/<id>/capture"): Row(CASHIER, "held", {}),
    ("POST", "/api/sales/<id>/void"): Row(MANAGER, "held", {"reason": "gone"}),
    ("POST", "/api/sales/<id>/refund"): Row(MANAGER, "paid", {"reason": "cold"}),
    ("GET", "/split/<id>"): Row(CASHIER, "split"),
    ("GET", "/api/parked"): Row(CASHIER),
    ("POST", "/api/parked"): Row(CASHIER, sent={"name": "Table 4", "cart": {"lines": [{"typed_minor": 100}]}}),
    ("POST", "/api/parked/<id>/take"): Row(CASHIER, "parked", {}),
    ("POST", "/api/parked/<id>/discard"): Row(CASHIER, "parked", {}),
    ("GET", "/display"): Row(CASHIER),
    ("GET", "/display/now"): Row(CASHIER),
    ("GET", "/sound-box"): Row(CASHIER),
    ("GET", "/sound-box/rows"): Row(CASHIER),
    ("GET", "/static-code"): Row(CASHIER),
    ("GET", "/events"): Row(CASHIER),
    # for programs
    ("GET", "/developer"): Row(MANAGER),
    ("GET", "/inspector"): Row(MANAGER),
    ("GET", "/inspector/rows"): Row(MANAGER),
    ("GET", "/inspector/entries/<id>"): Row(MANAGER, "wire_entry"),
    ("GET", "/inspector/payments/<id>"): Row(MANAGER, "charged"),
    ("GET", "/developer/keys"): Row(OWNER),
    ("POST", "/api/keys"): Row(OWNER, sent={"name": "Web shop"}),
    ("POST", "/api/keys/<id>/rotate"): Row(OWNER, "api_key", {"overlap_s": 3600}),
    ("POST", "/api/keys/<id>/revoke"): Row(OWNER, "api_key", {}),
    # sales
    ("GET", "/sales"): Row(CASHIER),
    ("GET", "/sales/rows"): Row(CASHIER),
    ("GET", "/sales.csv"): Row(MANAGER),
    ("GET", "/sales/<id>"): Row(CASHIER, "paid"),
    ("GET", "/sales/<id>/refund"): Row(MANAGER, "paid"),
    ("GET", "/refund"): Row(MANAGER),
    ("POST", "/api/receipts/opened"): Row(MANAGER, sent={"text": "no receipt"}),
    ("GET", "/r/<token>"): Row(EVERYBODY, "receipt"),
    # the shop: shifts, people, tills, log
    ("GET", "/shop"): Row(CASHIER),
    ("GET", "/shift"): Row(CASHIER),
    ("GET", "/shifts"): Row(MANAGER),
    ("GET", "/shifts/<id>"): Row(CASHIER, "shift"),
    ("POST", "/api/shifts"): Row(CASHIER, sent={"float": "0"}),
    ("POST", "/api/shifts/<id>/cash"): Row(CASHIER, "shift", {"direction": "in", "amount": "5", "reason": "change"}),
    ("POST", "/api/shifts/<id>/close"): Row(CASHIER, "shift", {"counted": "0"}),
    ("GET", "/people"): Row(MANAGER),
    ("GET", "/people/<id>"): Row(MANAGER, "cashier"),
    ("POST", "/api/people"): Row(MANAGER, sent={"name": "", "role": "cashier", "pin": "314159"}),
    ("POST", "/api/people/<id>/role"): Row(OWNER, "cashier", {"role": "manager"}),
    ("POST", "/api/people/<id>/pin"): Row(MANAGER, "cashier", {"pin": "314159"}),
    ("POST", "/api/people/<id>/remove"): Row(MANAGER, "cashier", {}),
    ("GET", "/terminals"): Row(MANAGER),
    ("POST", "/api/terminals"): Row(MANAGER, sent={"name": ""}),
    ("POST", "/api/terminals/<id>/revoke"): Row(MANAGER, "terminal", {}),
    ("GET", "/activity"): Row(MANAGER),
    ("GET", "/shops"): Row(OWNER),
    ("POST", "/shops/add"): Row(OWNER, form={"handle": "nobody", "name": "Nobody", "pin": "000000"}),
    ("POST", "/shops/<id>/enter"): Row(OWNER, "grouped", form={}),
    ("POST", "/shops/<id>/leave"): Row(OWNER, "grouped", form={}),
    # items
    ("GET", "/items"): Row(MANAGER),
    ("GET", "/items/new"): Row(MANAGER),
    ("GET", "/items/sheet"): Row(MANAGER),
    ("GET", "/items/sheet.csv"): Row(MANAGER),
    ("GET", "/items/<id>"): Row(MANAGER, "item"),
    ("GET", "/pictures/<hash>.webp"): Row(CASHIER, "picture"),
    ("POST", "/api/items"): Row(MANAGER, sent=ITEM),
    ("POST", "/api/items/<id>"): Row(MANAGER, "item", ITEM),
    ("POST", "/api/items/<id>/archive"): Row(MANAGER, "item", {"version": 1}),
    ("POST", "/api/items/<id>/restore"): Row(MANAGER, "archived_item", {"version": 2}),
    ("POST", "/api/items/pictures"): Row(MANAGER, sent={}),
    ("POST", "/api/items/sheet"): Row(MANAGER, sent={}),
    ("POST", "/api/items/sheet/check"): Row(MANAGER, sent={}),
    # money, insight, disputes
    ("GET", "/insight"): Row(MANAGER),
    ("GET", "/insight/figures"): Row(MANAGER),
    ("GET", "/money"): Row(MANAGER),
    ("GET", "/money/batches/<id>"): Row(MANAGER, "batch"),
    ("GET", "/money/batches/<id>/file"): Row(MANAGER, "batch"),
    ("GET", "/money/batches/<id>/match"): Row(MANAGER, "batch"),
    ("GET", "/money/batches/<id>/paper"): Row(MANAGER, "batch"),
    ("GET", "/money/months/<name>"): Row(MANAGER, "this_month"),
    ("GET", "/money/months/<name>/file"): Row(MANAGER, "this_month"),
    ("GET", "/disputes"): Row(MANAGER),
    ("GET", "/disputes/<id>"): Row(MANAGER, "dispute"),
    ("GET", "/disputes/<id>/pictures/<int:position>"): Row(MANAGER, "answered_dispute"),
    ("POST", "/api/disputes/<id>/answer"): Row(MANAGER, "dispute", {"words": "It was hot"}),
    ("POST", "/api/disputes/<id>/accept"): Row(MANAGER, "dispute", {}),
    # opening a shop; its third screen is the new owner's
    ("GET", "/open"): Row(EVERYBODY),
    ("POST", "/open"): Row(EVERYBODY, form={}),
    ("GET", "/open/owner"): Row(EVERYBODY),
    ("POST", "/open/owner"): Row(EVERYBODY, form={}),
    ("GET", "/open/items"): Row(OWNER),
    ("POST", "/open/items"): Row(OWNER, form={}),
    # paying at a hosted page, which whoever has its link may see
    ("GET", "/pay/<id>"): Row(EVERYBODY, "charged"),
    ("GET", "/pay/<id>/state"): Row(EVERYBODY, "charged"),
    # coming and going, and what is nobody's
    ("GET", "/signin"): Row(EVERYBODY),
    ("POST", "/signin"): Row(EVERYBODY, form={}),
    ("POST", "/signout"): Row(EVERYBODY, form={}),
    ("GET", "/join"): Row(EVERYBODY),
    ("POST", "/api/join"): Row(EVERYBODY, sent={"ticket": "none"}),
    ("GET", "/healthz"): Row(EVERYBODY),
    ("GET", "/readyz"): Row(EVERYBODY),
    ("GET", "/metrics"): Row(EVERYBODY),
    ("GET", "/static/<path:filename>"): Row(EVERYBODY, "till_css"),
    ("GET", "/static/shared/<path:filename>"): Row(EVERYBODY, "app_js"),
    ("GET", "/static/look.css"): Row(EVERYBODY),
    # programs
    ("POST", "/v1/payment_intents"): Row(PROGRAM, sent={"amount_minor": 100}),
    ("GET", "/v1/openapi.json"): Row(EVERYBODY),
    ("GET", "/developer/api"): Row(EVERYBODY),
    ("GET", "/v1/payment_intents"): Row(PROGRAM),
    ("GET", "/v1/payment_intents/<id>"): Row(PROGRAM, "charged"),
    ("POST", "/v1/payment_intents/<id>"): Row(PROGRAM, "charged", {"memo": "Two teas"}),
    ("POST", "/v1/payment_intents/<id>/cancel"): Row(PROGRAM, "charged", {}),
    ("POST", "/v1/payment_intents/<id>/capture"): Row(PROGRAM, "held", {}),
    ("POST", "/v1/payment_intents/<id>/charge"): Row(PROGRAM, "charged_beside_a_phone"),
    ("POST", "/v1/payment_intents/<id>/void"): Row(PROGRAM, "held", {}),
    ("POST", "/v1/refunds"): Row(PROGRAM, "paid_and_named"),
    ("GET", "/v1/refunds"): Row(PROGRAM, "paid_and_asked"),
    ("GET", "/v1/refunds/<id>"): Row(PROGRAM, "refund"),
    ("GET", "/v1/static_code"): Row(PROGRAM),
    ("GET", "/v1/settlement_batches"): Row(PROGRAM),
    ("GET", "/v1/settlement_batches/<id>"): Row(PROGRAM, "batch"),
    ("GET", "/v1/settlement_batches/<id>/lines"): Row(PROGRAM, "batch"),
    ("GET", "/v1/settlement_batches/<id>/file"): Row(PROGRAM, "batch"),
    ("GET", "/v1/payouts"): Row(PROGRAM),
    ("GET", "/v1/payouts/<id>"): Row(PROGRAM, "payout"),
    ("GET", "/v1/disputes"): Row(PROGRAM),
    ("GET", "/v1/disputes/<id>"): Row(PROGRAM, "dispute"),
    ("POST", "/v1/disputes/<id>/answer"): Row(PROGRAM, "dispute", {"words": "It was hot"}),
    ("POST", "/v1/disputes/<id>/accept"): Row(PROGRAM, "dispute", {}),
    ("GET", "/v1/events"): Row(PROGRAM),
    ("GET", "/v1/events/<id>"): Row(PROGRAM, "event"),
    ("GET", "/v1/customers"): Row(PROGRAM),
    ("GET", "/v1/customers/<id>"): Row(PROGRAM, "customer"),
    ("POST", "/v1/webhook_endpoints"): Row(PROGRAM, sent={"url": "http://127.0.0.1:9/"}),
    ("GET", "/v1/webhook_endpoints"): Row(PROGRAM),
    ("GET", "/v1/webhook_endpoints/<id>"): Row(PROGRAM, "endpoint"),
    ("POST", "/v1/webhook_endpoints/<id>"): Row(PROGRAM, "endpoint", {"description": "Orders"}),
    ("DELETE", "/v1/webhook_endpoints/<id>"): Row(PROGRAM, "endpoint"),
    ("POST", "/v1/webhook_endpoints/<id>/rotate_secret"): Row(PROGRAM, "endpoint", {}),
    ("POST", "/v1/webhook_endpoints/<id>/test"): Row(PROGRAM, "endpoint", {}),
    ("GET", "/v1/webhook_deliveries"): Row(PROGRAM),
    ("GET", "/v1/webhook_deliveries/<id>"): Row(PROGRAM, "delivery"),
    ("POST", "/v1/webhook_deliveries/<id>/redeliver"): Row(PROGRAM, "delivery", {}),
    ("GET", "/v1/test_faults"): Row(PROGRAM),
    ("POST", "/v1/test_faults"): Row(PROGRAM, sent={"fault": "late", "times": 1}),
    ("POST", "/v1/test_faults/clear"): Row(PROGRAM, sent={}),
    ("GET", "/v1/test_clock"): Row(PROGRAM),
    ("GET", "/v1/test_outcomes"): Row(PROGRAM),
    ("GET", "/v1/test_payers"): Row(PROGRAM),
    ("POST", "/v1/test_payers/<name>/pay"): Row(PROGRAM, "test_payer_and_charged"),
    ("POST", "/v1/test_payers/<name>/decline"): Row(PROGRAM, "test_payer_and_asked"),
    ("POST", "/v1/test_payers/<name>/payer_code"): Row(PROGRAM, "test_payer", {}),
    ("POST", "/v1/test_clock/advance"): Row(PROGRAM, sent={"by_s": 1}),
    # the operator's console
    ("GET", "/operator"): Row(CONSOLE),
    ("GET", "/operator/signin"): Row(EVERYBODY),
    ("POST", "/operator/signin"): Row(EVERYBODY, form={}),
    ("POST", "/operator/signout"): Row(CONSOLE, form={}),
    ("GET", "/operator/log"): Row(CONSOLE),
    ("GET", "/operator/shops"): Row(CONSOLE),
    ("GET", "/operator/shops/<id>"): Row(CONSOLE, "this_shop"),
    ("POST", "/operator/shops/<id>/verified"): Row(CONSOLE, "this_shop", form={"is_verified": "yes"}),
    ("POST", "/operator/shops/<id>/frozen"): Row(CONSOLE, "this_shop", form={"is_frozen": "no", "reason": "a mistake"}),
    ("POST", "/operator/shops/<id>/rate"): Row(CONSOLE, "this_shop", form={"percent": "0.6", "fixed": "0"}),
    ("GET", "/operator/users"): Row(CONSOLE),
    ("GET", "/operator/users/<id>"): Row(CONSOLE, "user"),
    ("POST", "/operator/users/<id>/frozen"): Row(CONSOLE, "user", form={"is_frozen": "no", "reason": "a mistake"}),
    ("POST", "/operator/users/<id>/ceiling"): Row(CONSOLE, "user", form={"ceiling": "5000"}),
    ("GET", "/operator/disputes"): Row(CONSOLE),
    ("GET", "/operator/disputes/<id>"): Row(CONSOLE, "dispute"),
    ("GET", "/operator/disputes/<id>/pictures/<int:position>"): Row(CONSOLE, "answered_dispute"),
    ("POST", "/operator/disputes/<id>/decide"): Row(CONSOLE, "answered_dispute", form={"outcome": "won", "note": "no"}),
    ("GET", "/operator/settlement"): Row(CONSOLE),
    ("POST", "/operator/settlement/run"): Row(CONSOLE, form={}),
    ("POST", "/operator/settlement/<id>/paid"): Row(CONSOLE, "batch", form={}),
    ("POST", "/operator/settlement/<id>/returned"): Row(CONSOLE, "batch", form={"reason": "closed account"}),
    ("POST", "/operator/settlement/reconcile"): Row(CONSOLE, form={}),
    ("GET", "/operator/ledger"): Row(CONSOLE),
    ("GET", "/operator/ledger/accounts/<path:code>"): Row(CONSOLE, "account"),
    ("GET", "/operator/ledger/transfers/<id>"): Row(CONSOLE, "transfer"),
    ("POST", "/operator/ledger/audit"): Row(CONSOLE, form={}),
}

WECHATPAY = [
    ("GET", "/certificates"),
    ("POST", "/pay/transactions/native"),
    ("GET", "/pay/transactions/out-trade-no/<out_trade_no>"),
    ("GET", "/pay/transactions/id/<transaction_id>"),
    ("POST", "/pay/transactions/out-trade-no/<out_trade_no>/close"),
    ("POST", "/refund/domestic/refunds"),
    ("GET", "/refund/domestic/refunds/<out_refund_no>"),
    ("POST", "/pay/transactions/codepay"),
    ("POST", "/pay/transactions/out-trade-no/<out_trade_no>/reverse"),
    ("GET", "/bill/tradebill"),
    ("GET", "/bill/fundflowbill"),
    ("GET", "/billdownload/file"),
    *((method, "/<path:anything>") for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
]
"""The doors of WeChat Pay API v3, which are reached under two addresses."""
ROUTES |= {(method, top + path): Row(SIGNED, "numbers") for top in ("/wechatpay/v3", "/v3") for method, path in WECHATPAY}
