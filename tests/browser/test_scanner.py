"""The scanner reads what a camera shows, follows it, gives the camera back, and says plainly why it cannot."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser import stage
from tests.browser.camera import code_picture, screen_picture
from tests.browser.conftest import LAN_HOST, PageFor, Witness

_FAKE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
CODE = "https://192.168.1.50:5443/q#" + "0123456789" * 26
SCAN_PAGE = """{% extends 'shared/base.html' %}{% from 'shared/controls.html' import finder, scanner_keys %}
{% block title %}Scan{% endblock %}
{% block main %}<h1>Scan</h1>{{ finder() }}<p id="text"></p><p id="problem"></p>
<p id="hint"></p><p id="count">0</p>{% endblock %}
{% block strings %}{{ strings(*scanner_keys) }}{% endblock %}
{% block scripts %}<script type="module" src="/page.js"></script>{% endblock %}"""
SCAN_SCRIPT = """import { scan } from '/static/scanner.js';
const put = (id, text) => (document.getElementById(id).textContent = text);
let count = 0;
globalThis.scanner = scan(document.getElementById('camera'), {
  onText: (text) => { put('text', text); put('count', ++count); },
  onProblem: ({ code, message }) => {
    document.getElementById('problem').dataset.code = code;
    put('problem', message);
  },
  onTorch: (hasTorch) => (document.getElementById('torch').hidden = !hasTorch),
  onHint: () => put('hint', 'hint'),
});
"""
SHOW_PAGE = """{% extends 'shared/base.html' %}{% from 'shared/macros.html' import code_card %}
{% block title %}Show{% endblock %}
{% block main %}<h1>Show</h1>{% call code_card(draw(request.args['text']), 'A code') %}{% endcall %}{% endblock %}"""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    app = stage.build({"/scan": SCAN_PAGE, "/show": SHOW_PAGE}, {"/page.js": SCAN_SCRIPT})
    app.jinja_env.globals["draw"] = stage.drawing
    with stage.serving(app) as address:
        yield address


def test_a_tilted_and_blurred_code_is_read(page_for: PageFor, site: str) -> None:
    page, camera = page_for("ana", device="iPhone 15")
    camera.show(code_picture(CODE), angle=7, blur=0.8)

    page.goto(site + "/scan")

    expect(page.locator("#text")).to_have_text(CODE)
    expect(page.locator("#torch")).to_be_hidden()


def test_another_persons_dark_screen_is_read_and_followed_when_it_changes(page_for: PageFor, site: str) -> None:
    shop, _ = page_for("till", viewport={"width": 1024, "height": 768}, color_scheme="dark")
    shop.goto(site + "/show?text=ORDER-1")
    page, camera = page_for("ana")
    camera.show(screen_picture(shop, "figure"))

    page.goto(site + "/scan")
    expect(page.locator("#text")).to_have_text("ORDER-1")
    shop.goto(site + "/show?text=ORDER-2")
    camera.show_live(screen_picture(shop, "figure"))

    expect(page.locator("#text")).to_have_text("ORDER-2")


def test_a_code_that_stays_in_view_is_reported_once(page_for: PageFor, site: str) -> None:
    page, camera = page_for("ana")
    camera.show(code_picture("STAYS"))
    page.goto(site + "/scan")
    expect(page.locator("#text")).to_have_text("STAYS")

    frames_until(page, 30)

    assert page.inner_text("#count") == "1"


def test_the_camera_is_given_back_while_the_page_is_hidden_and_taken_again(page_for: PageFor, site: str) -> None:
    page, camera = page_for("ana")
    camera.show(code_picture("FIRST"))
    page.goto(site + "/scan")
    expect(page.locator("#text")).to_have_text("FIRST")
    page.evaluate("globalThis.track = document.getElementById('camera').srcObject.getVideoTracks()[0]")

    set_hidden(page, True)
    assert page.evaluate("track.readyState") == "ended"
    camera.show(code_picture("SECOND"))
    set_hidden(page, False)

    expect(page.locator("#text")).to_have_text("SECOND")


def test_a_scanner_that_was_stopped_stays_off(page_for: PageFor, site: str) -> None:
    page, camera = page_for("ana")
    camera.show(code_picture("STOP"))
    page.goto(site + "/scan")
    expect(page.locator("#text")).to_have_text("STOP")

    page.evaluate("scanner.stop()")
    set_hidden(page, True)
    set_hidden(page, False)

    assert page.evaluate("[scanner.run, document.getElementById('camera').srcObject]") == [None, None]


def test_a_hint_comes_when_nothing_is_read(page_for: PageFor, site: str) -> None:
    page, camera = page_for("ana")
    camera.look_away()
    page.clock.install()
    page.goto(site + "/scan")
    expect(page.locator("#camera")).to_have_js_property("videoWidth", 1280)
    assert page.inner_text("#hint") == ""

    page.clock.fast_forward(6500)

    expect(page.locator("#hint")).to_have_text("hint")


def test_a_given_picture_goes_through_the_same_decoder(page_for: PageFor, site: str) -> None:
    page, camera = page_for("ana")
    camera.look_away()
    page.goto(site + "/scan")

    text = page.evaluate(
        """async (png) => {
          const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(new Blob([bytes]));
          const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
          context.drawImage(bitmap, 0, 0);
          return scanner.feed(context.getImageData(0, 0, bitmap.width, bitmap.height));
        }""",
        base64.b64encode(png_bytes(code_picture("FED"))).decode(),
    )

    assert text == "FED"
    expect(page.locator("#text")).to_have_text("FED")


def test_a_page_that_may_not_use_the_camera_says_so(page_for: PageFor, site: str) -> None:
    page, _ = page_for("ana")
    page.goto(site.replace("127.0.0.1", LAN_HOST) + "/scan")
    expect(page.locator("#problem")).to_have_attribute("data-code", "insecure_page")
    expect(page.locator("#problem")).to_contain_text("https")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--use-fake-device-for-media-stream"], "camera_refused"),
        (["--use-fake-ui-for-media-stream"], "camera_none"),
        ([*_FAKE, "--use-file-for-fake-video-capture={broken}"], "camera_busy"),
    ],
    ids=["refused", "missing", "busy"],
)
def test_a_camera_that_cannot_be_had_says_why(
    launch: Callable[..., Browser], witness: Witness, site: str, tmp_path: Path, arguments: list[str], code: str
) -> None:
    """The busy one is there and gives no picture."""
    broken = tmp_path / "broken.y4m"
    broken.write_bytes(b"YUV4MPEG2 W640 H480 F15:1 Ip A1:1 C420jpeg\nFRAME\n...")
    browser = launch(*(argument.format(broken=broken) for argument in arguments))
    page = browser.new_page()
    witness.watch(page)

    page.goto(site + "/scan")

    expect(page.locator("#problem")).to_have_attribute("data-code", code)
    expect(page.locator("#problem")).to_contain_text("photo")
    browser.close()


NATIVE = """globalThis.BarcodeDetector = class {
  static getSupportedFormats() { return Promise.resolve(%s); }
  detect() { %s }
};"""


@pytest.mark.parametrize(
    ("formats", "detect", "expected"),
    [
        ("['qr_code']", "return Promise.resolve([{ rawValue: 'NATIVE' }]);", "NATIVE"),
        ("['ean_13']", "return Promise.resolve([{ rawValue: 'NATIVE' }]);", "REAL"),
        ("['qr_code']", "return Promise.reject(new Error('service unavailable'));", "REAL"),
    ],
    ids=["knows QR codes", "knows other codes only", "claims to know them and fails"],
)
def test_the_browsers_own_detector_is_used_only_where_it_works(
    page_for: PageFor, site: str, formats: str, detect: str, expected: str
) -> None:
    page, camera = page_for("ana")
    camera.show(code_picture("REAL"))
    page.add_init_script(NATIVE % (formats, detect))

    page.goto(site + "/scan")

    expect(page.locator("#text")).to_have_text(expected)


@pytest.mark.parametrize("lack", ["VideoFrame", "OffscreenCanvas"])
def test_a_browser_that_hands_no_frames_over_reads_them_on_its_page(page_for: PageFor, site: str, lack: str) -> None:
    page, camera = page_for("ana")
    camera.show(code_picture("BY HAND"))
    page.add_init_script(f"delete globalThis.{lack};")

    page.goto(site + "/scan")

    expect(page.locator("#text")).to_have_text("BY HAND")


def test_a_decoder_that_cannot_be_loaded_is_said_and_tried_again(page_for: PageFor, site: str) -> None:
    page, camera = page_for("ana")
    camera.show(code_picture("LATER"))
    page.route("**/qr.js", lambda route: route.abort())
    page.goto(site + "/scan")
    expect(page.locator("#problem")).to_have_attribute("data-code", "reader_failed")

    page.unroute("**/qr.js")
    page.evaluate("scanner.resume()")

    expect(page.locator("#text")).to_have_text("LATER")


def frames_until(page: Page, count: int) -> None:
    """Wait until the video has shown so many more frames."""
    page.evaluate(
        """count => new Promise((done) => {
          const video = document.getElementById('camera');
          const next = () => (count-- ? video.requestVideoFrameCallback(next) : done());
          next();
        })""",
        count,
    )


def set_hidden(page: Page, is_hidden: bool) -> None:
    """Let the page believe that it went to the background or came back."""
    page.evaluate(
        """isHidden => {
          Object.defineProperty(document, 'hidden', { value: isHidden, configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }""",
        is_hidden,
    )


def png_bytes(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
