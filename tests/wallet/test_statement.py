"""The statement searched: words, amounts, kinds and months, page by page; its months' sums; its file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codes.payloads import OrderKind
from shared.identity import parties
from shared.identity.signing import PrivateKey
from shared.money import currency
from shared.web import months
from tests.wallet.browser import Browser
from tests.wallet.conftest import Phone, good, refused
from tests.world import Member, World
from wallet.history import finding, table
from wallet.history.wanted import wanted

CNY = currency("CNY")
DAY_S = 86_400


@pytest.fixture
def busy(ana: Phone, li: Phone, world: World) -> Phone:
    """Ana after a week: a friend, a shop, a refund, money from the bank and back to it."""
    ana.post("/api/contacts", {"card": li.card()})
    ana.ask("PATCH", "/api/contacts/li", {"alias": "Lili Ünal"})
    send(ana, "li", 1_250, memo="Taxi 100% there_and back")
    send(ana, "li", 2_000, memo="Ｌｕｎｃｈ 午饭")
    send(li, "ana", 500, memo="=HYPERLINK(1)")
    shop = world.shop("corner-tea")
    intent = world.intent(shop, 800, memo="2 Tea")
    ana.post("/api/orders", {"order": ana.order(OrderKind.PAY, "corner-tea", 800, subject=bytes.fromhex(intent.jti))})
    world.execute(world.refund(shop, intent, member(world, ana.user), 300))
    ana.post("/api/orders", {"order": ana.order(OrderKind.WITHDRAW, "saoma", 100)})
    return ana


def member(world: World, user: str) -> Member:
    """The person as a member of the world, whose key nobody needs."""
    return Member(world.store.read(parties.by_id, id=user), PrivateKey.generate())


def send(phone: Phone, payee: str, amount_minor: int, **more: object) -> str:
    done = phone.post("/api/orders", {"order": phone.order(OrderKind.SEND, payee, amount_minor, **more)})
    return str(done["transfer"])


def amounts(phone: Phone, query: str) -> list[int]:
    return [row["amount_minor"] for row in phone.get(f"/api/statement?{query}")["rows"]]


FOUND: list[tuple[str, list[int]]] = [
    ("q=taxi", [1_250]),
    ("q=TAXI+lili", [1_250]),
    ("q=lunch", [2_000]),
    ("q=%E5%8D%88%E9%A5%AD", [2_000]),
    ("q=ünal", [500, 2_000, 1_250]),
    ("q=tea", [300, 800]),
    ("q=100%25", [1_250]),
    ("q=%25", [1_250]),
    ("q=_", [1_250]),
    ("q=there_and", [1_250]),
    ("q=%3Cb%3E", []),
    ("q='%20OR%20''='", []),
    ("q=%3E12.50", [2_000, 100_000]),
    ("q=%3E%3D12.50", [2_000, 1_250, 100_000]),
    ("q=%3D12.5", [1_250]),
    ("q=%EF%BC%9D12.50", [1_250]),
    ("q=%3C5", [100, 300]),
    ("q=%3C5.00+lili", []),
    ("q=%3C%3D5.00+lili", [500]),
    ("q=%3E10+%3C15", [1_250]),
    ("q=%3E%C2%A51,000", []),
    ("q=%3D%C2%A51,000.00", [100_000]),
    ("q=%3E12.505+%3C99", [2_000]),
    ("q=%3D12.505", []),
    (f"q=%3E{'9' * 60}", []),
    (f"q=%3C{'9' * 60}+taxi", [1_250]),
    ("which=in", [300, 500, 100_000]),
    ("which=out", [100, 800, 2_000, 1_250]),
    ("which=shops", [300, 800]),
    ("which=people", [500, 2_000, 1_250]),
    ("which=refunds", [300]),
    ("which=people&q=%3E15", [2_000]),
]


def test_what_is_looked_for_is_found(busy: Phone) -> None:
    assert [(query, amounts(busy, query)) for query, _ in FOUND] == FOUND


IMPOSSIBLE = [
    "which=all", "which=%00", "month=2026-13", "month=2026-00", "month=2026", "month=1969-12", "month=3000-01",
    "month=%D9%A2%D9%A0%D9%A2%D9%A6-01", f"q={'x' * 81}", "month=2026-1", "before=0",
]  # fmt: skip


def test_a_search_that_cannot_be_meant_is_bad_input(ana: Phone) -> None:
    for query in IMPOSSIBLE:
        refused(ana.ask("GET", f"/api/statement?{query}"), "bad_input", 400)
        assert ana.ask("GET", f"/statement?{query}").status_code == 400
    for query in IMPOSSIBLE[:-1]:
        assert ana.ask("GET", f"/statement.csv?{query}").status_code == 400


def test_months_come_in_the_readers_own_zone_with_their_sums(busy: Phone, world: World) -> None:
    now = datetime.fromtimestamp(world.now() / 1000, UTC)
    this = f"{now:%Y-%m}"
    assert len(amounts(busy, f"month={this}")) == 7
    assert amounts(busy, "month=2020-01") == []
    world.pass_time(40 * DAY_S)
    send(busy, "li", 700)
    page = text(busy, "/statement")

    assert page.count("In ¥") == 2
    assert "In ¥0.00 · Out ¥7.00" in page
    assert "In ¥1,008.00 · Out ¥41.50" in page
    assert "In ¥" not in text(busy, "/statement?q=taxi").split('id="entries"')[1].split("<ul")[0]
    assert "Out ¥20.00" in text(busy, "/statement?q=%3E15&which=out")


def text(phone: Phone, path: str) -> str:
    answer = phone.ask("GET", path)
    assert answer.status_code == 200, path
    return str(answer.get_data(as_text=True))


def test_a_search_with_no_result_says_so_and_leads_back(busy: Phone) -> None:
    page = text(busy, "/statement?q=%3Cscript%3Ealert(1)%3C/script%3E&which=in")

    assert "Nothing found" in page
    assert "Show everything" in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_pages_of_a_search_join_without_gap(ana: Phone, li: Phone) -> None:
    sent = [send(ana, "li", amount, memo="odd" if amount % 2 else "even") for amount in range(1, 10)]
    seen, before = [], ""
    while True:
        page = ana.get(f"/api/statement?limit=2&q=odd{before}")
        seen += [row["transfer"] for row in page["rows"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"

    assert seen == sent[::2][::-1]


def test_a_long_search_stops_and_says_where_to_go_on(ana: Phone, li: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    first = send(ana, "li", 1, memo="needle")
    for amount in range(2, 12):
        send(ana, "li", amount)
    monkeypatch.setattr(finding, "_STEP", 3)
    monkeypatch.setattr(finding, "LOOKED_AT_ONCE", 6)

    page = ana.get("/api/statement?q=needle")
    assert (page["rows"], page["next"] is None) == ([], False)
    assert "Nothing found so far" in text(ana, "/statement?q=needle")
    page = ana.get(f"/api/statement?q=needle&before={page['next']}")
    assert [row["transfer"] for row in page["rows"]] == [first]


def rows_of(phone: Phone, query: str = "") -> list[dict[str, str]]:
    answer = phone.ask("GET", f"/statement.csv{query}")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert 'filename="statement.csv"' in answer.headers["Content-Disposition"]
    raw = answer.get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_the_file_holds_what_was_wanted_and_no_formula(busy: Phone) -> None:
    rows = rows_of(busy)

    assert list(rows[0]) == list(table.COLUMNS)
    assert [row["amount"] for row in rows] == ["-1.00", "3.00", "-8.00", "5.00", "-20.00", "-12.50", "1000.00"]
    assert next(row["note"] for row in rows if row["kind"] == "send") == "'=HYPERLINK(1)"
    assert {row["name"] for row in rows_of(busy, "?which=people")} == {"Lili Ünal"}
    assert rows_of(busy, "?q=nothing+like+it") == []


def test_a_hold_stands_in_its_own_column(ana: Phone, world: World) -> None:
    shop = world.shop("hotel")
    intent = world.intent(shop, 5_000, capture_method="manual")
    ana.post("/api/orders", {"order": ana.order(OrderKind.HOLD, "hotel", 5_000, subject=bytes.fromhex(intent.jti))})

    row = rows_of(ana, "?which=shops")[0]

    assert (row["direction"], row["amount"], row["held"]) == ("held", "", "50.00")


@given(st.text(max_size=20))
def test_no_text_of_others_begins_a_formula(given_text: str) -> None:
    assert not table.harmless(given_text).lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.text(max_size=80))
def test_any_text_can_be_looked_for(typed: str) -> None:
    found = wanted(typed, "", "", CNY)

    assert found.pick.least_minor >= 0
    assert all(word == word.casefold() for word in found.words)


@given(
    st.integers(86_400_000, 4_102_444_800_000),
    st.sampled_from(["UTC", "Asia/Shanghai", "America/St_Johns", "no/where"]),
)
def test_a_moment_lies_in_its_month(at_ms: int, name: str) -> None:
    month = months.month_of(at_ms, months.zone_named(name))

    assert month.start <= at_ms < month.end
    assert months.month_named(month.name, months.zone_named(name)) == month


def test_a_zone_that_nobody_knows_is_utc() -> None:
    for name in ("", "../../etc/passwd", "Mars/Olympus", "\x00", "a" * 500):
        assert months.zone_named(name) is UTC
    assert months.zone_named("Asia/Tokyo") == ZoneInfo("Asia/Tokyo")


def test_a_browsers_zone_decides_where_a_month_begins(app: object, world: World) -> None:
    browser = Browser(app)  # type: ignore[arg-type]
    good(browser.post("/api/users", {"display_name": "Mia", "handle": "mia"}))
    [row] = good(browser.get("/api/statement"))["rows"]
    at = datetime.fromisoformat(row["at"])
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        browser.client.set_cookie("saoma_zone", zone.replace("/", "%2F"))
        month = at.astimezone(ZoneInfo(zone)).strftime("%Y-%m")
        assert len(good(browser.get(f"/api/statement?month={month}"))["rows"]) == 1
