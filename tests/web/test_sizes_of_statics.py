"""What a phone on a slow network downloads: the budgets that keep the first page quick."""

from __future__ import annotations

import gzip
from pathlib import Path

STATIC = Path(__file__).parents[2] / "shared" / "web" / "static"


def zipped_bytes(*names: str) -> int:
    return sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names)


def test_the_look_stays_below_6_kb() -> None:
    assert zipped_bytes("tokens.css", "ui.css") <= 6 * 1024


def test_the_icons_stay_below_3_kb() -> None:
    assert zipped_bytes("sprite.svg") <= 3 * 1024


def test_the_scanner_with_its_decoder_leaves_room_in_35_kb() -> None:
    scanner = ("app.js", "scanner.js", "reader.js", "qr-worker.js", "vendor/qr-0.7.0/qr.js")

    assert zipped_bytes(*scanner) <= 24 * 1024
