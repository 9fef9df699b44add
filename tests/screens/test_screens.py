"""The pictures of the documents: each screen of the tour has its own, and all of them are small enough to be kept."""

from __future__ import annotations

from PIL import Image

from tests.screens import sheets, tour
from tests.screens.__main__ import FOLDER, README

MOST_BYTES = 2_800_000


def test_each_screen_is_named_once_and_pictured() -> None:
    names = [screen.name for screen in tour.EVERY]

    assert len(set(names)) == len(names)
    assert {screen for _, screens, _ in README for screen in screens} <= set(names)
    pictured = {path.stem for path in FOLDER.glob("*.webp")}
    assert pictured == set(names), "run.py screenshots makes those that are missing; delete those that are too many"


def test_the_pictures_are_small_enough_to_live_in_the_repository() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= MOST_BYTES


def test_a_sheet_shows_its_pictures_side_by_side_at_one_height() -> None:
    red, blue = Image.new("RGB", (390, 844), (200, 0, 0)), Image.new("RGB", (1024, 768), (0, 0, 200))

    sheet = sheets.side_by_side([red, blue], height=422)

    assert sheet.height == 422 + 2 * sheets.GAP
    middle = sheets.GAP + 211
    assert sheet.getpixel((sheets.GAP + 97, middle)) == (200, 0, 0)
    assert sheet.getpixel((sheets.GAP + 195 + sheets.GAP + 280, middle)) == (0, 0, 200)
    assert sheet.getpixel((0, 0)) == sheets.GROUND
