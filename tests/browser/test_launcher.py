"""The launcher's page in a browser: two phones and a till in frames, and the camera that points one at another."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from shared import config as settings
from shared.codes import render
from shared.launcher import app as launcher
from tests.browser.conftest import PageFor
from tests.browser.looks import overflow_px, shown, small_targets, violations
from tests.browser.stage import WEB

TEXT = "http://localhost:5001/q#12345678901234567"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<meta name="launcher-origin" content="{origin}"><h1>{title}</h1><output></output>{code}
<script type="module" src="/page.js"></script></html>"""
SCRIPT = """import { answerPictures, virtualFrames } from '/static/virtual-camera.js';
import { decode } from '/static/reader.js';
answerPictures();
if (location.pathname.endsWith('/scan')) {
  virtualFrames(async (image) => { document.querySelector('output').textContent = await decode(image); });
}"""


@dataclass
class Stage:
    """Stand-ins for the services in the launcher's frames: the till shows a code, the phones can scan."""

    url: str
    hides_code: bool = False


def frames_app(stage: Stage) -> Flask:
    app = Flask("frames", static_folder=str(WEB / "static"), static_url_path="/static")
    code = f'<div data-qr style="width:300px">{render.qr_svg(TEXT)}</div>'
    app.add_url_rule("/page.js", "js", lambda: app.response_class(SCRIPT, mimetype="text/javascript"))

    def page(title: str, shown: str = "") -> str:
        return PAGE.format(title=title, origin=stage.url, code=shown)

    app.add_url_rule("/join", "till", lambda: page("Till", "" if stage.hides_code else code))
    app.add_url_rule("/w/<who>/<place>", "phone", lambda who, place: page(f"{who} {place}"))
    return app


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """The launcher around the stand-ins."""
    found = Stage("")
    frames = make_server("127.0.0.1", 0, frames_app(found), threaded=True)
    port = str(frames.server_port)
    slot = make_server("127.0.0.1", 0, Flask("slot"), threaded=True)
    config = settings.from_environment(
        {
            "SAOMA_DATA_DIR": str(tmp_path),
            "SAOMA_DEMO": "1",
            "SAOMA_WALLET_PORT": port,
            "SAOMA_MERCHANT_PORT": port,
            "SAOMA_LAUNCHER_PORT": str(slot.server_port),
        }
    )
    found.url = config.launcher_url
    slot.app = launcher.create_app(config)
    threads = [threading.Thread(target=server.serve_forever) for server in (frames, slot)]
    for thread in threads:
        thread.start()
    yield found
    for server in (frames, slot):
        server.shutdown()
        server.server_close()


def opened(page: Page, stage: Stage) -> Page:
    page.goto(stage.url)
    for name in ("ana", "li", "till"):
        page.frame_locator(f"[data-who={name}] iframe").locator("h1").wait_for()
    return page


WIDE = {"width": 1440, "height": 900}


def test_a_phone_reads_the_code_that_the_till_shows(page_for: PageFor, stage: Stage) -> None:
    page = opened(page_for("visitor", viewport=WIDE)[0], stage)

    page.click("[data-point=ana][data-at=till]")

    phone = page.frame_locator("[data-who=ana] iframe")
    phone.locator("output", has_text=TEXT).wait_for(timeout=15000)
    assert phone.locator("h1").inner_text() == "ana scan"
    assert page.frame_locator("[data-who=li] iframe").locator("h1").inner_text() == "li join"


def test_a_till_without_a_code_is_told_of(page_for: PageFor, stage: Stage) -> None:
    stage.hides_code = True
    page = opened(page_for("visitor", viewport=WIDE)[0], stage)

    page.click("[data-point=li][data-at=till]")

    page.locator("#status", has_text="The till shows no code: type an amount and press Charge.").wait_for()
    assert page.frame_locator("[data-who=li] iframe").locator("h1").inner_text() == "li join"


def test_a_page_answers_the_launcher_around_it_and_nobody_else(page_for: PageFor, stage: Stage) -> None:
    page = opened(page_for("visitor", viewport=WIDE)[0], stage)
    till = page.frames[-1]
    answers = """() => new Promise((resolve) => {
      window.addEventListener('message', ({ data }) => data.saoma === 'picture' && resolve('answered'));
      window.postMessage({ saoma: 'picture?', id: '1' }, location.origin);
      setTimeout(resolve, 700, 'silent');
    })"""

    assert till.evaluate(answers) == "silent"  # asked by itself, not by the page around it


@pytest.mark.parametrize(("scheme", "size"), shown([(1440, 900), (1024, 700), (390, 844), (320, 640)]))
def test_it_is_fit_for_everybody(page_for: PageFor, stage: Stage, scheme: str, size: tuple[int, int]) -> None:
    page, _ = page_for("visitor", viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page.goto(stage.url)
    page.locator("h1").wait_for()

    assert violations(page) == {}
    assert small_targets(page) == []
    assert overflow_px(page) == 0


def test_on_a_narrow_screen_one_chooses_and_no_frame_is_loaded(page_for: PageFor, stage: Stage) -> None:
    page, _ = page_for("visitor", device="iPhone SE")
    page.goto(stage.url)

    assert {frame.url for frame in page.frames[1:]} == {"about:blank"}
    page.get_by_role("link", name="Ana").click()
    page.locator("h1", has_text="ana join").wait_for()
    assert "#ticket=" in page.url
