"""The browser that the tests drive: an installed Chrome or Chromium, or one that is fetched now."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
PACKAGES = ("chromium", "fonts-noto-cjk", "fonts-noto-color-emoji", "libnss3-tools")
"""Debian's: the browser, the letters that its pictures of Chinese pages need, and the tool that fills its own store of
certificates (`certutil`)."""
QUICKER = "chromium-headless-shell"
"""Debian's, where it has it: the browser without a window, in which a page costs a quarter."""


class NoBrowser(Exception):
    """No browser is here and none could be fetched; the text says what to do."""


def find() -> str | None:
    """The path of an installed browser that works; `SAOMA_TEST_BROWSER` first."""
    named = os.environ.get("SAOMA_TEST_BROWSER")
    candidates = [named] if named else [*map(shutil.which, NAMES), *MAC_PATHS]
    return next((path for path in candidates if path and _works(path)), None)


def fetch() -> str:
    """Install a browser and say where it is: Debian's as root, else playwright's own; `NoBrowser` when neither can."""
    if os.geteuid() == 0 and shutil.which("apt-get") and _run("apt-get", "update", "-qq"):
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES)
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", QUICKER)
        installed = find()
        if installed:
            return installed
    if _run(sys.executable, "-m", "playwright", "install", "chromium"):
        path = _playwrights_own()
        if path and _works(path):
            return path
    raise NoBrowser(
        "There is no browser for the tests: install Chromium or Chrome, or leave the browser's tests out with"
        " --no-browser."
    )


def _works(path: str) -> bool:
    """Whether it is there and starts: a snap's stand-in, for example, is there and does not."""
    if not Path(path).is_file():
        return False
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _run(*command: str) -> bool:
    print("  " + " ".join(command[-6:]), flush=True)
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        return subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, check=False).returncode == 0
    except OSError:
        return False


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        return driver.chromium.executable_path
