"""A transfer as one writes it for PostgreSQL without batches: one statement and one commit for every caller.

The same schema, checks, numbering and event as the product's. The head's row is locked by the statement's first part,
so that the numbers are dense and in the order of the commits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

import psycopg

from shared import clock, ids
from tests.bench import books
from tests.bench.references.raw_sqlite import Refused

_TRANSFER = """
WITH head AS (
    UPDATE db_head SET transfer_seq = transfer_seq + 1, event_seq = event_seq + 1, commits = commits + 1 WHERE id = 1
    RETURNING transfer_seq, event_seq, %(now)s + clock_offset_ms AS now
), debit AS (
    UPDATE ledger_account SET debits_posted = debits_posted + %(amount)s
    WHERE code = %(debit)s AND currency = %(currency)s AND EXISTS (SELECT 1 FROM head)
    AND (may_overdraw = 1 OR credits_posted - debits_posted - debits_pending >= %(amount)s)
    RETURNING code
), credit AS (
    UPDATE ledger_account SET credits_posted = credits_posted + %(amount)s
    WHERE code = %(credit)s AND currency = %(currency)s AND EXISTS (SELECT 1 FROM debit)
    RETURNING code
), made AS (
    INSERT INTO ledger_transfer (seq, id, debit_account, credit_account, amount_minor, currency, kind, reference,
        phase, created_at)
    SELECT transfer_seq, %(id)s, debit.code, credit.code, %(amount)s, %(currency)s, 'send', '', 'posted', now
    FROM head, debit, credit
    ON CONFLICT (id) DO NOTHING RETURNING seq
)
INSERT INTO db_event (seq, id, name, created_at, topics, body)
SELECT event_seq, %(event)s, 'transfer.posted', now, %(topics)s, replace(%(body)s, '"seq": 0', '"seq": ' || seq)
FROM head, made RETURNING seq
"""


class PlainSql:
    """A connection a caller: as many as there are callers at once, kept for the next ones."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._free: SimpleQueue[psycopg.Connection[tuple[int]]] = SimpleQueue()

    def pay(self, debit: str, credit: str) -> int:
        """Make a transfer durable; the number of its event."""
        now = clock.system_now()
        transfer_id = ids.new_id("trf", now)
        with self._line() as line, line.transaction():
            row = line.execute(
                _TRANSFER,
                {
                    "now": now,
                    "amount": books.AMOUNT_MINOR,
                    "debit": debit,
                    "credit": credit,
                    "currency": "CNY",
                    "id": transfer_id,
                    "event": ids.new_id("evt", now),
                    "topics": json.dumps(books.topics(debit, credit)),
                    "body": json.dumps(books.event_body(transfer_id, 0, debit, credit)),
                },
            ).fetchone()
            if row is None:  # undone with the block: the head counts nothing
                raise Refused("known, or no such account, or not enough on it")
        return row[0]

    def close(self) -> None:
        """Give the connections back."""
        while not self._free.empty():
            self._free.get_nowait().close()

    @contextmanager
    def _line(self) -> Iterator[psycopg.Connection[tuple[int]]]:
        try:
            line = self._free.get_nowait()
        except Empty:
            line = psycopg.connect(self._url, autocommit=True, prepare_threshold=1)
        try:
            yield line
        finally:
            self._free.put(line)
