"""The main job, as a story: a shop charges, a person scans and pays, both see it, the books agree."""

from __future__ import annotations

import pytest

from shared.payments import audit
from shared.phone.client import Refused
from shared.settlement import actions as settlement
from shared.web.secrets import load_secret
from tests.services import Services


def test_a_shop_charges_and_a_person_pays(services: Services) -> None:
    till, ana = services.till(), services.phone("Ana Story")

    sale = till.charge(1250, reference="T-7")
    assert (sale["status"], sale["scanned_by"], sale["payer"]) == ("requires_payment", None, None)

    seen = ana.scan(sale["code"])
    assert (seen["kind"], seen["amount_minor"], seen["currency"]) == ("payment_request", 1250, "CNY")
    assert seen["payee"]["verified"]
    assert ana.balance()["balance_minor"] == 100_000, "scanning never acts"
    assert till.status(sale["id"])["scanned_by"] == "A***"

    paid = ana.pay(sale["code"])
    assert paid["status"] == "captured"
    assert till.status(sale["id"])["status"] == "captured"
    assert till.status(sale["id"])["payer"] == "A***"
    assert ana.balance()["balance_minor"] == 98_750
    assert ana.statement()[0]["transfer"] == paid["transfer"]

    receipt = ana.scan(paid["receipt"])
    assert (receipt["kind"], receipt["amount_minor"]) == ("receipt", 1250)


def test_two_people_become_contacts_and_send_money_both_ways(services: Services) -> None:
    ana, li = services.phone("Ana Two"), services.phone("Li Two")
    assert li.add(ana.card())["state"] == "requested"
    assert [contact["state"] for contact in ana.contacts()] == ["incoming"]
    assert ana.accept(li.handle)["state"] == "accepted"
    assert [contact["state"] for contact in li.contacts()] == ["accepted"]

    li.send(ana.handle, 500)
    asked = li.request(700, memo="Lunch")
    ana.pay(asked)
    with pytest.raises(Refused, match="request_already_paid"):
        ana.pay(asked)
    open_amount = li.request()
    ana.pay(open_amount, amount_minor=33)

    assert ana.balance()["balance_minor"] == 100_000 + 500 - 700 - 33
    assert li.balance()["balance_minor"] == 100_000 - 500 + 700 + 33


def test_the_printed_code_takes_the_amount_that_the_payer_types(services: Services) -> None:
    till, ana = services.till(), services.phone("Ana Static")
    code = till.static_code()
    assert ana.scan(code)["amount_minor"] is None
    assert ana.pay(code, amount_minor=880)["status"] == "captured"
    assert ana.pay(code, amount_minor=880)["status"] == "captured", "a printed code serves any number of payments"


def test_above_the_limit_the_pin_is_asked_for(services: Services) -> None:
    till, ana = services.till(), services.phone("Ana Pin", pin="271828")
    sale = till.charge(30_000)
    with pytest.raises(Refused, match="pin_required"):
        ana.pay(sale["code"])
    with pytest.raises(Refused, match="wrong_pin"):
        ana.pay(sale["code"], pin="271829")
    assert ana.pay(sale["code"], pin="271828")["status"] == "captured"


def test_at_the_end_of_the_day_the_shop_is_settled_and_the_audit_is_green(services: Services) -> None:
    till, ana = services.till(), services.phone("Ana Day")
    for amount in (100, 250, 1):
        ana.pay(till.charge(amount)["code"])
    till.cancel(till.charge(999)["id"])

    store = services.store()
    try:
        [batch] = settlement.settle(store, cutoff_at=None, secret=load_secret(services.config)).batches
        assert (batch.sales, batch.gross_minor) == (3, 351)
        assert store.read(audit.run).faults == []
    finally:
        store.close()
