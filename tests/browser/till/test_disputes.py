"""A dispute in two browsers: complained about on the phone, answered with a picture, decided; and how it looks."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from shared.codes import frame as frames
from shared.disputes import actions, queries
from tests.browser import looks
from tests.browser.till.conftest import Place
from tests.examples import IS_FULL
from tests.world import SECRET

LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}


def sign_in(place: Place, **options: str) -> Page:
    """The till's disputes, on a tablet."""
    page, _ = place.page_for("cashier", viewport={"width": 1024, "height": 768}, reduced_motion="reduce", **options)
    page.goto(f"{place.till}/signin")
    page.fill("#pin", place.shop.told["pin"])
    page.wait_for_url(f"{place.till}/")
    return page


def pay(phone: Page, place: Place) -> str:
    """Pay 8.00 at the till; the transfer."""
    intent = place.shop.intent(place.shop.browser().charge(800).json["id"])
    phone.goto(frames.code_text(place.wallet, intent.code))
    phone.locator("#go").click()
    phone.wait_for_url("**/paid/*")
    return phone.url.rpartition("/")[2]


@pytest.mark.parametrize("language", LANGUAGES if IS_FULL else ["en"])
def test_complained_about_answered_and_decided_without_a_reload(place: Place, language: str) -> None:
    locale = {"locale": LANGUAGES[language]}
    ana = place.phone(**locale)
    transfer = pay(ana, place)
    ana.goto(f"{place.wallet}/receipts/{transfer}")
    looks.judge(ana, f"dispute-{language}-0-receipt", full_page=True)
    ana.locator("#complain a").click()
    ana.locator(".reasons label").nth(1).click()
    ana.fill("#amount", "8.01")
    ana.locator("#go").click()
    expect(ana.locator("#problem")).to_be_visible()
    looks.judge(ana, f"dispute-{language}-1-new", full_page=True)
    ana.fill("#amount", "5")
    ana.fill("#words", "The tea was cold, and it was not the one that I asked for.")
    ana.locator("#go").click()
    expect(ana.locator("#view")).to_have_attribute("data-state", "open")
    looks.judge(ana, f"dispute-{language}-2-open", full_page=True)

    till = sign_in(place, **locale)
    till.goto(f"{place.till}/disputes")
    looks.judge(till, f"dispute-{language}-3-list", full_page=True)
    till.locator("#disputes .row").first.click()
    expect(till.locator("#dispute")).to_have_attribute("data-state", "open")
    till.set_input_files("#files", {"name": "tea.png", "mimeType": "image/png", "buffer": drawn()})
    expect(till.locator("#shown img")).to_be_visible()
    till.locator("#send").click()
    expect(till.locator("#problem")).not_to_be_empty()
    till.fill("#words", "It left the counter hot. The receipt says green tea.")
    looks.judge(till, f"dispute-{language}-4-answer", full_page=True)
    till.locator("#send").click()
    expect(till.locator("#dispute")).to_have_attribute("data-state", "answered")
    expect(till.locator(".evidence img")).to_be_visible()
    looks.judge(till, f"dispute-{language}-5-answered", full_page=True)
    expect(ana.locator("#view")).to_have_attribute("data-state", "answered")
    ana.locator(".evidence img").scroll_into_view_if_needed()
    looks.judge(ana, f"dispute-{language}-6-answered", full_page=True)

    [dispute] = place.shop.store.read(queries.list_all)
    said = {"dispute_id": dispute.id, "is_won": False, "note": "The picture shows black tea."}
    place.shop.store.run(actions.decide, secret=SECRET, **said)
    expect(ana.locator("#view")).to_have_attribute("data-state", "lost")
    expect(till.locator("#dispute")).to_have_attribute("data-state", "lost")
    looks.judge(ana, f"dispute-{language}-7-lost", full_page=True)
    looks.judge(till, f"dispute-{language}-8-lost", full_page=True)
    ana.goto(f"{place.wallet}/disputes")
    looks.judge(ana, f"dispute-{language}-9-list", full_page=True)


def test_the_till_gives_the_money_back_on_a_phone(place: Place) -> None:
    ana = place.phone()
    pay(ana, place)
    [intent] = _paid(place)
    asked = {"payer_id": intent[1], "intent_id": intent[0], "reason": "paid_twice", "words": "", "amount_minor": 800}
    place.shop.store.run(actions.open_dispute, **asked)
    till = sign_in(place)
    till.set_viewport_size({"width": 390, "height": 844})
    till.goto(f"{place.till}/disputes")
    till.locator("#disputes .row").first.click()
    till.locator("#give-back").click()
    expect(till.locator("#sure")).to_be_visible()
    looks.judge(till, "dispute-en-give-back", full_page=True)
    till.locator("#sure-yes").click()
    expect(till.locator("#dispute")).to_have_attribute("data-state", "lost")
    ana.goto(place.wallet)
    expect(ana.locator("#balance")).to_contain_text("¥1,000.00")


def _paid(place: Place) -> list[tuple[str, str]]:
    return place.shop.store.read(
        lambda reader: reader.sql.rows("SELECT id, payer_id FROM payments_intent WHERE state = 'captured'")
    )


def drawn() -> bytes:
    content = io.BytesIO()
    Image.radial_gradient("L").resize((900, 700)).save(content, "PNG")
    return content.getvalue()
