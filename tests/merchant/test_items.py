"""Keeping the catalogue at the till's doors: items, pictures and sheets; who may, and what is refused."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from merchant.catalog import actions, queries
from merchant.catalog.fields import Fields
from merchant.catalog.queries import Item
from shared.db.store import Store
from tests.merchant.shop import Browser, Shop

TEA = {"name": "Pu-erh", "price": "22.50", "category": "Tea", "tax": "6", "sku": "901", "stock": "7"}


def items(shop: Shop, name: str = "") -> list[Item]:
    found = shop.store.read(queries.everything, shop_id=shop.party.id)
    return [item for item in found if item.name == name or not name]


def log(store: Store) -> list[tuple[str, str]]:
    rows = store.read(lambda reader: reader.sql.rows("SELECT what, details FROM activity_entry ORDER BY id"))
    return [(what, details) for what, details in rows if what.startswith("item.")]


def png(size: int = 40, colour: str = "#2a7") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "PNG")
    return out.getvalue()


def send(browser: Browser, path: str, data: bytes) -> Any:
    return browser.client.post(path, data=data, headers={"X-CSRF-Token": browser.token, "Accept": "application/json"})


def test_an_item_is_added_and_changed_and_the_log_says_by_whom(shop: Shop, browser: Browser) -> None:
    made = browser.post("/api/items", TEA)
    assert made.status_code == 201
    [item] = items(shop, "Pu-erh")
    assert (item.id, item.price_minor, item.tax_bp, item.sku, item.stock) == (made.json["id"], 2250, 600, "901", 7)
    assert browser.post("/api/items", {"name": "Cake", "price": "5", "picture": ""}).status_code == 201
    page = browser.get("/items").text
    assert "Pu-erh" in page
    assert "¥22.50" in page
    changed = browser.post(f"/api/items/{item.id}", TEA | {"price": "25", "version": 1, "stock_was": 7})
    assert changed.json == {"archived": False, "id": item.id, "version": 2}
    assert log(shop.store) == [
        ("item.added", '{"item": "Pu-erh"}'),
        ("item.added", '{"item": "Cake"}'),
        ("item.repriced", '{"item": "Pu-erh", "was_minor": 2250, "price_minor": 2500}'),
    ]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price": "0"}, "price_unfit"), ({"price": "-1"}, "price_unfit"), ({"tax": "101"}, "tax_unfit"),
        ({"stock": "-1"}, "stock_unfit"), ({"name": "tea\u202ecod"}, "item_name_unfit"),
        ({"sku": "2000000000107"}, "sku_taken"), ({"picture": "0" * 32}, "picture_unknown"),
        ({"options": [{"name": "Size", "choices": []}]}, "options_unfit"), ({"options": "Size"}, "bad_input"),
        ({"options": [1]}, "bad_input"), ({"price": 5}, "bad_input"), ({"name": None}, "bad_input"),
    ],
)  # fmt: skip
def test_what_makes_no_item_is_refused_with_a_sentence_and_nothing_is_kept(
    shop: Shop, browser: Browser, change: dict[str, Any], code: str
) -> None:
    answer = browser.post("/api/items", TEA | change)
    assert (answer.json["code"], len(items(shop))) == (code, 6)
    assert answer.json["detail"]
    if code != "bad_input":
        assert answer.json["x_field"] in {*TEA, "options", "picture"}


def test_a_name_with_markup_is_shown_as_it_was_typed(shop: Shop, browser: Browser) -> None:
    id = browser.post("/api/items", TEA | {"name": "<script>alert(1)</script> & tea", "sku": ""}).json["id"]
    for path in ("/items", f"/items/{id}", "/"):
        page = browser.get(path).text
        assert "<script>alert(1)" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; tea" in page


def test_of_two_who_edit_one_item_at_once_the_second_is_told(shop: Shop, browser: Browser) -> None:
    id = browser.post("/api/items", TEA).json["id"]
    assert browser.post(f"/api/items/{id}", TEA | {"name": "Old Pu-erh", "version": 1}).status_code == 200
    late = browser.post(f"/api/items/{id}", TEA | {"price": "1", "version": 1})
    assert (late.status_code, late.json["code"]) == (409, "item_changed")
    assert browser.post(f"/api/items/{id}/archive", {"version": 1}).json["code"] == "item_changed"
    [item] = items(shop, "Old Pu-erh")
    assert (item.price_minor, item.version, item.archived_at) == (2250, 2, None)


def test_a_sale_made_while_somebody_edits_is_not_undone_by_the_edit(shop: Shop, browser: Browser) -> None:
    id = browser.post("/api/items", TEA).json["id"]
    shop.store.run(lambda uow: uow.sql.run("UPDATE catalog_item SET stock = 5 WHERE id = :id", id=id))
    browser.post(f"/api/items/{id}", TEA | {"name": "Old Pu-erh", "version": 1, "stock_was": 7})
    assert items(shop, "Old Pu-erh")[0].stock == 5
    browser.post(f"/api/items/{id}", TEA | {"version": 2, "stock": "27", "stock_was": 7})
    assert items(shop, "Pu-erh")[0].stock == 25
    short = browser.post(f"/api/items/{id}", TEA | {"version": 3, "stock": "0", "stock_was": 27})
    assert short.json["code"] == "stock_unfit"
    browser.post(f"/api/items/{id}", TEA | {"version": 3, "stock": "", "stock_was": 25})
    assert items(shop, "Pu-erh")[0].stock is None


def test_an_archived_item_is_off_the_till_and_comes_back(shop: Shop, browser: Browser) -> None:
    id = browser.post("/api/items", TEA).json["id"]
    assert browser.post(f"/api/items/{id}/archive", {"version": 1}).json["archived"] is True
    assert browser.post(f"/api/items/{id}/archive", {"version": 1}).status_code == 200
    assert "Pu-erh" not in browser.get("/items").text + browser.get("/").text
    assert "Pu-erh" in browser.get("/items?archived=1").text
    assert browser.post("/api/items", TEA).json["code"] == "sku_taken"
    assert browser.post(f"/api/items/{id}/restore", {"version": 2}).json == {
        "archived": False, "id": id, "version": 3,
    }  # fmt: skip
    assert "Pu-erh" in browser.get("/").text
    assert [what for what, _ in log(shop.store)] == ["item.added", "item.archived", "item.restored"]


def test_another_shops_items_and_pictures_do_not_exist(shop: Shop, browser: Browser) -> None:
    other = shop.world.shop("noodles")
    theirs = shop.store.run(actions.add_item, shop_id=other.id, item=Fields("Noodles", 500))
    hash = shop.store.run(actions.keep_picture, shop_id=other.id, content=b"theirs")
    assert browser.get(f"/items/{theirs.id}").status_code == 404
    assert browser.get(f"/pictures/{hash}.webp").status_code == 404
    for path in (f"/api/items/{theirs.id}", f"/api/items/{theirs.id}/archive", f"/api/items/{theirs.id}/restore"):
        body = TEA | {"version": 1} if path.endswith(theirs.id) else {"version": 1}
        assert browser.post(path, body).status_code == 404
    assert browser.post("/api/items", TEA | {"picture": hash}).json["code"] == "picture_unknown"
    assert browser.get("/items/itm_x").status_code == 404


def test_a_picture_is_kept_small_and_its_address_never_changes_what_it_shows(shop: Shop, browser: Browser) -> None:
    kept = send(browser, "/api/items/pictures", png())
    assert kept.status_code == 201
    shown = browser.get(kept.json["address"])
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/webp", "private, max-age=31536000, immutable")
    with Image.open(io.BytesIO(shown.data)) as picture:
        assert picture.size == (320, 320)
    browser.post("/api/items", TEA | {"picture": kept.json["picture"]})
    assert kept.json["address"] in browser.get("/items").text
    assert send(browser, "/api/items/pictures", png()).json == kept.json
    assert send(browser, "/api/items/pictures", png(colour="#a27")).json != kept.json
    assert send(browser, "/api/items/pictures", b"<svg/>").json["code"] == "picture_unreadable"
    assert send(browser, "/api/items/pictures", b"x" * 12_000_001).status_code == 413


def test_a_picture_that_no_item_took_is_let_go_after_a_day(shop: Shop, browser: Browser) -> None:
    used, unused = (send(browser, "/api/items/pictures", png(colour=c)).json for c in ("#111", "#222"))
    browser.post("/api/items", TEA | {"picture": used["picture"]})
    shop.world.pass_time(25 * 3600)
    send(browser, "/api/items/pictures", png(colour="#333"))
    assert browser.get(used["address"]).status_code == 200
    assert browser.get(unused["address"]).status_code == 404


def test_a_sheet_is_looked_through_and_then_kept_whole(shop: Shop, browser: Browser) -> None:
    sheet = browser.get("/items/sheet.csv").data + b",Tea tin,Gifts,48,13,903,12\r\n"
    changed = sheet.replace(b",15.00,", b",16.00,")
    seen = send(browser, "/api/items/sheet/check", changed).json
    assert (seen["added"], seen["changed"], seen["same"], seen["faults"], len(items(shop))) == (1, 1, 5, 0, 6)
    assert send(browser, "/api/items/sheet", changed).json["added"] == 1
    assert (items(shop, "Oolong")[0].price_minor, items(shop, "Tea tin")[0].category) == (1600, "Gifts")
    assert len(items(shop, "Milk tea")[0].options) == 3, "options stay"
    assert send(browser, "/api/items/sheet/check", browser.get("/items/sheet.csv").data).json["same"] == 7


def test_a_sheet_with_one_bad_line_keeps_nothing_and_says_which(shop: Shop, browser: Browser) -> None:
    sheet = b"name,price\nTea tin,48\nCup,0\n"
    seen = send(browser, "/api/items/sheet/check", sheet).json
    assert (seen["faults"], seen["first_faults"][0]["line"], seen["first_faults"][0]["code"]) == (1, 3, "price_unfit")
    refused = send(browser, "/api/items/sheet", sheet)
    assert (refused.json["code"], refused.json["x_line"], len(items(shop))) == ("sheet_unfit", 3, 6)


def test_a_catalogue_has_room_for_so_many_and_a_long_one_can_be_searched(shop: Shop, browser: Browser) -> None:
    sheet = "name,price\n" + "".join(f"Cup {n},5\n" for n in range(actions.MOST_ITEMS - 6))
    assert send(browser, "/api/items/sheet", sheet.encode()).status_code == 200
    assert browser.post("/api/items", TEA).json["code"] == "too_many_items"
    found = browser.get("/items?q=cup+1234").text
    assert "Cup 1234" in found
    assert "Cup 1235" not in found
    assert "Nothing found" in browser.get("/items?q=nothing").text
