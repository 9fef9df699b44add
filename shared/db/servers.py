"""Lines to a PostgreSQL server: what the URL leaves open is filled in, and no wait on a line is without a deadline.

A server that is frozen, or cut off behind a network that swallows packets, never answers and never hangs up, and the
driver would wait for ever. So each wait ends after `deadline_s`, by closing the line: never by a cancel request, which
can reach the server during COMMIT, end its wait for the standbys, and make it say "committed" for what is on one disk
only. For the same reason a warning that comes with a COMMIT is heard.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import waiting
from psycopg.abc import RV, PQGen
from sqlalchemy import Engine, event
from sqlalchemy.engine import URL

_POLL_S = 0.1
"""How long the driver sleeps at most before it looks whether somebody pressed Ctrl-C."""
_DEFAULTS = {
    "application_name": "saoma",
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}


def completed(url: URL) -> URL:
    """The URL for psycopg 3, with what it leaves open: how long to wait, and of several hosts the one that writes."""
    hosts = url.query.get("host", ())
    many = len(hosts) if isinstance(hosts, tuple) else hosts.count(",") + 1
    defaults = _DEFAULTS | ({"target_session_attrs": "read-write"} if many > 1 else {})
    missing = {name: value for name, value in defaults.items() if name not in url.query}
    return url.set(drivername="postgresql+psycopg").update_query_dict(missing)


def keeps_isolation(url: URL) -> bool:
    """Whether the URL itself asks for an isolation level, which is then kept."""
    options = url.query.get("options", "")
    return "default_transaction_isolation" in (options if isinstance(options, str) else " ".join(options))


class Line(psycopg.Connection[Any]):
    """A connection that waits no longer than `deadline_s` for anything, and remembers a warning."""

    deadline_s: float = 10.0
    was_warned: bool = False
    """Whether the server warned (01000) since this was last set to False."""

    def wait(self, gen: PQGen[RV], interval: float = _POLL_S, timeout: float | None = None) -> RV:
        """The driver's one place to wait for the server. The line is closed when the wait is not seen to its end."""
        ends_at = time.monotonic() + self.deadline_s
        most_s = self.deadline_s if timeout is None else min(timeout, self.deadline_s)
        try:
            return waiting.wait(gen, self.pgconn.socket, interval=interval, timeout=most_s)
        except BaseException as error:
            if time.monotonic() >= ends_at or not isinstance(error, Exception):
                self.pgconn.finish()
            raise

    def hear(self, notice: psycopg.errors.Diagnostic) -> None:
        """Note a warning: "canceling wait for synchronous replication" is 01000, in whatever language."""
        if notice.sqlstate == "01000" and notice.severity_nonlocalized == "WARNING":
            self.was_warned = True


def attend(engine: Engine, *, deadline_s: float, holds_locks: bool) -> None:
    """Make every connection of the engine a `Line`.

    The server gets limits too, so that what a vanished client leaves behind ends by itself: a transaction that waits
    for a lock, and with `holds_locks` one that holds the head's and says nothing.
    """

    def connect(_dialect: object, _record: object, args: Any, params: Any) -> Line:
        line = Line.connect(*args, **params)
        line.deadline_s = deadline_s
        line.add_notice_handler(line.hear)
        limits = {"lock_timeout": deadline_s, "client_connection_check_interval": deadline_s / 4}
        if holds_locks:
            limits["idle_in_transaction_session_timeout"] = 3 * deadline_s
        line.autocommit = True
        for name, seconds in limits.items():
            with suppress(psycopg.errors.UndefinedObject, psycopg.errors.InvalidParameterValue):  # not every server can
                line.execute("SELECT set_config(%s, %s, false)", (name, f"{max(1, round(seconds * 1000))}ms"))
        if holds_locks:  # plans are kept, and one made while a table was small would read all of it for ever
            line.execute("SET enable_seqscan = off")
        line.autocommit = False
        return line

    event.listen(engine, "do_connect", connect)
