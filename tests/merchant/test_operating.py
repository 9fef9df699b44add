"""The operator's console: who gets in, what may be decided there, and what the books say."""

from __future__ import annotations

import gzip
import json
import stat
from pathlib import Path

import pytest

from merchant.operating import access, cli, deeds
from shared.disputes import actions as disputes
from shared.identity import parties
from shared.payments import limits
from shared.settlement import batches
from tests.merchant.operator import Desk, open_desk
from tests.merchant.shop import Browser, Shop
from tests.world import Member


@pytest.fixture
def desk(shop: Shop) -> Desk:
    """The console, signed in."""
    return open_desk(shop)


def test_the_seed_writes_a_password_for_its_owner_alone(shop: Shop) -> None:
    path = access.ensure(shop.store, config=shop.config)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    told = json.loads(path.read_text())
    assert set(told) == {"console", "password"}
    assert told["password"] not in str(
        shop.store.read(lambda reader: reader.sql.rows("SELECT * FROM operating_password"))
    )
    assert json.loads(access.ensure(shop.store, config=shop.config).read_text()) == told


def test_the_command_line_says_where_and_gives_another_password(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAOMA_DATA_DIR", str(shop.config.data_dir))
    monkeypatch.setenv("SAOMA_DATABASE_URL", shop.store._writer.url.render_as_string(hide_password=False))
    desk = open_desk(shop)
    assert cli.main(["--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["console"].endswith("/operator")
    assert desk.get("/operator").status_code == 200, "looking changes nothing"
    assert cli.main(["password"]) == 0
    assert desk.get("/operator").location == "/operator/signin"
    assert desk.sign_in(desk.password).status_code == 401
    assert open_desk(shop).password in Path(told["password_file"]).read_text()


def test_whoever_is_not_the_operator_is_led_to_the_consoles_own_sign_in(shop: Shop, browser: Browser) -> None:
    for path in ("/operator", "/operator/shops", "/operator/ledger", "/operator/settlement", "/operator/log"):
        assert browser.get(path).location == "/operator/signin", "an owner of a shop is not the operator"
    answer = browser.client.post(f"/operator/shops/{shop.party.id}/verified", data={"csrf_token": browser.token})
    assert answer.status_code == 401
    assert shop.party.verified_at is not None


def test_wrong_passwords_are_counted_and_the_right_one_opens(shop: Shop) -> None:
    desk = open_desk(shop, is_signed_in=False)
    for left in (4, 3, 2, 1, 0):
        answer = desk.sign_in("guess")
        assert answer.status_code == 401
        assert f"Tries left: {left}." in answer.text
    assert desk.sign_in(desk.password).status_code == 429
    shop.world.pass_time(31)
    answer = desk.sign_in(desk.password)
    assert (answer.status_code, answer.location) == (303, "/operator")
    assert desk.get("/operator").status_code == 200


def test_the_consoles_session_ends_after_half_a_day_and_with_a_new_password(shop: Shop, desk: Desk) -> None:
    assert desk.get("/operator").status_code == 200
    access.renew(shop.store, config=shop.config)
    assert desk.get("/operator").location == "/operator/signin"
    again = open_desk(shop)
    shop.world.pass_time(access.LIFETIME_MS // 1000 + 1)
    assert again.get("/operator").location == "/operator/signin"


def test_the_till_and_the_console_do_not_share_a_session(desk: Desk) -> None:
    assert desk.get("/").location == "/signin"
    cookie = desk.client.get_cookie("merchant_operator", path="/operator")
    assert cookie is not None
    desk.client.set_cookie("merchant_session", cookie.value)
    assert desk.get("/").location == "/signin", "the console's token opens no till"


def test_a_request_that_evades_the_pages_token_does_not_ride_on_the_consoles_cookie(desk: Desk) -> None:
    answer = desk.client.post("/operator/settlement/run", headers={"Authorization": "Bearer anything"})
    assert answer.status_code == 401


def test_the_mark_is_given_and_taken_and_the_log_tells(shop: Shop, desk: Desk) -> None:
    page = f"/operator/shops/{shop.party.id}"
    assert desk.decide(f"{page}/verified", is_verified="no").location == page
    assert shop.party.verified_at is None
    assert "Unverified" in desk.get("/operator/shops?only=unverified").text
    desk.decide(f"{page}/verified", is_verified="yes")
    assert shop.party.verified_at is not None
    assert [done.what for done in deeds_of(shop)] == ["shop.verified", "shop.unverified"]
    assert "Gave the verified mark" in desk.get("/operator/log").text


def test_a_frozen_shop_cannot_charge_until_it_is_let_go(shop: Shop, desk: Desk, browser: Browser) -> None:
    page = f"/operator/shops/{shop.party.id}/frozen"
    assert desk.decide(page, is_frozen="yes", reason=" ").status_code == 400, "freezing needs a reason"
    assert shop.party.frozen_at is None
    assert desk.decide(page, is_frozen="yes", reason="Counterfeit tea").status_code == 303
    assert browser.charge(500).json["code"] == "party_frozen"
    assert "Counterfeit tea" in desk.get(f"/operator/shops/{shop.party.id}").text
    assert "The operator has frozen this shop" in browser.get("/shop").text
    desk.decide(page, is_frozen="no")
    assert browser.charge(500).status_code == 201


def test_a_frozen_person_neither_pays_nor_keeps_an_open_charge(
    shop: Shop, desk: Desk, ana: Member, browser: Browser
) -> None:
    intent = browser.charge(500).json["id"]
    desk.decide(f"/operator/users/{ana.id}/frozen", is_frozen="yes", reason="Stolen phone")
    with pytest.raises(parties.PartyFrozen):
        shop.paid_by(ana, intent)
    desk.decide(f"/operator/users/{ana.id}/frozen", is_frozen="no")
    assert shop.paid_by(ana, intent).transfer.amount_minor == 500


def test_a_ceiling_holds_over_the_limit_that_a_person_chose(
    shop: Shop, desk: Desk, ana: Member, browser: Browser
) -> None:
    shop.world.limit(ana, 10_000, 50_000)
    desk.decide(f"/operator/users/{ana.id}/ceiling", ceiling="10")
    assert shop.store.read(limits.of, party_id=ana.id).daily_minor == 1000
    with pytest.raises(limits.DailyLimitReached):
        shop.paid_by(ana, browser.charge(1001).json["id"])
    shop.world.limit(ana, 10_000, None)
    assert shop.store.read(limits.of, party_id=ana.id).daily_minor == 1000, "their own choice cannot lift it"
    assert desk.decide(f"/operator/users/{ana.id}/ceiling", ceiling="ten").status_code == 400
    desk.decide(f"/operator/users/{ana.id}/ceiling", ceiling="")
    assert shop.store.read(limits.of, party_id=ana.id).daily_minor is None


@pytest.mark.parametrize(
    ("percent", "fixed", "status"), [("0.38", "0.10", 303), ("101", "", 400), ("-1", "", 400), ("1", "x", 400)]
)
def test_a_rate_is_a_percentage_and_an_amount(shop: Shop, desk: Desk, percent: str, fixed: str, status: int) -> None:
    before = shop.store.read(batches.rate_of, shop_id=shop.party.id)
    answer = desk.decide(f"/operator/shops/{shop.party.id}/rate", percent=percent, fixed=fixed)
    assert answer.status_code == status
    after = shop.store.read(batches.rate_of, shop_id=shop.party.id)
    assert (after.basis_points, after.fixed_minor) == (
        (38, 10) if status == 303 else (before.basis_points, before.fixed_minor)
    )


def test_a_cut_off_pays_out_and_the_bank_ends_it(shop: Shop, desk: Desk, ana: Member, browser: Browser) -> None:
    shop.paid_by(ana, browser.charge(10_000).json["id"])
    shop.world.pass_time(1)
    assert "Corner Tea House" in desk.get("/operator/settlement").text
    assert desk.decide("/operator/settlement/run").location == "/operator/settlement"
    [batch] = shop.store.read(batches.list_of_shop, shop_id=shop.party.id)
    assert (batch.state, batch.net_minor) == ("in_transit", 9940)
    assert list((shop.config.data_dir / "settlements").glob("*.csv"))
    assert "Everything agrees." in desk.decide("/operator/settlement/reconcile").text
    desk.decide(f"/operator/settlement/{batch.id}/paid")
    assert shop.store.read(batches.by_id, id=batch.id).state == "paid"
    assert desk.decide(f"/operator/settlement/{batch.id}/returned", reason="late").status_code == 409
    assert {done.what for done in deeds_of(shop)} == {"settlement.run", "payout.paid"}


def test_the_ledger_leads_from_an_account_to_the_order_behind_each_transfer(
    shop: Shop, desk: Desk, ana: Member, browser: Browser
) -> None:
    paid = shop.paid_by(ana, browser.charge(1234).json["id"]).transfer
    page = desk.get("/operator/ledger?search=tea").text
    assert f"/operator/ledger/accounts/shop:{shop.party.id}" in page
    assert f"user:{ana.id}" not in page
    extract = desk.get(f"/operator/ledger/accounts/shop:{shop.party.id}").text
    assert f"/operator/ledger/transfers/{paid.id}" in extract
    detail = desk.get(f"/operator/ledger/transfers/{paid.id}").text
    assert "Seal holds" in detail
    assert "@ana" in detail
    assert "12.34" in detail
    assert "Everything agrees." in desk.decide("/operator/ledger/audit").text


def test_a_tampered_order_shows_on_its_transfer(shop: Shop, desk: Desk, ana: Member, browser: Browser) -> None:
    paid = shop.paid_by(ana, browser.charge(1234).json["id"]).transfer
    shop.store.run(lambda uow: uow.sql.run("DROP TRIGGER payments_order_no_update"))
    shop.store.run(tampered, transfer_id=paid.id)
    assert "Seal broken" in desk.get(f"/operator/ledger/transfers/{paid.id}").text
    assert "order_seal" in desk.decide("/operator/ledger/audit").text


@pytest.mark.parametrize(
    "path",
    [
        "shops/shp_x",
        "users/usr_x",
        "ledger/accounts/shop:nobody",
        "ledger/transfers/trf_x",
        "shops/x%00y",
        "disputes/dsp_x",
        "disputes/dsp_x/pictures/1",
    ],
)
def test_what_is_not_there_is_not_found(desk: Desk, path: str) -> None:
    assert desk.get(f"/operator/{path}").status_code == 404


def test_a_shop_is_no_user_and_the_operator_is_neither(shop: Shop, desk: Desk, ana: Member) -> None:
    [operator] = shop.store.read(
        lambda reader: reader.sql.rows("SELECT id FROM identity_party WHERE kind = 'operator'")
    )
    for path in (f"users/{shop.party.id}", f"shops/{ana.id}", f"users/{operator[0]}"):
        assert desk.get(f"/operator/{path}").status_code == 404
        assert desk.decide(f"/operator/{path}/frozen", is_frozen="yes", reason="x").status_code == 404
    assert deeds_of(shop) == []


def test_pages_stay_within_their_budget(shop: Shop, desk: Desk, ana: Member, browser: Browser) -> None:
    for number in range(25):
        shop.world.person(f"guest{number}")
        sale = paid(shop, ana, browser, 100 + number)
    transfer = shop.intent(sale).transfer_id
    paths = ["", "/users", "/shops", f"/shops/{shop.party.id}", f"/users/{ana.id}", "/settlement", "/ledger", "/log"]
    paths += [f"/ledger/accounts/user:{ana.id}", f"/ledger/transfers/{transfer}"]
    sizes = {path: len(gzip.compress(desk.get(f"/operator{path}").data)) for path in paths}
    assert max(sizes.values()) <= 14 * 1024, sizes


def test_lists_are_searched_and_paged(shop: Shop, desk: Desk) -> None:
    for number in range(25):
        shop.world.person(f"guest{number}")
    first = desk.get("/operator/users").text
    assert first.count('class="row"') == 20
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert desk.get(older).text.count('class="row"') >= 5
    assert desk.get("/operator/users?search=GUEST24").text.count('class="row"') == 1
    assert "Nobody found" in desk.get("/operator/users?search=%25").text, "a percent sign is only itself"


def deeds_of(shop: Shop) -> list[deeds.Done]:
    return list(shop.store.read(deeds.newest))


def tampered(uow, *, transfer_id: str) -> None:  # type: ignore[no-untyped-def]
    [(frame,)] = uow.sql.rows("SELECT frame FROM payments_order WHERE transfer_id = :id", id=transfer_id)
    changed = bytes(frame)[:-1] + bytes([bytes(frame)[-1] ^ 1])
    uow.sql.run("UPDATE payments_order SET frame = :frame WHERE transfer_id = :id", frame=changed, id=transfer_id)


def disputed(shop: Shop, payer: Member, intent_id: str, *, answer: str = "") -> str:
    """A dispute over all of a payment, answered by the shop where it has an answer; its id."""
    made = shop.store.run(
        disputes.open_dispute, payer_id=payer.id, intent_id=intent_id, reason="not_received",
        words="The tea never came", amount_minor=shop.intent(intent_id).captured_minor,
    )  # fmt: skip
    if answer:
        shop.store.run(disputes.answer, dispute_id=made.id, shop_id=shop.party.id, words=answer)
    return str(made.id)


def test_a_dispute_is_decided_after_both_have_spoken_and_the_money_follows(
    shop: Shop, desk: Desk, ana: Member, browser: Browser
) -> None:
    lost, won, open_ = (paid(shop, ana, browser, amount) for amount in (1500, 700, 400))
    lost = disputed(shop, ana, lost, answer="It was handed over at the counter")
    won = disputed(shop, ana, won, answer="Here is the slip")
    waiting = disputed(shop, ana, open_)
    before = shop.world.balance(ana)
    page = desk.get("/operator/disputes").text
    assert f"/operator/disputes/{lost}" in page
    assert f"/operator/disputes/{waiting}" not in page
    case = desk.get(f"/operator/disputes/{lost}").text
    assert "The tea never came" in case
    assert "handed over at the counter" in case
    assert desk.decide(f"/operator/disputes/{waiting}/decide", outcome="lost").status_code == 409
    desk.decide(f"/operator/disputes/{lost}/decide", outcome="lost", note="No slip was shown")
    desk.decide(f"/operator/disputes/{won}/decide", outcome="won", note="The slip says so")
    assert shop.world.balance(ana) == before + 1500
    assert "The payer got ¥15.00 back." in desk.get(f"/operator/disputes/{lost}").text
    assert [done.what for done in deeds_of(shop)] == ["dispute.won", "dispute.lost"]
    assert desk.decide(f"/operator/disputes/{won}/decide", outcome="lost").status_code == 409
    desk.decide(f"/operator/disputes/{lost}/decide", outcome="lost")
    assert shop.world.balance(ana) == before + 1500, "decided again, nothing moves"
    assert len(deeds_of(shop)) == 2
    assert "Everything agrees." in desk.decide("/operator/ledger/audit").text


def paid(shop: Shop, payer: Member, browser: Browser, amount_minor: int) -> str:
    """A sale that somebody paid; its intent's id."""
    intent = browser.charge(amount_minor).json["id"]
    shop.paid_by(payer, intent)
    return str(intent)
