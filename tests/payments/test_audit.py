"""The audit catches a server that alters what was signed, wherever it alters it."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from shared.codes.payloads import OrderKind
from shared.db.engine import migration_engine
from shared.payments import audit, sealing
from tests.payments.test_orders import request_of
from tests.world import SECRET, Member, World


@pytest.fixture
def paid(sqlite_world: World) -> tuple[World, Member, Member, str]:
    """Ana has paid the tea house 12.50; the transfer's id."""
    ana, shop = sqlite_world.person("ana"), sqlite_world.shop("tea")
    sqlite_world.person("li")
    done = sqlite_world.execute(sqlite_world.payment(ana, sqlite_world.intent(shop, 1250), shop))
    return sqlite_world, ana, shop, done.transfer.id


def damage(world: World, statement: str, **params: object) -> None:
    """What somebody with the database's password can do, triggers and checks notwithstanding."""
    with migration_engine(str(world.store._writer.url)).begin() as connection:
        drop_triggers(connection)
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        assert connection.execute(text(statement), params).rowcount == 1


def drop_triggers(connection: Connection) -> None:
    for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))


def fault_codes(world: World) -> set[str]:
    return {fault.code for fault in world.store.read(audit.run).faults}


def test_an_untouched_ledger_is_sound(paid: tuple[World, Member, Member, str]) -> None:
    report = paid[0].store.read(audit.run)
    assert (report.faults, report.transfers, report.orders) == ([], 3, 3)
    [trial] = report.trial_balances
    assert trial.assets_minor == trial.liabilities_minor == 200_000


ALTERED = {
    "the transfer's amount": ("UPDATE ledger_transfer SET amount_minor = 1 WHERE id = :id", "order_mismatch"),
    "the transfer's payee": (
        "UPDATE ledger_transfer SET credit_account = (SELECT code FROM ledger_account WHERE code LIKE 'user:%' AND"
        " code <> debit_account LIMIT 1) WHERE id = :id",
        "order_mismatch",
    ),
    "the transfer's currency": ("UPDATE ledger_transfer SET currency = 'EUR' WHERE id = :id", "order_mismatch"),
    "the transfer's intent": ("UPDATE ledger_transfer SET reference = 'pi_x' WHERE id = :id", "intent_mismatch"),
    "the intent's amount": ("UPDATE payments_intent SET amount_minor = 9 WHERE transfer_id = :id", "intent_mismatch"),
    "the intent, made payable again": (
        "UPDATE payments_intent SET state = 'requires_payment', payer_id = NULL, transfer_id = NULL"
        " WHERE transfer_id = :id",
        "intent_mismatch",
    ),
    "the order's kind": ("UPDATE payments_order SET kind = 2 WHERE transfer_id = :id", "order_mismatch"),
    "the order, dropped": ("DELETE FROM payments_order WHERE transfer_id = :id", "unsigned_transfer"),
    "the transfer, dropped": ("DELETE FROM ledger_transfer WHERE id = :id", "missing_transfer"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_alteration_is_caught(paid: tuple[World, Member, Member, str], what: str) -> None:
    world, _, _, transfer = paid
    statement, code = ALTERED[what]
    damage(world, statement, id=transfer)
    assert code in fault_codes(world)


def test_a_request_made_payable_again_is_caught(sqlite_world: World) -> None:
    ana, li = sqlite_world.person("ana"), sqlite_world.person("li")
    text, jti = request_of(sqlite_world, li, 700)
    order = sqlite_world.frame(ana, OrderKind.SEND, "li", 700, subject=jti)
    sqlite_world.execute(sqlite_world.prepared(order, text))
    assert fault_codes(sqlite_world) == set()
    damage(sqlite_world, "DELETE FROM payments_spent")
    assert fault_codes(sqlite_world) == {"request_mismatch"}


@pytest.mark.parametrize("bit", [0, 8, 100, 300, 500, 900])
def test_any_bit_of_a_stored_order_matters(paid: tuple[World, Member, Member, str], bit: int) -> None:
    world, _, _, transfer = paid
    [(frame,)] = world.store.read(
        lambda reader: reader.sql.rows("SELECT frame FROM payments_order WHERE transfer_id = :id", id=transfer)
    )
    altered = bytearray(frame)
    position = bit % (len(altered) * 8)
    altered[position // 8] ^= 1 << position % 8
    damage(world, "UPDATE payments_order SET frame = :frame WHERE transfer_id = :id", frame=bytes(altered), id=transfer)
    assert fault_codes(world) & {"order_seal", "order_mismatch"}


def test_a_forged_order_by_another_key_is_caught(paid: tuple[World, Member, Member, str]) -> None:
    """The server replaces Ana's order by one that it had Li's key seal for less."""
    world, _, _, transfer = paid
    thief = world.person("thief")
    forged = world.frame(thief, OrderKind.PAY, "tea", 1)
    damage(world, "UPDATE payments_order SET frame = :frame WHERE transfer_id = :id", frame=forged, id=transfer)
    assert "order_mismatch" in fault_codes(world)


def test_a_transfer_out_of_thin_air_is_caught(paid: tuple[World, Member, Member, str]) -> None:
    world, ana, shop, _ = paid
    damage(
        world,
        "INSERT INTO ledger_transfer (seq, id, debit_account, credit_account, amount_minor, currency, kind, reference,"
        " created_at, phase) VALUES (4, 'trf_x', :debit, :credit, 5, 'CNY', 'pay', '', 1, 'posted')",
        debit=f"user:{ana.id}",
        credit=f"shop:{shop.id}",
    )
    assert {"unsigned_transfer", "balance_mismatch"} <= fault_codes(world)


def test_a_number_written_into_a_balance_is_caught(paid: tuple[World, Member, Member, str]) -> None:
    world, ana, _, _ = paid
    damage(world, "UPDATE ledger_account SET credits_posted = 999999 WHERE code = :code", code=f"user:{ana.id}")
    assert {"trial_balance", "balance_mismatch"} <= fault_codes(world)


def test_a_payment_filed_under_another_intent_is_caught(paid: tuple[World, Member, Member, str]) -> None:
    """Another captured intent of the same shop, payer and amount: only the order's own word tells them apart."""
    world, ana, shop, transfer = paid
    other = world.execute(world.payment(ana, world.intent(shop, 1250), shop)).transfer
    assert other.reference
    damage(world, "UPDATE ledger_transfer SET reference = :other WHERE id = :id", other=other.reference, id=transfer)
    assert "order_mismatch" in fault_codes(world)


def sealed(world: World, *, together: int) -> list[str]:
    """So many top-ups under one checkpoint, and one before and one after; their transfers' ids, in order."""
    world.person("ana", balance_minor=0)
    done = []
    for count in (1, together, 1):
        done += [world.top_up("ana", 100 + len(done) + number).transfer.id for number in range(count)]
        sealing._seal_all(world.store, SECRET)
    assert fault_codes(world) == set()
    return done


REWRITTEN = {
    "the time of one": (["UPDATE ledger_transfer SET created_at = created_at - 1 WHERE seq = 4"], 4),
    "two, swapped": (
        [
            "UPDATE ledger_transfer SET seq = 99 WHERE seq = 3",
            "UPDATE ledger_transfer SET seq = 3 WHERE seq = 5",
            "UPDATE ledger_transfer SET seq = 5 WHERE seq = 99",
        ],
        3,
    ),
    "the group of one": (["UPDATE ledger_transfer SET group_id = 'g' WHERE seq = 5"], 5),
    "the kind of one": (["UPDATE ledger_transfer SET kind = 'send' WHERE seq = 3"], 3),
    "the amount of one, and its sums": (
        [
            "UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE seq = 4",
            "UPDATE ledger_account SET debits_posted = debits_posted + 1 WHERE code = 'bank'",
            "UPDATE ledger_account SET credits_posted = credits_posted + 1 WHERE code LIKE 'user:%'",
        ],
        4,
    ),
}


@pytest.mark.parametrize("what", REWRITTEN)
def test_the_first_broken_row_is_named_first(sqlite_world: World, what: str) -> None:
    sealed(sqlite_world, together=5)
    statements, seq = REWRITTEN[what]
    for statement in statements:
        damage(sqlite_world, statement)
    faults = sqlite_world.store.read(audit.run).faults
    [chain] = [fault for fault in faults if fault.code == "chain_broken"]
    assert (chain.seq, chain.last_seq) == (seq, None)
    assert faults[0].seq == seq


def test_a_dropped_row_is_named_by_its_number_and_by_its_order(sqlite_world: World) -> None:
    ids = sealed(sqlite_world, together=5)
    damage(sqlite_world, "DELETE FROM ledger_transfer WHERE seq = 4")
    faults = sqlite_world.store.read(audit.run).faults
    assert (faults[0].code, faults[0].seq) == ("missing_transfer", 4)
    assert faults[0].subject == ids[3]
    assert any(f"transfer {ids[3]}, which it caused" in fault.detail for fault in faults)


def test_a_cut_off_tail_is_found_although_the_orders_went_with_it(sqlite_world: World) -> None:
    sealed(sqlite_world, together=5)
    for statement in (
        "DELETE FROM payments_order WHERE transfer_id = (SELECT id FROM ledger_transfer WHERE seq = 7)",
        "DELETE FROM ledger_transfer WHERE seq = 7",
        "UPDATE db_head SET transfer_seq = 6",
        "UPDATE ledger_account SET debits_posted = debits_posted - 106 WHERE code = 'bank'",
        "UPDATE ledger_account SET credits_posted = credits_posted - 106 WHERE code LIKE 'user:%'",
    ):
        damage(sqlite_world, statement)
    [fault] = sqlite_world.store.read(audit.run).faults
    assert (fault.code, fault.seq) == ("missing_transfer", 7)


def test_what_cannot_be_read_is_a_fault_and_hides_no_other(sqlite_world: World) -> None:
    sealed(sqlite_world, together=2)
    damage(sqlite_world, "UPDATE identity_key SET algorithm = 'none' WHERE locked_private IS NOT NULL")
    damage(sqlite_world, "UPDATE ledger_account SET credits_posted = 1 WHERE code LIKE 'user:%'")
    assert {"unreadable", "balance_mismatch"} <= fault_codes(sqlite_world)


def test_a_value_of_another_type_is_named_by_its_row(sqlite_world: World) -> None:
    sealed(sqlite_world, together=2)
    damage(sqlite_world, "UPDATE ledger_transfer SET amount_minor = 'much' WHERE seq = 2")
    first = sqlite_world.store.read(audit.run).faults[0]
    assert (first.code, first.seq) == ("chain_broken", 2)


def test_a_group_that_was_torn_apart_is_found(sqlite_world: World) -> None:
    sealed(sqlite_world, together=5)
    for seq in (2, 4):
        damage(sqlite_world, f"UPDATE ledger_transfer SET group_id = 'grp_1' WHERE seq = {seq}")
    assert "group_mismatch" in fault_codes(sqlite_world)
