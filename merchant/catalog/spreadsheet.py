"""The catalogue as a file for a spreadsheet, out and in: CSV, one line an item, fields as people type them. Pure.

A line is the item whose `id` it names, else the one with its number, else the one of its name, else a new one. A column
that is missing leaves what there is; options and pictures are always left.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from merchant.catalog import fields
from merchant.catalog.fields import Fields, SkuTaken
from merchant.catalog.queries import Item
from shared.errors import BadInput, DomainError
from shared.money import Currency, to_major

MARK = "\ufeff"
"""Excel takes the file for something else without it; every other reader skips it."""
COLUMNS = ("id", "name", "category", "price", "tax", "sku", "stock")
MAX_BYTES, MOST_ROWS = 1_000_000, 2_000
_ALSO = {
    "名称": "name", "商品": "name", "分类": "category", "价格": "price", "税率": "tax", "编号": "sku", "条码": "sku",
    "库存": "stock", "barcode": "sku", "tax rate": "tax", "tax %": "tax",
}  # fmt: skip
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠", "\N{MINUS SIGN}")

Row = Mapping[str, str]


class SheetUnreadable(BadInput):
    """No text, no columns that we know, too long, or with too many lines."""

    code = "sheet_unreadable"


class SheetUnfit(BadInput):
    """Lines of a sheet were refused: how many (`count`), and the first one's number (`line`). Nothing was kept."""

    code = "sheet_unfit"


class LineTwice(BadInput):
    """Two lines are about one item, or give two items one number: the other line's number is `line`."""

    code = "line_twice"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line was refused; lines count from 1, the names of the columns first, as a spreadsheet shows them."""

    line: int
    why: DomainError


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sheet would do: new items, changed ones, how many stay as they are, and what is wrong with it."""

    added: list[Fields] = field(default_factory=list)
    changed: list[tuple[Item, Fields]] = field(default_factory=list)
    same: list[Item] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def written(items: Iterable[Item], unit: Currency) -> str:
    """The file: the columns' names, then a line for each item."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in items:
        stock = "" if item.stock is None else str(item.stock)
        price = to_major(item.price_minor, unit)
        tax = fields.percent(item.tax_bp)
        writer.writerow([item.id, _harmless(item.name), _harmless(item.category), price, tax, item.sku or "", stock])
    return MARK + text.getvalue()


def read(data: bytes) -> list[Row]:
    """The lines of a file by column, from UTF-8 or else GB 18030, with commas, semicolons or tabs."""
    if len(data) > MAX_BYTES:
        raise SheetUnreadable()
    text = _decoded(data)
    head = text.partition("\n")[0]
    separator = max(",;\t", key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error:
        raise SheetUnreadable() from None
    names = [_ALSO.get(cell.strip().casefold(), cell.strip().casefold()) for cell in lines[0]] if lines else []
    known = [name for name in names if name in COLUMNS]
    if "name" not in known or len(set(known)) < len(known) or len(lines) - 1 > MOST_ROWS:
        raise SheetUnreadable()
    return [_row(names, line) for line in lines[1:]]


def plan(rows: Sequence[Row], items: Sequence[Item], unit: Currency) -> Plan:
    """What these lines would do to these items, which are all that the shop has."""
    found = Plan()
    finder = _Finder(items)
    seen: dict[str, int] = {}
    for line, row in enumerate(rows, start=2):
        if not any(row.values()):
            continue
        try:
            item = finder.of(row)
            wanted = _fields(row, item, unit)
            finder.check_number(item, wanted)
            _once(seen, line, item, wanted)
        except DomainError as refusal:
            found.faults.append(Fault(line, refusal))
            continue
        if item is None:
            found.added.append(wanted)
        elif item.archived_at is None and wanted == as_fields(item):
            found.same.append(item)
        else:
            found.changed.append((item, wanted))
    return found


def as_fields(item: Item) -> Fields:
    """An item as its fields."""
    return Fields(
        item.name, item.price_minor, item.category, item.tax_bp, item.sku, item.stock, item.options, item.picture
    )


class _Finder:
    """Whose line a line is."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._by_id = {item.id: item for item in items}
        self._by_sku = {item.sku: item for item in items if item.sku}
        named: dict[str, list[Item]] = {}
        for item in items:
            named.setdefault(item.name.casefold(), []).append(item)
        self._by_name = {name: same[0] for name, same in named.items() if len(same) == 1}

    def of(self, row: Row) -> Item | None:
        """The item that a line is about, None for a new one."""
        by_id = self._by_id.get(row.get("id", ""))
        return by_id or self._by_sku.get(row.get("sku", "")) or self._by_name.get(row.get("name", "").casefold())

    def check_number(self, item: Item | None, wanted: Fields) -> None:
        """Refuse a number that is another item's, also when that one's line gives it up."""
        owner = self._by_sku.get(wanted.sku or "")
        if owner and owner != item:
            raise SkuTaken(name=owner.name, field="sku")


def _fields(row: Row, item: Item | None, unit: Currency) -> Fields:
    was = as_fields(item) if item else None
    return Fields(
        fields.name_of(row["name"]),
        was.price_minor if was and "price" not in row else fields.price_of(row.get("price", ""), unit),
        fields.category_of(row["category"]) if "category" in row else was.category if was else "",
        fields.tax_of(row["tax"]) if "tax" in row else was.tax_bp if was else 0,
        fields.sku_of(row["sku"]) if "sku" in row else was.sku if was else None,
        fields.stock_of(row["stock"]) if "stock" in row else was.stock if was else None,
        was.options if was else (),
        was.picture if was else None,
    )


def _once(seen: dict[str, int], line: int, item: Item | None, wanted: Fields) -> None:
    """Refuse a line about an item, or with a number, that an earlier line had."""
    names = [f"item {item.id}"] if item else []
    names += [f"sku {wanted.sku}"] if wanted.sku else []
    for name in names:
        if name in seen:
            raise LineTwice(line=seen[name])
    fields.check_together(wanted.price_minor, wanted.options)
    seen.update(dict.fromkeys(names, line))


def _row(names: Sequence[str], line: Sequence[str]) -> Row:
    cells = dict(zip(names, (_plain(cell.strip()) for cell in line), strict=False))
    return {name: cells.get(name, "") for name in names if name in COLUMNS}


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SheetUnreadable()


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, with an apostrophe in front where it is needed."""
    return "'" + text if text.startswith((*_STARTS_A_FORMULA, "'")) else text


def _plain(text: str) -> str:
    """The text without the apostrophe that `_harmless` put in front."""
    return text[1:] if text.startswith("'") and _harmless(text[1:]) == text else text
