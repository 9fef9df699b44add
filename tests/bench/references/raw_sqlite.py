"""A transfer as one writes it with the bare driver: one transaction and one commit each, threads taking turns.

The same schema, settings of the connection, checks, numbering and event as the product's; no batches.
"""

from __future__ import annotations

import json
import threading

from shared import clock, ids
from shared.db import engine as engines
from tests.bench import books

_KNOWN = "SELECT 1 FROM ledger_transfer WHERE id = ?"
_HEAD = "SELECT clock_offset_ms, transfer_seq, event_seq FROM db_head WHERE id = 1"
_DEBIT = (
    "UPDATE ledger_account SET debits_posted = debits_posted + ? WHERE code = ? AND currency = ?"
    " AND (may_overdraw = 1 OR credits_posted - debits_posted - debits_pending >= ?)"
)
_CREDIT = "UPDATE ledger_account SET credits_posted = credits_posted + ? WHERE code = ? AND currency = ?"
_TRANSFER = (
    "INSERT INTO ledger_transfer (seq, id, debit_account, credit_account, amount_minor, currency, kind, reference,"
    " phase, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, '', 'posted', ?)"
)
_EVENT = "INSERT INTO db_event (seq, id, name, created_at, topics, body) VALUES (?, ?, 'transfer.posted', ?, ?, ?)"
_WRITE_HEAD = "UPDATE db_head SET transfer_seq = ?, event_seq = ?, commits = commits + 1 WHERE id = 1"


class Refused(Exception):
    """The transfer was not made: its id is known, or an account is missing, of another currency, or short of money."""


class RawSqlite:
    """One connection, set up as the product's writer is, under a mutex."""

    def __init__(self, url: str) -> None:
        self._engine = engines.writer_engine(url)
        self._line = self._engine.raw_connection()
        self._cursor = self._line.cursor()
        self._turn = threading.Lock()

    def pay(self, debit: str, credit: str) -> int:
        """Make a transfer durable; its number."""
        transfer_id = ids.new_id("trf", clock.system_now())
        with self._turn:
            self._cursor.execute("BEGIN IMMEDIATE")
            try:
                seq = self._write(transfer_id, debit, credit)
            except BaseException:
                self._cursor.execute("ROLLBACK")
                raise
            self._cursor.execute("COMMIT")
            return seq

    def _write(self, transfer_id: str, debit: str, credit: str) -> int:
        run, amount = self._cursor.execute, books.AMOUNT_MINOR
        offset_ms, transfer_seq, event_seq = run(_HEAD).fetchone()
        now, seq = clock.system_now() + offset_ms, transfer_seq + 1
        if run(_KNOWN, (transfer_id,)).fetchone():
            raise Refused("this id is known")
        if run(_DEBIT, (amount, debit, "CNY", amount)).rowcount != 1:
            raise Refused("no such account, or not enough on it")
        if run(_CREDIT, (amount, credit, "CNY")).rowcount != 1:
            raise Refused("no such account")
        run(_TRANSFER, (seq, transfer_id, debit, credit, amount, "CNY", "send", now))
        body = json.dumps(books.event_body(transfer_id, seq, debit, credit))
        topics = json.dumps(books.topics(debit, credit))
        run(_EVENT, (event_seq + 1, ids.new_id("evt", now), now, topics, body))
        run(_WRITE_HEAD, (seq, event_seq + 1))
        return seq

    def close(self) -> None:
        """Give the connection back."""
        self._line.close()
        self._engine.dispose()
