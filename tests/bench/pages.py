"""What pages weigh, against their budgets, and what Lighthouse makes of them, where it is installed."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Response, sync_playwright

from shared.testing import browser as browsers
from tests.bench import web
from tests.bench.rounds import Goal, Spread, Verdict
from tests.browser import people

BUDGETS = {"HTML": 14, "CSS": 6, "JS": 12}
"""kB of a page, gzipped; what is read with the camera or drawn without the network may have more script."""
SCANNERS_JS = 35
AT_LEAST = 95
_KINDS = {"document": "HTML", "fetch": "HTML", "stylesheet": "CSS", "script": "JS", "other": "JS"}
_FAKE_CAMERA = "--use-fake-device-for-media-stream --use-fake-ui-for-media-stream"


def figures(folder: Path, say: Callable[[str], None]) -> tuple[list[Verdict], list[str]]:
    """Each page's weights and its scores, with what could not be found out."""
    path = browsers.find()
    if not path:
        return [], ["Pages: not measured, there is no browser here."]
    with sync_playwright() as playwright, web.stage(folder, playwright, path) as made:
        services, till, phone = made.services, made.till, made.phone
        people.charge(till, "12.50")
        code = f"{services.wallet}/q#{till.locator('#link').input_value().rpartition('#')[2]}"
        pages = {
            "home": (phone, services.wallet + "/"),
            "confirm": (phone, code),
            "scan": (phone, services.wallet + "/scan"),
            "pay code": (phone, services.wallet + "/pay-code"),
            "checkout": (till, till.url),
        }
        found = []
        for name, (page, address) in pages.items():
            say(f"  weighing {name}")
            found += _weights(name, page.context, address)
        lighthouse = _lighthouse()
        if not lighthouse:
            return found, ["Lighthouse: not run, no node with lighthouse here (npm install --global lighthouse@12)."]
        for name, (page, address) in pages.items():
            say(f"  Lighthouse on {name}")
            found.append(_score(name, page, address, [*lighthouse], path))
        return found, []


def _weights(name: str, context: BrowserContext, address: str) -> list[Verdict]:
    """What comes with a page in a browser that has nothing yet, by kind."""
    browser = context.browser
    assert browser
    fresh = browser.new_context(storage_state=context.storage_state(), service_workers="block")
    answers: list[Response] = []
    fresh.on("response", answers.append)
    page = fresh.new_page()
    page.goto(address)
    page.wait_for_load_state("load")
    if name == "confirm":
        page.locator("#go").wait_for()
    if name == "scan":
        page.wait_for_function("document.querySelector('#camera').videoWidth > 0")
        page.wait_for_event("worker") if not page.workers else None
    weights: Counter[str] = Counter()
    for answer in answers:
        kind = _kind(answer)
        if kind:
            weights[kind] += len(gzip.compress(answer.body()))
    fresh.close()
    budgets = BUDGETS | ({"JS": SCANNERS_JS} if name in ("scan", "pay code") else {})
    return [
        _verdict(f"{name}: {kind}, kB gzipped", weights[kind] / 1024, at_most=most) for kind, most in budgets.items()
    ]


def _kind(answer: Response) -> str | None:
    """Which budget an answer counts against; None for pictures, live streams and what asks for nothing new."""
    if answer.status != 200 or "text/event-stream" in answer.headers.get("content-type", ""):
        return None
    return _KINDS.get(answer.request.resource_type)


def _lighthouse() -> list[str]:
    """How Lighthouse is started here; empty where it is not installed."""
    found = os.environ.get("SAOMA_LIGHTHOUSE") or shutil.which("lighthouse")
    return [found] if found and shutil.which("node") else []


def _score(name: str, page: Page, address: str, command: list[str], chrome: str) -> Verdict:
    """The lowest of a page's category scores, as a signed-in phone on slow 4G gets it."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies(address))
    told = subprocess.run(
        [*command, address, "--quiet", "--output=json", "--output-path=stdout",
         f"--extra-headers={json.dumps({'Cookie': cookies})}",
         f"--chrome-flags=--headless=new --no-sandbox {_FAKE_CAMERA}"],
        env={**os.environ, "CHROME_PATH": chrome}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    scores = {key: round((each["score"] or 0) * 100) for key, each in json.loads(told)["categories"].items()}
    words = ", ".join(f"{key} {score}" for key, score in scores.items())
    return _verdict(f"Lighthouse, {name}: {words}", min(scores.values()), at_least=AT_LEAST)


def _verdict(about: str, value: float, *, at_most: float | None = None, at_least: float | None = None) -> Verdict:
    goal = Goal(about, "", at_most=at_most, at_least=at_least)
    is_met = value <= at_most if at_most is not None else value >= (at_least or 0)
    return Verdict(goal, Spread(value, value, value), is_met)
