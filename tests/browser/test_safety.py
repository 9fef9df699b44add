"""Stories of safety: a phone is lost and given up from the next one; a browser is signed in by a phone that scans it.

On the way each new page is looked at: accessible, large enough for a finger, inside its window.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route, expect

from shared.identity.signing import PublicKey
from tests.browser import looks, people
from tests.browser.camera import screen_picture
from tests.browser.conftest import Join, PageFor

PIN = "123456"
VECTORS = json.loads((Path(__file__).parents[2] / "docs/vectors/safety.json").read_text(encoding="utf-8"))
FORGET = """async () => { for (const { name } of await indexedDB.databases())
  await new Promise((done) => {
    const asked = indexedDB.deleteDatabase(name);
    asked.onsuccess = asked.onblocked = done;
  }); }"""


def send(page: Page, address: str, handle: str, keys: str) -> None:
    """Type an amount for somebody and press Pay."""
    page.goto(f"{address}/send/{handle}")
    for key in keys:
        page.locator(f"[data-key='{key}']").click()
    page.locator("#go").click()


def test_a_lost_phone_is_given_up_from_the_next_one_and_the_money_is_all_there(
    join: Join, page_for: PageFor, profile: dict[str, str], address: str
) -> None:
    lost, li = join("Ana", pin=PIN), join("Li")
    phone, _ = page_for("ana", **profile)
    phone.goto(f"{address}/welcome")
    phone.locator("#back-again").click()
    phone.fill("#handle", "ana")
    phone.fill("#old-pin", PIN)
    phone.get_by_role("button", name="Sign in", exact=True).click()

    expect(phone.locator("#back-again")).to_contain_text("your money is all there")
    looks.judge(phone, "devices")
    phone.get_by_role("button", name="Remove").click()
    phone.locator("#revoke-sheet-yes").click()
    expect(phone.locator("[data-kid]")).to_have_count(1)

    expect(lost.get_by_text("This phone was given up on another of your devices")).to_be_visible()  # by itself
    expect(lost.locator("#handle")).to_have_value("ana")
    looks.judge(lost, "welcome-revoked")
    send(phone, address, "li", "5")
    expect(phone.get_by_role("heading", name="Paid")).to_be_visible()

    phone.evaluate(FORGET)  # as Safari does after seven days without a visit
    phone.goto(f"{address}/")
    expect(phone.locator("#key-lost")).to_be_visible()
    looks.judge(phone, "home-key-lost")
    phone.get_by_role("button", name="Make a new key").click()
    people.type_pin(phone, PIN)
    expect(phone.locator("#key-lost")).to_be_hidden()
    expect(phone.locator("#amount")).to_have_text("¥995.00")
    send(phone, address, "li", "250")
    people.type_pin(phone, PIN)
    expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    li.goto(f"{address}/")
    expect(li.locator("#amount")).to_have_text("¥1,255.00")


def test_a_browser_is_signed_in_by_a_phone_that_scans_it(
    join: Join, page_for: PageFor, person: Any, address: str
) -> None:
    phone = join("Ana", pin=PIN)
    browser, _ = page_for("screen", viewport={"width": 1024, "height": 768}, reduced_motion="reduce")
    browser.goto(f"{address}/welcome")
    browser.locator("#back-again").click()
    browser.get_by_role("link", name="Sign in with another phone").click()
    expect(browser.locator("#code svg")).to_be_visible()
    looks.judge(browser, "login")
    person("ana")[1].show(screen_picture(browser, "#code"))
    phone.goto(f"{address}/scan")

    expect(phone.locator("#view")).to_contain_text("Let this browser into your wallet?")
    expect(phone.locator("#device")).to_contain_text("Chrome")
    looks.judge(phone, "approve")
    expect(browser.locator("#state")).to_contain_text("Scanned by A***")
    phone.locator("#approve").click()
    people.type_pin(phone, PIN)
    expect(phone.locator("#approved")).to_contain_text("can pay for you now")

    expect(browser.locator("#amount")).to_have_text("¥1,000.00", timeout=15_000)
    browser.goto(f"{address}/security")
    expect(browser.get_by_text("On this phone", exact=True)).to_be_visible()
    expect(browser.get_by_text("2 can pay for you")).to_be_visible()
    looks.judge(browser, "security")


def test_a_contacts_new_key_is_compared_and_a_first_payment_looked_at_twice(join: Join, address: str) -> None:
    ana, li = join("Ana", pin=PIN), join("Li")
    send(ana, address, "li", "250")
    expect(ana.locator("#caution")).to_contain_text("You have never paid @li")
    looks.judge(ana, "caution-first")
    ana.get_by_role("button", name="Go back").click()
    expect(ana.locator("#go")).to_be_enabled()
    li.goto(f"{address}/card")
    card = (li.locator("[data-copy]").first.get_attribute("data-copy") or "").partition("#")[2]
    ana.goto(f"{address}/q#{card}")
    ana.locator("#add").click()
    expect(ana.get_by_text("Safety number")).to_be_visible()
    expect(ana.locator("#check")).to_have_count(0)
    li.evaluate(FORGET)
    li.goto(f"{address}/")
    li.locator("#mend").click()
    expect(li.locator("#key-lost")).to_be_hidden()

    send(ana, address, "li", "5")
    ana.locator("#caution").get_by_role("link", name="Compare the safety number").click()
    looks.judge(ana, "contact-new-key")
    expect(ana.locator("#own-sum")).to_be_visible()
    number = ana.locator("#safety-number").inner_text()
    li.goto(f"{address}/contacts")
    li.locator("[data-accept]").click()
    expect(li.locator("#known")).to_contain_text("Ana")
    li.route("**/contacts/ana", lying)
    li.goto(f"{address}/contacts/ana")
    li.get_by_text("Safety number").click()
    expect(li.locator("#own-sum")).to_be_visible()
    assert li.locator("#safety-number").inner_text() == number  # whatever digits the service showed
    assert_every_vector_holds(li)
    ana.locator("#check").click()
    expect(ana.locator("#check")).to_have_count(0)
    send(ana, address, "li", "5")
    expect(ana.get_by_role("heading", name="Paid")).to_be_visible()


def lying(route: Route) -> None:
    """Serve the page with other digits than the keys give."""
    answer = route.fetch()
    route.fulfill(response=answer, body=re.sub(r"<span>\d{5}</span>", "<span>12345</span>", answer.text()))


def assert_every_vector_holds(page: Page) -> None:
    """What the phone works out is what docs/vectors/safety.json says."""
    for vector in VECTORS["numbers"]:
        sides = [
            {"handle": side["handle"], "keys": [key_of(PublicKey.from_raw(bytes.fromhex(raw))) for raw in side["keys"]]}
            for side in (vector["one"], vector["other"])
        ]
        made = page.evaluate(
            "([realm, ...sides]) => import('/static/safety.js').then((m) => m.safetyNumber(realm, ...sides))",
            [VECTORS["realm"], *sides],
        )
        assert made == vector["safety_number"].replace(" ", "")


def key_of(key: PublicKey) -> dict[str, str]:
    return {"kid": key.kid_hex, "algorithm": key.algorithm.value, "public_key": key.raw.hex()}


def test_freezing_the_pin_and_the_limits_by_hand(join: Join, address: str) -> None:
    page = join("Ana", pin=PIN)
    page.goto(f"{address}/security")
    looks.judge(page, "security")
    page.locator("#freeze").click()
    expect(page.locator("#lift")).to_be_visible()
    looks.judge(page, "security-frozen")
    page.locator("#change-pin").click()
    for pin in (PIN, "654321", "654322"):
        people.type_pin(page, pin)
    expect(page.locator("#pin-problem")).to_have_text("The two PINs differ. Choose one again.")
    for _ in range(2):
        people.type_pin(page, "654321")
    expect(page.locator("#pin-sheet")).to_be_hidden()
    page.locator("#lift").click()
    people.type_pin(page, "654321")
    expect(page.locator("#freeze")).to_be_visible()

    page.get_by_role("link", name="Limits").click()
    page.wait_for_url("**/limits")
    page.wait_for_load_state()
    page.locator("#has-daily").click()
    page.fill("#daily", "5x")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#problem")).to_contain_text("not an amount")
    page.fill("#daily", "300.50")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#today")).to_contain_text("¥0.00 of ¥300.50")
    looks.judge(page, "limits")
    page.fill("#daily", "400")
    page.get_by_role("button", name="Save").click()
    people.type_pin(page, "654321")
    expect(page.locator("#today")).to_contain_text("¥0.00 of ¥400.00")
