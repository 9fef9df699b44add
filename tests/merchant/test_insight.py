"""The charts' page: what counts when, against what, and how it is drawn."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from merchant.insight import charts, periods
from shared.web import months
from tests.merchant.shop import Browser, Shop
from tests.merchant.test_money import sell, words
from tests.world import Member

HOUR = periods.HOUR_MS
BERLIN = ZoneInfo("Europe/Berlin")


def at(zone: ZoneInfo, *moment: int) -> int:
    return round(datetime(*moment, tzinfo=zone).timestamp() * 1000)  # type: ignore[misc, arg-type]


def go_to(shop: Shop, *, hour: int) -> None:
    """Set the installation's clock to a minute past an hour of this day (UTC)."""
    shop.world.pass_time(hour * 3600 + 60 - shop.world.now() % (24 * HOUR) // 1000)


def test_before_the_first_sale_the_page_says_what_will_come(browser: Browser) -> None:
    page = words(browser.get("/insight").text)
    assert "Nothing to show yet" in page
    assert "Average sale" not in page


def test_what_is_sold_today_is_counted_with_its_refunds_payers_and_steps(
    shop: Shop, browser: Browser, ana: Member
) -> None:
    li = shop.world.person("li")
    go_to(shop, hour=12)
    first = sell(shop, browser, ana, 4000)
    sell(shop, browser, li, 1000)
    sell(shop, browser, ana, 1000)
    scanned = browser.charge(500).json["id"]
    shop.scanned_by(li, scanned)
    browser.charge(500)
    assert shop.program().ask("POST", "/refunds", {"payment_intent": first, "amount_minor": 1500}).status_code == 201

    page = words(browser.get("/insight").text)

    assert "Taken ¥60.00" in page
    assert "Average sale ¥20.00" in page
    assert "Code shown 100 % 5 Scanned 80 % 4 Paid 60 % 3" in page
    assert "New 2 ¥60.00 Came back 0 ¥0.00" in page
    assert "Refunds (1) −¥15.00 Of what was taken 25 % Tips (0) ¥0.00 Left after refunds ¥45.00" in page
    assert "12:00 ¥60.00 3 ¥0.00" in page
    assert "%" not in page.partition("Taken ¥60.00")[2].partition("By hour")[0], "nothing to compare with yet"

    shop.world.pass_time(7 * 24 * 3600)
    sell(shop, browser, ana, 9000)
    page = words(browser.get("/insight").text)
    assert "Taken ¥90.00 +50 % Last week by now ¥60.00 Sales 1 −67 % Last week by now 3" in page
    assert "New 0 ¥0.00 Came back 1 ¥90.00" in page
    assert "12:00 ¥90.00 1 ¥60.00" in page


def test_a_reader_has_days_of_their_own(shop: Shop, browser: Browser, ana: Member) -> None:
    go_to(shop, hour=23)
    sell(shop, browser, ana, 700)
    assert "23:00 ¥7.00 1" in words(browser.get("/insight").text)
    browser.client.set_cookie(months.COOKIE, "Asia%2FShanghai")
    page = words(browser.get("/insight").text)
    assert "07:00 ¥7.00 1" in page
    shop.world.pass_time(17 * 3600)
    assert "¥7.00" not in words(browser.get("/insight").text), "yesterday in Shanghai"


def test_the_week_shows_when_people_come(shop: Shop, browser: Browser, ana: Member) -> None:
    go_to(shop, hour=12)
    for _ in range(3):
        sell(shop, browser, ana, 700)
    shop.world.pass_time(3600)
    sell(shop, browser, ana, 700)
    table = browser.get("/insight?period=week").text.partition('class="heat"')[2].partition("</table>")[0]
    assert re.findall(r'class="w(\d)">(\d+)<', table) == [("5", "3"), ("2", "1")]
    assert table.count('<th scope="row">') == 7
    [busy] = [row for row in table.split("<tr>") if 'class="w5"' in row]
    assert f'<th scope="row">{datetime.fromtimestamp(shop.world.now() / 1000, UTC):%a}</th>' in busy
    assert 'class="heat"' not in browser.get("/insight").text


def test_no_other_shops_sales_are_counted(shop: Shop, browser: Browser, ana: Member) -> None:
    shop.world.sold(shop.world.shop("noodles"), ana, 4200)
    assert "Nothing to show yet" in words(browser.get("/insight?period=month").text)


@pytest.mark.parametrize("name", ["today", "week", "month", "nonsense"])
def test_the_page_stays_within_its_budget(shop: Shop, browser: Browser, ana: Member, name: str) -> None:
    sell(shop, browser, ana, 700)
    page = browser.get(f"/insight?period={name}")
    assert page.status_code == 200
    assert len(gzip.compress(page.data)) <= 14 * 1024


def test_todays_chart_has_a_bar_for_every_hour_that_is_drawn(shop: Shop, browser: Browser, ana: Member) -> None:
    sell(shop, browser, ana, 700)
    figures = browser.get("/insight/figures").text
    rows = re.findall(r'<th scope="row">(\d\d:00)</th>', figures)
    assert figures.count('class="room"') == len(rows) >= 13
    assert figures.count('class="value" x=') == 1


@given(st.integers(at(BERLIN, 2020, 1, 1), at(BERLIN, 2040, 1, 1)), st.sampled_from(["today", "week", "month"]))
def test_a_period_ends_with_today_and_lies_beside_the_one_before(now: int, name: str) -> None:
    made = periods.period(name, now=now, zone=BERLIN)
    days = periods.DAYS[name]
    assert made.shown.start <= now < made.shown.end
    assert months.day_of(made.shown.start, BERLIN) == months.day_of(now, BERLIN) - (days - 1) * (
        datetime(2020, 1, 2) - datetime(2020, 1, 1)
    )
    for stretch in (made.shown, made.earlier):
        assert all(low < high and (high - low) % periods.SLOT_MS == 0 for low, high in pairwise(stretch.edges))
        assert all(stretch.bin_of(edge) == number for number, edge in enumerate(stretch.edges))
        assert stretch.start < stretch.until <= stretch.end + 1
    if days > 1:
        assert made.earlier.end == made.shown.start
        assert len(made.earlier.edges) == len(made.shown.edges) == days + 1


def test_a_day_on_which_clocks_change_has_its_own_number_of_hours() -> None:
    spring = periods.period("today", now=at(BERLIN, 2026, 3, 29, 12), zone=BERLIN)
    autumn = periods.period("today", now=at(BERLIN, 2026, 10, 25, 12), zone=BERLIN)
    assert (len(spring.shown.edges) - 1, len(autumn.shown.edges) - 1) == (23, 25)
    assert len(spring.earlier.edges) - 1 == 24


def test_a_morning_is_compared_with_a_morning() -> None:
    now = round(datetime(2026, 11, 18, 9, 30, tzinfo=UTC).timestamp() * 1000)
    assert periods.period("today", now=now, zone=UTC).earlier.until == now - 7 * 24 * HOUR + 1
    assert periods.period("week", now=now, zone=UTC).earlier.until == now - 7 * 24 * HOUR + 1


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40), st.sampled_from([1, 100, 1000]))
def test_a_chart_holds_all_its_bars(values: list[int], fine: int) -> None:
    drawn = charts.columns(values, values[::-1], fine=fine)
    top = drawn.levels[-1].value
    assert top >= max(values)
    assert all(level.value % fine == 0 for level in drawn.levels)
    assert len(drawn.levels) <= 5
    for bar, value in zip(drawn.columns, values, strict=True):
        assert 0 <= float(bar.height) <= charts.HEIGHT
        assert (bar.height == "0") == (value == 0)
        assert float(bar.x.rstrip("%")) + float(bar.width.rstrip("%")) <= 100.001


def test_nothing_is_compared_with_nothing() -> None:
    assert charts.change(5, 0) is None
    assert (charts.change(150, 100), charts.change(50, 100), charts.change(0, 100)) == (50, -50, -100)
    assert charts.share(1, 0) == "0%"
