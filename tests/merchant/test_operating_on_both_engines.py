"""The console's and the groups' statements mean the same on both engines."""

from __future__ import annotations

from merchant.groups import actions as groups
from merchant.groups import queries as grouped
from merchant.openings import actions as openings
from merchant.operating import actions, books, deeds, found, sides, standing, waiting
from merchant.staff import members
from merchant.staff.members import KnownMember
from merchant.terminals.actions import new_key
from shared.disputes import actions as disputes
from shared.identity import keys
from shared.identity.parties import Known
from shared.identity.signing import PrivateKey
from shared.ledger import chart
from shared.payments import limits
from shared.settlement import actions as settlement
from shared.settlement.fees import Rate
from tests.world import CNY, SECRET, Member, World


def opened(world: World, name: str) -> tuple[Known, KnownMember]:
    """A new shop and its owner."""
    wanted = world.store.read(openings.checked, name=name, handle="")
    fresh = {"own": new_key(SECRET), "till": new_key(SECRET)}
    pin_hash = members.hashed("135790")
    return world.store.run(openings.open_shop, wanted=wanted, owner="Kim", pin_hash=pin_hash, unit=CNY, **fresh)


def test_the_consoles_statements_run_on_both_engines(world: World) -> None:
    store, ana = world.store, world.person("ana")
    shop, owner = opened(world, "Noodle Bar")
    other, second = opened(world, "100% Tea_House")
    trusted = world.shop("trusted")
    intent = world.sold(trusted, ana, 5_000)
    store.run(actions.verify, shop_id=shop.id, is_verified=True)
    store.run(actions.set_rate, shop_id=shop.id, rate=Rate(100, 5))
    store.run(actions.set_ceiling, user_id=ana.id, ceiling_minor=9_000)
    store.run(actions.freeze, party_id=other.id, kind="shop", is_frozen=True, reason="Not there")
    assert store.read(found.counts) == {"shop": 3, "user": 1, "unverified": 1, "frozen": 1}
    for search in ("100%", "tea_h", "TEA"):
        page = store.read(found.listed, kind="shop", search=search)
        assert [row.id for row in page.rows] == [other.id]
    assert [row.id for row in store.read(found.listed, kind="shop", only="frozen").rows] == [other.id]
    assert store.read(found.listed, kind="user").rows[0].balance_minor == 95_000
    assert [done.what for done in store.read(deeds.newest)] == [
        "shop.frozen",
        "ceiling.set",
        "rate.set",
        "shop.verified",
    ]
    assert [done.details for done in store.read(deeds.newest, subject_id=other.id)] == [{"reason": "Not there"}]
    assert store.read(limits.of, party_id=ana.id).daily_minor == 9_000
    assert store.read(standing.of_user, id=ana.id).spent_minor == 5_000
    the_books_agree(world, ana, trusted.id, intent.transfer_id or "")
    the_groups_agree(world, owner, second)
    made = store.run(
        disputes.open_dispute, payer_id=ana.id, intent_id=intent.id, reason="other", words="", amount_minor=10
    )
    assert [row[0].id for row in store.read(sides.listed, only="open", before="").rows] == [made.id]
    assert store.read(sides.of, id=made.id).of_payer == 1
    assert store.read(sides.to_decide) == 0


def the_books_agree(world: World, payer: Member, shop_id: str, transfer_id: str) -> None:
    store = world.store
    shown = store.read(books.overview, search="TRUSTED", kind="shop")
    assert [line.shown_minor for line in shown.lines] == [5_000]
    assert shown.is_even
    assert store.read(books.overview, kind="bank").lines[0].shown_minor == 100_000
    extract = store.read(books.extract, code=chart.user_account(payer.id), before_seq=None)
    assert [row.amount_minor for row in extract.transfers] == [5_000, 100_000]
    entry = store.read(books.entry, id=transfer_id)
    assert entry.proof is not None
    assert (entry.proof.kind, entry.proof.refusal) == ("pay", "")
    world.pass_time(1)
    assert [item.shop.id for item in store.read(waiting.overview).coming] == [shop_id]
    [batch] = settlement.settle(store, cutoff_at=None, secret=SECRET).batches
    assert store.read(waiting.summary) == waiting.Summary(1, batch.net_minor, 0)
    assert [row[0].id for row in store.read(waiting.overview).rows] == [batch.id]
    store.run(actions.end_payout, batch_id=batch.id, has_arrived=False, reason="Closed", secret=SECRET)
    assert store.read(waiting.summary) == waiting.Summary(0, 0, 1)


def the_groups_agree(world: World, owner: KnownMember, second: KnownMember) -> None:
    store = world.store
    store.run(groups.join, founder=owner, owner=second)
    payer, bar = world.person("li"), Member(known(world, owner.shop_id), PrivateKey.generate())
    key = world.store.read(shop_signer, shop_id=bar.id)
    world.sold(Member(bar.party, key), payer, 700)
    total = store.read(grouped.sums, member=owner, since=0)
    assert (len(total.shops), total.sales, total.sold_minor, total.available_minor) == (2, 1, 700, 700)


def known(world: World, id: str) -> Known:
    return world.store.read(actions.of_kind, id=id, kind="shop")


def shop_signer(reader, *, shop_id: str) -> PrivateKey:  # type: ignore[no-untyped-def]
    return keys.server_signer(reader, party_id=shop_id, secret=SECRET)
