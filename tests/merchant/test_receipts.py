"""Receipts: an address that nobody guesses, what stands on one, what its code proves, the sale that it leads to."""

from __future__ import annotations

import gzip
import html
import re

import pytest

from merchant.receipts import links
from merchant.receipts.receipt import ROLLS_MM, of_intent
from shared.codes import explain
from shared.codes import frame as frames
from shared.identity import keys
from shared.payments import receipts
from tests.merchant.shop import Browser, Shop
from tests.merchant.standing import other_shop, owner_of
from tests.world import SECRET, Member
from wallet.scan import opened


@pytest.fixture
def paid(shop: Shop, browser: Browser, ana: Member) -> str:
    """A sale of 12.50 that Ana has paid."""
    id = str(browser.sell({"typed_minor": 1_250, "name": "Cake <b>"}, reference="Table 4").json["id"])
    shop.paid_by(ana, id)
    return id


def page_of(shop: Shop, id: str, query: str = "") -> str:
    """The receipt's page, as somebody who never signed in sees it."""
    answer = shop.app.test_client().get(f"/{links.path(id, SECRET)}{query}")
    assert answer.status_code == 200, answer.text
    return answer.text


def code_on(page: str) -> str:
    [code] = re.findall(r'data-copy="([^"]+)"', page)
    return html.unescape(code)


def sale_of(browser: Browser, text: str) -> str:
    """Where a scanned text leads: the sale, or why it leads to none."""
    answer = browser.post("/api/receipts/opened", {"text": text}).json
    return str(answer.get("sale") or answer["code"])


def test_an_address_leads_to_its_receipt_and_nobody_guesses_another(shop: Shop, paid: str) -> None:
    token = links.token(paid, SECRET)
    assert links.opened(token, SECRET) == paid
    for at, letter in enumerate(token[:-1]):  # the last one carries bits that mean nothing
        wrong = token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :]
        assert shop.app.test_client().get(f"/r/{wrong}").status_code == 404
    with pytest.raises(links.UnknownReceipt):
        links.opened(token, SECRET[::-1])
    for wrong in ("", "x", paid, token + "A", token[:-4], "é" * 38):
        with pytest.raises(links.UnknownReceipt):
            links.opened(wrong, SECRET)


def test_a_receipt_says_what_was_sold_and_what_came_back_and_names_no_customer(
    shop: Shop, browser: Browser, paid: str
) -> None:
    browser.post(f"/api/sales/{paid}/refund", {"amount_minor": 250, "reason": "A <i>fly</i>"})
    page = page_of(shop, paid)
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    for part in ("Corner Tea House", "#1", "Table 4", "Cake &lt;b&gt;", "Paid by A*** ¥12.50",
                 "A &lt;i&gt;fly&lt;/i&gt; −¥2.50",
                 "Paid after refunds ¥10.00", "Simulated money"):  # fmt: skip
        assert part in text, part
    assert len(gzip.compress(page.encode())) <= 14 * 1024
    assert shop.app.test_client().get(f"/{links.path(paid, SECRET)}?paper=tape").status_code == 400


def test_the_code_on_it_proves_the_payment_and_hides_who_paid(shop: Shop, paid: str, ana: Member) -> None:
    code = code_on(page_of(shop, paid))
    told = explain.explain(
        code,
        realm=shop.world.realm,
        find_key=lambda kid: shop.store.read(keys.find, kid=kid),
        now_s=shop.world.now() // 1000,
    )
    assert told["valid_now"]
    says = told["says"]
    assert (says["handle"], says["payee"], says["amount_minor"]) == (receipts.SOMEBODY, "corner-tea", 1_250)
    assert ana.handle.encode() not in bytes.fromhex(told["frame"])


def test_a_phone_that_scans_it_sees_a_genuine_payment_and_the_payer_sees_their_own(
    shop: Shop, paid: str, ana: Member
) -> None:
    code, li = code_on(page_of(shop, paid)), shop.world.person("li")
    theirs = shop.store.read(opened.scanned, text=code, viewer_id=ana.id)
    assert (theirs.payee.handle, theirs.payer and theirs.payer.is_me) == ("corner-tea", True)
    strangers = shop.store.read(opened.scanned, text=code, viewer_id=li.id)
    assert (strangers.payee.handle, strangers.payer, strangers.amount_minor) == ("corner-tea", None, 1_250)


def test_a_receipt_leads_back_to_its_sale(shop: Shop, browser: Browser, paid: str, ana: Member) -> None:
    transfer = shop.intent(paid).transfer_id
    assert transfer
    payers_own = shop.store.read(
        receipts.receipt_frame, transfer_id=transfer, viewer_id=ana.id, config=shop.config, secret=SECRET
    )
    link = f"https://till.example/{links.path(paid, SECRET)}"
    given = browser.post(f"/api/sales/{paid}/refund", {"amount_minor": 250, "reason": ""}).json["transfer"]
    of_refund = shop.store.read(
        receipts.receipt_frame, transfer_id=given, viewer_id=ana.id, config=shop.config, secret=SECRET
    )
    codes = [
        code_on(page_of(shop, paid)),
        *(frames.code_text("https://w.example", each) for each in (payers_own, of_refund)),
    ]
    for text in (*codes, link, f" {link}\n", "1", "#1", "# 1"):
        assert sale_of(browser, text) == paid, text


def test_what_is_no_receipt_of_this_shop_leads_nowhere(shop: Shop, browser: Browser, paid: str) -> None:
    request = str(browser.charge(500).json["code"])
    wrong = code_on(page_of(shop, paid))
    flipped = wrong[:-1] + str((int(wrong[-1]) + 1) % 10)
    assert {text: sale_of(browser, text) for text in ("99", "hello", request)} == {
        "99": "not_our_receipt", "hello": "not_a_code", request: "no_receipt",
    }  # fmt: skip
    assert sale_of(browser, flipped) not in (paid, "internal_error")
    elsewhere = owner_of(shop, other_shop(shop))
    for text in (wrong, f"https://till.example/{links.path(paid, SECRET)}", "1"):
        assert sale_of(elsewhere, text) == "not_our_receipt"


def test_what_is_not_paid_has_no_receipt_to_show(shop: Shop, browser: Browser) -> None:
    page = page_of(shop, str(browser.charge(500).json["id"]))
    assert "This is no receipt" in page
    assert "data-copy" not in page


def test_a_longer_receipt_takes_a_longer_piece_of_the_roll(shop: Shop, browser: Browser, ana: Member) -> None:
    lengths = []
    for count in (1, 20, 60):
        id = str(browser.sell(*({"typed_minor": 10, "name": f"Thing {line}"} for line in range(count))).json["id"])
        shop.paid_by(ana, id)
        lengths.append(shop.store.read(of_intent, intent_id=id).roll_mm)
    assert lengths == sorted(set(lengths))
    assert set(lengths) <= set(ROLLS_MM)
