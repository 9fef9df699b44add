"""The ledger as the operator looks at it: accounts and whose they are, transfers and their signed orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader
from shared.errors import DomainError
from shared.identity import parties
from shared.identity.parties import Known
from shared.ledger import accounts, audit, chart, checkpoints, extracts, transfers
from shared.ledger.accounts import Balance
from shared.ledger.audit import TrialBalance
from shared.ledger.extracts import Pick
from shared.ledger.transfers import Transfer
from shared.payments import orders

PAGE = 20
CLASSES = ("user", "shop", "payout", "disputes", "bank", "fees")
"""What the accounts' codes begin with."""


@dataclass(frozen=True, slots=True)
class Line:
    """An account in the list; `owner` is None for one that is nobody's."""

    balance: Balance
    owner: str | None

    @property
    def shown_minor(self) -> int:
        """Its balance on the side that it stands on: an asset's is what was debited more."""
        posted = self.balance.credits_posted - self.balance.debits_posted
        return -posted if chart.is_asset(self.balance.code) else posted


@dataclass(frozen=True, slots=True)
class Trial(TrialBalance):
    """A trial balance that says whether it is even: what was debited was credited, assets are liabilities."""

    @property
    def is_even(self) -> bool:
        """Whether no money was made or lost."""
        return self.debits_minor == self.credits_minor and self.assets_minor == self.liabilities_minor


@dataclass(frozen=True, slots=True)
class Overview:
    """The trial balances, how far the chain reaches, and a page of the accounts; `more` begins the next."""

    trials: Sequence[Trial]
    transfers: int
    sealed: int
    sealed_at: int | None
    lines: Sequence[Line]
    more: str | None

    @property
    def is_even(self) -> bool:
        """Whether every trial balance is."""
        return all(trial.is_even for trial in self.trials)


@dataclass(frozen=True, slots=True)
class Extract:
    """One account with a page of its transfers, newest first; `older` is where the next page begins."""

    line: Line
    transfers: Sequence[Transfer]
    older: int | None


@dataclass(frozen=True, slots=True)
class Proof:
    """The signed order that a transfer stands on: who signed what, and whether its seal holds (`refusal` if not)."""

    kind: str
    signer: Known | None
    kid: str
    frame: str
    refusal: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One transfer: with its order, the others of its group, and its hold or what ended it."""

    transfer: Transfer
    proof: Proof | None
    group: Sequence[Transfer]
    hold: Transfer | None
    ending: Transfer | None
    is_sealed: bool


def overview(reader: Reader, *, search: str = "", kind: str = "", after: str = "") -> Overview:
    """The state of the books, and those accounts of a class whose owner or code has `search` in it."""
    found = _lines(reader, search=search.casefold(), kind=kind if kind in CLASSES else "", after=after)
    head = checkpoints.latest(reader)
    [(last,)] = reader.sql.rows("SELECT transfer_seq FROM db_head WHERE id = 1")
    more = found[PAGE - 1].balance.code if len(found) > PAGE else None
    sealed, at = (head.size, head.created_at) if head else (0, None)
    trials = [Trial(*astuple(trial)) for trial in audit.trial_balances(reader)]
    return Overview(trials, last, sealed, at, found[:PAGE], more)


def extract(reader: Reader, *, code: str, before_seq: int | None) -> Extract:
    """One account's page; `no_such_account` where there is none of this code."""
    balance = accounts.balance(reader, code=code)
    rows = reader.sql.rows(
        "SELECT p.display_name FROM ledger_account AS a JOIN identity_party AS p ON p.id = a.owner_id"
        " WHERE a.code = :code",
        code=code,
    )
    shown = extracts.picked(reader, code=code, pick=Pick(), before_seq=before_seq or extracts.END, limit=PAGE + 1)
    older = shown[PAGE - 1].seq if len(shown) > PAGE else None
    return Extract(Line(balance, rows[0][0] if rows else None), shown[:PAGE], older)


def entry(reader: Reader, *, id: str) -> Entry:
    """One transfer with everything that explains it; `no_such_transfer` otherwise."""
    found = transfers.by_id(reader, id=id)
    group = reader.sql.rows(
        f"SELECT {transfers.COLUMNS} FROM ledger_transfer WHERE group_id = :group AND id <> :id ORDER BY seq",
        group=found.group_id or "",
        id=id,
    )
    holds = transfers.by_ids(reader, ids=[found.pending_id] if found.pending_id else [])
    head = checkpoints.latest(reader)
    return Entry(
        found,
        _proof(reader, found),
        [Transfer._make(row) for row in group],
        holds.get(found.pending_id or ""),
        transfers.endings(reader, hold_ids=[id]).get(id),
        head is not None and found.seq <= head.size,
    )


def _proof(reader: Reader, transfer: Transfer) -> Proof | None:
    rows = reader.sql.rows("SELECT kind, frame FROM payments_order WHERE transfer_id = :id", id=transfer.id)
    if not rows:
        return None
    kind, frame = OrderKind(rows[0][0]).name.lower(), bytes(rows[0][1])
    try:
        opened = orders.open_as_of(reader, frame, at_ms=transfer.created_at, now_s=transfer.created_at // 1000)
    except DomainError as error:
        return Proof(kind, None, frames.split(frame).kid.hex(), frame.hex(), error.code)
    signer = parties.by_id(reader, id=opened.sealed_by.party_id) if opened.sealed_by else None
    return Proof(kind, signer, opened.kid_hex, frame.hex(), "")


def _lines(reader: Reader, *, search: str, kind: str, after: str) -> list[Line]:
    like = search.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    rows = reader.sql.rows(
        "SELECT a.code, a.currency, a.debits_posted, a.credits_posted, a.may_overdraw, a.debits_pending,"
        " a.credits_pending, p.display_name FROM ledger_account AS a LEFT JOIN identity_party AS p"
        " ON p.id = a.owner_id WHERE a.code > :after AND (:kind = '' OR a.code = :kind OR a.code LIKE :of_kind)"
        " AND (:search = '' OR a.code LIKE :like ESCAPE '!' OR p.handle LIKE :like ESCAPE '!'"
        " OR lower(p.display_name) LIKE :like ESCAPE '!') ORDER BY a.code LIMIT :limit",
        after=after,
        kind=kind,
        of_kind=f"{kind}:%",
        search=search,
        like=f"%{like}%",
        limit=PAGE + 1,
    )
    return [Line(Balance._make(row[:7]), row[7]) for row in rows]
