"""The operator seals, the head is filed, and a database without it is refused until somebody signs why."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shared import ids
from shared.codes import seal
from shared.codes.payloads import Receipt
from shared.config import Config, from_environment
from shared.db.engine import migration_engine, sqlite_driver
from shared.db.migrate import migrate
from shared.db.store import Store
from shared.identity import keys
from shared.ledger import checkpoints
from shared.ledger.checkpoints import Discontinuity
from shared.payments import audit, intents, receipts, sealing
from shared.payments.head_file import DamagedHead, FiledHead
from shared.payments.sealing import HeadRefused
from tests.world import SECRET, World

Open = Callable[[str], Store]


@pytest.fixture
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    """The settings of the installation that the test's world lives in."""
    world = request.getfixturevalue("world" if "world" in request.fixturenames else "sqlite_world")
    url = world.store._writer.url.render_as_string(hide_password=False)
    return from_environment({"SAOMA_DATA_DIR": str(tmp_path), "SAOMA_DATABASE_URL": url})


def filed(world: World, config: Config) -> FiledHead | None:
    return sealing.head_file(world.store, config).read()


def sealed(world: World, config: Config) -> FiledHead:
    """The head after everything so far was sealed."""
    sealing.seal_due(world.store, config=config, secret=SECRET)
    head = filed(world, config)
    assert head is not None
    return head


def copied(config: Config, name: str) -> Path:
    """A copy of the database as it stands, its write-ahead log folded in."""
    target = config.data_dir / name
    connection = sqlite_driver().connect(config.database_url.removeprefix("sqlite:///"), isolation_level=None)
    connection.execute(f"VACUUM INTO '{target}'")
    connection.close()
    return target


def put_back(world: World, older: Path, open_store: Open) -> World:
    """The world on an older copy of its database, at the same place."""
    url = str(world.store._writer.url)
    world.store.close()
    path = Path(url.removeprefix("sqlite:///"))
    for end in ("-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    shutil.copyfile(older, path)
    return World(open_store(url))


def went_back(world: World, config: Config, open_store: Open) -> World:
    """Three transfers sealed, of which the database that is put back knows one."""
    world.person("ana")
    sealed(world, config)
    older = copied(config, "older.db")
    world.top_up("ana", 100)
    world.top_up("ana", 200)
    assert sealed(world, config).size == 3
    return put_back(world, older, open_store)


def test_what_is_sealed_is_filed_and_signed_by_the_operator(world: World, config: Config) -> None:
    assert not sealing.seal_due(world.store, config=config, secret=SECRET)
    assert filed(world, config) is None

    world.person("ana")
    world.person("li")
    head = sealed(world, config)

    latest = world.store.read(checkpoints.latest)
    assert latest is not None
    assert head == FiledHead.of(world.realm, latest)
    assert head.size == 2
    key = world.store.read(keys.find, kid=head.kid)
    assert key is not None
    assert key.handle == "saoma"
    assert key.public_key.verify(head.signature, latest.message(world.realm))
    report = world.store.read(audit.run, config=config)
    assert report.faults == []
    assert report.chain is not None
    assert (report.chain.sealed, report.chain.filed, report.chain.checkpoints) == (2, 2, 1)


def test_the_head_of_a_server_lies_in_the_data_folder(world: World, config: Config) -> None:
    world.person("ana")
    sealed(world, config)
    [path] = config.data_dir.glob("*.head")
    sqlite = "sqlite" in config.database_url
    assert path.name == ("saoma.db.head" if sqlite else "saoma-test.head")
    assert set(json.loads(path.read_text())) == {"realm", "size", "root", "created_at", "kid", "signature"}


def test_nothing_new_seals_nothing(sqlite_world: World, config: Config) -> None:
    sqlite_world.person("ana")
    head = sealed(sqlite_world, config)
    assert not sealing.seal_due(sqlite_world.store, config=config, secret=SECRET)
    assert filed(sqlite_world, config) == head


def test_an_older_database_is_refused_with_what_to_do(sqlite_world: World, config: Config, open_store: Open) -> None:
    world = went_back(sqlite_world, config, open_store)
    with pytest.raises(HeadRefused, match=r"older.*3 transfers were sealed, it has sealed 1.*migrate --accept-head"):
        sealing.guard(world.store, config=config)
    world.top_up("ana", 300)
    with pytest.raises(HeadRefused):
        sealing.seal_due(world.store, config=config, secret=SECRET)
    assert "head_mismatch" in {fault.code for fault in world.store.read(audit.run, config=config).faults}
    head = filed(world, config)
    assert head is not None
    assert head.size == 3


def test_another_history_of_the_same_length_is_refused(sqlite_world: World, config: Config, open_store: Open) -> None:
    world = went_back(sqlite_world, config, open_store)
    for _ in range(3):
        world.top_up("ana", 77)
    sealing._seal_all(world.store, SECRET)
    with pytest.raises(HeadRefused, match="first 3 transfers differ"):
        sealing.guard(world.store, config=config)


def test_going_back_on_purpose_is_signed_once_and_reported_for_ever(
    sqlite_world: World, config: Config, open_store: Open
) -> None:
    world = went_back(sqlite_world, config, open_store)
    lost = filed(world, config)
    assert lost is not None

    made = sealing.accept_head(world.store, config=config, secret=SECRET, reason="the disk was replaced")

    assert made is not None
    assert (made.old_size, made.old_root, made.new_size) == (3, lost.root, 1)
    assert sealing.accept_head(world.store, config=config, secret=SECRET, reason="again") is None
    sealing.guard(world.store, config=config)
    world.top_up("ana", 300)
    assert sealed(world, config).size == 2
    report = world.store.read(audit.run, config=config)
    assert report.faults == []
    assert report.chain is not None
    assert [item["reason"] for item in report.chain.discontinuities] == ["the disk was replaced"]


def test_a_forged_discontinuity_opens_nothing(sqlite_world: World, config: Config, open_store: Open) -> None:
    world = went_back(sqlite_world, config, open_store)
    lost, own = filed(world, config), world.store.read(checkpoints.latest)
    assert lost is not None
    assert own is not None
    forged = Discontinuity(
        ids.new_id("dis", 1), lost.size, lost.root, own.size, own.root, "honest", 1, own.kid, own.signature
    )
    world.store.run(checkpoints.note_discontinuity, discontinuity=forged)
    with pytest.raises(HeadRefused):
        sealing.guard(world.store, config=config)
    assert "discontinuity_seal" in {fault.code for fault in world.store.read(audit.run, config=config).faults}


def test_a_genuine_discontinuity_covers_exactly_its_own_head(
    sqlite_world: World, config: Config, open_store: Open
) -> None:
    """It was written and the power failed before the file was replaced; another head than that is still refused."""
    world = went_back(sqlite_world, config, open_store)
    lost = filed(world, config)
    assert lost is not None
    sealing.accept_head(world.store, config=config, secret=SECRET, reason="on purpose")
    file = sealing.head_file(world.store, config)

    file.write(lost)
    sealing.guard(world.store, config=config)
    head = filed(world, config)
    assert head is not None
    assert head.size == 1

    file.write(FiledHead(lost.realm, 4, lost.root, lost.created_at, lost.kid, lost.signature))
    with pytest.raises(HeadRefused):
        sealing.guard(world.store, config=config)


def test_a_head_that_was_committed_and_not_filed_is_filed_at_the_next_start(world: World, config: Config) -> None:
    world.person("ana")
    sealed(world, config)
    world.person("li")
    sealing._seal_all(world.store, SECRET)
    sealing.guard(world.store, config=config)
    head = filed(world, config)
    assert head is not None
    assert head.size == 2


def test_a_database_that_lost_only_the_checkpoint_lost_nothing(world: World, config: Config) -> None:
    """The filed head is computed from the rows; the file is not taken back to a smaller one."""
    world.person("ana")
    world.person("li")
    head = sealed(world, config)
    forget_checkpoints(config)
    sealing.guard(world.store, config=config)
    assert filed(world, config) == head
    world.person("mia")
    assert sealed(world, config).size == 3


def test_a_database_whose_own_rows_are_gone_is_refused_and_cannot_be_accepted(
    sqlite_world: World, config: Config
) -> None:
    sqlite_world.person("ana")
    sqlite_world.person("li")
    sealed(sqlite_world, config)
    with migration_engine(config.database_url).begin() as connection:
        drop_triggers(connection)
        connection.execute(text("DELETE FROM ledger_transfer WHERE seq = 2"))
    with pytest.raises(HeadRefused, match="ends at transfer 1"):
        sealing.guard(sqlite_world.store, config=config)
    with pytest.raises(HeadRefused, match=r"run\.py audit"):
        sealing.accept_head(sqlite_world.store, config=config, secret=SECRET, reason="never mind")


def test_a_fresh_database_in_the_place_of_another_is_refused(
    sqlite_world: World, config: Config, open_store: Open, tmp_path: Path
) -> None:
    sqlite_world.person("ana")
    sealed(sqlite_world, config)
    migrate(f"sqlite:///{tmp_path / 'fresh.db'}", realm="another")
    world = put_back(sqlite_world, tmp_path / "fresh.db", open_store)
    with pytest.raises(HeadRefused, match=r"'saoma-test'.*'another'"):
        sealing.guard(world.store, config=config)
    world = World.install(world.store)
    made = sealing.accept_head(world.store, config=config, secret=SECRET, reason="begun anew")
    assert made is not None
    assert "saoma-test" in made.reason
    assert filed(world, config) is None
    sealing.guard(world.store, config=config)


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", '{"realm": 1}', "\x00\xff", "x" * 9000, '{"realm":"saoma-test","size":"2"}']
)
def test_a_damaged_head_file_is_refused_until_it_is_accepted(sqlite_world: World, config: Config, content: str) -> None:
    sqlite_world.person("ana")
    head = sealed(sqlite_world, config)
    sealing.head_file(sqlite_world.store, config).path.write_text(content, encoding="latin-1")
    with pytest.raises(DamagedHead, match="damaged"):
        sealing.guard(sqlite_world.store, config=config)
    assert "head_damaged" in {fault.code for fault in sqlite_world.store.read(audit.run, config=config).faults}
    assert sealing.accept_head(sqlite_world.store, config=config, secret=SECRET, reason="mended") is not None
    assert filed(sqlite_world, config) == head


def test_a_head_file_that_somebody_else_signed_is_a_fault(sqlite_world: World, config: Config) -> None:
    sqlite_world.person("ana")
    head = sealed(sqlite_world, config)
    stranger = FiledHead(head.realm, head.size, head.root, head.created_at, head.kid, bytes(64))
    sealing.head_file(sqlite_world.store, config).write(stranger)
    report = sqlite_world.store.read(audit.run, config=config)
    assert [fault.code for fault in report.faults] == ["head_seal"]


def test_many_that_seal_at_once_make_one_chain(world: World, config: Config, open_store: Open) -> None:
    """As two services do, each with a store of its own, while payments run."""
    world.person("ana")
    failures: list[BaseException] = []

    def seal_often() -> None:
        try:
            store = open_store(config.database_url)
            for _ in range(12):
                sealing.seal_due(store, config=config, secret=SECRET)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=seal_often) for _ in range(3)]
    for thread in threads:
        thread.start()
    for amount in range(1, 25):
        world.top_up("ana", amount)
    for thread in threads:
        thread.join()
    assert failures == []
    assert sealed(world, config).size == 25
    assert world.store.read(audit.run, config=config).faults == []


def test_the_background_seals_what_is_paid(
    sqlite_world: World, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "EVERY_S", 0.01)
    stop = sealing.start(sqlite_world.store, config=config, secret=SECRET)
    try:
        sqlite_world.person("ana")
        turns = threading.Event()
        for _ in range(2000):
            if filed(sqlite_world, config) is not None:
                break
            turns.wait(0.01)
        head = filed(sqlite_world, config)
        assert head is not None
        assert head.size == 1
    finally:
        stop.set()


def test_the_patient_one_waits_until_transfers_have_waited(sqlite_world: World) -> None:
    sqlite_world.person("ana")
    assert not sqlite_world.store.read(sealing._is_due, patience_s=10)
    sqlite_world.pass_time(11)
    assert sqlite_world.store.read(sealing._is_due, patience_s=10)


def test_a_hold_has_no_receipt_since_nothing_was_paid(sqlite_world: World, config: Config) -> None:
    world = sqlite_world
    ana, tea = world.person("ana"), world.shop("tea")
    intent = world.intent(tea, 100, capture_method=intents.MANUAL)
    hold = world.execute(world.hold(ana, intent, tea)).transfer
    with pytest.raises(receipts.NothingMoved):
        world.store.read(receipts.receipt_frame, transfer_id=hold.id, viewer_id=ana.id, config=config, secret=SECRET)


def test_a_receipt_carries_the_filed_head_and_no_other(sqlite_world: World, config: Config) -> None:
    world = sqlite_world
    ana = world.person("ana")
    transfer = world.top_up("ana", 100).transfer

    def receipt() -> Receipt:
        frame = world.store.read(
            receipts.receipt_frame, transfer_id=transfer.id, viewer_id=ana.id, config=config, secret=SECRET
        )
        opened = world.store.read(
            lambda reader: seal.open_frame(
                frame, realm=world.realm, find_key=lambda kid: keys.find(reader, kid=kid), now_s=None
            )
        )
        assert isinstance(opened.payload, Receipt)
        return opened.payload

    assert (receipt().seq, receipt().checkpoint_size) == (2, None)
    sealing._seal_all(world.store, SECRET)
    assert receipt().checkpoint_size is None  # committed, and not filed yet
    sealing.guard(world.store, config=config)
    head = filed(world, config)
    assert head is not None
    assert (receipt().checkpoint_size, receipt().checkpoint_root) == (2, head.root)
    sealing.head_file(world.store, config).write(
        FiledHead(head.realm, 9, head.root, head.created_at, head.kid, head.signature)
    )
    assert receipt().checkpoint_size is None  # a head that this database does not have is nobody's


def drop_triggers(connection: object) -> None:
    names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))  # type: ignore[attr-defined]
    for name in names.scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))  # type: ignore[attr-defined]


def forget_checkpoints(config: Config) -> None:
    with migration_engine(config.database_url).begin() as connection:
        if connection.dialect.name == "sqlite":
            drop_triggers(connection)
        else:
            connection.execute(text("ALTER TABLE ledger_checkpoint DISABLE TRIGGER USER"))
        connection.execute(text("DELETE FROM ledger_checkpoint"))
