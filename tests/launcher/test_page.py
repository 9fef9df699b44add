"""The launcher's page: who gets a ticket, and what may stand in its frames."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer

from shared import config as settings
from shared.config import Config
from shared.launcher import app as launcher
from shared.web.secrets import load_secret


def configured(tmp_path: Path, **environ: str) -> Config:
    return settings.from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DEMO": "1", **environ})


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return configured(tmp_path)


@pytest.fixture
def page(config: Config) -> FlaskClient:
    return launcher.create_app(config).test_client()


def get(client: FlaskClient, path: str = "/", host: str = "localhost:5000"):  # type: ignore[no-untyped-def]
    return client.get(path, headers={"Host": host})


def test_each_frame_gets_a_ticket_of_its_own(page: FlaskClient, config: Config) -> None:
    html = get(page).text
    sources = re.findall(r'data-src="([^"]+)"', html)

    assert [source.partition("#ticket=")[0] for source in sources] == [
        "http://localhost:5001/w/ana/join",
        "http://localhost:5001/w/li/join",
        "http://localhost:5002/join",
    ]
    serializer = URLSafeTimedSerializer(load_secret(config), salt="saoma-join")
    said = [serializer.loads(source.partition("#ticket=")[2]) for source in sources]
    assert [ticket["who"] for ticket in said] == ["ana", "li", "till"]
    assert len({ticket["n"] for ticket in said}) == 3


def test_the_choice_of_a_narrow_screen_leads_to_a_fresh_ticket(page: FlaskClient) -> None:
    answers = [get(page, "/join/till") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    first, second = (answer.headers["Location"] for answer in answers)
    assert first.startswith("http://localhost:5002/join#ticket=")
    assert first != second
    assert get(page, "/join/root").status_code == 404


def test_without_demo_mode_nobody_gets_a_ticket(tmp_path: Path) -> None:
    page = launcher.create_app(configured(tmp_path, SAOMA_DEMO="0")).test_client()

    assert "ticket" not in get(page).text
    assert get(page, "/join/ana").headers["Location"] == "http://localhost:5001/w/ana/"


@pytest.mark.parametrize("path", ["/", "/join/ana"])
def test_a_foreign_name_that_points_here_is_refused(page: FlaskClient, path: str) -> None:
    answer = get(page, path, host="attacker.example:5000")

    assert answer.status_code == 400
    assert "ticket" not in answer.text


def test_the_number_of_this_computer_leads_to_its_name(page: FlaskClient) -> None:
    answer = get(page, host="127.0.0.1:5000")

    assert (answer.status_code, answer.headers["Location"]) == (302, "http://localhost:5000")


def test_the_policy_lets_only_the_services_in_and_nobody_around(page: FlaskClient) -> None:
    headers = get(page).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))

    assert policy["frame-src"] == "http://localhost:5001 http://localhost:5002"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert 'camera=(self "http://localhost:5001" "http://localhost:5002")' in headers["Permissions-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_on_the_lan_the_frames_stay_on_this_computer(tmp_path: Path) -> None:
    config = configured(tmp_path, SAOMA_LAN="1", SAOMA_PUBLIC_HOST="192.168.1.50")

    assert [place.home for place in launcher.places(config)] == [
        "http://localhost:5001/w/ana",
        "http://localhost:5001/w/li",
        "http://localhost:5002",
    ]


def test_it_is_healthy(page: FlaskClient) -> None:
    assert get(page, "/healthz").json == {"status": "ok", "service": "launcher"}
