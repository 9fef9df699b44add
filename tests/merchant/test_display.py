"""What others see and hear at a shop: the customer's display follows its terminal, the sound box the printed code."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from merchant import sweeper
from merchant.display import queries
from merchant.staff import members
from merchant.terminals import actions as terminals
from merchant.terminals import queries as terminal_queries
from shared.codes.payloads import OrderKind
from shared.payments import intents
from shared.payments.actions import Executed
from tests.house.plan import ROOT
from tests.merchant.shop import Browser, Shop
from tests.world import SECRET, Member


def on_display(browser: Browser, more: str = "") -> str:
    found = re.search(r'id="now" data-state="(\w+)"', browser.get(f"/display/now{more}").text)
    assert found
    return found.group(1)


def pay_at_the_counter(shop: Shop, payer: Member, amount_minor: int, memo: str = "") -> Executed:
    world = shop.world
    return world.execute(
        world.prepared(world.frame(payer, OrderKind.PAY, "corner-tea", amount_minor, memo=memo or None))
    )


def test_the_display_welcomes_shows_the_code_and_tells_how_it_ended(shop: Shop, browser: Browser, ana: Member) -> None:
    assert (on_display(browser), "Corner Tea House" in browser.get("/display").text) == ("idle", True)
    id = browser.charge(1250).json["id"]
    page = browser.get("/display/now").text
    assert on_display(browser) == "waiting"
    assert ("<svg" in page, "¥12.50" in page) == (True, True)
    shop.scanned_by(ana, id)
    assert on_display(browser) == "scanned"
    shop.paid_by(ana, id)
    assert on_display(browser) == "paid"
    shop.world.pass_time(queries.SHOWN_MS // 1000 - 1)
    assert on_display(browser) == "paid"
    shop.world.pass_time(2)
    assert on_display(browser) == "idle"


@pytest.mark.parametrize(("way", "state"), [("cancel", "canceled"), ("late", "late"), ("expire", "expired")])
def test_the_display_never_shows_a_code_that_cannot_be_paid(shop: Shop, browser: Browser, way: str, state: str) -> None:
    id = browser.charge(1250).json["id"]
    if way == "cancel":
        browser.post(f"/api/sales/{id}/cancel")
    else:
        shop.world.pass_time(intents.USUAL_TTL_S + (61 if way == "expire" else 1))
        sweeper.sweep(shop.store)
    assert on_display(browser) == state
    assert 'class="code' not in browser.get("/display/now").text
    shop.world.pass_time(70)
    sweeper.sweep(shop.store)
    shop.world.pass_time(9)
    assert on_display(browser) == "idle"


def test_a_display_follows_one_terminal_and_not_the_one_beside_it(shop: Shop, browser: Browser) -> None:
    [boss, *_] = shop.store.read(members.of_shop, shop_id=shop.party.id)
    [first] = shop.store.read(terminal_queries.of_shop, shop_id=shop.party.id)
    other = shop.store.run(
        terminals.install, shop_id=shop.party.id, name="Till 2", key=terminals.new_key(SECRET), token_hash="x", by=boss
    )
    browser.charge(1250)
    assert on_display(browser) == "waiting"
    assert on_display(browser, f"?terminal={first.id}") == "waiting"
    assert on_display(browser, f"?terminal={other.id}") == "idle"
    assert "Till 2" in browser.get("/display").text
    for nobodys in ("trm_01jd9k6y0afx3rg4m8m3cfvq2h", "x", "pi_"):
        assert browser.get(f"/display?terminal={nobodys}").status_code == 404, nobodys


def test_the_sound_box_tells_the_printed_codes_payments_and_no_others(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    assert "Nothing has come in today" in browser.get("/sound-box").text
    shop.paid_by(ana, browser.charge(500).json["id"])
    assert "data-payment" not in browser.get("/sound-box/rows").text
    pay_at_the_counter(shop, ana, 777)
    newest = pay_at_the_counter(shop, ana, 1250, "<b>tea</b>")
    page = browser.get("/sound-box/rows").text
    assert newest.intent is not None
    assert re.findall(r'data-payment="(\w+)"', page)[0] == newest.intent.id
    for text in ("¥12.50", "A***", "¥20.27", "&lt;b&gt;tea&lt;/b&gt;"):
        assert text in page, text
    assert "Ana" not in page, "a shop sees a payer's initial"


def test_the_sound_box_counts_from_where_the_readers_day_began(shop: Shop, browser: Browser, ana: Member) -> None:
    pay_at_the_counter(shop, ana, 777)
    shop.world.pass_time(3600)
    midnight = shop.world.now() - 60_000
    pay_at_the_counter(shop, ana, 1250)
    page = browser.get(f"/sound-box/rows?since={midnight}").text
    assert page.count("data-payment") == 1
    for nonsense in ("x", "-1", "9" * 40, ""):
        assert browser.get(f"/sound-box/rows?since={nonsense}").text.count("data-payment") == 2, nonsense
    shop.world.pass_time(40 * 3600)
    assert "data-payment" not in browser.get("/sound-box/rows?since=0").text, "at most a day and a half"


def test_what_others_see_stays_within_its_budget(shop: Shop, browser: Browser, ana: Member) -> None:
    for _ in range(queries.FEED + 2):
        pay_at_the_counter(shop, ana, 100)
    browser.charge(1250, "Table 4")
    for path in ("/display", "/sound-box"):
        assert len(gzip.compress(browser.get(path).data)) <= 14 * 1024, path


def test_another_shop_hears_and_sees_nothing_of_this_one(shop: Shop, browser: Browser, ana: Member) -> None:
    world = shop.world
    other = world.shop("noodles")
    world.execute(world.prepared(world.frame(ana, OrderKind.PAY, "noodles", 500)))
    world.intent(other, 900)
    assert "data-payment" not in browser.get("/sound-box/rows").text
    assert on_display(browser) == "idle"


def test_the_scripts_of_the_tills_live_pages_stay_within_their_budget(shop: Shop, browser: Browser) -> None:
    """12 kB at once, and 35 with all that comes when it is wanted: the camera and its decoder."""
    id = browser.charge(1250).json["id"]
    for path in ("/display", "/sound-box", f"/checkout/{id}"):
        page = browser.get(path).text
        assert scripts_weight(page, STATIC_IMPORT) <= 12 * 1024, path
        assert scripts_weight(page, ANY_IMPORT) <= 35 * 1024, path


STATIC_IMPORT = re.compile(r"""^(?:import|export)\b[^;]*?['"](\.[^'"]+)['"]""", re.MULTILINE)
ANY_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]|new URL\('(\.[^']+)'""")


def scripts_weight(page: str, imports: re.Pattern[str]) -> int:
    """The gzipped bytes of a page's modules with those that they import."""
    waiting = [served(src) for src in re.findall(r'<script type="module" src="([^"]+)"', page)]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            names = ["".join(match.groups(default="")) for match in imports.finditer(file.read_text())]
            waiting += [served(name[1:], file) for name in names]
    assert found
    return sum(len(gzip.compress(file.read_bytes())) for file in found)


def served(address: str, importer: Path | None = None) -> Path:
    """The file behind a script's address, or behind what a script imports (its address without the first dot)."""
    shared = ROOT / "shared/web/static"
    if importer is None:
        inside = address.removeprefix("/static/")
        return (shared / inside[7:] if inside.startswith("shared/") else ROOT / "merchant/static" / inside).resolve()
    if address.startswith("/shared/"):
        return (shared / address[8:]).resolve()
    return (importer.parent / address.lstrip("/")).resolve()
