"""What may stand in an item's fields, what its options allow, and how a sheet is read. Pure."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from merchant.catalog import fields, options, pictures, spreadsheet, tea_house
from merchant.catalog.fields import Fields
from merchant.catalog.options import Choice, ChoiceUnfit, Group, OptionsUnfit
from merchant.catalog.queries import Item
from merchant.catalog.spreadsheet import SheetUnreadable
from shared.errors import DomainError
from shared.money import currency

CNY, JPY = currency("CNY"), currency("JPY")
SIZE = Group("s", "Size", (Choice("r", "Regular", 0), Choice("l", "Large", 300)), 1, True)
EXTRAS = Group("x", "Extras", (Choice("p", "Pearls", 200), Choice("j", "Jelly", 150), Choice("n", "No ice", -100)), 2)


def item(name: str = "Oolong", id: str = "itm_1", **more: object) -> Item:
    values: dict[str, object] = {
        "category": "Tea", "price_minor": 1500, "tax_bp": 600, "sku": None, "stock": None, "options": (),
        "picture": None, "version": 1, "created_at": 0, "updated_at": 0, "archived_at": None,
    }  # fmt: skip
    return Item(id, name, **(values | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (fields.tax_of, "6", 600), (fields.tax_of, "6,5 %", 650), (fields.tax_of, "100", 10_000),
        (fields.tax_of, "", 0),
        (fields.tax_of, "101", "tax_unfit"), (fields.tax_of, "100.01", "tax_unfit"), (fields.tax_of, "-6", "tax_unfit"),
        (fields.tax_of, "6.555", "tax_unfit"), (fields.tax_of, "six", "tax_unfit"),
        (fields.stock_of, "0", 0), (fields.stock_of, " 24 ", 24), (fields.stock_of, "", None),
        (fields.stock_of, "-1", "stock_unfit"), (fields.stock_of, "1.5", "stock_unfit"),
        (fields.stock_of, "1000001", "stock_unfit"), (fields.stock_of, "٣", "stock_unfit"),
        (fields.sku_of, "2000000000107", "2000000000107"), (fields.sku_of, "", None),
        (fields.sku_of, "a b", "sku_unfit"), (fields.sku_of, "x" * 33, "sku_unfit"),
        (fields.name_of, "  Egg tart ", "Egg tart"), (fields.name_of, "<b>Tea</b> & \"co\"", "<b>Tea</b> & \"co\""),
        (fields.name_of, "", "item_name_unfit"), (fields.name_of, "   ", "item_name_unfit"),
        (fields.name_of, "x" * 65, "item_name_unfit"), (fields.name_of, "tea\u202ecod", "item_name_unfit"),
        (fields.name_of, "te\u200ba", "item_name_unfit"), (fields.name_of, "tea\nx", "item_name_unfit"),
        (fields.category_of, "", ""), (fields.category_of, "饮品", "饮品"),
        (fields.category_of, "x" * 33, "category_unfit"),
    ],
)  # fmt: skip
def test_a_typed_field_is_taken_as_meant_or_refused(reader, text: str, value: object) -> None:  # type: ignore[no-untyped-def]
    try:
        found = reader(text)
    except DomainError as refusal:
        found = refusal.code
    assert found == value


@pytest.mark.parametrize("text", ["0", "0.00", "-5", "12.505", "1e3", "", "¥5", "10000000000.01"])
def test_a_price_is_an_amount_above_zero(text: str) -> None:
    with pytest.raises(fields.PriceUnfit):
        fields.price_of(text, CNY)


def test_a_price_is_typed_with_a_point_or_a_comma() -> None:
    assert (fields.price_of("12.5", CNY), fields.price_of("12,50", CNY), fields.price_of("12", JPY)) == (1250, 1250, 12)


@given(st.integers(0, 10_000))
def test_a_tax_rate_is_read_as_it_is_written(tax_bp: int) -> None:
    assert fields.tax_of(fields.percent(tax_bp)) == tax_bp


def test_chosen_options_add_up() -> None:
    chosen = options.picked((SIZE, EXTRAS), ["p", "l", "n"])
    assert [choice.name for choice in chosen] == ["Large", "Pearls", "No ice"]
    assert options.delta_minor(chosen) == 400


@pytest.mark.parametrize("chosen", [[], ["r", "l"], ["r", "p", "j", "n"], ["r", "zzz"], ["r", "r"]])
def test_a_choice_that_does_not_fit_is_refused(chosen: list[str]) -> None:
    with pytest.raises(ChoiceUnfit):
        options.picked((SIZE, EXTRAS), chosen)


def test_options_come_back_from_the_database_as_they_went() -> None:
    assert options.from_json(options.as_json((SIZE, EXTRAS))) == (SIZE, EXTRAS)


def test_options_keep_the_ids_they_have_and_get_those_they_lack() -> None:
    [group] = fields.groups_of([{"id": "s", "name": "Size", "choices": [{"id": "r", "name": "Regular", "delta": "+3"},
                                {"name": "Large", "delta": "−1,50"}]}], CNY)  # fmt: skip
    assert (group.id, group.choices[0]) == ("s", Choice("r", "Regular", 300))
    assert (group.choices[1].delta_minor, len(group.choices[1].id)) == (-150, 8)


@pytest.mark.parametrize(
    "group",
    [
        {"name": "", "choices": [{"name": "Large"}]},
        {"name": "Size", "choices": []},
        {"name": "Size", "choices": [{"name": "Large"}, {"name": "large"}]},
        {"name": "Size", "choices": [{"name": "Large", "delta": "three"}]},
        {"name": "Size", "choices": [{"name": "Large", "delta": "+0.005"}]},
        {"name": "Size", "choices": [{"name": "La\u202erge"}]},
        {"name": "Size", "choices": ["Large"]},
        {"name": "Size", "choices": [{"name": "Large"}], "most": 2},
        {"name": "Size", "choices": [{"name": "Large"}], "most": True},
        {"name": "Size", "choices": [{"name": str(n)} for n in range(13)]},
    ],
)
def test_options_that_make_no_sense_are_refused(group: dict[str, object]) -> None:
    with pytest.raises(OptionsUnfit):
        fields.groups_of([group], CNY)


def test_options_may_not_make_an_item_free() -> None:
    fields.check_together(101, (SIZE, EXTRAS))
    with pytest.raises(OptionsUnfit):
        fields.check_together(100, (SIZE, EXTRAS))


def test_the_demos_items_are_fit() -> None:
    for one in tea_house.items(CNY):
        fields.check_together(one.price_minor, one.options)
        assert fields.name_of(one.name) == one.name
        assert one.sku
        digits = [int(digit) for digit in one.sku]
        assert sum(digits[::2]) % 10 + 3 * sum(digits[1::2]) % 10 in (0, 10), "an EAN-13 with its check digit"


def test_a_sheet_comes_back_as_it_went_and_changes_nothing() -> None:
    items = [item("=1+1", "itm_1", sku="7"), item('Tea, "black"', "itm_2", stock=3, category="@home")]
    items += [item("'Tis tea", "itm_3"), item("'=2", "itm_4")]
    rows = spreadsheet.read(spreadsheet.written(items, CNY).encode())
    plan = spreadsheet.plan(rows, items, CNY)
    assert (plan.same, plan.added, plan.changed, plan.faults) == (items, [], [], [])
    assert "'=1+1" in spreadsheet.written(items, CNY)


def test_a_line_finds_its_item_by_id_then_number_then_name() -> None:
    items = [item("Oolong", "itm_1", sku="1"), item("Egg tart", "itm_2"), item("Soup", "itm_3", stock=4)]
    text = "name;price;stock;sku;id\nOolong;16,00;;1;\negg TART;8;5;;\nTea tin;48;9;77;\nSoup;15.00;4;;itm_3\n"
    plan = spreadsheet.plan(spreadsheet.read(text.encode()), items, CNY)
    assert [(one.name, wanted.price_minor, wanted.stock) for one, wanted in plan.changed] == [
        ("Oolong", 1600, None), ("Egg tart", 800, 5),
    ]  # fmt: skip
    assert plan.added == [Fields("Tea tin", 4800, sku="77", stock=9)]
    assert (plan.same, plan.faults) == ([items[2]], [])


def test_every_line_that_cannot_be_kept_is_named() -> None:
    items = [item("Oolong", "itm_1", sku="1")]
    lines = ["Tea,0,6,,", ",5,6,,", "Soup,5,101,,", "Bun,5,6,9,", "Tart,5,6,9,", "Cake,5,6,1,itm_x", "Oolong,5,6,,"]
    text = "\n".join(["name,price,tax,sku,id", *lines])
    faults = spreadsheet.plan(spreadsheet.read(text.encode()), items, CNY).faults
    assert [(fault.line, fault.why.code) for fault in faults] == [
        (2, "price_unfit"), (3, "item_name_unfit"), (4, "tax_unfit"), (6, "line_twice"), (8, "line_twice"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [b"", b"\x00\x01\x02", b"price,stock\n5,1\n", b"name,name\nx,y\n", b"\x89PNG\r\n", b"name\n" + b"x\n" * 2001,
     b"name\n" + b"x" * 1_000_001, b'name,price\n"Tea,5\n'],
)  # fmt: skip
def test_a_file_that_is_no_sheet_is_refused(data: bytes) -> None:
    with pytest.raises(SheetUnreadable):
        spreadsheet.read(data)


def test_a_sheet_from_a_chinese_spreadsheet_is_read() -> None:
    rows = spreadsheet.read("名称,价格,库存\n茉莉花茶,12.00,5\n".encode("gb18030"))
    assert [dict(row) for row in rows] == [{"name": "茉莉花茶", "price": "12.00", "stock": "5"}]


def picture(size: tuple[int, int], form: str, mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "#2a7").save(out, form, **more)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "mode"), [("PNG", "RGBA"), ("JPEG", "RGB"), ("GIF", "P"), ("WEBP", "RGB"), ("PNG", "L")]
)
def test_a_picture_becomes_a_small_square_without_what_the_camera_wrote(form: str, mode: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    given = picture((900, 300), form, mode, **({"exif": exif} if form != "GIF" else {}))
    kept = pictures.squared(given)
    with Image.open(io.BytesIO(kept)) as shown:
        assert (shown.format, shown.size) == ("WEBP", (pictures.SIDE, pictures.SIDE))
        assert not shown.getexif()
    assert b"where I live" not in kept


@pytest.mark.parametrize(
    "data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a", b"\xff\xd8\xff\xe0junk"]
)
def test_a_file_that_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(pictures.PictureUnreadable):
        pictures.squared(data)


def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(pictures.PictureUnreadable):
        pictures.squared(picture((400, 400), "JPEG")[:200])


def test_a_picture_of_too_many_bytes_or_pixels_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(pictures.PictureTooLarge):
        pictures.squared(b"x" * (pictures.MAX_BYTES + 1))
    with pytest.raises(pictures.PictureTooLarge):
        pictures.squared(picture((8000, 7000), "PNG", "1"))
