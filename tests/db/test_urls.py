"""The database URL: what may be written, and what is filled in for a server."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import make_url

from shared.db import servers
from shared.db.engine import UnfitDatabase, sqlite_path, writer_engine
from shared.db.store import Store


def filled_in(url: str) -> dict[str, object]:
    return dict(servers.completed(make_url(url)).query)


def test_what_a_url_leaves_open_is_filled_in() -> None:
    assert filled_in("postgresql://u@h/db") == {
        "application_name": "saoma",
        "connect_timeout": "3",
        "keepalives_idle": "10",
        "keepalives_interval": "3",
        "keepalives_count": "3",
        "tcp_user_timeout": "10000",
    }


def test_what_a_url_says_is_kept() -> None:
    said = filled_in("postgres://u@/db?host=a&host=b&target_session_attrs=any&connect_timeout=9&application_name=me")
    assert (said["target_session_attrs"], said["connect_timeout"], said["application_name"]) == ("any", "9", "me")


@pytest.mark.parametrize("hosts", ["host=h1:5441&host=h2:5442", "host=h1,h2"])
def test_of_several_hosts_the_one_that_writes_is_wanted(hosts: str) -> None:
    assert filled_in(f"postgresql://u@/db?{hosts}")["target_session_attrs"] == "read-write"


def test_several_hosts_reach_the_driver_with_their_ports() -> None:
    engine = writer_engine("postgres://u@/db?host=h1:5441&host=h2:5442")
    _, params = engine.dialect.create_connect_args(engine.url)
    assert (params["host"], params["port"], params["dbname"]) == ("h1,h2", "5441,5442", "db")
    assert engine.dialect.driver == "psycopg"


@pytest.mark.parametrize("url", ["postgresql+psycopg2://h/db", "mysql://h/db", "no url", "postgresql://h:x,g:y/db"])
def test_another_kind_of_database_is_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(UnfitDatabase, match=r"PostgreSQL|postgresql://"):
        Store(url)
    with pytest.raises(UnfitDatabase):
        sqlite_path(url)


def test_a_server_s_limits_are_set_on_every_line(postgres_url: str) -> None:
    with writer_engine(postgres_url, deadline_s=4).connect() as connection:
        names = ["lock_timeout", "idle_in_transaction_session_timeout", "client_connection_check_interval"]
        limits = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]
        level = connection.exec_driver_sql("SHOW transaction_isolation").scalar()
        connection.detach()
        connection.connection.close()
    assert limits == ["4s", "12s", "1s"]
    assert level == "read committed"
