"""`python -m tests.screens`, which `run.py screenshots` starts: the tour, light and dark, on phone and tablet."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from shared.testing import browser as browsers
from tests.browser.camera import FakeCamera, code_picture
from tests.screens import launcher, sheets, tour
from tests.screens.cast import Cast, cast
from tests.screens.tour import Screen

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
PHONE, TABLET = {"width": 390, "height": 844}, {"width": 1024, "height": 768}
SHEET_HEIGHT = 440
README = (
    ("phone", ("home", "pay-code", "confirm", "paid", "statement"), PHONE),
    ("till", ("till", "checkout"), TABLET),
    ("shop", ("insight", "money"), TABLET),
    ("sandbox", ("story", "lab"), TABLET),
)
"""The rows of pictures on the first page: a sheet's name, the screens on it, the device."""


def main(argv: Sequence[str]) -> int:
    """Take the pictures; 0 when all were taken."""
    given = _parser().parse_args(argv)
    wanted = [screen for screen in tour.EVERY if not given.only or screen.name in given.only]
    given.folder.mkdir(parents=True, exist_ok=True)
    with _cast(given.language) as found:
        shots = {}
        for screen in tour.EVERY:
            shots[screen.name] = shot(found, screen, is_kept=screen in wanted)
            if screen in wanted:
                sheet = sheets.side_by_side(shots[screen.name], height=SHEET_HEIGHT)
                _say(f"  {screen.name}: {sheets.save(sheet, given.folder / f'{screen.name}.webp') // 1024} kB")
        if not given.only:
            write_first_page(given.folder, shots, launcher.picture(found))
    _say(f"{len(wanted)} screens in {given.folder}")
    return 0


def shot(cast: Cast, screen: Screen, *, is_kept: bool) -> list[Image.Image]:
    """One screen on phone and tablet, light and dark; nothing when only its steps matter for those that follow."""
    page = cast.pages[screen.who]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    path = screen.path if isinstance(screen.path, str) else screen.path(cast)
    page.goto("about:blank")
    page.goto(cast.address(screen.who) + path)
    page.locator(screen.ready).first.wait_for()
    screen.act(cast, page)
    taken = []
    if is_kept:
        for size in (PHONE,) if screen.is_for_phones else (PHONE, TABLET):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            taken += [_in(page, scheme) for scheme in ("light", "dark")]
    screen.after(cast, page)
    return taken


def _in(page: Page, scheme: str) -> Image.Image:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    return sheets.opened(page.screenshot())


def write_first_page(folder: Path, shots: dict[str, list[Image.Image]], opening: Image.Image) -> None:
    """The pictures of the first page, and the page that lists all sheets."""
    sheets.save(opening, folder / "launcher.png")
    for name, screens, size in README:
        schemes = (0, 0) if size is PHONE else (2, 3)
        row = [shots[screen][schemes[turn % 2]] for turn, screen in enumerate(screens)]
        sheets.save(sheets.side_by_side(row, height=SHEET_HEIGHT), folder / f"{name}.png")
    (folder / "README.md").write_text(_list(tour.EVERY), encoding="utf-8")


def _list(screens: Sequence[Screen]) -> str:
    """The page that shows all pictures."""
    head = "# Screens\n\nMade by `python3 run.py screenshots`: each on a phone and on a tablet, light and dark.\n"
    return head + "".join(f"\n## {each.title}\n\n![{each.title}]({each.name}.webp)\n" for each in screens)


@contextmanager
def _cast(language: str) -> Iterator[Cast]:
    with (
        tempfile.TemporaryDirectory() as name,
        _browser(Path(name)) as browser,
        cast(Path(name), browser, language, _say) as found,
    ):
        yield found


@contextmanager
def _browser(folder: Path) -> Iterator[Browser]:
    camera = FakeCamera(folder / "camera.y4m")
    camera.show(code_picture("not in focus yet"), scale=0.55, angle=8, blur=9)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browsers.find(), args=camera.arguments)
        try:
            yield browser
        finally:
            browser.close()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="run.py screenshots", description="Picture every screen for the documents.")
    parser.add_argument("only", nargs="*", metavar="NAME", help="these screens only, by their file names")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures go (docs/screens)")
    parser.add_argument("--language", default="en", choices=("en", "zh-CN"), help="the pages' language")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
