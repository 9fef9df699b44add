"""The main job in real browsers with cameras: a till and two phones, scanning each other's screens."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from shared.codes import payloads, seal
from shared.db import outbox
from shared.db.engine import migration_engine
from shared.db.unit import Reader
from shared.identity import keys
from shared.payments import audit
from tests.browser import people
from tests.browser.conftest import PageFor
from tests.services import Services

TABLET = {"viewport": {"width": 1024, "height": 768}}


@pytest.fixture
def till(page_for: PageFor, services: Services) -> Page:
    page, _ = page_for("till", **TABLET)
    people.open_till(page, services)
    return page


def mark(page: Page) -> None:
    """Leave a mark that a reload would wipe away."""
    page.evaluate("globalThis.isTheSamePage = true")


def is_the_same_page(page: Page) -> bool:
    return bool(page.evaluate("globalThis.isTheSamePage === true"))


def test_a_new_person_scans_the_tills_screen_pays_and_the_till_turns_to_paid(
    page_for: PageFor, profile: dict[str, str], services: Services, till: Page
) -> None:
    phone, camera = page_for("ana", **profile)
    people.join(phone, services, "Ana")
    people.charge(till, "12.50")
    mark(till)

    camera.show(people.picture_of(till))
    people.scan(phone)
    people.till_says(till, "scanned")
    expect(till.locator("#step-scanned")).to_contain_text("A***")
    expect(phone.locator(".payee")).to_contain_text("Corner Tea House")
    expect(phone.locator(".payee")).to_contain_text("Verified")
    expect(phone.locator("#go")).to_have_text("Pay ¥12.50")
    people.pay(phone)

    people.till_says(till, "paid")
    assert is_the_same_page(till)
    assert_signed_by_the_phone(phone, services)


def assert_signed_by_the_phone(phone: Page, services: Services) -> None:
    """The order that moved the money opens in Python under the phone's key, whose private half nobody has."""
    store = services.store()
    try:
        [order] = store.read(orders_of_kind, kind=payloads.OrderKind.PAY)
        assert order.sealed_by is not None
        assert order.sealed_by.custody == "device"
        assert isinstance(order.payload, payloads.Order)
        assert (order.payload.payee, order.payload.amount_minor) == ("corner-tea", 1250)
        kept = phone.evaluate(
            """async () => {
              const [{ name }] = await indexedDB.databases();
              const database = await new Promise((done) => {
                const request = indexedDB.open(name); request.onsuccess = () => done(request.result); });
              const [store] = database.objectStoreNames;
              const [value] = await new Promise((done) => {
                const request = database.transaction(store).objectStore(store).getAll();
                request.onsuccess = () => done(request.result); });
              const keys = Object.values(value).flatMap((part) => part instanceof CryptoKey ? [part]
                : part?.privateKey ? [part.privateKey] : []);
              const secret = (value instanceof CryptoKey ? [value] : keys).find((key) => key.type === 'private');
              const refused = await crypto.subtle.exportKey('pkcs8', secret).then(() => false, () => true);
              return { extractable: secret.extractable, refused };
            }"""
        )
        assert kept == {"extractable": False, "refused": True}
        assert store.read(audit.run).faults == []
    finally:
        store.close()


def orders_of_kind(reader: Reader, *, kind: int) -> list[seal.Opened]:
    realm = outbox.realm(reader)
    rows = reader.sql.rows("SELECT frame FROM payments_order WHERE kind = :kind", kind=int(kind))
    return [
        seal.open_frame(bytes(row[0]), realm=realm, find_key=lambda kid: keys.find(reader, kid=kid), now_s=None)
        for row in rows
    ]


def test_a_server_that_alters_a_stored_order_is_caught(
    page_for: PageFor, profile: dict[str, str], services: Services, till: Page
) -> None:
    phone, camera = page_for("ana", **profile)
    people.join(phone, services, "Ana")
    people.charge(till, "3")
    camera.show(people.picture_of(till))
    people.scan(phone)
    people.pay(phone)
    with migration_engine(services.config.database_url).begin() as connection:
        connection.execute(text("DROP TRIGGER ledger_transfer_no_update"))
        connection.execute(text("UPDATE ledger_transfer SET amount_minor = 30000 WHERE kind = 'pay'"))
    store = services.store()
    try:
        assert {"order_mismatch", "balance_mismatch"} <= {fault.code for fault in store.read(audit.run).faults}
    finally:
        store.close()


def test_two_phones_become_contacts_by_scanning_each_other_and_send_money(
    page_for: PageFor, profile: dict[str, str], services: Services
) -> None:
    mei, meis_camera = page_for("ana", **profile)
    noor, noors_camera = page_for("li", device="Pixel 7")
    people.join(mei, services, "Mei")
    people.join(noor, services, "Noor")

    mei.goto(f"{services.wallet}/card")
    noors_camera.show(people.picture_of(mei))
    people.scan(noor)
    expect(noor.locator(".payee")).to_contain_text("Not in your contacts")
    noor.locator("#add").click()
    noor.wait_for_url("**/contacts/mei", timeout=people.PATIENCE_MS)
    expect(mei.locator("#waiting")).to_contain_text("Noor", timeout=people.PATIENCE_MS)

    noor.goto(f"{services.wallet}/card")
    meis_camera.show(people.picture_of(noor))
    mei.goto(services.wallet)
    people.scan(mei)
    mei.locator("#add").click()
    mei.wait_for_url("**/contacts/noor", timeout=people.PATIENCE_MS)
    mei.goto(f"{services.wallet}/contacts")
    expect(mei.locator("main")).to_contain_text("Noor", timeout=people.PATIENCE_MS)

    noor.goto(services.wallet)
    mark(noor)
    mei.goto(f"{services.wallet}/send/noor")
    mei.locator(".keypad").get_by_role("button", name="7", exact=True).click()
    people.pay(mei)
    expect(noor.locator("#amount")).to_have_text("¥1,007.00", timeout=people.PATIENCE_MS)
    assert is_the_same_page(noor)


def test_a_request_on_one_screen_is_paid_from_the_other_and_says_so(
    page_for: PageFor, profile: dict[str, str], services: Services
) -> None:
    ana, camera = page_for("ana", **profile)
    li, _ = page_for("li", device="Pixel 7")
    people.join(ana, services, "Ana")
    people.join(li, services, "Li")
    li.goto(f"{services.wallet}/collect")
    expect(li.locator("#copy")).to_be_enabled(timeout=people.PATIENCE_MS)
    first = li.locator("#copy").get_attribute("data-copy")
    for key in "25":
        li.locator(".keypad").get_by_role("button", name=key, exact=True).click()
    expect(li.locator("#amount")).to_have_text("¥25.00")
    expect(li.locator("#copy")).not_to_have_attribute("data-copy", str(first), timeout=people.PATIENCE_MS)
    expect(li.locator("#what")).to_contain_text("25.00", timeout=people.PATIENCE_MS)
    mark(li)

    camera.show(people.picture_of(li.locator("#code")), scale=0.6)
    people.scan(ana)
    expect(ana.locator("#go")).to_contain_text("Pay ¥25.00")
    people.pay(ana)

    expect(li.locator("#notice-text")).to_contain_text("25.00", timeout=people.PATIENCE_MS)
    assert is_the_same_page(li)


@pytest.mark.parametrize("way", ["photo", "paste"])
def test_a_photo_and_a_pasted_text_do_the_same(
    page_for: PageFor, profile: dict[str, str], services: Services, till: Page, way: str
) -> None:
    phone, camera = page_for("ana", **profile)
    camera.look_away()
    people.join(phone, services, "Ana")
    people.charge(till, "8")
    phone.goto(f"{services.wallet}/scan")
    if way == "photo":
        picture = {"name": "till.png", "mimeType": "image/png", "buffer": till.screenshot()}
        phone.set_input_files("#photo", picture)  # type: ignore[arg-type]
    else:
        phone.locator("summary").click()
        phone.fill("#text", str(till.locator("#link").input_value()))
        phone.locator("#paste button").click()
    phone.wait_for_url("**/q#*", timeout=people.PATIENCE_MS)
    expect(phone.locator("#go")).to_have_text("Pay ¥8.00")
    people.pay(phone)
    people.till_says(till, "paid")


def test_a_page_without_a_secure_context_pays_with_a_key_that_the_server_holds(
    page_for: PageFor, profile: dict[str, str], services: Services, till: Page
) -> None:
    """A phone on plain http: no camera, no key store; the code's link opens by the phone's own camera app."""
    from tests.browser.conftest import LAN_HOST

    phone, _ = page_for("ana", **profile)
    wallet = services.wallet.replace("127.0.0.1", LAN_HOST)
    phone.goto(f"{wallet}/welcome")
    assert phone.evaluate("[isSecureContext, Boolean(navigator.mediaDevices)]") == [False, False]
    phone.fill("#name", "Ana")
    phone.locator("#name-step .primary").click()
    phone.locator("#skip").click()
    expect(phone.locator("#amount")).to_have_text("¥1,000.00", timeout=people.PATIENCE_MS)

    people.charge(till, "4")
    link = str(till.locator("#link").input_value())
    phone.goto(f"{wallet}/q#{link.rpartition('#')[2]}")
    people.pay(phone)
    people.till_says(till, "paid")
    phone.goto(f"{wallet}/security")
    expect(phone.locator("main")).to_contain_text("server")


def test_a_service_that_stops_between_pay_and_its_answer_is_asked_again(
    page_for: PageFor, profile: dict[str, str], services: Services, till: Page
) -> None:
    phone, camera = page_for("ana", **profile)
    people.join(phone, services, "Ana")
    people.charge(till, "6")
    camera.show(people.picture_of(till))
    people.scan(phone)
    expect(phone.locator("#go")).to_have_text("Pay ¥6.00")
    services.kill("wallet")
    phone.locator("#go").click()
    expect(phone.locator("#checking")).to_be_visible(timeout=people.PATIENCE_MS)
    expect(phone.locator("#checking")).to_contain_text("Do not pay again")
    kept = phone.evaluate("Object.values(localStorage).find((value) => value.includes('order'))")
    assert json.loads(kept)["amount_minor"] == 600

    services.start("wallet")
    phone.locator("#check-now").click()
    phone.wait_for_url("**/paid/*", timeout=people.PATIENCE_MS)
    people.till_says(till, "paid")
