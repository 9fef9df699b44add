"""Posting transfers: the only place where money moves.

`post_many` judges item by item in Python what the database would refuse anyway (unknown account, overdraft), so that
one bad item never spoils its neighbours, then writes all good ones with two statements. The CHECK and UNIQUE
constraints stay as the backstop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared import money
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict, DomainError, IdempotencyConflict, NotFound
from shared.ledger import accounts

_COLUMNS = "seq, id, debit_account, credit_account, amount_minor, currency, kind, reference, created_at"
_INSERT = (
    f"INSERT INTO ledger_transfer ({_COLUMNS}) VALUES (:seq, :id, :debit_account, :credit_account, :amount_minor,"
    " :currency, :kind, :reference, :created_at)"
)
_ADD = (
    "UPDATE ledger_account SET debits_posted = debits_posted + :debits, credits_posted = credits_posted + :credits"
    " WHERE code = :code"
)


class InsufficientFunds(Conflict):
    """The debited account holds less than the amount."""

    code = "insufficient_funds"


class AccountsMustDiffer(BadInput):
    """Debit and credit are the same account."""

    code = "accounts_must_differ"


class CurrenciesMustMatch(BadInput):
    """The two accounts, or the transfer and its accounts, are of different currencies."""

    code = "currencies_must_match"


class NoSuchTransfer(NotFound):
    """There is no transfer with this id."""

    code = "no_such_transfer"


@dataclass(frozen=True, slots=True)
class NewTransfer:
    """A transfer to be posted. `id` is the caller's and makes the posting repeatable; amounts are minor units."""

    id: str
    debit_account: str
    credit_account: str
    amount_minor: int
    currency: str
    kind: str
    reference: str = ""

    def posted(self, seq: int, at_ms: int) -> Transfer:
        """The row that this becomes at place `seq` of the ledger."""
        return Transfer(
            seq,
            self.id,
            self.debit_account,
            self.credit_account,
            self.amount_minor,
            self.currency,
            self.kind,
            self.reference,
            at_ms,
        )


@dataclass(frozen=True, slots=True)
class Transfer:
    """A posted transfer: `seq` is its place in the ledger, `created_at` its time in milliseconds."""

    seq: int
    id: str
    debit_account: str
    credit_account: str
    amount_minor: int
    currency: str
    kind: str
    reference: str
    created_at: int

    def same_as(self, new: NewTransfer) -> bool:
        """Whether `new` asks for exactly what was posted."""
        return all(getattr(self, name) == getattr(new, name) for name in NewTransfer.__slots__)


def post(uow: UnitOfWork, new: NewTransfer) -> Transfer:
    """Post one transfer, or raise why not."""
    [answer] = post_many(uow, [new])
    if isinstance(answer, DomainError):
        raise answer
    return answer


def post_many(uow: UnitOfWork, news: Sequence[NewTransfer]) -> list[Transfer | DomainError]:
    """Post each transfer that can be posted; for each, in order, the posted row or why it was refused.

    An id that was posted before, here or earlier in `news`, answers with its first row when the content is the same
    and with `idempotency_conflict` otherwise.
    """
    known = by_ids(uow, ids=[new.id for new in news])
    held = accounts.balances(uow, codes={code for new in news for code in (new.debit_account, new.credit_account)})
    available = {code: held[code].balance_minor for code in held}
    answers: list[Transfer | DomainError] = []
    posted: list[Transfer] = []
    for new in news:
        if new.id in known:
            answers.append(known[new.id] if known[new.id].same_as(new) else IdempotencyConflict())
            continue
        refusal = _refusal(new, held, available)
        if refusal:
            answers.append(refusal)
            continue
        [seq] = uow.next_transfer_seqs(1)
        row = new.posted(seq, uow.now)
        available[new.debit_account] -= new.amount_minor
        available[new.credit_account] += new.amount_minor
        known[new.id] = row
        posted.append(row)
        answers.append(row)
    _write(uow, posted)
    return answers


def by_ids(reader: Reader, *, ids: Iterable[str]) -> dict[str, Transfer]:
    """Those of the transfers that exist, by id."""
    rows = reader.sql.rows(f"SELECT {_COLUMNS} FROM ledger_transfer WHERE id IN :ids", ids=sorted(set(ids)))
    return {row[1]: Transfer(*row) for row in rows}


def by_id(reader: Reader, *, id: str) -> Transfer:
    """One transfer; `NoSuchTransfer` otherwise."""
    found = by_ids(reader, ids=[id])
    if id not in found:
        raise NoSuchTransfer()
    return found[id]


def of_account(reader: Reader, *, code: str, before_seq: int | None = None, limit: int = 50) -> list[Transfer]:
    """An account's transfers, newest first, those before `before_seq` when given."""
    rows = reader.sql.rows(
        f"SELECT {_COLUMNS} FROM (SELECT * FROM ledger_transfer WHERE debit_account = :code AND seq < :before"
        f" ORDER BY seq DESC LIMIT :limit) AS debits UNION ALL SELECT {_COLUMNS} FROM (SELECT * FROM ledger_transfer"
        " WHERE credit_account = :code AND seq < :before ORDER BY seq DESC LIMIT :limit) AS credits"
        " ORDER BY seq DESC LIMIT :limit",
        code=code,
        before=before_seq or 2**62,
        limit=limit,
    )
    return [Transfer(*row) for row in rows]


def _refusal(new: NewTransfer, held: dict[str, accounts.Balance], available: dict[str, int]) -> DomainError | None:
    try:
        money.check_minor(new.amount_minor)
    except money.InvalidAmount as error:
        return error
    for code in (new.debit_account, new.credit_account):
        if code not in held:
            return accounts.NoSuchAccount(account=code)
        if held[code].currency != new.currency:
            return CurrenciesMustMatch()
    if new.debit_account == new.credit_account:
        return AccountsMustDiffer()
    if not held[new.debit_account].may_overdraw and available[new.debit_account] < new.amount_minor:
        return InsufficientFunds()
    return None


def _write(uow: UnitOfWork, posted: Sequence[Transfer]) -> None:
    uow.sql.run_many(_INSERT, [{name: getattr(row, name) for name in Transfer.__slots__} for row in posted])
    added: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in posted:
        added[row.debit_account][0] += row.amount_minor
        added[row.credit_account][1] += row.amount_minor
    uow.sql.run_many(
        _ADD, [{"code": code, "debits": sums[0], "credits": sums[1]} for code, sums in sorted(added.items())]
    )
