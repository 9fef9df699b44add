"""The wallet without the network: what still works, what is said, and that nothing is paid twice; the app itself."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from shared.codes import frame as frames
from tests.browser import looks, people
from tests.browser.conftest import Join
from tests.browser.test_pay_code import ready_for_offline, shown, take
from tests.world import Member, World
from wallet.offline import pages as offline_pages


@pytest.fixture
def join(join: Join) -> Join:
    """`join("Ana")`: somebody new, at home, with the worker standing by."""

    def enter(name: str, *, prefix: str = "", **options: Any) -> Page:
        page = join(name, prefix=prefix, **options)
        if not prefix:
            ready_for_offline(page)
        return page

    return enter


def test_every_page_of_it_can_be_read_and_pressed(
    join: Join, address: str, sqlite_world: World, shop: Member, profile: dict[str, str]
) -> None:
    page, tag = join("Ana"), f"{profile['device']}-{profile['color_scheme']}".replace(" ", "-")
    page.goto(address + "/pay-code")
    code = shown(page)
    expect(page.locator("#with-number")).to_be_visible()
    looks.judge(page, f"pay-code-{tag}")
    take(sqlite_world, shop, code, 25_000)
    expect(page.locator("#go")).to_be_visible()
    looks.judge(page, f"confirm-{tag}")
    page.goto(address + "/statement")
    expect(page.locator("#asked")).to_be_visible()
    looks.judge(page, f"asked-{tag}")
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    looks.judge(page, f"statement-offline-{tag}")
    for path, ready in (("pay-code", "#drawing svg"), ("card", "#drawing svg"), ("contacts", "#again")):
        page.goto(f"{address}/{path}")
        expect(page.locator(ready)).to_be_visible()
        looks.judge(page, f"{path}-offline-{tag}")


def test_offline_the_card_can_be_scanned_and_a_page_opens_by_itself_afterwards(join: Join, address: str) -> None:
    page = join("Ana")
    page.goto(address + "/card")
    card = page.locator("[data-copy]").get_attribute("data-copy")
    page.context.set_offline(True)
    page.goto(address + "/card")
    expect(page.locator("#name")).to_have_text("Ana")
    drawn = people.read_code(page.locator("#drawing"))
    assert drawn.partition("#")[2] == str(card).partition("#")[2]
    page.goto(address + "/statement")
    expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#entries")).to_be_visible()


def test_a_page_says_once_that_it_is_offline_and_once_that_it_is_back(join: Join) -> None:
    page = join("Ana")
    looks.listen(page)
    page.context.set_offline(True)
    expect(page.locator("#offline")).to_be_visible()
    page.evaluate("dispatchEvent(new Event('unreachable')); dispatchEvent(new Event('offline'))")
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    assert looks.announced(page) == ["Offline. You can still show your pay code.", "Back online."]


def test_going_offline_in_the_middle_of_pay_ends_in_one_payment(
    join: Join, address: str, sqlite_world: World, shop: Member
) -> None:
    page = join("Ana")
    page.goto(frames.code_text(address, sqlite_world.intent(shop, 1250).code))
    expect(page.locator("#go")).to_be_enabled()
    page.context.set_offline(True)
    page.locator("#go").click()
    expect(page.locator("#checking")).to_be_visible()
    expect(page.locator("#checking")).to_contain_text("Do not pay again")
    assert sqlite_world.balance(shop) == 0
    page.reload()
    expect(page.locator("#again")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_role("heading", name="Paid")).to_be_visible()
    assert sqlite_world.balance(shop) == 1250


def test_a_new_version_waits_until_the_person_wants_it(
    join: Join, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = join("Ana")
    old = page.evaluate("caches.keys()")
    monkeypatch.setattr(offline_pages, "_kept_version", lambda: "another")
    page.goto(address + "/me")
    expect(page.locator("#update")).to_be_visible(timeout=15_000)
    assert page.evaluate("navigator.serviceWorker.getRegistration().then(({ waiting }) => Boolean(waiting))")
    page.locator("#update-now").click()
    page.wait_for_function("(old) => caches.keys().then((names) => names.length === 1 && names[0] !== old)", arg=old[0])
    expect(page.locator("#update")).to_be_hidden()


def test_in_another_language_the_kept_pages_speak_it_too(join: Join, address: str) -> None:
    page = join("Ana")
    page.goto(address + "/me")
    page.locator("[data-language=zh]").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.wait_for_function(
        "() => caches.match('/offline').then((page) => page.text()).then((text) => text.includes('离线'))"
    )


def test_signing_out_leaves_nothing_behind(join: Join, address: str) -> None:
    page = join("Ana")
    page.goto(address + "/me")
    page.locator("#leave").click()
    page.locator("#leave-yes").click()
    page.wait_for_url("**/welcome")
    assert page.evaluate("caches.keys()") == []
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert page.evaluate("import('/static/shared/kept.js').then(({ keptFacts }) => keptFacts('phone'))") is None


def test_the_browser_takes_it_for_an_app(join: Join, address: str) -> None:
    page = join("Ana")
    devtools = page.context.new_cdp_session(page)
    found = devtools.send("Page.getAppManifest")
    assert found["errors"] == []
    assert found["url"] == address + "/manifest.webmanifest"
    problems = {error["errorId"] for error in devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]}
    assert problems <= {"in-incognito"}


def test_two_personas_of_one_address_have_a_worker_each(join: Join, address: str) -> None:
    page = join("Ana")
    other = page.context.new_page()
    other.goto(f"{address}/w/li/welcome")
    other.fill("#name", "Li")
    other.locator("#name-step .primary").click()
    other.locator("#skip").click()
    expect(other.locator("#recent")).to_be_visible()
    other.wait_for_function("() => navigator.serviceWorker.controller?.scriptURL.endsWith('/w/li/sw.js')")
    page.context.set_offline(True)
    codes = []
    for view, prefix in ((page, ""), (other, "/w/li")):
        view.goto(f"{address}{prefix}/card")
        expect(view.locator("#drawing svg")).to_be_visible()
        codes.append(view.locator("#name").inner_text())
    assert codes == ["Ana", "Li"]
