"""The register: a cart becomes a sale with its stock; parts, a second code, giving up, and how each ends."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from merchant import sweeper
from merchant.catalog import queries as catalog
from merchant.register import parking, queries
from merchant.register.queries import Sale
from merchant.register.states import SaleState
from merchant.shifts import queries as shifts
from merchant.staff import members
from merchant.terminals import queries as terminals
from shared.codes import frame as frames
from shared.payments import intents, presented
from shared.payments.states import IntentState
from tests.merchant.shop import Browser, Shop, open_shop
from tests.world import SECRET, Member, World

ROOT = Path(__file__).parents[2]
STATIC, SHELL = ROOT / "merchant" / "static", ROOT / "shared" / "web" / "static"


def items(shop: Shop) -> dict[str, catalog.Item]:
    return {item.name: item for item in shop.store.read(catalog.for_sale, shop_id=shop.party.id)}


def stock(shop: Shop, name: str = "Egg tart") -> int | None:
    return items(shop)[name].stock


def sale_of(shop: Shop, intent_id: str) -> Sale:
    found = shop.store.read(queries.of_intent, intent_id=intent_id)
    assert found is not None
    return found


def line(shop: Shop, name: str, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return {"item": items(shop)[name].id, "quantity": quantity, **more}


def sold(browser: Browser, *lines: dict[str, Any], **cart: Any) -> str:
    """The intent of a sale that was charged."""
    answer = browser.sell(*lines, **cart)
    assert answer.status_code == 201, answer.json
    id: str = answer.json["id"]
    return id


def test_a_cart_is_recorded_as_it_was_sold(shop: Shop, browser: Browser) -> None:
    milk_tea = line(shop, "Milk tea", 2, options=["large", "pearls"], discount={"basis_points": 1000})
    id = sold(browser, milk_tea, line(shop, "Egg tart", 3), {"typed_minor": 250, "name": "Bag"},
              discount={"amount_minor": 300}, tip={"basis_points": 1000},
              note="No spoon", reference="Table 4")  # fmt: skip
    sale = sale_of(shop, id)

    assert [(line.title, line.quantity, line.unit_minor, line.off_minor, line.tax_bp) for line in sale.lines] == [
        ("Milk tea (Large, Pearls)", 2, 2300, 460, 600), ("Egg tart", 3, 800, 0, 1300), ("Bag", 1, 250, 0, 0),
    ]  # fmt: skip
    assert (sale.goods_minor, sale.discount_minor, sale.tip_minor, sale.total_minor) == (7250, 760, 649, 7139)
    assert sum(line.net_minor for line in sale.lines) == 6490
    assert sum(tax.tax_minor for tax in sale.taxes) == sale.tax_minor
    assert (sale.note, sale.reference, sale.number, sale.state) == ("No spoon", "Table 4", 1, SaleState.OPEN)
    assert (shop.intent(id).amount_minor, shop.intent(id).reference) == (7139, "Table 4")
    assert shop.intent(id).memo == "2 × Milk tea (Large, Pearls), 3 × Egg tart, Bag"
    assert sale_of(shop, sold(browser, {"typed_minor": 100})).number == 2


def test_who_sold_it_where_and_in_which_shift_is_kept(shop: Shop, browser: Browser) -> None:
    sale = sale_of(shop, sold(browser, {"typed_minor": 100}))
    people = {member.id: member.name for member in shop.store.read(members.of_shop, shop_id=shop.party.id)}
    [terminal] = shop.store.read(terminals.of_shop, shop_id=shop.party.id)
    assert people[sale.member_id or ""] == shop.told["cashier"]
    assert sale.terminal_id == terminal.id
    assert sale.shift_id == shop.store.read(shifts.on_duty, terminal_id=terminal.id, shop_id=shop.party.id).id


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"options": ["pearls"]}, "choice_unfit"),
        ({"options": ["large", "regular"]}, "choice_unfit"),
        ({"options": ["large", "diamonds"]}, "choice_unfit"),
        ({"options": "large"}, "bad_input"),
        ({"options": ["large"], "discount": {"amount_minor": 2101}}, "discount_too_large"),
    ],
)
def test_options_are_the_items_own(shop: Shop, browser: Browser, change: dict[str, Any], code: str) -> None:
    assert browser.sell(line(shop, "Milk tea", 1, **change)).json["code"] == code
    assert "pi_" not in browser.get("/sales").text


def test_stock_is_taken_with_the_sale_and_what_is_not_there_is_not_sold(shop: Shop, browser: Browser) -> None:
    sold(browser, line(shop, "Egg tart", 20), line(shop, "Egg tart", 1))
    assert stock(shop) == 3
    answer = browser.sell(line(shop, "Sesame bun", 1), line(shop, "Egg tart", 4))
    assert (answer.status_code, answer.json["code"]) == (409, "sold_out")
    assert "Egg tart" in answer.json["detail"]
    assert (stock(shop), stock(shop, "Sesame bun")) == (3, 40)


def test_what_is_canceled_goes_back_at_once(shop: Shop, browser: Browser) -> None:
    id = sold(browser, line(shop, "Egg tart", 5))
    assert browser.post(f"/api/sales/{id}/cancel").status_code == 200
    assert (stock(shop), sale_of(shop, id).state) == (24, SaleState.UNPAID)
    browser.post(f"/api/sales/{id}/cancel")
    assert stock(shop) == 24


def test_what_runs_out_of_time_goes_back_and_a_new_code_takes_it_again(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    old = sold(browser, line(shop, "Egg tart", 5))
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    sweeper.sweep(shop.store)
    assert (stock(shop), sale_of(shop, old).state) == (24, SaleState.UNPAID)
    new = browser.post(f"/api/sales/{old}/again").json["id"]
    assert (stock(shop), sale_of(shop, new).state) == (19, SaleState.OPEN)
    shop.paid_by(ana, new)
    sweeper.sweep(shop.store)
    sweeper.sweep(shop.store)
    assert (stock(shop), sale_of(shop, new).state, sale_of(shop, new).id) == (19, SaleState.PAID, sale_of(shop, old).id)


def test_a_new_code_for_goods_that_were_sold_meanwhile_is_refused(shop: Shop, browser: Browser) -> None:
    old = sold(browser, line(shop, "Egg tart", 20))
    browser.post(f"/api/sales/{old}/cancel")
    sold(browser, line(shop, "Egg tart", 10))
    assert browser.post(f"/api/sales/{old}/again").json["code"] == "sold_out"
    assert (stock(shop), shop.intent(old).state) == (14, IntentState.CANCELED)


def test_what_a_phone_declines_goes_back_within_the_sweepers_second(shop: Shop, browser: Browser, ana: Member) -> None:
    shop.world.limit(ana, no_pin_minor=100)
    id = sold(browser, line(shop, "Egg tart", 2))
    assert (
        browser.post(f"/api/sales/{id}/present", {"code": _code(shop, ana)}).json["status"] == "requires_confirmation"
    )
    shop.store.run(presented.decline, intent_id=id, party_id=ana.id)
    sweeper.sweep(shop.store)
    assert (stock(shop), sale_of(shop, id).state) == (24, SaleState.UNPAID)


def _code(shop: Shop, payer: Member) -> str:
    return frames.code_text(shop.config.wallet_url, shop.world.payer_code(payer))


def test_a_press_whose_answer_got_lost_is_the_same_sale(shop: Shop, browser: Browser) -> None:
    body = {"lines": [line(shop, "Egg tart", 2)]}
    headers = {"X-CSRF-Token": browser.token, "Idempotency-Key": "press-1"}
    first, second = (browser.client.post("/api/sales", json=body, headers=headers) for _ in range(2))
    assert first.json == second.json
    assert stock(shop) == 22
    shop.store.run(lambda uow: uow.sql.run("UPDATE catalog_item SET price_minor = price_minor + 1, stock = 0"))
    assert browser.client.post("/api/sales", json=body, headers=headers).json == first.json  # it was sold as it was
    other = browser.client.post("/api/sales", json=body | {"reference": "T-1"}, headers=headers)
    assert other.json["code"] == "idempotency_conflict"


def test_friends_pay_a_sale_in_parts(shop: Shop, browser: Browser, ana: Member) -> None:
    li = shop.world.person("li")
    first = browser.sell(line(shop, "Egg tart", 2), parts=[534, 533, 533]).json
    sale = sale_of(shop, first["id"])
    assert (first["amount_minor"], first["sale"]["part"], first["sale"]["next"]) == (534, 0, f"split/{sale.id}")
    assert shop.intent(first["id"]).memo == "1/3 · 2 × Egg tart"
    assert browser.post(f"/api/sales/{sale.id}/part", {"part": 0}).json["code"] == "part_taken"

    shop.paid_by(ana, first["id"])
    second = browser.post(f"/api/sales/{sale.id}/part", {"part": 1}).json
    assert (second["memo"], second["sale"]["paid_minor"]) == ("2/3 · 2 × Egg tart", 534)
    shop.paid_by(li, second["id"])
    third = browser.post(f"/api/sales/{sale.id}/part", {"part": 2}).json["id"]
    assert browser.post(f"/api/sales/{sale.id}/part", {"part": 3}).json["code"] == "bad_input"
    shop.paid_by(ana, third)
    sweeper.sweep(shop.store)

    assert sale_of(shop, third).state is SaleState.PAID
    assert browser.get(f"/api/sales/{third}").json["sale"]["next"] == ""
    assert browser.post(f"/api/sales/{sale.id}/part", {"part": 1}).json["code"] == "sale_over"
    assert (shop.world.balance(ana), shop.world.balance(li)) == (100_000 - 534 - 533, 100_000 - 533)
    assert stock(shop) == 22


def test_the_rest_of_a_split_sale_is_given_up_and_what_was_paid_stays(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    first = browser.sell(line(shop, "Egg tart", 1), parts=[400, 400]).json["id"]
    sale = sale_of(shop, first)
    shop.paid_by(ana, first)
    second = browser.post(f"/api/sales/{sale.id}/part", {"part": 1}).json["id"]
    assert browser.post(f"/api/sales/{sale.id}/stop").json["state"] == "part_paid"
    assert shop.intent(second).state is IntentState.CANCELED
    assert browser.post(f"/api/sales/{sale.id}/stop").json["code"] == "sale_over"
    assert browser.post(f"/api/sales/{second}/again").json["code"] == "sale_over"
    assert (sale_of(shop, first).state, stock(shop)) == (SaleState.PART_PAID, 23)


def test_a_part_that_ran_out_keeps_the_goods_while_another_one_is_paid(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    first = browser.sell(line(shop, "Egg tart", 1), parts=[400, 400]).json["id"]
    sale = sale_of(shop, first)
    shop.paid_by(ana, first)
    second = browser.post(f"/api/sales/{sale.id}/part", {"part": 1}).json["id"]
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    sweeper.sweep(shop.store)
    assert (sale_of(shop, second).state, stock(shop)) == (SaleState.OPEN, 23)
    third = browser.post(f"/api/sales/{sale.id}/part", {"part": 1}).json["id"]
    shop.paid_by(ana, third)
    sweeper.sweep(shop.store)
    assert sale_of(shop, third).state is SaleState.PAID


def test_what_is_only_authorized_holds_its_goods_until_it_is_captured_or_released(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    id = sold(browser, line(shop, "Egg tart", 1), is_manual=True)
    shop.authorized_by(ana, id)
    sweeper.sweep(shop.store)
    assert (sale_of(shop, id).state, stock(shop)) == (SaleState.OPEN, 23)
    assert browser.post(f"/api/sales/{id}/void").status_code == 200
    sweeper.sweep(shop.store)
    assert (sale_of(shop, id).state, stock(shop)) == (SaleState.UNPAID, 24)


def test_another_shops_sales_cannot_be_continued_or_given_up(shop: Shop, browser: Browser) -> None:
    sale = sale_of(shop, browser.sell({"typed_minor": 100}, parts=[50, 50]).json["id"])
    other = shop.world.shop("noodles").id
    shop.store.run(lambda uow: uow.sql.run("UPDATE register_sale SET shop_id = :id", id=other))
    for path, body in (("part", {"part": 1}), ("stop", {})):
        answer = browser.post(f"/api/sales/{sale.id}/{path}", body)
        assert (answer.status_code, answer.json["code"]) == (404, "unknown_sale")


def parked_of(browser: Browser) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = browser.get("/api/parked").json
    return found


def test_a_parked_cart_is_taken_up_once_as_it_was(shop: Shop, browser: Browser) -> None:
    cart = {"lines": [line(shop, "Egg tart", 2), {"typed_minor": 100}], "discount": {"basis_points": 1000}, "note": "W"}
    id = browser.post("/api/parked", {"name": " Table\u202e 4 ", "cart": cart}).json["id"]
    assert stock(shop) == 24
    [row] = parked_of(browser)
    assert (row["name"], row["total_minor"], row["by"], row["lines"]) == ("Table 4", 1530, shop.told["cashier"], 2)

    other = shop.browser()
    assert other.post(f"/api/parked/{id}/take").json == cart
    answer = browser.post(f"/api/parked/{id}/take")
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_parked")
    assert parked_of(browser) == []


def test_a_parked_cart_is_the_shops_own_and_can_be_thrown_away(shop: Shop, browser: Browser) -> None:
    first, second = (
        browser.post("/api/parked", {"cart": {"lines": [{"typed_minor": minor}]}}).json["id"] for minor in (100, 200)
    )
    other = shop.world.shop("noodles").id
    shop.store.run(
        lambda uow: uow.sql.run("UPDATE register_parked SET shop_id = :to WHERE id = :id", to=other, id=first)
    )
    assert [row["id"] for row in parked_of(browser)] == [second]
    assert browser.post(f"/api/parked/{first}/discard").json["code"] == "unknown_parked"
    assert browser.post(f"/api/parked/{second}/discard").status_code == 200
    assert parked_of(browser) == []


@pytest.mark.parametrize(
    ("cart", "code"),
    [
        ({"lines": []}, "nothing_to_charge"),
        ({"lines": [{"item": "itm_x", "quantity": 1}]}, "item_gone"),
        ({"lines": [{"typed_minor": 1}], "total_minor": 1}, "bad_input"),
        ({"lines": [{"typed_minor": 1}] * 10_000}, "cart_too_long"),
        (None, "bad_input"),
    ],
)
def test_only_what_could_be_charged_is_parked(browser: Browser, cart: Any, code: str) -> None:
    assert browser.post("/api/parked", {"name": "", "cart": cart}).json["code"] == code
    assert parked_of(browser) == []


def test_there_is_room_for_so_many_parked_carts(browser: Browser) -> None:
    body = {"cart": {"lines": [{"typed_minor": 1}]}}
    assert {browser.post("/api/parked", body).status_code for _ in range(parking.MOST_PARKED)} == {201}
    assert browser.post("/api/parked", body).json["code"] == "too_many_parked"


def test_a_closed_shift_charges_nothing_and_says_so(shop: Shop, browser: Browser) -> None:
    shop.store.run(lambda uow: uow.sql.run("DELETE FROM shifts_shift"))
    assert browser.sell(line(shop, "Egg tart")).json["code"] == "shift_closed"
    assert "Open a shift" in browser.get("/").text
    assert stock(shop) == 24


def test_the_register_shows_what_is_sold_with_its_stock_and_hides_no_markup(shop: Shop, browser: Browser) -> None:
    shop.store.run(lambda uow: uow.sql.run("UPDATE catalog_item SET name = '<b>Bun</b>' WHERE name = 'Sesame bun'"))
    shop.store.run(lambda uow: uow.sql.run("UPDATE catalog_item SET stock = 0 WHERE name = 'Egg tart'"))
    page = browser.get("/").text
    assert "&lt;b&gt;Bun" in page
    assert "<b>Bun" not in page
    assert "Sold out" in page
    assert len(gzip.compress(page.encode())) <= 14 * 1024


def test_the_page_of_a_split_sale_tells_who_paid_what(shop: Shop, browser: Browser, ana: Member) -> None:
    first = browser.sell({"typed_minor": 900}, parts=[500, 400]).json
    shop.paid_by(ana, first["id"])
    page = browser.get(f"/split/{first['sale']['id']}").text
    assert "Paid by A***" in page
    assert "¥5.00 paid, ¥4.00 to go" in page
    browser.post(f"/api/sales/{first['sale']['id']}/part", {"part": 1})
    browser.post(f"/api/sales/{first['sale']['id']}/stop")
    assert "the rest was given up" in browser.get(f"/split/{first['sale']['id']}").text


def test_the_registers_scripts_stay_below_12_kb_before_the_page_stands() -> None:
    """What comes later, by `import(…)`, is not awaited by anybody who types an amount."""
    at_once = [
        STATIC / name for name in ("register.js", "register-cart.js", "register-pricing.js", "register-ticket.js")
    ]
    shell = [SHELL / name for name in ("app.js", "keypad.js", "early.js", "language.js")]
    imported = {
        name for file in at_once for name in re.findall(r"^import .* from '\./([\w./-]+)'", file.read_text(), re.M)
    }
    assert {name.rpartition("/")[2] for name in imported} <= {file.name for file in [*at_once, *shell]}
    assert sum(len(gzip.compress(file.read_bytes())) for file in [*at_once, *shell]) <= 12 * 1024


def test_a_sales_whole_way_is_the_same_on_both_engines(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(world.store, tmp_path / "data")
    browser, ana = shop.browser(), world.person("ana")
    old = sold(browser, line(shop, "Egg tart", 2), {"typed_minor": 50}, parts=[825, 825])
    shop.world.pass_time(intents.USUAL_TTL_S + 62)
    sweeper.sweep(shop.store)
    assert stock(shop) == 24
    first = browser.post(f"/api/sales/{old}/again").json
    shop.paid_by(ana, first["id"])
    second = browser.post(f"/api/sales/{first['sale']['id']}/part", {"part": 1}).json["id"]
    shop.paid_by(ana, second)
    sweeper.sweep(shop.store)
    assert (sale_of(shop, old).state, stock(shop)) == (SaleState.PAID, 22)

    parked = browser.post("/api/parked", {"cart": {"lines": [line(shop, "Egg tart", 1)]}}).json["id"]
    assert browser.post(f"/api/parked/{parked}/take").json["lines"][0]["quantity"] == 1
    assert parked_of(browser) == []
