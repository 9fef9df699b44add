"""The shell of a service, asked by somebody who means harm: nothing that comes from outside breaks it."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shared.config import from_environment
from shared.db import outbox
from shared.db.store import Store, StoreUnavailable
from shared.web import app as shell
from shared.web import live


@pytest.fixture
def store(sqlite_url: str, open_store: Callable[[str], Store]) -> Store:
    return open_store(sqlite_url)


@pytest.fixture
def service(sqlite_url: str, tmp_path: Path, store: Store) -> Flask:
    """A service with nothing but the shell; anybody may hear `party:x`."""
    config = from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DATABASE_URL": sqlite_url})

    def topics() -> Iterable[str]:
        return ["party:x"]

    return shell.create_shell("wallet", tmp_path, config, store, topics)


@pytest.fixture
def client(service: Flask) -> FlaskClient:
    return service.test_client()


@pytest.mark.parametrize("token", ["é", "\xff" * 40, "０" * 40])
def test_a_forgers_token_in_any_alphabet_is_refused(client: FlaskClient, token: str) -> None:
    client.set_cookie("wallet_csrf", "a seed")
    assert client.post("/anything", data={"csrf_token": token}).status_code == 403
    assert client.post("/anything", headers={"X-CSRF-Token": token.encode().decode("latin-1")}).status_code == 403


@pytest.mark.parametrize("number", ["9" * 5000, "9" * 19, "-1", "1e3", "９"])
def test_a_stream_takes_any_text_as_the_last_event(client: FlaskClient, number: str) -> None:
    answer = client.get("/events", query_string={"after": number}, buffered=False)
    assert answer.status_code == 200
    answer.close()


@pytest.mark.parametrize("host", ["localhost:99999999999", "[", "a b"])
def test_a_host_that_cannot_be_is_the_callers_fault(client: FlaskClient, host: str) -> None:
    assert client.get("/", environ_overrides={"HTTP_HOST": host}).status_code < 500


def test_a_refused_request_is_read_to_its_end_so_that_its_connection_can_serve_the_next(client: FlaskClient) -> None:
    body = io.BytesIO(b'{"pin": "123456"}')
    answer = client.post(
        "/api/pin", input_stream=body, content_type="application/json", headers={"Content-Length": "17"}
    )
    assert (answer.status_code, body.tell()) == (403, 17)


def test_methods_that_nobody_serves_are_counted_under_one_name(client: FlaskClient) -> None:
    for number in range(20):
        client.open("/healthz", method=f"MADEUP{number}")
    assert "MADEUP" not in client.get("/metrics").get_data(as_text=True)


def test_a_stream_that_could_not_start_gives_its_place_back(store: Store, sqlite_url: str) -> None:
    tailer = live.Tailer(store)
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as beside:
        beside.execute("ALTER TABLE db_head RENAME TO db_head_away")
    for _ in range(live.MOST_STREAMS + 1):
        with pytest.raises(StoreUnavailable):
            next(tailer.listen(["party:x"], None))
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as beside:
        beside.execute("ALTER TABLE db_head_away RENAME TO db_head")
    assert store.read(outbox.last_seq) == 0
    assert next(tailer.listen(["party:x"], None)) is None


def test_a_stream_writes_now_and_then_while_all_news_is_for_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a write nobody notices that its page has gone, and its place stays taken."""
    monkeypatch.setattr(live, "_PING_S", 0.0)
    store.run(lambda uow: [uow.emit("word.told", ["party:other"]) for _ in range(600)] and None)
    store.run(lambda uow: uow.emit("word.told", ["party:x"]) and None)
    stream = live.Tailer(store).listen(["party:x"], 0)
    heard = [next(stream) for _ in range(3)]
    assert [event and event.seq for event in heard] == [None, None, 601]
    stream.close()


def test_what_keeps_the_database_from_answering_is_logged_without_any_values(
    client: FlaskClient, sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as beside:
        beside.execute("ALTER TABLE db_head RENAME TO db_head_away")
    assert client.get("/readyz").status_code == 503
    assert [record.getMessage() for record in caplog.records] == [
        "store_unavailable in GET /readyz: no such table: db_head"
    ]


def test_an_address_with_a_character_that_no_database_takes_leads_nowhere(service: Flask) -> None:
    service.add_url_rule("/named/<name>", "named", lambda name: name)
    client = service.test_client()
    assert client.get("/named/an%20address").status_code == 200
    assert client.get("/named/a%00b").status_code == 404
    assert client.get("/named/a?before=%00").status_code == 400
