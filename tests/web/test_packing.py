"""Files leave packed for whoever takes it so, and are not sent again to whoever has them; pages are never packed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Flask

import shared.web
from shared.config import from_environment
from tests.world import SECRET, World
from wallet.app import create_app

PACKED = {"Accept-Encoding": "gzip, br"}
SCRIPT = Path(shared.web.__file__).parent / "static" / "app.js"


@pytest.fixture
def app(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)


def test_a_script_comes_packed_to_whoever_takes_it_so(app: Flask) -> None:
    plain = app.test_client().get("/static/shared/app.js")
    packed = app.test_client().get("/static/shared/app.js", headers=PACKED)

    assert plain.get_data() == gzip.decompress(packed.get_data()) == SCRIPT.read_bytes()
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert packed.content_length == len(packed.get_data()) < plain.content_length  # type: ignore[operator]


@pytest.mark.parametrize("path", ["/static/shared/app.js", "/static/look.css", "/static/shared/sprite.svg"])
def test_what_a_browser_has_is_not_sent_again(app: Flask, path: str) -> None:
    had = app.test_client().get(path, headers=PACKED).headers["ETag"]
    again = app.test_client().get(path, headers=PACKED | {"If-None-Match": had})
    assert (again.status_code, again.get_data()) == (304, b"")


@pytest.mark.parametrize("path", ["/welcome", "/healthz", "/static/icons/icon-192.png"])
def test_pages_answers_and_pictures_are_left_alone(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, headers=PACKED)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
