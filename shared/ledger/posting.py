"""Posting transfers: the only place where money moves.

`post_many` judges item by item in Python what the database would refuse anyway (unknown account, overdraft, a hold that
has ended), so that one bad item never spoils its neighbours, then writes all good ones with two statements. The CHECK
and UNIQUE constraints stay as the backstop.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from shared import money
from shared.db.many import Many, insert_into
from shared.db.unit import UnitOfWork
from shared.errors import BadInput, Conflict, DomainError, IdempotencyConflict
from shared.ledger import accounts, transfers
from shared.ledger.models import Account, TransferRow
from shared.ledger.transfers import NewTransfer, Phase, Transfer

_INSERT = insert_into(TransferRow.__table__, Transfer._fields)
_ADD = Many(
    Account.__table__,
    "UPDATE ledger_account SET debits_posted = debits_posted + :debits, credits_posted = credits_posted + :credits,"
    " debits_pending = debits_pending + :debits_held, credits_pending = credits_pending + :credits_held"
    " WHERE code = :code",
    debits="debits_posted",
    credits="credits_posted",
    debits_held="debits_pending",
    credits_held="credits_pending",
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


class HoldEnded(Conflict):
    """The hold was posted, voided or expired before. `phase` says which."""

    code = "hold_ended"


class HoldExpired(Conflict):
    """The hold's time is over: its money is the payer's again."""

    code = "hold_expired"


class HoldMismatch(BadInput):
    """What would end the hold names other accounts or more money, or there is no such hold."""

    code = "hold_mismatch"


class GroupRefused(Conflict):
    """Another transfer of the group was refused, so none of it was posted. `because` is the other's code."""

    code = "group_refused"


def post(uow: UnitOfWork, new: NewTransfer) -> Transfer:
    """Post one transfer, or raise why not."""
    [answer] = post_many(uow, [new])
    if isinstance(answer, DomainError):
        raise answer
    return answer


def post_many(
    uow: UnitOfWork, news: Sequence[NewTransfer], *, posted: Mapping[str, Transfer] | None = None
) -> list[Transfer | DomainError]:
    """Post each transfer that can be posted; for each, in order, the posted row or why it was refused.

    An id that was posted before, here or earlier in `news`, answers with its first row when the content is the same
    and with `idempotency_conflict` otherwise. The transfers of a group stand side by side in `news` and are posted
    together or not at all. `posted` is which of these ids were posted before, where the caller has looked already.
    """
    judge = _Judge(uow, news, posted)
    answers: list[Transfer | DomainError] = []
    position = 0
    while position < len(news):
        group = news[position].group_id
        end = position + 1
        while group is not None and end < len(news) and news[end].group_id == group:
            end += 1
        members = news[position:end]
        answers.extend(judge.group(members) if group is not None else [judge.one(members[0])])
        position = end
    _write(uow, judge.posted)
    return answers


class _Judge:
    """What a batch of transfers needs to know, read at once, and how it changes as they are judged in order."""

    def __init__(
        self, uow: UnitOfWork, news: Sequence[NewTransfer], posted: Mapping[str, Transfer] | None = None
    ) -> None:
        self._uow = uow
        hold_ids = [new.pending_id for new in news if new.pending_id is not None]
        asked = hold_ids if posted is not None else [*(new.id for new in news), *hold_ids]
        self._known = dict(posted or {}) | (transfers.by_ids(uow, ids=asked) if asked else {})
        self._ended = transfers.endings(uow, hold_ids=hold_ids) if hold_ids else {}
        self._groups = _posted_groups(uow, [new.group_id for new in news if new.group_id is not None])
        self._held = accounts.balances(
            uow, codes={code for new in news for code in (new.debit_account, new.credit_account)}
        )
        self._available = {code: balance.balance_minor for code, balance in self._held.items()}
        self.posted: list[tuple[Transfer, int]] = []
        """Each row to be written, with the amount of the hold that it ends (0: none)."""

    def one(self, new: NewTransfer) -> Transfer | DomainError:
        known = self._known.get(new.id)
        if known is not None:
            return known if known.same_as(new) else IdempotencyConflict()
        refusal = self._refusal(new)
        if refusal is not None:
            return refusal
        [seq] = self._uow.next_transfer_seqs(1)
        row = Transfer(*new, seq, self._uow.now)
        held = self._known[new.pending_id].amount_minor if new.pending_id is not None else 0
        self._known[row.id] = row
        if row.pending_id is not None:
            self._ended[row.pending_id] = row
        self._move(row, held, 1)
        self.posted.append((row, held))
        return row

    def group(self, members: Sequence[NewTransfer]) -> list[Transfer | DomainError]:
        """All of them, or none: a group that was posted before cannot grow."""
        group_id = members[0].group_id
        mark, start = self._uow.mark(), len(self.posted)
        answers: list[Transfer | DomainError] = [self.one(member) for member in members]
        if group_id in self._groups and len(self.posted) > start:
            answers = [IdempotencyConflict() for _ in members]
        refused = [answer.code for answer in answers if isinstance(answer, DomainError)]
        if not refused:
            self._groups.add(str(group_id))
            return answers
        for row, held in reversed(self.posted[start:]):
            self._move(row, held, -1)
            del self._known[row.id]
            if row.pending_id is not None:
                del self._ended[row.pending_id]
        del self.posted[start:]
        self._uow.restore(mark)
        return [answer if isinstance(answer, DomainError) else GroupRefused(because=refused[0]) for answer in answers]

    def _move(self, row: Transfer, held: int, sign: int) -> None:
        """Keep count of what each account may still spend."""
        if row.phase == Phase.POSTED:
            self._available[row.debit_account] -= sign * (row.amount_minor - held)
            self._available[row.credit_account] += sign * row.amount_minor
        elif row.phase == Phase.PENDING:
            self._available[row.debit_account] -= sign * row.amount_minor
        else:
            self._available[row.debit_account] += sign * held

    def _refusal(self, new: NewTransfer) -> DomainError | None:
        amount, debit, credit = new.amount_minor, new.debit_account, new.credit_account
        if type(amount) is not int or not 0 < amount <= money.MAX_MINOR:
            return money.InvalidAmount()
        for code in (debit, credit):
            account = self._held.get(code)
            if account is None:
                return accounts.NoSuchAccount(account=code)
            if account.currency != new.currency:
                return CurrenciesMustMatch()
        if debit == credit:
            return AccountsMustDiffer()
        if new.pending_id is not None:
            return self._hold_refusal(new, new.pending_id)
        if new.phase not in (Phase.POSTED, Phase.PENDING) or (new.phase == Phase.PENDING) != (
            new.expires_at is not None
        ):
            return HoldMismatch()
        if not self._held[debit].may_overdraw and self._available[debit] < amount:
            return InsufficientFunds()
        return None

    def _hold_refusal(self, new: NewTransfer, hold_id: str) -> DomainError | None:
        hold = self._known.get(hold_id)
        if hold is None or hold.phase != Phase.PENDING or new.phase == Phase.PENDING or new.expires_at is not None:
            return HoldMismatch()
        if (hold.debit_account, hold.credit_account) != (new.debit_account, new.credit_account):
            return HoldMismatch()
        if new.amount_minor > hold.amount_minor or (
            new.phase != Phase.POSTED and new.amount_minor != hold.amount_minor
        ):
            return HoldMismatch()
        ended = self._ended.get(hold_id)
        if ended is not None:
            return HoldEnded(phase=ended.phase)
        is_over = hold.expires_at is not None and self._uow.now >= hold.expires_at
        if new.phase == Phase.POSTED and is_over:
            return HoldExpired()
        if new.phase == Phase.EXPIRED and not is_over:
            return HoldMismatch()
        return None


def _posted_groups(uow: UnitOfWork, group_ids: Sequence[str]) -> set[str]:
    if not group_ids:
        return set()
    rows = uow.sql.rows(
        "SELECT DISTINCT group_id FROM ledger_transfer WHERE group_id IN :ids", ids=sorted(set(group_ids))
    )
    return {row[0] for row in rows}


def _write(uow: UnitOfWork, posted: Sequence[tuple[Transfer, int]]) -> None:
    uow.sql.run_many(_INSERT, [row for row, _ in posted])
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for row, held in posted:
        debit, credit = sums[row.debit_account], sums[row.credit_account]
        if row.phase == Phase.POSTED:
            debit[0] += row.amount_minor
            credit[1] += row.amount_minor
        change = row.amount_minor if row.phase == Phase.PENDING else -held
        debit[2] += change
        credit[3] += change
    uow.sql.run_many(_ADD, [(*four, code) for code, four in sorted(sums.items())])
