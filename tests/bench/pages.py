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

from playwright.sync_api import Page, Response, sync_playwright

from shared.testing import browser as browsers
from tests.bench import web
from tests.bench.rounds import Goal, Spread, Verdict
from tests.browser import people

BUDGETS = {"HTML": 14, "CSS": 6, "JS": 12, "icons": 3, "JS later": None}
"""kB of a page, gzipped; what is read with the camera or drawn without the network may have more script."""
SCANNERS_JS = 35
AT_LEAST = 95
_KINDS = {"document": "HTML", "fetch": "HTML", "stylesheet": "CSS", "script": "JS"}
_SETTLED_MS = 1000
_LATE = """(() => {
  const [{ loadEventEnd }] = performance.getEntriesByType('navigation');
  const late = performance.getEntriesByType('resource').filter(({ startTime }) => startTime > loadEventEnd);
  return late.map(({ name }) => name);
})()"""
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
            found += _weights(name, page, address)
        lighthouse = _lighthouse()
        if not lighthouse:
            return found, ["Lighthouse: not run, no node with lighthouse here (npm install --global lighthouse@12)."]
        for name, (page, address) in pages.items():
            say(f"  Lighthouse on {name}")
            found.append(_score(name, page, address, [*lighthouse], path))
        return found, []


def _weights(name: str, owners: Page, address: str) -> list[Verdict]:
    """What comes with a page when nothing is kept of it yet, by kind; and the scripts that come once it stands."""
    page = owners.context.new_page()
    page.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    answers: dict[str, Response] = {}
    page.on("response", lambda answer: answers.setdefault(answer.url, answer))
    page.goto(address)
    if name == "confirm":
        page.locator("#go").wait_for()
    while name == "scan" and not any(url.endswith("/qr.js") for url in answers):
        page.wait_for_timeout(20)  # the decoder comes once the camera is open
    page.wait_for_timeout(_SETTLED_MS)
    late = set(page.evaluate(_LATE))
    weights: Counter[str] = Counter()
    for url, answer in answers.items():
        kind = _kind(answer)
        if kind:
            is_later = kind == "JS" and name != "scan" and url in late
            weights["JS later" if is_later else kind] += len(gzip.compress(answer.body()))
    page.close()
    budgets = BUDGETS | ({"JS": SCANNERS_JS} if name in ("scan", "pay code") else {})
    return [
        _verdict(f"{name}: {kind}, kB gzipped", weights[kind] / 1024, at_most=most) for kind, most in budgets.items()
    ]


def _kind(answer: Response) -> str | None:
    """Which budget an answer counts against; None for what is no part of a page."""
    if answer.status != 200 or "text/event-stream" in answer.headers.get("content-type", ""):
        return None
    is_drawing = answer.url.partition("#")[0].endswith(".svg")
    return "icons" if is_drawing else _KINDS.get(answer.request.resource_type)


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
    is_met = None
    if at_most is not None or at_least is not None:
        is_met = value <= at_most if at_most is not None else value >= (at_least or 0)
    return Verdict(goal, Spread(value, value, value), is_met)
