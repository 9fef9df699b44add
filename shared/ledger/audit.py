"""Re-computing what the ledger claims: the trial balance, every balance from its transfers, the dense numbering."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.ledger import chart

_SUMS = (
    "SELECT t.{side} AS code, sum(CASE t.phase WHEN 'posted' THEN t.amount_minor ELSE 0 END) AS posted,"
    " sum(CASE t.phase WHEN 'pending' THEN t.amount_minor ELSE 0 END) - sum(coalesce(h.amount_minor, 0)) AS held,"
    " sum(CASE WHEN t.currency = o.currency THEN 0 ELSE 1 END) AS odd FROM ledger_transfer AS t"
    " JOIN ledger_account AS o ON o.code = t.{side} LEFT JOIN ledger_transfer AS h ON h.id = t.pending_id GROUP BY 1"
)
"""Per account of one side: what was posted, and what is held: all holds less those that have ended."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that should not be: what is wrong (`code`), where (`subject`), and the figures.

    `seq` is the number of the transfer that it points at; None when it points at none. With `last_seq` it points at
    one of those from `seq` up to that one, and cannot say which.
    """

    code: str
    subject: str
    detail: str
    seq: int | None = None
    last_seq: int | None = None


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """Sums over all accounts of a currency, in minor units. Assets equal liabilities, or money was made."""

    currency: str
    accounts: int
    debits_minor: int
    credits_minor: int
    assets_minor: int
    liabilities_minor: int


def trial_balances(reader: Reader) -> list[TrialBalance]:
    """One trial balance per currency."""
    sums: dict[str, list[int]] = {}
    for code, currency, debits, credits in reader.sql.rows(
        "SELECT code, currency, debits_posted, credits_posted FROM ledger_account ORDER BY code"
    ):
        row = sums.setdefault(currency, [0, 0, 0, 0, 0])
        row[0] += 1
        row[1] += debits
        row[2] += credits
        if chart.is_asset(code):
            row[3] += debits - credits
        else:
            row[4] += credits - debits
    return [TrialBalance(currency, *row) for currency, row in sorted(sums.items())]


def faults(reader: Reader) -> Iterator[Fault]:
    """Everything wrong with the ledger's own sums, in a fixed order: numbering, totals, holds,
    groups, accounts."""
    yield from _numbering(reader)
    for trial in trial_balances(reader):
        if trial.debits_minor != trial.credits_minor:
            yield Fault("trial_balance", trial.currency, f"debits {trial.debits_minor}, credits {trial.credits_minor}")
        if trial.assets_minor != trial.liabilities_minor:
            yield Fault(
                "trial_balance", trial.currency, f"assets {trial.assets_minor}, liabilities {trial.liabilities_minor}"
            )
    yield from _holds(reader)
    yield from _groups(reader)
    yield from _balances(reader)


def _numbering(reader: Reader) -> Iterator[Fault]:
    [(count, first, last)] = reader.sql.rows("SELECT count(*), min(seq), max(seq) FROM ledger_transfer")
    [(head,)] = reader.sql.rows("SELECT transfer_seq FROM db_head WHERE id = 1")
    if count and first != 1:
        yield Fault("missing_transfer", "seq 1", "the numbering does not start at 1", 1)
    if (last or 0) != head:
        detail = f"the head says {head}, the last transfer is {last or 0}"
        yield Fault("missing_transfer", f"seq {head}", detail, min(head, last or 0) + 1)
    if count != (last or 0):
        gaps = reader.sql.rows(
            "SELECT seq + 1 FROM ledger_transfer AS t WHERE seq < :last AND NOT EXISTS"
            " (SELECT 1 FROM ledger_transfer AS n WHERE n.seq = t.seq + 1) ORDER BY seq LIMIT 10",
            last=last or 0,
        )
        for (seq,) in gaps:
            yield Fault("missing_transfer", f"seq {seq}", "a transfer is missing from the numbering", seq)


def _balances(reader: Reader) -> Iterator[Fault]:
    rows = reader.sql.rows(
        "SELECT a.code, a.debits_posted, a.credits_posted, a.debits_pending, a.credits_pending, a.may_overdraw,"
        " coalesce(d.posted, 0), coalesce(c.posted, 0), coalesce(d.held, 0), coalesce(c.held, 0),"
        " coalesce(d.odd, 0) + coalesce(c.odd, 0) FROM ledger_account AS a"
        f" LEFT JOIN ({_SUMS.format(side='debit_account')}) AS d ON d.code = a.code"
        f" LEFT JOIN ({_SUMS.format(side='credit_account')}) AS c ON c.code = a.code ORDER BY a.code"
    )
    for code, debits, credits, debits_held, credits_held, may_overdraw, *real, odd in rows:
        said = [debits, credits, debits_held, credits_held]
        if said != real:
            yield Fault(
                "balance_mismatch",
                code,
                "the account says {1} - {0}, held {2} and {3}; ".format(*said)
                + "its transfers say {1} - {0}, held {2} and {3}".format(*real),
            )
        if odd:
            yield Fault("currency_mismatch", code, f"{odd} of its transfers are in another currency")
        if not may_overdraw and credits < debits + debits_held:
            yield Fault("overdraft", code, f"{credits} - {debits}, held {debits_held}")


def _holds(reader: Reader) -> Iterator[Fault]:
    """Rows that end a hold which is none, of other accounts, of less money, or at the wrong time."""
    rows = reader.sql.rows(
        "SELECT e.id, e.seq FROM ledger_transfer AS e LEFT JOIN ledger_transfer AS h ON h.id = e.pending_id"
        " WHERE e.pending_id IS NOT NULL AND (h.id IS NULL OR h.phase <> 'pending' OR h.seq >= e.seq"
        " OR h.debit_account <> e.debit_account OR h.credit_account <> e.credit_account OR h.currency <> e.currency"
        " OR e.amount_minor > h.amount_minor OR (e.phase <> 'posted' AND e.amount_minor <> h.amount_minor)"
        " OR (e.phase = 'posted' AND e.created_at >= h.expires_at)"
        " OR (e.phase = 'expired' AND e.created_at < h.expires_at)) ORDER BY e.seq"
    )
    for id, seq in rows:
        yield Fault("hold_mismatch", id, f"seq {seq} does not fit the hold that it ends", seq)


def _groups(reader: Reader) -> Iterator[Fault]:
    """Groups that do not stand side by side at one time: what was posted together is together."""
    rows = reader.sql.rows(
        "SELECT group_id, min(seq) FROM ledger_transfer WHERE group_id IS NOT NULL GROUP BY group_id"
        " HAVING max(seq) - min(seq) + 1 <> count(*) OR min(created_at) <> max(created_at) ORDER BY 2"
    )
    for id, seq in rows:
        yield Fault("group_mismatch", id, f"the group that begins with seq {seq} was not posted together", seq)
