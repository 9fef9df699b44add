"""The ledger once more, as small as it can be: a list of rows, folded anew for every question.

Slow, without a database, and plain enough to be seen to be right: what the real one is held against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from shared.ledger.transfers import NewTransfer
from shared.money import MAX_MINOR

HOUR_MS = 3_600_000
POSTED = "posted"
"""The answer to a transfer that stands in the ledger; every other answer is the code of a refusal."""


class LedgerModel:
    """Accounts and rows. `now` is the time in milliseconds, moved by hand."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.accounts: dict[str, tuple[str, bool]] = {}
        """By code: the currency, and whether it may be overdrawn."""
        self.rows: list[NewTransfer] = []

    def open(self, code: str, currency: str, *, may_overdraw: bool = False) -> None:
        """Open an account; opening it again changes nothing."""
        self.accounts.setdefault(code, (currency, may_overdraw))

    def post_many(self, news: Sequence[NewTransfer]) -> list[str]:
        """What becomes of each, in order; neighbours of one group stand or fall together."""
        answers: list[str] = []
        while len(answers) < len(news):
            group_id = news[len(answers)].group_id
            members = [news[len(answers)]]
            while group_id and len(answers) + len(members) < len(news):
                if news[len(answers) + len(members)].group_id != group_id:
                    break
                members.append(news[len(answers) + len(members)])
            answers.extend(self.group(members) if group_id else [self.one(members[0])])
        return answers

    def group(self, members: Sequence[NewTransfer]) -> list[str]:
        """All or none; one that stands already takes nobody in."""
        before, is_known = list(self.rows), any(row.group_id == members[0].group_id for row in self.rows)
        answers = [self.one(member) for member in members]
        if is_known and self.rows != before:
            answers = ["idempotency_conflict"] * len(members)
        if any(answer != POSTED for answer in answers):
            self.rows = before
            answers = ["group_refused" if answer == POSTED else answer for answer in answers]
        return answers

    def one(self, new: NewTransfer) -> str:
        """Post one, or say why not."""
        twin = self.row(new.id)
        if twin is not None:
            return POSTED if twin == new else "idempotency_conflict"
        why = self._why_malformed(new) or (
            self._why_not_ending(new) if new.pending_id is not None else self._why_not_starting(new)
        )
        if why is None:
            self.rows.append(new)
        return why or POSTED

    def expire_due(self) -> set[str]:
        """End the holds whose time is over; which ones."""
        due = [row for row in self.holds() if row.expires_at is not None and row.expires_at <= self.now]
        self.rows += [
            row._replace(id=f"end of {row.id}", phase="expired", pending_id=row.id, group_id=None, expires_at=None)
            for row in due
        ]
        return {row.id for row in due}

    def row(self, id: str) -> NewTransfer | None:
        """The row of this id."""
        return next((row for row in self.rows if row.id == id), None)

    def holds(self) -> list[NewTransfer]:
        """The holds that have not ended."""
        return [row for row in self.rows if row.phase == "pending" and self.ending(row.id) is None]

    def ending(self, hold_id: str) -> NewTransfer | None:
        """The row that ended a hold."""
        return next((row for row in self.rows if row.pending_id == hold_id), None)

    def sums(self, code: str) -> tuple[int, int, int, int]:
        """An account's debits and credits, posted; its debits and credits, held."""

        def total(rows: Iterable[NewTransfer], is_it: Callable[[NewTransfer], bool]) -> int:
            return sum(row.amount_minor for row in rows if is_it(row))

        posted, held = [row for row in self.rows if row.phase == POSTED], self.holds()
        return (
            total(posted, lambda row: row.debit_account == code),
            total(posted, lambda row: row.credit_account == code),
            total(held, lambda row: row.debit_account == code),
            total(held, lambda row: row.credit_account == code),
        )

    def spendable(self, code: str) -> int:
        """What an account's owner may spend."""
        debits, credits, held, _ = self.sums(code)
        return credits - debits - held

    def _why_malformed(self, new: NewTransfer) -> str | None:
        if not 1 <= new.amount_minor <= MAX_MINOR:
            return "invalid_amount"
        for code in (new.debit_account, new.credit_account):
            if code not in self.accounts:
                return "no_such_account"
            if self.accounts[code][0] != new.currency:
                return "currencies_must_match"
        return "accounts_must_differ" if new.debit_account == new.credit_account else None

    def _why_not_starting(self, new: NewTransfer) -> str | None:
        if (new.phase, new.expires_at is None) not in ((POSTED, True), ("pending", False)):
            return "hold_mismatch"
        may_overdraw = self.accounts[new.debit_account][1]
        if not may_overdraw and self.spendable(new.debit_account) < new.amount_minor:
            return "insufficient_funds"
        return None

    def _why_not_ending(self, new: NewTransfer) -> str | None:
        hold = self.row(str(new.pending_id))
        if hold is None or hold.phase != "pending" or hold.expires_at is None:
            return "hold_mismatch"
        is_whole, is_over = new.amount_minor == hold.amount_minor, self.now >= hold.expires_at
        same_sides = (new.debit_account, new.credit_account) == (hold.debit_account, hold.credit_account)
        fits = new.amount_minor <= hold.amount_minor if new.phase == POSTED else is_whole
        if not same_sides or not fits or new.phase == "pending" or new.expires_at is not None:
            return "hold_mismatch"
        if self.ending(hold.id) is not None:
            return "hold_ended"
        if new.phase == POSTED and is_over:
            return "hold_expired"
        return "hold_mismatch" if new.phase == "expired" and not is_over else None
