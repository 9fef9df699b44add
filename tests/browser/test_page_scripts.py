"""What every page's script relies on: amounts typed and shown exactly, refusals told apart, news that is never lost."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, request
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from shared.money import currency, to_major
from shared.web.format import money
from tests.browser import stage
from tests.browser.conftest import PageFor


class News:
    """A stream that a test fills, and may refuse; keeps what was asked of it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.events: list[tuple[int, str, dict[str, Any]]] = []
        self.is_refusing = False
        self.cuts = 0
        self.asked: list[int] = []

    def add(self, seq: int, name: str, **body: Any) -> None:
        with self.changed:
            self.events.append((seq, name, body))
            self.changed.notify_all()

    def cut(self) -> None:
        """End every open stream, as a restart does."""
        with self.changed:
            self.cuts += 1
            self.changed.notify_all()

    def stream(self, after: int) -> Iterator[str]:
        cuts, sent = self.cuts, 0
        yield "retry: 50\n\n"
        while cuts == self.cuts:
            with self.changed:
                fresh = self.events[sent:]
                sent += len(fresh)
                if not fresh:
                    self.changed.wait(1)
            for seq, name, body in fresh:
                if seq > after:
                    yield f"id: {seq}\nevent: {name}\ndata: {json.dumps(body)}\n\n"
            yield ": ping\n\n"


def give_answers(app: Flask, news: News) -> None:
    @app.route("/answer/<kind>", methods=["GET", "POST"])
    def answer(kind: str) -> Response:
        if kind == "echo":
            return app.json.response(
                body=request.get_json(), token=request.headers["X-CSRF-Token"], key=request.headers.get("X")
            )
        if kind == "refused":
            problem = {"code": "insufficient_funds", "detail": "Too little.", "status": 409}
            return Response(json.dumps(problem), 409, mimetype="application/problem+json")
        return Response("<h1>Bad gateway</h1>", 502 if kind == "gateway" else 200)

    @app.get("/events")
    def events() -> Response:
        news.asked.append(int(request.args["after"]))
        if news.is_refusing:
            return Response("full", 503)
        after = int(request.headers.get("Last-Event-ID") or request.args["after"])
        return Response(news.stream(after), mimetype="text/event-stream")


@pytest.fixture(scope="module")
def news() -> News:
    return News()


@pytest.fixture(scope="module")
def site(news: News) -> Iterator[str]:
    source = (Path(__file__).parent / "parts.html").read_text(encoding="utf-8")
    app = stage.build({"/parts": source}, {"/parts.js": ""})
    app.jinja_env.globals["draw"] = stage.drawing
    give_answers(app, news)
    with stage.serving(app) as address:
        yield address
        news.cut()


@pytest.fixture
def page(page_for: PageFor, site: str) -> Page:
    made, _ = page_for("ana", locale="en")
    made.goto(site + "/parts")
    made.evaluate("""async () => { for (const name of ['app', 'keypad', 'live'])
        Object.assign(globalThis, await import(`/static/${name}.js`)); }""")
    return made


TYPED = [
    ("12.50", 2, 1250), ("0.07", 2, 7), (".5", 2, 50), ("1,5", 2, 150), ("1.999", 2, 199), ("1..5", 2, 150),
    ("007", 2, 700), ("12.50", 0, 1250), ("12.345", 3, 12345), ("9999999999999", 2, 999999999900),
    ("10000000000", 2, 10**12), ("", 2, 0),
]  # fmt: skip


def test_keys_make_exact_minor_units(page: Page) -> None:
    script = "([keys, e]) => minorUnits([...keys].reduce((text, key) => press(text, key, e), ''), e)"

    made = [(keys, exponent, page.evaluate(script, [keys, exponent])) for keys, exponent, _ in TYPED]

    assert made == TYPED


def test_any_amount_survives_being_typed_and_shown(page: Page) -> None:
    @given(st.integers(1, 10**12), st.sampled_from(["CNY", "JPY", "KWD"]))
    def check(minor: int, code: str) -> None:
        unit = currency(code)
        text = to_major(minor, unit)
        keys = "[...text].reduce((typedText, key) => press(typedText, key, e), '')"
        script = f"([text, e, minor]) => [minorUnits({keys}, e), minorUnits(typed(minor, e), e)]"
        assert page.evaluate(script, [text, unit.exponent, minor]) == [minor, minor]

    check()


@pytest.mark.parametrize("code", ["CNY", "EUR", "JPY", "KWD"])
def test_scripts_and_templates_show_an_amount_alike(page: Page, code: str) -> None:
    amounts = [0, 1, 1250, -4250, 10**12, 999999999999]

    shown = page.evaluate("([amounts, code]) => amounts.map((minor) => money(minor, code))", [amounts, code])

    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown] == [
        money(minor, code, "en").replace("\N{NO-BREAK SPACE}", " ") for minor in amounts
    ]


def test_the_keypad_takes_fingers_and_real_keys_but_not_from_a_field(page: Page) -> None:
    page.evaluate("""() => { globalThis.entered = []; globalThis.pad = keypad(document.getElementById('keypad'), {
        onChange: (minor) => showFigure(document.getElementById('amount'), minor, 'EUR'),
        onEnter: (minor) => entered.push(minor), onCancel: () => entered.push('cancel') }); }""")

    page.locator("#keypad").get_by_role("button", name="4", exact=True).click()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.type("2.5")
    expect(page.locator("#amount")).to_have_text("€42.50")
    page.keyboard.press("Enter")
    page.fill("#memo", "7")
    page.locator("#memo").press("8")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(page.locator("#amount")).to_have_text("€0.00")
    page.keyboard.press("Escape")

    assert page.evaluate("entered") == [4250, "cancel"]


def test_a_pin_fills_its_dots_takes_digits_only_and_comes_out_once(page: Page) -> None:
    page.evaluate(
        "globalThis.pins = []; globalThis.dots = pinDots(document.getElementById('pin'), (pin) => pins.push(pin))"
    )

    page.locator("#pin").press_sequentially("12a34")
    expect(page.locator(".pin i.on")).to_have_count(4)
    page.locator("#pin").press_sequentially("56")

    assert page.evaluate("pins") == ["123456"]
    page.evaluate("dots.clear()")
    expect(page.locator(".pin i.on")).to_have_count(0)


ASK = """([kind, body]) => api('POST', '/answer/' + kind, body, {X: 'key-1'})
  .catch((problem) => [problem.code, problem.message, problem.status, problem.isUnknown])"""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Noodles ", "Noodles"),
        ("x" * 15 + "茶", "x" * 15),
        ("x" * 15 + " x", "x" * 15),
        ("🍵" * 5, "🍵" * 4),
        ("e\u0301" * 9, "é" * 8),
        ("", ""),
    ],
)
def test_what_is_typed_is_cut_at_a_character_to_what_a_code_carries(page: Page, typed: str, kept: str) -> None:
    assert page.evaluate("typed => cut(typed, 16)", typed) == kept


def test_a_request_carries_the_token_and_gives_the_answer(page: Page) -> None:
    assert page.evaluate(ASK, ["echo", {"amount_minor": 5}]) == {
        "body": {"amount_minor": 5},
        "token": "token",
        "key": "key-1",
    }


def test_a_refusal_is_certain_and_says_its_sentence(page: Page) -> None:
    assert page.evaluate(ASK, ["refused", {}]) == ["insufficient_funds", "Too little.", 409, False]


@pytest.mark.parametrize("kind", ["gateway", "page"])
def test_an_answer_that_is_no_json_leaves_the_outcome_unknown(page: Page, kind: str) -> None:
    code, message, _, is_unknown = page.evaluate(ASK, [kind, {}])

    assert (code, is_unknown) == ("unreadable_answer", True)
    assert message.startswith("The service gave an answer")


def test_without_a_network_the_outcome_is_unknown(page: Page) -> None:
    page.context.set_offline(True)

    code, message, status, is_unknown = page.evaluate(ASK, ["echo", {}])

    assert (code, status, is_unknown) == ("offline", 0, True)
    assert "not be charged twice" in message


def test_a_sentence_is_shown_where_readers_are_told(page: Page) -> None:
    page.evaluate("say(t('trust.verified_since', {since: '<b>2026</b>'}))")

    expect(page.get_by_role("status")).to_have_text("Verified since <b>2026</b>")


LISTEN = """() => { globalThis.heard = []; globalThis.states = []; globalThis.polls = 0;
  globalThis.end = live('/events?topics=x', { after: 1,
    on: { 'intent.captured': (body, seq) => heard.push([seq, body.n]) },
    onState: (state) => states.push(state), poll: () => { polls++; } }); }"""


def until(page: Page, script: str, wanted: object) -> None:
    """Wait until a script's value is `wanted` (the content policy forbids the driver's own waiting)."""
    page.evaluate(f"""async (wanted) => {{
      const deadline = performance.now() + 15000;
      while (JSON.stringify({script}) !== JSON.stringify(wanted)) {{
        if (performance.now() > deadline) throw new Error('still ' + JSON.stringify({script}));
        await new Promise((done) => setTimeout(done, 20));
      }}
    }}""", wanted)  # fmt: skip


def test_news_is_heard_once_and_in_order_through_cuts_sleep_and_refusals(page: Page, news: News) -> None:
    for seq, number in [(1, 0), (2, 1)]:
        news.add(seq, "intent.captured", n=number)
    page.evaluate(LISTEN)
    until(page, "heard", [[2, 1]])

    news.cut()
    news.add(3, "intent.captured", n=2)
    until(page, "heard", [[2, 1], [3, 2]])

    hide = "isHidden => { Object.defineProperty(document, 'hidden', {value: isHidden, configurable: true});"
    hide += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(hide, True)
    news.add(4, "intent.captured", n=3)
    news.is_refusing = True
    page.evaluate(hide, False)
    until(page, "[states.at(-1), polls > 0]", ["waiting", True])
    assert news.asked[-1] == 3

    news.is_refusing = False
    until(page, "[heard, states.at(-1)]", [[[2, 1], [3, 2], [4, 3]], "live"])
    polls = page.evaluate("polls")
    page.evaluate("end()")
    news.add(5, "intent.captured", n=4)
    assert page.evaluate("[heard.length, polls]") == [3, polls]
