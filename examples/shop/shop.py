"""A small web shop that takes QR wallets through Saoma: it makes a payment intent, sends the buyer to the hosted page,
hears of the payment by webhook, and ships.

    python3 run.py                                                                     Saoma, in one terminal
    SAOMA_KEY=sk_test_… SAOMA_WEBHOOK_SECRET=whsec_… flask --app examples/shop/shop:create_served_app run --port 8000
"""

import base64
import hashlib
import hmac
import os
import time
from uuid import uuid4

import httpx
from flask import Flask, abort, redirect, render_template_string, request, url_for

GOODS = {"tea": ("A tin of green tea", 4800), "cup": ("A cup", 2500)}
PAGE = """<!doctype html><title>{{ title }}</title><meta name="viewport" content="width=device-width">
<h1>{{ title }}</h1>{% if order %}<p>{{ order.what }}: <b>{{ order.state }}</b></p>
{% if order.state == "waiting" %}<a href="{{ order.pay_url }}">Pay by phone</a>{% endif %}
{% else %}<form method="post" action="/orders">{% for key, (name, price) in goods.items() %}
<button name="what" value="{{ key }}">{{ name }}, {{ "%.2f"|format(price / 100) }}</button>
{% endfor %}</form>{% endif %}"""


def create_app(*, saoma_url: str, api_key: str, webhook_secret: str) -> Flask:
    """The shop. `saoma_url` is the till's address, `api_key` the shop's key there."""
    app = Flask(__name__)
    saoma = httpx.Client(base_url=saoma_url, headers={"Authorization": f"Bearer {api_key}"}, timeout=10)
    orders: dict[str, dict] = {}  # a real shop has a database
    heard: set[str] = set()
    app.extensions["orders"] = orders

    @app.get("/")
    def goods():
        return render_template_string(PAGE, title="Tea by post", goods=GOODS, order=None)

    @app.post("/orders")
    def buy():
        name, price = GOODS.get(request.form.get("what", "")) or abort(400)
        id = uuid4().hex[:12]
        wanted = {"amount_minor": price, "reference": id, "return_url": url_for("show", id=id, _external=True)}
        answer = saoma.post("/v1/payment_intents", json=wanted, headers={"Idempotency-Key": id})
        answer.raise_for_status()
        intent = answer.json()
        orders[id] = {"what": name, "price": price, "state": "waiting", "intent": intent["id"]}
        orders[id]["pay_url"] = intent["hosted_url"]
        return redirect(intent["hosted_url"], 303)

    @app.get("/orders/<id>")
    def show(id: str):
        order = orders.get(id) or abort(404)  # the address says that somebody came back, never that they paid
        return render_template_string(PAGE, title="Your order", goods=GOODS, order=order)

    @app.post("/webhooks")
    def hear():
        if not is_genuine(webhook_secret, request.headers, request.get_data()):
            abort(401)
        event = request.get_json()
        if event["id"] in heard:  # webhooks come at least once
            return "", 204
        thing = event["data"]["object"]
        # Another till's intent, or none, has no order here; a refund names the intent that it belongs to.
        found = [each for each in orders.values() if each["intent"] in (thing["id"], thing.get("payment_intent"))]
        for order in found:
            settle(order, event["type"], thing)
        heard.add(event["id"])
        return "", 204

    return app


def settle(order: dict, what: str, thing: dict) -> None:
    """What an event means for an order. Events may come in any order, so each is judged by what is known already."""
    if what == "intent.captured" and order["state"] != "refunded":
        is_enough = thing["amount_captured_minor"] >= order["price"]
        order["state"] = "shipped" if is_enough else "paid too little"
    elif what == "refund.succeeded" and thing["amount_minor"] == order["price"]:
        order["state"] = "refunded"
    elif what in ("intent.expired", "intent.canceled", "intent.declined") and order["state"] == "waiting":
        order["state"] = "not paid"


def is_genuine(secret: str, headers, body: bytes, tolerance_s: int = 300) -> bool:
    """Whether Saoma sent it, and lately: https://www.standardwebhooks.com says how it is signed."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent_at.isdecimal() or abs(time.time() - int(sent_at)) > tolerance_s:
        return False
    wanted = base64.b64encode(hmac.new(key, f"{id}.{sent_at}.".encode() + body, hashlib.sha256).digest()).decode()
    given = (part.partition(",") for part in headers.get("webhook-signature", "").split())
    return any(version == "v1" and hmac.compare_digest(text, wanted) for version, _, text in given)


def create_served_app() -> Flask:
    """What `flask --app` runs: settings from the environment."""
    url = os.environ.get("SAOMA_URL", "http://localhost:5002")
    secret = os.environ["SAOMA_WEBHOOK_SECRET"]
    return create_app(saoma_url=url, api_key=os.environ["SAOMA_KEY"], webhook_secret=secret)
