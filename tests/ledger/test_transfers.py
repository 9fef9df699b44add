"""Transfers: posted once, never overdrawn, judged one by one, audited from scratch."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from shared.db.engine import migration_engine
from shared.db.unit import UnitOfWork
from shared.errors import IdempotencyConflict
from shared.ledger import accounts, audit, posting, transfers
from shared.ledger.accounts import NoSuchAccount
from shared.ledger.posting import AccountsMustDiffer, CurrenciesMustMatch, InsufficientFunds
from shared.ledger.transfers import NewTransfer
from shared.money import InvalidAmount
from tests.examples import examples
from tests.world import World


def opened(uow: UnitOfWork) -> None:
    accounts.open_account(uow, code="source", currency="CNY", may_overdraw=True)
    for code in "abc":
        accounts.open_account(uow, code=code, currency="CNY")
    accounts.open_account(uow, code="euro", currency="EUR")


def post_many(uow: UnitOfWork, *, news: list[NewTransfer]) -> list[object]:
    return list(posting.post_many(uow, news))


def new(id: str, debit: str, credit: str, amount: int, currency: str = "CNY") -> NewTransfer:
    return NewTransfer(id, debit, credit, amount, currency, "test")


@pytest.fixture
def bank(world: World) -> World:
    world.store.run(opened)
    world.store.run(post_many, news=[new("fund", "source", "a", 100)])
    return world


def balance(world: World, code: str) -> int:
    return world.store.read(accounts.balance, code=code).balance_minor


def test_a_transfer_moves_its_amount_and_has_the_next_number(bank: World) -> None:
    [row] = bank.store.run(post_many, news=[new("t1", "a", "b", 40)])
    assert (row.seq, row.id, row.amount_minor) == (2, "t1", 40)
    assert (balance(bank, "a"), balance(bank, "b")) == (60, 40)


def test_the_same_id_again_answers_with_the_first_row_and_other_content_is_a_conflict(bank: World) -> None:
    [first] = bank.store.run(post_many, news=[new("t1", "a", "b", 40)])
    again, other, twin_a, twin_b = bank.store.run(
        post_many,
        news=[new("t1", "a", "b", 40), new("t1", "a", "b", 41), new("t2", "a", "b", 1), new("t2", "a", "b", 1)],
    )
    assert again == first
    assert isinstance(other, IdempotencyConflict)
    assert twin_a == twin_b
    assert balance(bank, "b") == 41


def test_one_bad_transfer_does_not_spoil_its_neighbours(bank: World) -> None:
    answers = bank.store.run(
        post_many,
        news=[
            new("good1", "a", "b", 70),
            new("poor", "a", "b", 31),
            new("good2", "b", "c", 70),
            new("nobody", "a", "zz", 1),
            new("self", "a", "a", 1),
            new("euro", "a", "euro", 1),
            new("zero", "a", "b", 0),
            new("huge", "source", "b", 10**12 + 1),
        ],
    )
    kinds = [type(answer) for answer in answers]
    assert kinds == [
        transfers.Transfer, InsufficientFunds, transfers.Transfer, NoSuchAccount, AccountsMustDiffer,
        CurrenciesMustMatch, InvalidAmount, InvalidAmount,
    ]  # fmt: skip
    assert [balance(bank, code) for code in "abc"] == [30, 0, 70]
    assert [answer.seq for answer in answers if isinstance(answer, transfers.Transfer)] == [2, 3]


def test_a_balance_may_be_spent_to_the_last_cent_and_no_further(bank: World) -> None:
    ok, poor = bank.store.run(post_many, news=[new("all", "a", "b", 100), new("more", "a", "b", 1)])
    assert isinstance(ok, transfers.Transfer)
    assert isinstance(poor, InsufficientFunds)


def test_an_account_opened_twice_is_one_account(bank: World) -> None:
    bank.store.run(opened)
    assert balance(bank, "a") == 100


def test_a_statement_page_holds_both_sides_newest_first(bank: World) -> None:
    for number in range(6):
        debit, credit = ("a", "b") if number % 2 == 0 else ("b", "a")
        bank.store.run(post_many, news=[new(f"n{number}", debit, credit, 5)])
    page = bank.store.read(transfers.of_account, code="a", limit=4)
    assert [row.id for row in page] == ["n5", "n4", "n3", "n2"]
    rest = bank.store.read(transfers.of_account, code="a", before_seq=page[-1].seq, limit=10)
    assert [row.id for row in rest] == ["n1", "n0", "fund"]


def test_a_sound_ledger_has_no_faults(bank: World) -> None:
    bank.store.run(post_many, news=[new("t1", "a", "b", 40)])
    assert list(bank.store.read(lambda reader: list(audit.faults(reader)))) == []


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        ("UPDATE ledger_account SET credits_posted = credits_posted + 1 WHERE code = 'b'", "trial_balance"),
        ("UPDATE ledger_transfer SET amount_minor = 41 WHERE id = 't1'", "balance_mismatch"),
        ("DELETE FROM ledger_transfer WHERE id = 't1'", "missing_transfer"),
        ("DELETE FROM ledger_transfer WHERE id = 'fund'", "missing_transfer"),
        ("UPDATE ledger_transfer SET currency = 'EUR' WHERE id = 't1'", "currency_mismatch"),
        ("UPDATE ledger_transfer SET debit_account = 'c' WHERE id = 't1'", "balance_mismatch"),
    ],
)
def test_damage_behind_the_ledgers_back_is_found_and_named(sqlite_world: World, damage: str, code: str) -> None:
    world = sqlite_world
    world.store.run(opened)
    world.store.run(post_many, news=[new("fund", "source", "a", 100), new("t1", "a", "b", 40), new("t2", "a", "b", 1)])
    with migration_engine(str(world.store._writer.url)).begin() as connection:
        for trigger in (
            connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all()
        ):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text(damage))
    assert code in {fault.code for fault in world.store.read(lambda reader: list(audit.faults(reader)))}


MOVES = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), st.integers(-1, 120), st.integers(0, 12)),
    max_size=40,
)  # fmt: skip


@settings(examples(40, full=200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(MOVES, max_size=4))
def test_any_sequence_agrees_with_a_model_of_two_dictionaries(
    sqlite_world: World, batches: list[list[tuple[str, str, int, int]]]
) -> None:
    """The model: balances by account and content by id. Ids repeat on purpose."""
    world = sqlite_world
    world.store.run(opened)
    run = str(world.now()) + str(id(batches))
    funded = world.store.run(post_many, news=[new(f"{run}-fund-{code}", "source", code, 100) for code in "abc"])
    assert all(isinstance(row, transfers.Transfer) for row in funded)
    model = {code: balance(world, code) for code in "abc"}
    done: dict[str, NewTransfer] = {}
    for batch in batches:
        news = [new(f"{run}-{number}", debit, credit, amount) for debit, credit, amount, number in batch]
        for item, answer in zip(news, world.store.run(post_many, news=news), strict=True):
            if item.id in done:
                assert isinstance(answer, transfers.Transfer) == (done[item.id] == item)
            elif item.debit_account == item.credit_account or item.amount_minor < 1:
                assert not isinstance(answer, transfers.Transfer)
            elif model[item.debit_account] < item.amount_minor:
                assert isinstance(answer, InsufficientFunds)
            else:
                assert isinstance(answer, transfers.Transfer)
                model[item.debit_account] -= item.amount_minor
                model[item.credit_account] += item.amount_minor
                done[item.id] = item
    assert {code: balance(world, code) for code in "abc"} == model
    assert world.store.read(lambda reader: list(audit.faults(reader))) == []
