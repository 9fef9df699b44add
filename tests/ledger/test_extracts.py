"""Extracts of an account on both engines: what is picked, what it sums up to, and where a moment lies."""

from __future__ import annotations

from shared.ledger import chart, extracts
from shared.ledger.extracts import Pick, Sums
from tests.world import World


def test_an_extract_holds_what_fits_and_its_sums(world: World) -> None:
    ana, li, shop = world.person("ana"), world.person("li"), world.shop("tea")
    world.execute(world.transfer(ana, li, 500))
    world.pass_time(3600)
    later = world.now()
    intent = world.sold(shop, ana, 800)
    world.execute(world.refund(shop, intent, ana, 300))
    held = world.intent(shop, 700, capture_method="manual")
    world.execute(world.hold(ana, held, shop))
    code, read = chart.user_account(ana.id), world.store.read

    def amounts(pick: Pick, **more: int) -> list[int]:
        return [row.amount_minor for row in read(extracts.picked, code=code, pick=pick, **more)]

    assert amounts(Pick()) == [700, 300, 800, 500, 100_000]
    assert amounts(Pick(), limit=2) == [700, 300]
    assert amounts(Pick(side="in")) == [300, 100_000]
    assert amounts(Pick(side="out")) == [800, 500]
    assert amounts(Pick(other="shop:")) == [700, 300, 800]
    assert amounts(Pick(other="user:", most_minor=499)) == []
    assert amounts(Pick(kinds=("refund", "pay"), least_minor=301)) == [800]
    first = read(extracts.seq_at, at_ms=later)
    assert amounts(Pick(side="out"), first_seq=first) == [800]
    assert amounts(Pick(side="out"), before_seq=first) == [500]
    assert read(extracts.sums, code=code, pick=Pick()) == Sums(100_300, 1_300)
    assert read(extracts.sums, code=code, pick=Pick(side="out"), first_seq=first) == Sums(0, 800)
    [welcome] = read(extracts.picked, code=code, pick=Pick(kinds=("top_up",)))
    assert read(extracts.first_of, code=code) == welcome
    assert read(extracts.first_of, code="user:nobody") is None
    assert (read(extracts.seq_at, at_ms=0), read(extracts.seq_at, at_ms=2**60)) == (1, 7)
