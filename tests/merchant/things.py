"""Things of the demo shop, made when a test needs one: what a route's address names."""

from __future__ import annotations

import io
import itertools
from typing import Any

from PIL import Image

from merchant.api import shapes
from merchant.catalog import actions as catalog
from merchant.catalog import pictures
from merchant.catalog.fields import Fields
from merchant.groups import actions as groups
from merchant.inspector import payments
from merchant.keys import actions as api_keys
from merchant.receipts import links
from merchant.shifts import actions as shifts
from merchant.shifts import queries as shift_queries
from merchant.staff import members
from merchant.terminals import actions as terminals
from shared.codes import frame as frames
from shared.disputes import actions as disputes
from shared.disputes import pictures as dispute_pictures
from shared.ledger import chart
from shared.settlement import actions as settlement
from tests.merchant.shop import Browser, Shop
from tests.merchant.standing import other_shop
from tests.merchant.wechatpay.clerk import hired
from tests.world import SECRET, Member


class Things:
    """Makes things of the shop, each a fresh one; each maker answers with what fills the address."""

    def __init__(self, shop: Shop, owner: Browser, payer: Member) -> None:
        self.shop, self.owner, self.payer = shop, owner, payer
        self._numbers = itertools.count(1)

    def numbers(self) -> dict[str, str]:
        """Numbers as a WeChat Pay merchant has them; whose they are, only a signature says."""
        names = ("out_trade_no", "transaction_id", "out_refund_no", "anything")
        return dict.fromkeys(names, "1234567890")

    def wechatpay_merchant(self) -> dict[str, Any]:
        """The shop is a merchant of WeChat Pay, and no other one is."""
        hired(self.shop)
        mine = self.shop.party.id
        self.shop.store.run(lambda uow: uow.sql.run("DELETE FROM wechatpay_merchant WHERE shop_id <> :mine", mine=mine))
        return {}

    def wechatpay_file(self) -> dict[str, Any]:
        return self.wechatpay_merchant() | {"name": "apiclient_cert.pem"}

    def ready(self) -> None:
        """The shop's till is on shift, whatever was done to it, and nobody waits for having guessed."""
        self.shop.store.run(lambda uow: uow.sql.run("DELETE FROM web_attempt"))
        [first, *_] = self.shop.store.read(terminals.queries.of_shop, shop_id=self.shop.party.id)
        if self.shop.store.read(shift_queries.open_at, terminal_id=first.id) is None:
            self.shop.store.run(shifts.begin, shop_id=self.shop.party.id, terminal_id=first.id, member_id=None)

    def api_key(self) -> dict[str, Any]:
        shop_id = self.shop.party.id
        return {"id": self.shop.store.run(api_keys.issue, shop_id=shop_id, key=api_keys.new_key(), name="Web shop")}

    def charged(self) -> dict[str, Any]:
        return {"id": self.owner.charge(500).json["id"]}

    def charged_beside_a_phone(self) -> dict[str, Any]:
        code = frames.code_text(self.shop.config.wallet_url, self.shop.world.payer_code(self.payer))
        return self.charged() | {"sent": {"code": code}}

    def endpoint(self) -> dict[str, Any]:
        """A webhook endpoint, the only one that there is: a shop has few."""
        program = self.shop.program()
        for each in program.ask("GET", "/webhook_endpoints").json["data"]:
            program.ask("DELETE", f"/webhook_endpoints/{each['id']}")
        return {"id": program.ask("POST", "/webhook_endpoints", {"url": "http://127.0.0.1:9/"}).json["id"]}

    def delivery(self) -> dict[str, Any]:
        sent = self.shop.program().ask("POST", f"/webhook_endpoints/{self.endpoint()['id']}/test", {})
        return {"id": sent.json["id"]}

    def wire_entry(self) -> dict[str, Any]:
        made = self.charged()
        told = self.shop.store.read(payments.traces, id=made["id"], shop_id=self.shop.party.id)
        return {"id": f"event-{told.events[0].seq}"}

    def paid(self) -> dict[str, Any]:
        made = self.charged()
        self.shop.paid_by(self.payer, made["id"])
        return made

    def test_payer(self) -> dict[str, Any]:
        return {"name": "test-pays"}

    def test_payer_and_charged(self) -> dict[str, Any]:
        return {"name": "test-pays", "sent": {"payment_intent": self.charged()["id"]}}

    def test_payer_and_asked(self) -> dict[str, Any]:
        id = self.charged()["id"]
        payer = {"name": "test-needs-confirmation"}
        self.shop.program().ask("POST", f"/test_payers/{payer['name']}/pay", {"payment_intent": id})
        return payer | {"sent": {"payment_intent": id}}

    def paid_and_named(self) -> dict[str, Any]:
        return {"sent": {"payment_intent": self.paid()["id"]}}

    def paid_and_asked(self) -> dict[str, Any]:
        return {"asked": f"?payment_intent={self.paid()['id']}"}

    def refund(self) -> dict[str, Any]:
        body = {"payment_intent": self.paid()["id"]}
        return {"id": self.shop.program().ask("POST", "/refunds", body).json["id"]}

    def held(self) -> dict[str, Any]:
        id = self.owner.sell({"typed_minor": 500}, is_manual=True).json["id"]
        self.shop.authorized_by(self.payer, id)
        return {"id": id}

    def split(self) -> dict[str, Any]:
        return {"id": self.owner.sell({"typed_minor": 500}, parts=[200, 300]).json["sale"]["id"]}

    def parked(self) -> dict[str, Any]:
        body = {"name": "Table 4", "cart": {"lines": [{"typed_minor": 100}]}}
        return {"id": self.owner.post("/api/parked", body).json["id"]}

    def receipt(self) -> dict[str, Any]:
        return {"token": links.path(self.paid()["id"], SECRET).rpartition("/")[2]}

    def shift(self) -> dict[str, Any]:
        self.ready()
        [first, *_] = self.shop.store.read(terminals.queries.of_shop, shop_id=self.shop.party.id)
        found = self.shop.store.read(shift_queries.open_at, terminal_id=first.id)
        assert found is not None
        return {"id": found.id}

    def cashier(self) -> dict[str, Any]:
        made = self.shop.store.run(
            members.add, shop_id=self.shop.party.id, name=f"Bo {next(self._numbers)}", pin_hash="none"
        )
        return {"id": made.id}

    def terminal(self) -> dict[str, Any]:
        number = next(self._numbers)
        made = self.shop.store.run(
            terminals.install, shop_id=self.shop.party.id, name=f"Stall {number}", key=terminals.new_key(SECRET),
            token_hash=f"browser {number}",
        )  # fmt: skip
        self.shop.store.run(
            lambda uow: uow.sql.run(
                "UPDATE terminals_terminal SET revoked_at = created_at WHERE id <> :id AND token_hash IS NOT NULL"
                " AND revoked_at IS NULL",
                id=made.id,
            )
        )
        return {"id": made.id}

    def grouped(self) -> dict[str, Any]:
        other = other_shop(self.shop, f"branch-{next(self._numbers)}")
        mine, theirs = (self.shop.store.read(members.of_shop, shop_id=id)[0] for id in (self.shop.party.id, other.id))
        self.shop.store.run(groups.join, founder=mine, owner=theirs)
        return {"id": other.id}

    def item(self) -> dict[str, Any]:
        made = self.shop.store.run(
            catalog.add_item, shop_id=self.shop.party.id, item=Fields(f"Bun {next(self._numbers)}", 500)
        )
        return {"id": made.id}

    def archived_item(self) -> dict[str, Any]:
        made = self.item()
        self.shop.store.run(catalog.archive_item, shop_id=self.shop.party.id, id=made["id"], version=1)
        return made

    def picture(self) -> dict[str, Any]:
        content = pictures.squared(drawn())
        return {"hash": self.shop.store.run(catalog.keep_picture, shop_id=self.shop.party.id, content=content)}

    def batch(self) -> dict[str, Any]:
        self.paid()
        [batch] = settlement.settle(self.shop.store, cutoff_at=None, secret=SECRET).batches
        return {"id": batch.id}

    def payout(self) -> dict[str, Any]:
        return {"id": shapes.payout_id(self.batch()["id"])}

    def event(self) -> dict[str, Any]:
        self.charged()
        return {"id": self.shop.program().ask("GET", "/events").json["data"][0]["id"]}

    def customer(self) -> dict[str, Any]:
        self.paid()
        return {"id": self.shop.program().ask("GET", "/customers").json["data"][0]["id"]}

    def this_month(self) -> dict[str, Any]:
        return {"name": "2026-11"}

    def dispute(self) -> dict[str, Any]:
        asked = {"payer_id": self.payer.id, "intent_id": self.paid()["id"], "reason": "not_received"}
        return {"id": self.shop.store.run(disputes.open_dispute, words="", amount_minor=500, **asked).id}

    def answered_dispute(self) -> dict[str, Any]:
        made = self.dispute()
        self.shop.store.run(
            disputes.answer, dispute_id=made["id"], shop_id=self.shop.party.id, words="It was hot",
            pictures=[dispute_pictures.redrawn(drawn())],
        )  # fmt: skip
        return made | {"position": 1}

    def this_shop(self) -> dict[str, Any]:
        return {"id": self.shop.party.id}

    def user(self) -> dict[str, Any]:
        return {"id": self.payer.id}

    def account(self) -> dict[str, Any]:
        return {"code": chart.shop_account(self.shop.party.id)}

    def transfer(self) -> dict[str, Any]:
        return {"id": self.shop.intent(self.paid()["id"]).transfer_id}

    def till_css(self) -> dict[str, Any]:
        return {"filename": "till.css"}

    def app_js(self) -> dict[str, Any]:
        return {"filename": "app.js"}


def drawn() -> bytes:
    """A small picture, as a browser sends one."""
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(content, "PNG")
    return content.getvalue()
