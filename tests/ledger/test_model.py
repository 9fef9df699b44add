"""Random sequences of every verb of the ledger, on both engines, step by step the same as the tiny model's."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.errors import DomainError
from shared.ledger import accounts, audit, holds, posting, transfers
from shared.ledger.transfers import NewTransfer, Transfer
from shared.money import MAX_MINOR
from tests.examples import IS_FULL, load_profile, share
from tests.ledger.model import HOUR_MS, POSTED, LedgerModel
from tests.world import World

load_profile()
SHARES = range(40 if IS_FULL else 1)
"""Each share has a database of its own, so that no audit reads more than its share."""
SEQUENCES = {"sqlite": 50 if IS_FULL else 60, "postgresql": 50 if IS_FULL else 15}
assert len(SHARES) * sum(SEQUENCES.values()) == share("sequences a model")
STEPS = 30
PICK = st.integers(0, 99)


@dataclass(frozen=True)
class Wish:
    """A transfer before it is known what there is: `made` of it by the machine, which knows."""

    kind: str
    debit: str
    credit: str
    amount_minor: int
    currency: str
    hours: int
    """How long a hold holds."""
    which: int
    """Which hold to end, which row to repeat."""
    phase: str
    oddity: int
    """From 0 to 9; below 6 there is none."""


SIDES = st.sampled_from(["a", "b", "c", "a", "b", "c", "a", "b", "c", "bank", "euro", "nowhere"])
AMOUNTS = st.sampled_from([*range(1, 21), 40, 60, 80, 100, 120, 0, -5, MAX_MINOR, MAX_MINOR + 1])
PHASES = st.sampled_from(["posted", "posted", "posted", "voided", "expired", "pending"])


def wishes(*kinds: str) -> st.SearchStrategy[Wish]:
    """Wishes of these kinds: a `transfer`, a `hold`, the `ending` of one, the `repetition` of a row."""
    return st.builds(
        Wish, st.sampled_from(kinds), SIDES, SIDES, AMOUNTS, st.sampled_from(["CNY"] * 5 + ["EUR"]),
        st.integers(0, 8), PICK, PHASES, st.integers(0, 9),
    )  # fmt: skip


ANY = wishes("transfer", "transfer", "hold", "ending", "repetition")
SEVERAL = st.lists(ANY, min_size=2, max_size=5)


class Ledger(RuleBasedStateMachine):
    """The ledger on one database beside its model; each sequence has accounts of its own there."""

    world: World
    model_class: type[LedgerModel] = LedgerModel
    _sequences = 0

    def __init__(self) -> None:
        super().__init__()
        type(self)._sequences += 1
        self.name = f"s{type(self)._sequences}"
        self.ids = 0
        self.groups = 0
        self.model = self.model_class(self.world.now())
        self.seq = self.store.read(_head)
        for account in ("bank", "a", "b", "c"):
            self.open_account(f"{self.name}:{account}", "CNY", may_overdraw=account == "bank")
        self.open_account(f"{self.name}:euro", "EUR")
        self.post([self._new("bank", "a", 200), self._new("bank", "b", 100)])

    @property
    def store(self) -> Store:
        return self.world.store

    @rule(more=st.booleans(), currency=st.sampled_from(["CNY", "EUR"]))
    def opens_an_account(self, more: bool, currency: str) -> None:
        self.open_account(f"{self.name}:{'d' if more else 'a'}", currency)

    @rule(wish=wishes("transfer"))
    def posts_one(self, wish: Wish) -> None:
        self.post([self.made(wish)])

    @rule(wish=wishes("hold"))
    def holds_money(self, wish: Wish) -> None:
        self.post([self.made(wish)])

    @precondition(lambda self: self.model.holds())
    @rule(wish=wishes("ending"))
    def ends_a_hold(self, wish: Wish) -> None:
        self.post([self.made(wish)])

    @rule(wish=wishes("repetition"))
    def posts_again(self, wish: Wish) -> None:
        self.post([self.made(wish)])

    @rule(several=SEVERAL)
    def posts_several(self, several: list[Wish]) -> None:
        self.post([self.made(wish) for wish in several])

    @rule(several=SEVERAL, is_new=st.booleans())
    def posts_a_group(self, several: list[Wish], is_new: bool) -> None:
        self.groups += is_new
        self.post([self.made(wish)._replace(group_id=f"{self.name}-g{self.groups}") for wish in several])

    @rule(several=SEVERAL, more=SEVERAL)
    def posts_groups_among_others(self, several: list[Wish], more: list[Wish]) -> None:
        self.groups += 1
        names = [None, f"{self.name}-g{self.groups - 1}", f"{self.name}-g{self.groups}", f"{self.name}-g{self.groups}"]
        self.post([self.made(wish)._replace(group_id=names[wish.which % 4]) for wish in [*several, *more]])

    @rule(several=SEVERAL)
    def fails_after_posting(self, several: list[Wish]) -> None:
        with pytest.raises(_Stop):
            self.store.run(_post_and_fail, news=[self.made(wish) for wish in several])

    @rule(hours=st.integers(1, 4))
    def time_passes(self, hours: int) -> None:
        self.world.pass_time(hours * HOUR_MS // 1000)
        self.model.now += hours * HOUR_MS

    @rule()
    def holds_expire(self) -> None:
        ended = self.store.run(holds.expire_due)
        self._number(ended)
        assert {row.pending_id for row in ended} == self.model.expire_due()
        assert not self.store.read(holds.has_due)

    @invariant()
    def every_account_is_as_the_model_says(self) -> None:
        found = self.store.read(accounts.balances, codes=self.model.accounts)
        for code in self.model.accounts:
            there = found[code]
            said = (there.debits_posted, there.credits_posted, there.debits_pending, there.credits_pending)
            assert said == self.model.sums(code), code
            assert there.balance_minor == self.model.spendable(code)

    def teardown(self) -> None:
        """Let every hold end, so that the next sequence finds none; then look at everything."""
        self.time_passes(9)
        self.holds_expire()
        self.every_account_is_as_the_model_says()
        for code in self.model.accounts:
            page = self.store.read(transfers.of_account, code=code, limit=1000)
            mine = [row for row in self.model.rows if code in (row.debit_account, row.credit_account)]
            assert [row.pending_id or row.id for row in page] == [row.pending_id or row.id for row in reversed(mine)]
        assert self.store.read(_faults) == []

    def open_account(self, code: str, currency: str, *, may_overdraw: bool = False) -> None:
        self.store.run(accounts.open_account, code=code, currency=currency, may_overdraw=may_overdraw)
        self.model.open(code, currency, may_overdraw=may_overdraw)

    def post(self, news: list[NewTransfer]) -> None:
        """Post them here and there; the answers are the same, and new rows have the next numbers in this order."""
        before = {row.id for row in self.model.rows}
        answers = self.store.run(_post_many, news=news)
        said = [POSTED if isinstance(answer, Transfer) else answer.code for answer in answers]
        assert said == self.model.post_many(news)
        posted = [(new, answer) for new, answer in zip(news, answers, strict=True) if isinstance(answer, Transfer)]
        assert all(row.same_as(new) for new, row in posted)
        self._number(list({row.id: row for _, row in posted if row.id not in before}.values()))

    def _number(self, fresh: list[Transfer]) -> None:
        assert [row.seq for row in fresh] == list(range(self.seq + 1, self.seq + 1 + len(fresh)))
        self.seq += len(fresh)
        assert self.store.read(_head) == self.seq

    def made(self, wish: Wish) -> NewTransfer:
        """The transfer that is wished for, as things stand."""
        if wish.kind == "repetition":
            mine = [row for row in self.model.rows if row.id.startswith(self.name + "-")]
            return mine[wish.which % len(mine)]._replace(**_CHANGES[wish.oddity])
        pending = [row for row in self.model.rows if row.phase == "pending"]
        if wish.kind == "ending" and pending:
            return self._ending(wish, [*pending, *self.model.holds() * 3, *self.model.rows[:1]])
        new = self._new(wish.debit, wish.credit, wish.amount_minor, wish.currency)
        if wish.kind == "hold":
            return holds.hold(new, expires_at=self.model.now + wish.hours * HOUR_MS)
        return new._replace(phase="voided") if wish.oddity == 9 else new

    def _new(self, debit: str, credit: str, amount_minor: int, currency: str = "CNY") -> NewTransfer:
        self.ids += 1
        accounts = f"{self.name}:{debit}", f"{self.name}:{credit}"
        return NewTransfer(f"{self.name}-{self.ids}", *accounts, amount_minor, currency, "test")

    def _ending(self, wish: Wish, named: list[NewTransfer]) -> NewTransfer:
        """Something that names a hold, mostly one that has not ended, or a row that is none."""
        hold = named[wish.which % len(named)]
        part = max(1, hold.amount_minor * (1 + wish.which % 3) // 4)
        amount = wish.amount_minor if wish.oddity == 5 else hold.amount_minor if wish.oddity % 2 else part
        new = self._new("a", "b", amount, hold.currency)
        return new._replace(
            debit_account=hold.debit_account,
            credit_account=f"{self.name}:{wish.credit}" if wish.oddity == 8 else hold.credit_account,
            phase=wish.phase,
            pending_id=hold.id,
            expires_at=self.model.now if wish.oddity == 6 else None,
        )


_CHANGES: list[dict[str, Any]] = [
    {}, {}, {}, {}, {}, {}, {"amount_minor": 7}, {"reference": "other"}, {"phase": "posted"}, {"kind": "other"},
]  # fmt: skip


class _Stop(Exception):
    """What an action raises to undo itself."""


def _post_many(uow: UnitOfWork, *, news: list[NewTransfer]) -> list[Transfer | DomainError]:
    return posting.post_many(uow, news)


def _post_and_fail(uow: UnitOfWork, *, news: list[NewTransfer]) -> None:
    posting.post_many(uow, news)
    raise _Stop


def _head(reader: Reader) -> int:
    [(seq,)] = reader.sql.rows("SELECT transfer_seq FROM db_head WHERE id = 1")
    return int(seq)


def _faults(reader: Reader) -> list[dict[str, str]]:
    return [dataclasses.asdict(fault) for fault in audit.faults(reader)]


def tried(world: World, sequences: int, model: type[LedgerModel] = LedgerModel, **more: Any) -> None:
    """Try so many sequences on this world's database."""
    machine = type("LedgerHere", (Ledger,), {"world": world, "model_class": model})
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=sequences, stateful_step_count=STEPS, suppress_health_check=quiet, deadline=None, **more
        ),
    )


@pytest.mark.parametrize("number", SHARES)
def test_the_ledger_does_what_the_model_does(world: World, database_url: str, number: int) -> None:
    tried(world, SEQUENCES[database_url.partition(":")[0]])


class KeepsTheRest(LedgerModel):
    """Forgets to release what a capture leaves of its hold."""

    def sums(self, code: str) -> tuple[int, int, int, int]:
        debits, credits, held_out, held_in = super().sums(code)
        for row in self.rows:
            hold = self.row(row.pending_id) if row.pending_id and row.phase == POSTED else None
            if hold is not None and hold.debit_account == code:
                held_out += hold.amount_minor - row.amount_minor
        return debits, credits, held_out, held_in


class ForgetsOthers(LedgerModel):
    """Lets a group stand though one of it is refused."""

    def group(self, members: Any) -> list[str]:
        return [self.one(member) for member in members]


class NeverLate(LedgerModel):
    """Posts a hold whose time is over."""

    def _why_not_ending(self, new: NewTransfer) -> str | None:
        why = super()._why_not_ending(new)
        return None if why == "hold_expired" else why


@pytest.mark.parametrize("wrong", [KeepsTheRest, ForgetsOthers, NeverLate])
def test_a_model_with_a_mistake_is_found_out(sqlite_world: World, wrong: type[LedgerModel]) -> None:
    with pytest.raises(AssertionError):
        tried(sqlite_world, 500, wrong, phases=[Phase.generate], report_multiple_bugs=False, print_blob=False)
