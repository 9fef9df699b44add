"""The audit chain: checkpoints behind the commits, proofs at a cost that does not follow the history, its audit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from shared.db.engine import migration_engine
from shared.db.unit import Reader, UnitOfWork
from shared.identity.signing import PrivateKey
from shared.ledger import accounts, chain_audit, checkpoints, leaf, posting, proofs
from shared.ledger.chain_audit import ChainReport
from shared.ledger.checkpoints import BrokenChain, Checkpoint, Discontinuity
from shared.ledger.merkle import Peaks, leaf_hash
from shared.ledger.transfers import NewTransfer, Transfer
from tests.examples import examples
from tests.world import World

KEY = PrivateKey.generate()


def is_signed(kid: str, message: bytes, signature: bytes, _at: int) -> bool:
    return kid == KEY.public_key.kid_hex and KEY.public_key.verify(signature, message)


def opened(uow: UnitOfWork) -> None:
    for code in ("source", "a"):
        accounts.open_account(uow, code=code, currency="CNY", may_overdraw=True)


def post_many(uow: UnitOfWork, *, news: list[NewTransfer]) -> list[object]:
    return list(posting.post_many(uow, news))


def post(world: World, first: int, last: int) -> None:
    news = [NewTransfer(f"t{n}", "source", "a", n, "CNY", "test") for n in range(first, last + 1)]
    world.store.run(post_many, news=news)


def seal(world: World, *, limit: int = checkpoints.LARGEST_STEP) -> Checkpoint | None:
    draft = world.store.read(checkpoints.draft, limit=limit)
    if draft is None:
        return None
    message = checkpoints.checkpoint_message(world.realm, draft.tree.size, draft.tree.root(), 7)
    signature = KEY.sign(message)
    world.store.run(checkpoints.seal, draft=draft, created_at=7, kid=KEY.public_key.kid_hex, signature=signature)
    return world.store.read(checkpoints.latest)


def grow(world: World, *sizes: int) -> None:
    """Transfers up to each size in turn, with a checkpoint there."""
    world.store.run(opened)
    last = 0
    for size in sizes:
        post(world, last + 1, size)
        seal(world)
        last = size


def naive_root(world: World, size: int) -> bytes:
    tree = Peaks()
    for row in world.store.read(lambda reader: list(checkpoints.rows(reader, after=0, to=size))):
        tree.add(leaf_hash(leaf.encoded(row)))
    assert tree.size == size
    return tree.root()


def audited(world: World) -> ChainReport:
    return world.store.read(chain_audit.run, is_signed=is_signed)


def damage(world: World, *statements: str) -> None:
    """What somebody with the database's password can do."""
    with migration_engine(str(world.store._writer.url)).begin() as connection:
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.exec_driver_sql("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            connection.execute(text(statement))


ROWS = st.builds(
    Transfer,
    *(st.text(max_size=3) for _ in range(3)),
    st.integers(-5, 5),
    *(st.text(max_size=3) for _ in range(4)),
    *(st.none() | st.text(max_size=2) for _ in range(2)),
    st.none() | st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 3),
)


@examples(80)
@given(one=ROWS, other=ROWS)
def test_two_rows_have_one_leaf_only_when_they_are_one_row(one: Transfer, other: Transfer) -> None:
    assert (leaf.encoded(one) == leaf.encoded(other)) == (one == other)


ROW = Transfer("trf_1", "user:a", "shop:b", 1250, "CNY", "pay", "pi_1", "posted", None, None, None, 7, 1000)


@pytest.mark.parametrize("column", Transfer._fields)
def test_every_column_is_in_the_leaf(column: str) -> None:
    value = 8 if column in ("amount_minor", "seq", "created_at", "expires_at") else "x"
    assert leaf.encoded(ROW._replace(**{column: value})) != leaf.encoded(ROW)


def test_the_leaf_is_what_is_written_down_for_ever() -> None:
    assert leaf.encoded(ROW).hex() == (
        "73616f6d612d7472616e7366657200" "690000000000000007" "74000000057472665f31" "7400000006757365723a61"
        "740000000673686f703a62" "6900000000000004e2" "7400000003434e59" "7400000003706179" "740000000470695f31"
        "6900000000000003e8" "7400000006706f73746564" "6e6e6e"
    )  # fmt: skip


@pytest.mark.parametrize("value", [b"7", 1.5, True, 2**63])
def test_a_value_that_no_transfer_can_hold_has_no_leaf(value: object) -> None:
    with pytest.raises(leaf.StrangeValue):
        leaf.encoded(ROW._replace(seq=value))  # type: ignore[arg-type]


def test_checkpoints_grow_from_their_peaks_to_the_root_over_all_rows(world: World) -> None:
    grow(world, 1, 2, 7, 8, 20)
    assert [each.size for each in world.store.read(checkpoints.after, size=0)] == [1, 2, 7, 8, 20]
    for each in world.store.read(checkpoints.after, size=0):
        assert each.root == naive_root(world, each.size)
        assert is_signed(each.kid, each.message(world.realm), each.signature, 0)
    assert seal(world) is None


def test_a_step_is_bounded_and_the_next_one_goes_on(world: World) -> None:
    world.store.run(opened)
    post(world, 1, 25)
    sizes = []
    while sealed := seal(world, limit=10):
        sizes.append(sealed.size)
    assert sizes == [10, 20, 25]
    assert audited(world).faults == []


def test_of_two_that_seal_at_once_one_does(world: World) -> None:
    world.store.run(opened)
    post(world, 1, 3)
    draft = world.store.read(checkpoints.draft)
    assert draft is not None
    one, other = (
        world.store.run(checkpoints.seal, draft=draft, created_at=1, kid="k", signature=b"s") for _ in range(2)
    )
    assert (one, other) == (True, False)


def test_every_transfer_has_a_proof_under_the_newest_head(world: World) -> None:
    grow(world, 3, 64, 100, 300, 301)
    post(world, 302, 303)
    found = world.store.read(lambda reader: [proofs.inclusion(reader, seq=seq) for seq in range(1, 304, 3)])
    assert all(proof is not None and proof.holds() and proof.size == 301 for proof in found)
    assert world.store.read(proofs.inclusion, seq=301) is not None
    assert world.store.read(proofs.inclusion, seq=302) is None


def test_any_two_heads_have_a_proof_that_one_begins_with_the_other(world: World) -> None:
    sizes = (1, 3, 64, 100, 300, 301)
    grow(world, *sizes)
    for old in sorted({*sizes, *range(0, 302, 9)}):
        root = naive_root(world, old) if old % 2 or old in sizes else None
        proof = world.store.read(proofs.consistency, old_size=old, old_root=root or b"?" * 32)
        assert proof is not None
        assert proof.holds() == (root is not None)
    assert world.store.read(proofs.consistency, old_size=302, old_root=b"") is None


def test_a_proof_reads_few_rows_however_long_the_history(sqlite_world: World) -> None:
    world = sqlite_world
    grow(world, *range(50, 3001, 50))
    read = 0

    def counting(reader: Reader) -> proofs.Inclusion | None:
        rows = reader.sql.rows

        def counted(statement: str, **params: object) -> list[tuple[object, ...]]:
            nonlocal read
            found = rows(statement, **params)
            read += len(found)
            return found

        reader.sql.rows = counted  # type: ignore[method-assign]
        return proofs.inclusion(reader, seq=1234)

    proof = world.store.read(counting)
    assert proof is not None
    assert proof.holds()
    assert read < 600


DAMAGE: dict[str, tuple[list[str], str, int, str]] = {
    "an amount": (["UPDATE ledger_transfer SET amount_minor = 1 WHERE seq = 13"], "chain_broken", 13, "seq 13"),
    "a time": (["UPDATE ledger_transfer SET created_at = 5 WHERE seq = 10"], "chain_broken", 9, "9 to 12"),
    "a group": (["UPDATE ledger_transfer SET group_id = 'g' WHERE seq = 2"], "chain_broken", 1, "1 to 4"),
    "an amount to a fraction": (
        ["UPDATE ledger_transfer SET amount_minor = 1.5 WHERE seq = 11"], "chain_broken", 11, "1.5",
    ),
    "a row, dropped": (["DELETE FROM ledger_transfer WHERE seq = 6"], "missing_transfer", 6, "transfer 6"),
    "a row, dropped and the numbering closed": (
        [
            "DELETE FROM ledger_transfer WHERE seq = 6",
            "UPDATE ledger_transfer SET seq = -seq WHERE seq > 6",
            "UPDATE ledger_transfer SET seq = -seq - 1 WHERE seq < 0",
            "UPDATE db_head SET transfer_seq = 15",
        ],
        "chain_broken", 5, "5 to 8",
    ),
    "two rows, swapped": (
        [
            "UPDATE ledger_transfer SET seq = 99 WHERE seq = 10",
            "UPDATE ledger_transfer SET seq = 10 WHERE seq = 11",
            "UPDATE ledger_transfer SET seq = 11 WHERE seq = 99",
        ],
        "chain_broken", 9, "9 to 12",
    ),
    "the tail, cut off": (["DELETE FROM ledger_transfer WHERE seq > 14"], "missing_transfer", 15, "ends at 14"),
    "a row, put in between": (
        [
            "UPDATE ledger_transfer SET seq = -seq WHERE seq > 8",
            "UPDATE ledger_transfer SET seq = 1 - seq WHERE seq < 0",
            "INSERT INTO ledger_transfer (seq, id, debit_account, credit_account, amount_minor, currency, kind,"
            " reference, created_at, phase) VALUES (9, 'x', 'source', 'a', 1, 'CNY', 'test', '', 1, 'posted')",
        ],
        "chain_broken", 9, "9 to 12",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_is_found_and_the_first_broken_row_is_named(sqlite_world: World, what: str) -> None:
    grow(sqlite_world, 4, 8, 13, 16)
    assert audited(sqlite_world).faults == []
    statements, code, seq, detail = DAMAGE[what]
    damage(sqlite_world, *statements)
    first = audited(sqlite_world).faults[0]
    assert (first.code, first.seq) == (code, seq)
    assert detail in first.detail


def test_one_alteration_does_not_hide_the_next(sqlite_world: World) -> None:
    grow(sqlite_world, *range(1, 17))
    damage(sqlite_world, "UPDATE ledger_transfer SET amount_minor = 99 WHERE seq IN (3, 4, 11)")
    assert [(fault.seq, fault.subject) for fault in audited(sqlite_world).faults] == [(3, "t3"), (4, "t4"), (11, "t11")]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE ledger_checkpoint SET root = zeroblob(32) WHERE size = 8", "checkpoint_seal"),
        ("UPDATE ledger_checkpoint SET created_at = 8 WHERE size = 8", "checkpoint_seal"),
        ("UPDATE ledger_checkpoint SET kid = 'other' WHERE size = 8", "checkpoint_seal"),
        ("UPDATE ledger_checkpoint SET size = 9 WHERE size = 8", "checkpoint_seal"),
        ("UPDATE ledger_checkpoint SET peaks = zeroblob(32) WHERE size = 8", "checkpoint_mismatch"),
        ("UPDATE ledger_checkpoint SET peaks = x'00' WHERE size = 8", "checkpoint_mismatch"),
    ],
)
def test_an_altered_checkpoint_is_named_and_no_row_is_blamed(sqlite_world: World, statement: str, code: str) -> None:
    grow(sqlite_world, 4, 8, 13)
    damage(sqlite_world, statement)
    assert [(fault.code, fault.seq) for fault in audited(sqlite_world).faults] == [(code, None)]


def test_nothing_is_sealed_over_a_gap(sqlite_world: World) -> None:
    grow(sqlite_world, 4)
    post(sqlite_world, 5, 8)
    damage(sqlite_world, "DELETE FROM ledger_transfer WHERE seq = 6")
    with pytest.raises(BrokenChain, match="transfer 6"):
        seal(sqlite_world)


def test_the_tail_is_checked_without_the_history(sqlite_world: World) -> None:
    grow(sqlite_world, 4, 8, 13)
    head = sqlite_world.store.read(checkpoints.latest)
    check: Callable[..., None] = checkpoints.check_tail
    sqlite_world.store.read(check, head=head)
    damage(sqlite_world, "UPDATE ledger_transfer SET amount_minor = 99 WHERE seq = 9")
    with pytest.raises(BrokenChain, match="9 to 13"):
        sqlite_world.store.read(check, head=head)


def test_a_discontinuity_is_reported_and_a_forged_one_is_a_fault(world: World) -> None:
    grow(world, 4)
    root = naive_root(world, 4)
    message = checkpoints.discontinuity_message(
        world.realm, old=(9, b"o" * 32), new=(4, root), created_at=3, reason="put back"
    )
    signed = Discontinuity("dis_1", 9, b"o" * 32, 4, root, "put back", 3, KEY.public_key.kid_hex, KEY.sign(message))
    world.store.run(checkpoints.note_discontinuity, discontinuity=signed)
    report = audited(world)
    assert (report.discontinuities, report.faults) == ([signed], [])

    forged = Discontinuity(
        "dis_2", 9, b"o" * 32, 3, root, "put back", 3, KEY.public_key.kid_hex, KEY.sign(b"something else")
    )
    world.store.run(checkpoints.note_discontinuity, discontinuity=forged)
    assert [fault.code for fault in audited(world).faults] == ["discontinuity_seal"]


def test_checkpoints_and_discontinuities_never_change(world: World) -> None:
    grow(world, 4)

    def alter(uow: UnitOfWork) -> None:
        uow.sql.run("UPDATE ledger_checkpoint SET created_at = 1")

    with pytest.raises(Exception, match=r"never change|refused|unavailable"):
        world.store.run(alter)
