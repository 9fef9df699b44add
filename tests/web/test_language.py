"""Which language a page speaks, and how it writes money and moments."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.config import from_environment
from shared.web import format
from tests.world import SECRET, World
from wallet.app import create_app

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}
AT_MS = 1_795_276_800_000  # 2026-11-21 16:00 UTC


@pytest.fixture
def app(sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    return create_app(from_environment({"SAOMA_DATA_DIR": str(tmp_path)}), sqlite_world.store)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return app.test_client()


def page(browser: FlaskClient, **headers: str) -> str:
    return browser.get("/welcome", headers=headers).get_data(as_text=True)


def test_a_page_speaks_what_the_browser_asks_for_first_and_we_have(browser: FlaskClient) -> None:
    assert '<html lang="zh-CN"' in page(browser, **CHINESE)
    assert '<html lang="en"' in page(browser, **{"Accept-Language": "fr-FR,en;q=0.5,zh;q=0.4"})
    assert '<html lang="en"' in page(browser, **{"Accept-Language": "fr-FR"})
    assert '<html lang="en"' in page(browser)


def test_what_was_chosen_on_this_device_goes_before_what_its_browser_asks_for(browser: FlaskClient) -> None:
    browser.set_cookie("saoma_lang", "zh")
    assert '<html lang="zh-CN"' in page(browser)

    browser.set_cookie("saoma_lang", "en")
    assert '<html lang="en"' in page(browser, **CHINESE)

    browser.set_cookie("saoma_lang", "../../etc/passwd")
    assert '<html lang="zh-CN"' in page(browser, **CHINESE)


def test_the_choice_names_each_language_in_itself_and_marks_the_current_one(browser: FlaskClient) -> None:
    html = page(browser, **CHINESE)

    found = re.findall(r'lang="(\w+)" data-language="\1" aria-pressed="(\w+)">([^<]+)<', html)
    assert found == [("en", "false", "English"), ("zh", "true", "中文")]


def test_the_sentences_of_scripts_and_refusals_come_in_the_pages_language(browser: FlaskClient) -> None:
    [told] = re.findall(r'id="strings">(.+?)</script>', page(browser, **CHINESE))
    assert json.loads(told)["error.offline"].startswith("网络未连接")

    refusal = browser.post("/api/session", json={"handle": "nobody", "pin": "123456"}, headers=CHINESE)
    assert "未做任何更改" in refusal.get_json()["detail"]


def test_a_chinese_fun_name_has_no_gap(browser: FlaskClient) -> None:
    [name] = re.findall(r'id="name"[^>]*value="([^"]+)"', page(browser, **CHINESE))
    assert re.fullmatch("[\u4e00-\u9fff]+", name)


def test_money_and_moments_are_written_as_the_language_does() -> None:
    assert [format.money(123_456, "CNY", language) for language in ("en", "zh")] == ["¥1,234.56", "¥1,234.56"]
    assert [format.when(AT_MS, language) for language in ("en", "zh")] == [
        "21 Nov 2026, 16:00 UTC",
        "2026年11月21日 16:00 UTC",
    ]
    assert [format.month(AT_MS, language) for language in ("en", "zh")] == ["November 2026", "2026年11月"]
