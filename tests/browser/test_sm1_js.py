"""The browser's half of the code format: Chromium makes keys and seals, and our own Python opens what it sealed."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from shared.codes import frame as frames
from shared.codes import payloads, read, render, seal
from shared.identity.keys import DEVICE_MAY_SEAL, KeyRecord
from shared.identity.signing import PublicKey

ROOT = Path(__file__).parents[2]
VECTORS: dict[str, Any] = json.loads((ROOT / "docs/vectors/sm1.json").read_text(encoding="utf-8"))
REALM = "browser.example"
NOW_S = 1_795_255_200
ALGORITHMS = ("Ed25519", "P-256")

SEAL_ALL = """async ([algorithm, realm, now]) => {
  const sm1 = await import("/static/sm1.js"), keys = await import("/static/keys.js");
  await keys.makeKey("ada", [algorithm]);
  const key = await keys.loadKey("ada");
  const jti = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
  const when = { issued_at_s: now, ttl_s: 120, jti, currency: 156 };
  const card = await sm1.sealCard({ handle: "ada", issued_at_s: now, display_name: "Ada 小波" }, key, realm);
  const request = await sm1.sealRequest({ handle: "ada", memo: "午饭\\n\\u200b cafe\\u0301 ", ...when }, key, realm);
  const what = { amount_minor: 10 ** 12, payee: "tea-house", kind: sm1.ORDER_KIND.pay, subject: jti, memo: null };
  const order = await sm1.sealOrder({ ...when, ...what }, key, realm);
  const payer = await sm1.sealPayer({ ...when, counter: 7, cap_minor: 200000 }, key, realm);
  return {
    algorithm: key.algorithm, raw: sm1.toBase64url(key.rawPublicKey), kid: sm1.toBase64url(key.kid),
    frames: [card, request, order, payer].map((frame) => [...frame]),
    sameAfterBase64: sm1.fromBase64url(sm1.toBase64url(order)).join() === order.join(),
    text: sm1.codeText("https://pay.example/", order), back: [...sm1.bytesOfDigits(sm1.digits(order))],
  };
}"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server on loopback that serves our modules under the strict policy of the real pages."""
    app = Flask(__name__, static_folder=str(ROOT / "shared/web/static"))

    @app.get("/")
    def blank() -> Response:
        return Response(
            "<!doctype html><title>blank</title>", headers={"Content-Security-Policy": "default-src 'self'"}
        )

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    context = chromium.new_context()
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


def registered(public: PublicKey) -> seal.FindKey:
    record = KeyRecord(public, "ada", DEVICE_MAY_SEAL, None, "usr_1")
    return lambda kid_hex: record if kid_hex == public.kid_hex else None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_a_phone_seals_opens_here(page: Page, algorithm: str) -> None:
    made = page.evaluate(SEAL_ALL, [algorithm, REALM, NOW_S])

    public = PublicKey.from_raw(unbase64(made["raw"]))
    assert made["algorithm"] == public.algorithm.value == algorithm
    assert unbase64(made["kid"]) == public.kid
    find_key = registered(public)
    card, request, order, payer = (
        seal.open_frame(bytes(raw), realm=REALM, find_key=find_key, now_s=NOW_S).payload for raw in made["frames"]
    )
    jti = bytes(range(1, 9))
    assert card == payloads.ContactCard("ada", NOW_S, "Ada 小波", public.raw)
    assert request == payloads.PeerRequest("ada", 156, NOW_S, 120, jti, None, "午饭  café")
    assert order == payloads.Order(10**12, 156, NOW_S, 120, jti, "tea-house", payloads.OrderKind.PAY, jti, None)
    assert payer == payloads.PayerCode(156, NOW_S, 120, jti, 7, 200_000)
    assert made["sameAfterBase64"]
    assert made["back"] == made["frames"][2]
    assert made["text"].startswith("https://pay.example/q#")


def test_a_phone_builds_the_bytes_of_the_vectors(page: Page) -> None:
    mine = [vector for vector in VECTORS["valid"] if vector["type"] in (1, 2, 5, 6)]
    asked = [
        {"type": each["type"], "kid": VECTORS["keys"][each["key"]]["kid"], "fields": each["fields"]} for each in mine
    ]

    built = page.evaluate(
        """async (asked) => {
          const { seal, digits } = await import("/static/sm1.js");
          const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
          const hex = (frame) => [...frame].map((byte) => byte.toString(16).padStart(2, "0")).join("");
          const binary = ["jti", "subject", "public_key"];
          return Promise.all(asked.map(async ({ type, kid, fields }) => {
            const raw = Object.fromEntries(
              Object.entries(fields).map(([name, value]) => [name, binary.includes(name) ? bytes(value) : value]));
            const key = { kid: bytes(kid), sign: async () => new Uint8Array() };
            return hex(await seal(type, raw, key, "any"));
          }));
        }""",
        asked,
    )

    assert built == [vector["unsigned"] for vector in mine]


def test_a_phone_writes_and_reads_the_digits_of_the_vectors(page: Page) -> None:
    frames = [list(bytes.fromhex(vector["frame"])) for vector in VECTORS["valid"]]

    texts = page.evaluate(
        """async (frames) => {
          const { digits, bytesOfDigits } = await import("/static/sm1.js");
          return frames.map((frame) => digits(Uint8Array.from(frame)))
            .map((text, at) => bytesOfDigits(text).join() === frames[at].join() ? text : "differs");
        }""",
        frames,
    )

    assert texts == [vector["digits"] for vector in VECTORS["valid"]]


@pytest.mark.parametrize("bad", ["1", "9" * 17, "256", "12x", "٣٣٣", "0" * 701])
def test_digits_that_stand_for_no_bytes_are_null(page: Page, bad: str) -> None:
    read_back = page.evaluate('async (bad) => (await import("/static/sm1.js")).bytesOfDigits(bad)', bad)

    assert read_back is None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_private_key_cannot_be_taken_out(page: Page, algorithm: str) -> None:
    refusal = page.evaluate(
        """async (algorithm) => {
          const keys = await import("/static/keys.js");
          await keys.makeKey("ada", [algorithm]);
          const { privateKey } = await keys.loadKey("ada");
          return crypto.subtle.exportKey("pkcs8", privateKey).then(() => "exported", (error) => error.name);
        }""",
        algorithm,
    )

    assert refusal == "InvalidAccessError"


def test_a_key_outlives_the_page_and_not_its_forgetting(page: Page, address: str) -> None:
    make = 'async () => [...(await (await import("/static/keys.js")).makeKey("ada")).kid]'
    load = """async (name) => {
      const key = await (await import("/static/keys.js")).loadKey(name);
      return key && [...key.kid];
    }"""
    forget = 'async () => (await import("/static/keys.js")).forgetKey("ada")'

    made = page.evaluate(make)
    page.goto(address)

    assert page.evaluate(load, "ada") == made
    assert page.evaluate(load, "bo") is None
    page.evaluate(forget)
    assert page.evaluate(load, "ada") is None


def test_a_browser_without_ed25519_makes_a_p256_key(page: Page) -> None:
    algorithm = page.evaluate(
        """async () => {
          const real = crypto.subtle.generateKey.bind(crypto.subtle);
          crypto.subtle.generateKey = (algorithm, ...rest) => algorithm.name === "Ed25519"
            ? Promise.reject(new DOMException("", "NotSupportedError")) : real(algorithm, ...rest);
          return (await (await import("/static/keys.js")).makeKey("ada")).algorithm;
        }"""
    )

    assert algorithm == "P-256"


@pytest.mark.parametrize(
    "script",
    [
        'sm1.sealOrder({ amount_minor: 1, reference: "A" }, key, "r")',
        'sm1.sealOrder({ amount_minor: 12.5 }, key, "r")',
        'sm1.sealOrder({ amount_minor: 2 ** 53 }, key, "r")',
        'sm1.sealOrder({ memo: "m".repeat(170) }, key, "r")',
        'sm1.sealOrder({ amount_minor: 1 }, key, "")',
        'sm1.seal(6, { amount: 1 }, key, "r")',
    ],
)
def test_what_no_code_can_carry_is_refused_before_it_is_signed(page: Page, script: str) -> None:
    page.evaluate(
        """async () => {
          globalThis.sm1 = await import("/static/sm1.js");
          globalThis.signed = 0;
          globalThis.key = { kid: new Uint8Array(8), sign: async () => { signed += 1; return new Uint8Array(64); } };
        }"""
    )

    refused = page.evaluate(f"() => {script}.then(() => 'sealed', (error) => error.name)")

    assert refused in ("TypeError", "RangeError")
    assert page.evaluate("signed") == 0


def test_a_page_that_is_not_secure_has_no_keys(page: Page) -> None:
    has = 'async () => (await import("/static/keys.js")).hasSecureKeys()'

    assert page.evaluate(has) is True
    page.evaluate("() => Object.defineProperty(globalThis, 'isSecureContext', { value: false })")
    assert page.evaluate(has) is False


@pytest.mark.parametrize("side_px", [180, 233, 400])
def test_the_drawn_code_is_readable_as_the_browser_paints_it(page: Page, side_px: int) -> None:
    text = VECTORS["valid"][-1]["text"]

    page.set_content(f"<div id=code>{render.qr_svg(text, 'Code')}</div>")
    page.evaluate("(side) => { document.querySelector('svg').setAttribute('width', side); }", side_px)

    assert read.read_image(page.locator("svg").screenshot()) == text


def test_a_phone_draws_a_code_as_small_as_the_service_does(page: Page) -> None:
    frames_of = [bytes.fromhex(vector["frame"]) for vector in VECTORS["valid"] if vector["type"] in (1, 2, 5)]
    texts = [frames.code_text("https://pay.example.org", frame) for frame in frames_of]

    sides = page.evaluate(
        """async (texts) => {
          const { drawn, matrix } = await import("/static/draw.js");
          document.body.replaceChildren(...texts.map((text) => drawn(text, "Code")));
          document.querySelectorAll("svg").forEach((svg) => svg.setAttribute("width", 300));
          return texts.map((text) => matrix(text).size);
        }""",
        texts,
    )

    assert sides == [len(render.matrix(text)) - 2 * render.QUIET_MODULES for text in texts]
    for place, text in enumerate(texts):
        assert read.read_image(page.locator("svg").nth(place).screenshot()) == text


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
