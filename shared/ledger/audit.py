"""Re-computing what the ledger claims: the trial balance, every balance from its transfers, the dense numbering."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.ledger import chart


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that should not be: what is wrong (`code`), where (`subject`), and the figures."""

    code: str
    subject: str
    detail: str


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
    """Everything wrong with the ledger's own sums, in a fixed order: numbering, totals, accounts."""
    yield from _numbering(reader)
    for trial in trial_balances(reader):
        if trial.debits_minor != trial.credits_minor:
            yield Fault("trial_balance", trial.currency, f"debits {trial.debits_minor}, credits {trial.credits_minor}")
        if trial.assets_minor != trial.liabilities_minor:
            yield Fault(
                "trial_balance", trial.currency, f"assets {trial.assets_minor}, liabilities {trial.liabilities_minor}"
            )
    yield from _balances(reader)


def _numbering(reader: Reader) -> Iterator[Fault]:
    [(count, first, last)] = reader.sql.rows("SELECT count(*), min(seq), max(seq) FROM ledger_transfer")
    [(head,)] = reader.sql.rows("SELECT transfer_seq FROM db_head WHERE id = 1")
    if count and first != 1:
        yield Fault("missing_transfer", "seq 1", "the numbering does not start at 1")
    if (last or 0) != head:
        yield Fault("missing_transfer", f"seq {head}", f"the head says {head}, the last transfer is {last or 0}")
    if count != (last or 0):
        gaps = reader.sql.rows(
            "SELECT seq + 1 FROM ledger_transfer AS t WHERE seq < :last AND NOT EXISTS"
            " (SELECT 1 FROM ledger_transfer AS n WHERE n.seq = t.seq + 1) ORDER BY seq LIMIT 10",
            last=last or 0,
        )
        for (seq,) in gaps:
            yield Fault("missing_transfer", f"seq {seq}", "a transfer is missing from the numbering")


def _balances(reader: Reader) -> Iterator[Fault]:
    rows = reader.sql.rows(
        "SELECT a.code, a.debits_posted, a.credits_posted, a.may_overdraw,"
        " coalesce(d.total, 0), coalesce(c.total, 0), coalesce(d.odd, 0) + coalesce(c.odd, 0)"
        " FROM ledger_account AS a"
        " LEFT JOIN (SELECT t.debit_account AS code, sum(t.amount_minor) AS total,"
        "   sum(CASE WHEN t.currency = o.currency THEN 0 ELSE 1 END) AS odd"
        "   FROM ledger_transfer AS t JOIN ledger_account AS o ON o.code = t.debit_account GROUP BY 1) AS d"
        "   ON d.code = a.code"
        " LEFT JOIN (SELECT t.credit_account AS code, sum(t.amount_minor) AS total,"
        "   sum(CASE WHEN t.currency = o.currency THEN 0 ELSE 1 END) AS odd"
        "   FROM ledger_transfer AS t JOIN ledger_account AS o ON o.code = t.credit_account GROUP BY 1) AS c"
        "   ON c.code = a.code ORDER BY a.code"
    )
    for code, debits, credits, may_overdraw, debited, credited, odd in rows:
        if debits != debited or credits != credited:
            yield Fault(
                "balance_mismatch",
                code,
                f"the account says {credits} - {debits}, its transfers say {credited} - {debited}",
            )
        if odd:
            yield Fault("currency_mismatch", code, f"{odd} of its transfers are in another currency")
        if not may_overdraw and credits < debits:
            yield Fault("overdraft", code, f"{credits} - {debits}")
