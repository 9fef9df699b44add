"""The pages as they are served: who may see them, what they say, and how much they weigh."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from flask import Flask

import shared.web
import wallet.app
from shared.codes.payloads import OrderKind
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good

PAGES = ["/", "/scan", "/q", "/collect", "/pay-code", "/card", "/contacts", "/statement", "/me",
         "/security", "/devices", "/limits", "/l"]  # fmt: skip
MONEY_PAGES = ["/requests", "/bank", "/bank/top-up", "/bank/withdraw", "/poster", "/contacts/ana/ask"]
STATICS = {
    "/static/shared/": Path(shared.web.__file__).parent / "static",
    "/static/": Path(wallet.app.__file__).parent / "static",
}
IMPORT = re.compile(r"""(?:from|import)\s+['"](\.[^'"]+)['"]|new URL\('(\.[^']+)'""")
LARGEST_HTML, LARGEST_SCRIPTS, LARGEST_SCANNER, LARGEST_STYLES = (kb * 1024 for kb in (14, 12, 35, 6))


@pytest.fixture
def mia(app: Flask) -> Browser:
    """Somebody with a browser, and with a name that would be markup if anybody forgot."""
    browser = Browser(app)
    good(browser.post("/api/users", {"display_name": "<b>Mia & Co</b>", "handle": "mia"}))
    return browser


def weight(*texts: str | bytes) -> int:
    return sum(len(gzip.compress(text.encode() if isinstance(text, str) else text)) for text in texts)


def scripts_of(page: str) -> set[Path]:
    """The page's modules with all that they import."""
    waiting = [file_of(src) for src in re.findall(r'<script type="module" src="([^"]+)"', page)]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            for names in IMPORT.findall(file.read_text()):
                name = next(filter(None, names))
                is_shared = name.startswith("./shared/")
                waiting.append((STATICS["/static/shared/"] / name[9:] if is_shared else file.parent / name).resolve())
    return found


def file_of(address: str) -> Path:
    prefix = next(prefix for prefix in STATICS if address.startswith(prefix))
    return (STATICS[prefix] / address.removeprefix(prefix)).resolve()


@pytest.mark.parametrize("path", [*PAGES, "/send/mia", "/contacts/mia", "/receipts/trf_x", "/paid/trf_x"])
def test_a_stranger_is_welcomed_instead(app: Flask, path: str) -> None:
    answer = app.test_client().get("/w/ana" + path)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/w/ana/welcome")


def test_a_member_is_not_welcomed_again(mia: Browser) -> None:
    for path in ("/welcome", "/join"):
        answer = mia.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("path", [*PAGES, "/send/ana"])
def test_a_page_is_light_and_its_scripts_too(mia: Browser, ana: Phone, path: str) -> None:
    """What comes with a page; the sheet for the PIN and the launcher's camera come when they are needed."""
    page = mia.get(path).get_data(as_text=True)

    assert weight(page) <= LARGEST_HTML
    scripts = scripts_of(page)
    assert scripts
    largest = LARGEST_SCANNER if path in ("/scan", "/pay-code") else LARGEST_SCRIPTS
    assert weight(*(file.read_bytes() for file in scripts)) <= largest
    [style] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
    assert weight(mia.get(style).get_data()) <= LARGEST_STYLES


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_no_script_or_style_inside_and_says_that_the_money_is_none(mia: Browser, path: str) -> None:
    answer = mia.get(path)
    page = answer.get_data(as_text=True)

    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)
    assert all("application/json" in tag or "src=" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert "Simulated money" in page
    assert page.count('role="status"') == 1
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_pages_about_money_keep_all_these_rules(app: Flask, mia: Browser, ana: Phone) -> None:
    [row] = good(mia.get("/api/statement"))["rows"]
    for path in (*MONEY_PAGES, f"/receipts/{row['transfer']}"):
        answer = mia.get(path)
        page = answer.get_data(as_text=True)
        assert weight(page) <= LARGEST_HTML, path
        assert weight(*(file.read_bytes() for file in scripts_of(page))) <= LARGEST_SCRIPTS, path
        styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"(?! media="print")', page)
        assert weight(*(mia.get(style).get_data() for style in styles)) <= LARGEST_STYLES, path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), path
        assert "Simulated money" in page
        assert (page.count('role="status"'), answer.headers["Cache-Control"]) == (1, "no-store")
        assert not re.search(
            r"\{[a-z_]+\}", re.sub(r"<script.*?</script>|data-text=\"[^\"]*\"", "", page, flags=re.S)
        ), path
        assert app.test_client().get(path).headers["Location"] == "/welcome"


def test_a_name_is_text_wherever_it_stands(app: Flask, mia: Browser, ana: Phone) -> None:
    card = good(mia.get("/api/me"))["card"]
    ana.post("/api/contacts", {"card": card})
    ana.ask("PATCH", "/api/contacts/mia", {"alias": "<i>M</i>"})
    done = ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "mia", 500, memo="<script>alert(1)</script>")})
    pages = [mia.get(path).get_data(as_text=True) for path in PAGES]
    paths = ("/", "/contacts", "/contacts/mia", "/send/mia", "/statement", f"/receipts/{done['transfer']}")
    pages += [ana.ask("GET", path).get_data(as_text=True) for path in (*paths, f"/paid/{done['transfer']}")]
    pages.append(ana.post("/q/view", {"text": card})["html"])
    pages.append(ana.post("/q/view", {"text": done["receipt"]})["html"])

    for page in pages:
        assert not re.search(r"<b>Mia|<i>M|<script>alert", page)
    assert sum("&lt;b&gt;Mia" in page for page in pages) > 5


def test_other_peoples_pages_do_not_exist(ana: Phone, li: Phone, mia: Browser) -> None:
    transfer = ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 500)})["transfer"]

    for path in (f"/receipts/{transfer}", f"/paid/{transfer}", "/contacts/li", "/send/nobody", "/send/saoma"):
        answer = mia.get(path)
        assert answer.status_code == 404
        assert "That did not work" in answer.get_data(as_text=True)
    assert mia.get("/send/mia").status_code == 404


def test_the_balance_stays_hidden_when_it_was_hidden(mia: Browser) -> None:
    assert 'id="veiled" hidden' in mia.get("/").get_data(as_text=True)

    mia.client.set_cookie("wallet_veil", "1")

    page = mia.get("/").get_data(as_text=True)
    assert 'id="shown" hidden' in page
    assert 'id="veiled">' in page


def test_no_sentence_is_missing_on_any_page(app: Flask, mia: Browser, ana: Phone) -> None:
    """A key without a sentence would break the page; a place without a value would show its braces."""
    ana.post("/api/contacts", {"card": good(mia.get("/api/me"))["card"]})
    transfer = ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "mia", 500)})["transfer"]
    paths = [*PAGES, "/contacts/mia", "/send/mia", f"/receipts/{transfer}", f"/paid/{transfer}"]

    for path in paths:
        answer = ana.ask("GET", path)
        text = re.sub(r"<script.*?</script>", "", answer.get_data(as_text=True), flags=re.S)
        text = re.sub(r' data-[a-z]+="[^"]*"', "", text)  # sentences whose places a script fills
        assert answer.status_code == 200, path
        assert not re.search(r"\{[a-z_]+\}", text), path
