"""A life for a database: some of everything that a backup must carry."""

from __future__ import annotations

from shared.db.once import once
from shared.db.unit import Reader, UnitOfWork
from shared.payments import intents
from shared.settlement import actions as settlement
from shared.settlement.fees import Rate
from tests.world import SECRET, World

KEY, SCOPE, FINGERPRINT, ANSWER = "key-1", "shp_1", "f" * 64, {"id": "pi_1", "memo": "茶 ☕"}


def live(world: World) -> None:
    """People, sales, holds of every end, refunds, batches of which one is carried into the next, a kept answer."""
    ana, bo, tea = world.person("ana"), world.person("bo"), world.shop("tea")
    world.store.run(settlement.set_rate, shop_id=tea.id, rate=Rate(100, 2))
    world.execute(world.transfer(ana, bo, 700, memo="für dich 茶"))
    first = world.sold(tea, ana, 10_000)
    for end in ("capture", "void", "wait"):
        intent = world.intent(tea, 500, capture_method=intents.MANUAL)
        world.execute(world.hold(ana, intent, tea))
        if end == "capture":
            world.execute(world.capture(tea, intent, ana, 300))
        elif end == "void":
            world.execute(world.void(tea, intent, ana))
    _settle(world)
    world.pass_time(60)
    world.sold(tea, bo, 5_000)
    world.execute(world.refund(tea, first, ana, 5_000))
    _settle(world)
    world.pass_time(60)
    world.sold(tea, bo, 20_000)
    _settle(world)
    assert world.store.read(_carried) == 1, "a row that refers to a later row of its table"
    answer_once(world)


def answer_once(world: World) -> object:
    """The answer kept under an Idempotency-Key: the first one, whenever it is asked for again."""
    return world.store.run(once(SCOPE, KEY, FINGERPRINT, _answer, as_json=lambda answer: answer))


def _answer(uow: UnitOfWork) -> object:
    return ANSWER | {"at": uow.now}


def _settle(world: World) -> None:
    done = settlement.settle(world.store, cutoff_at=None, secret=SECRET)
    assert done.refused == []
    assert len(done.batches) == 1


def _carried(reader: Reader) -> int:
    [(count,)] = reader.sql.rows("SELECT count(*) FROM settlement_batch WHERE carried_to IS NOT NULL")
    return int(count)
