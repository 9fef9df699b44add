"""People with browsers: one Chromium process, with a camera of its own, for each of them.

A test fails when any of its pages throws, breaks the content policy or misses a sentence, whatever else it asserts.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from shared.config import from_environment
from tests.browser import people, stage
from tests.browser.camera import FakeCamera
from tests.examples import IS_FULL
from tests.world import SECRET, Member, World
from wallet.app import create_app

ROOT = Path(__file__).parents[2]
LAN_HOST = "192.168.1.50"
"""A host that is no secure context and still leads to this computer, for pages as a phone on the network sees them."""
FOREIGN_HOST = "wallet.example"
"""A host of the wide web, as far as its name goes."""
_HOSTS = f"--host-resolver-rules=MAP {LAN_HOST} 127.0.0.1, MAP {FOREIGN_HOST} 127.0.0.1"

PROFILES = [(device, scheme) for device in ("iPhone SE", "iPhone 15", "Pixel 7") for scheme in ("light", "dark")]
"""The phones that stories are played on. Each story takes one of them, and in the full proof all."""

PageFor = Callable[..., tuple[Page, FakeCamera]]
Join = Callable[..., Page]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the phone of each test that joins by `join` or takes `profile`, by its name: it is always the same one."""
    if "profile" in metafunc.fixturenames:
        own = zlib.crc32(metafunc.definition.originalname.encode()) % len(PROFILES)
        chosen = PROFILES if IS_FULL else [PROFILES[own]]
        metafunc.parametrize("profile", chosen, ids=["-".join(each).replace(" ", "") for each in chosen], indirect=True)


def browser_path() -> str:
    """The browser to drive; fails the test run with what to do when there is none."""
    named = os.environ.get("SAOMA_TEST_BROWSER")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found or not shutil.which(found):
        pytest.fail(f"no browser at {named or 'chromium or google-chrome'}: install Chromium, name one in "
                    "SAOMA_TEST_BROWSER, or leave these tests out with --no-browser", pytrace=False)  # fmt: skip
    return found


def shell_path() -> str:
    """The same engine without a window of its own, where it is installed: a page costs it a quarter."""
    return shutil.which(os.environ.get("SAOMA_TEST_SHELL") or "chromium-headless-shell") or browser_path()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The driver, with patience for a busy machine."""
    expect.set_options(timeout=people.PATIENCE_MS)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def launch(playwright: Playwright) -> Callable[..., Browser]:
    """`launch(*arguments, home=…)`: a fresh browser process, in that home if one is given; close it yourself.

    By `path` it may be one that knows of no certificates in a home and asks nobody for a permission.
    """

    def start(*arguments: str, home: Path | None = None, path: str | None = None) -> Browser:
        environ = {**os.environ, "HOME": str(home)} if home else None
        return playwright.chromium.launch(
            executable_path=path or browser_path(), args=[_HOSTS, *arguments], env=environ
        )

    return start


@pytest.fixture(scope="session")
def person(
    launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], tuple[Browser, FakeCamera]]]:
    """`person("ana")`: her browser and her camera, the same for the whole session."""
    known: dict[str, tuple[Browser, FakeCamera]] = {}

    def get(name: str) -> tuple[Browser, FakeCamera]:
        if name not in known:
            camera = FakeCamera(tmp_path_factory.mktemp("camera") / f"{name}.y4m")
            known[name] = (launch(*camera.arguments, path=shell_path()), camera)
        return known[name]

    yield get
    for browser, _ in known.values():
        browser.close()


_STATICS = [ROOT / part / "static" for part in ("wallet", "merchant", "shared/launcher", "shared/web")]


def _is_of_a_page_that_was_left(error: str) -> bool:
    """Whether a module did not come although there is one: its page, or the network, was gone before it did."""
    _, is_module, address = error.partition("Failed to fetch dynamically imported module: ")
    name = address.strip().partition("/static/")[2].removeprefix("shared/")
    return bool(is_module and name) and any((folder / name).is_file() for folder in _STATICS)


class Witness:
    """Hears what goes wrong in pages without anybody looking. A test that means it takes it back by `expect`."""

    def __init__(self) -> None:
        self.complaints: list[str] = []

    def watch(self, page: Page) -> None:
        """Listen to this page from now on."""
        page.on("pageerror", lambda error: self._take(page, str(error)))
        page.on("console", lambda message: self._hear(page, message))

    def expect(self, part: str) -> None:
        """Say that a complaint with `part` in it was meant; fails when there was none."""
        meant = [complaint for complaint in self.complaints if part in complaint]
        assert meant, f"nothing complained of {part!r}: {self.complaints}"
        self.complaints = [complaint for complaint in self.complaints if complaint not in meant]

    def _take(self, page: Page, error: str) -> None:
        if not _is_of_a_page_that_was_left(error):
            self.complaints.append(f"uncaught in {page.url}: {error}")

    def _hear(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and ("Content Security Policy" in message.text or "no sentence for" in message.text):
            self.complaints.append(f"{page.url}: {message.text}")


@pytest.fixture
def witness() -> Iterator[Witness]:
    """The test's witness; the test fails with what it heard."""
    heard = Witness()
    yield heard
    assert heard.complaints == []


@pytest.fixture
def page_for(playwright: Playwright, person: Callable[[str], Any], witness: Witness) -> Iterator[PageFor]:
    """`page_for("ana", device="iPhone 15", color_scheme="dark")`: a page in a fresh profile, and her camera.

    Cameras outlive the test: each looks away at its end, or the next test's scanner would see this one's code.
    """
    contexts: list[BrowserContext] = []
    cameras: list[FakeCamera] = []

    def get(name: str, device: str | None = None, **options: Any) -> tuple[Page, FakeCamera]:
        browser, camera = person(name)
        context = browser.new_context(**(playwright.devices[device] if device else {}), **options)
        contexts.append(context)
        cameras.append(camera)
        page = context.new_page()
        witness.watch(page)
        return page, camera

    yield get
    for context in contexts:
        context.close()
    for camera in cameras:
        camera.look_away()


@pytest.fixture
def profile(request: pytest.FixtureRequest) -> dict[str, str]:
    """The phone of this test, as `page_for` takes it: its device, its scheme, no movement."""
    device, scheme = request.param
    return {"device": device, "color_scheme": scheme, "reduced_motion": "reduce"}


@pytest.fixture
def app(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A wallet on the test's own world."""
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """Where that wallet is served."""
    with stage.serving(app) as url:
        yield url


@pytest.fixture
def shop(sqlite_world: World) -> Member:
    """A shop that takes money."""
    return sqlite_world.shop("corner-tea")


@pytest.fixture
def join(address: str, page_for: PageFor, profile: dict[str, str]) -> Join:
    """`join("Ana", pin="…", host="…", prefix="/w/ana", locale="…")`: somebody new, at home in their own browser."""

    def enter(name: str, *, pin: str = "", host: str = "127.0.0.1", prefix: str = "", **options: Any) -> Page:
        page, _ = page_for(name.split()[0].lower(), **(profile | options))
        people.enter(page, address.replace("127.0.0.1", host) + prefix, name, pin)
        return page

    return enter
