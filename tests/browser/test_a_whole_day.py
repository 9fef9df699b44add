"""A shop's whole day, in real browsers at real services: from the float in the drawer to the payout at the bank.

Ten sales, one of each kind; two refunds; a dispute that the shop loses; cash-up, settlement, payout. Whatever a page
says about money is held against the ledger's transfers, added up here, to the minor unit.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from merchant.operating import access
from merchant.receipts import links
from shared.web.secrets import load_secret
from tests.browser import people
from tests.browser.books import Books, nothing_is_wrong
from tests.browser.clerk import Desk, Phone, Till, cells, figures, figures_at, minor
from tests.browser.conftest import PageFor
from tests.services import Services

PIN = "135790"
PHONE = {"viewport": {"width": 390, "height": 844}, "reduced_motion": "reduce"}
WIDE = {"viewport": {"width": 1024, "height": 768}, "reduced_motion": "reduce"}
SHOWN, PRESENTED, HELD = "Customer scanned the till", "Till scanned the customer", "Held, then captured"


@dataclass
class Day:
    """Everybody who takes part, and what was sold: payments by what they were, and sums by how they were paid."""

    services: Services
    till: Till
    mia: Phone
    ben: Phone
    desk: Desk
    sold: dict[str, str] = field(default_factory=dict)
    by_method: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, payment: str, amount_minor: int, method: str) -> None:
        """The till says by itself that a payment has come."""
        self.till.is_paid()
        self.sold[what] = payment
        self.by_method[method] = self.by_method.get(method, 0) + amount_minor

    @property
    def books(self) -> Books:
        """The ledger as it is now."""
        with closing(self.services.store()) as store:
            return store.read(Books.of)


@pytest.fixture
def day(page_for: PageFor, services: Services) -> Day:
    till = Till(*page_for("till", **WIDE), services)
    people.open_till(till.page, services)
    phones = []
    for name, pin in (("Mia", PIN), ("Ben", None)):
        page, camera = page_for(name.lower(), **PHONE)
        people.join(page, services, name, pin)
        phones.append(Phone(page, camera, services))
    with closing(services.store()) as store:
        access.ensure(store, config=services.config)
    return Day(services, till, *phones, Desk(page_for("till", **WIDE)[0], services))


def test_a_shop_runs_its_day_and_every_figure_is_the_ledgers(day: Day) -> None:
    day.till.open("/terminals")
    day.till.sheet("Make this browser a till", name="Counter")
    day.till.open("/shift")
    day.till.sheet("Open a shift", float="200")

    the_customer_scans(day)
    disputed = the_till_scans(day)
    what_takes_longer(day)
    assert (day.books.taken, len(day.books.payments)) == (58_879, 11)

    day.till.refund(day.sold["by camera"], why="Changed their mind")
    day.till.refund(day.sold["by digits"], line="Sesame bun", why="Not good")
    a_dispute_is_lost(day, disputed)
    assert (day.books.refunded, day.books.made_good) == (1_500 + 650, 500)

    the_drawer_is_counted(day)
    the_sales_and_their_receipts_agree(day)
    the_insight_agrees(day)
    the_money_is_paid_out(day)
    nothing_is_wrong(day.services, batches=1)
    for phone in (day.mia, day.ben):
        assert phone.balance_minor == day.books.people[phone.handle]


def the_customer_scans(day: Day) -> None:
    """The shop shows: a typed amount; options, discounts and a tip; goods from a scanner; the printed code."""
    till = day.till
    till.ring_up(typed="12.5")
    payment = till.charge()
    day.mia.look_at(till.page)
    till.says("scanned")
    day.mia.pay()
    day.note("typed", payment, 1_250, SHOWN)

    till.ring_up("Egg tart", "Milk tea")
    for choice in ("large", "pearls"):
        till.page.locator(f"#edit [data-choice={choice}]").click()
    till.page.fill("#edit-discount", "10 %")
    till.page.locator("#edit-done").click()
    till.take_share("discount", "0.70")
    till.take_share("tip", "10 %")
    payment = till.charge()
    day.ben.follow(till.link)
    day.ben.pay()
    day.note("with options", payment, 3_080, SHOWN)

    till.ring_up("Jasmine tea")
    people.scanner_types(till.page, "2000000000206")
    expect(till.page.locator("#total")).to_have_text("¥27.00")
    till.page.fill("#note", "No spoon")
    payment = till.charge()
    day.ben.follow(till.link)
    day.ben.pay()
    day.note("scanned goods", payment, 2_700, SHOWN)

    day.ben.look_at(till.open("/static-code"), ".poster")
    for key in ("9", ".", "9", "9"):
        day.ben.page.locator(f"[data-key='{key}']").click()
    day.ben.pay()


def the_till_scans(day: Day) -> str:
    """The customer shows: to the camera, by the digits, and for more than goes without a PIN. The last's transfer."""
    till = day.till
    till.ring_up("Oolong")
    payment = till.charge()
    till.look_at(day.mia)
    day.note("by camera", payment, 1_500, PRESENTED)

    till.ring_up("Sesame bun", "Sesame bun")
    payment = till.charge()
    till.type_digits(day.ben.show_code())
    day.note("by digits", payment, 1_300, PRESENTED)

    till.ring_up(typed="230")
    payment = till.charge()
    till.type_digits(day.mia.show_code())
    till.says("asked")
    transfer = day.mia.confirm(PIN)
    day.note("with a PIN", payment, 23_000, PRESENTED)
    return transfer


def what_takes_longer(day: Day) -> None:
    """Two who share the bill, a table that pays later, a deposit of which a part is taken, and one who walks away."""
    till = day.till
    till.ring_up("Oolong", "Oolong")
    till.page.locator("#split").click()
    till.page.fill("#part-0", "10")
    till.page.locator("#parts-do").click()
    payment = till.charged()
    day.mia.follow(till.link)
    day.mia.pay()
    day.note("first part", payment, 1_000, SHOWN)
    till.page.wait_for_url("**/split/*", timeout=people.PATIENCE_MS)
    till.page.locator("[data-part='1']").click()
    till.page.wait_for_url("**/checkout/*")
    payment = till.charged()
    till.type_digits(day.ben.show_code())
    day.note("second part", payment, 2_000, PRESENTED)

    till.ring_up("Red bean soup", typed="4.5")
    till.park("Table 7")
    till.take_up("Table 7")
    payment = till.charge()
    day.ben.follow(till.link)
    day.ben.pay()
    day.note("parked", payment, 2_050, SHOWN)

    till.ring_up(typed="230")
    till.page.get_by_label("Take the money later").check()
    payment = till.charge()
    day.mia.follow(till.link)
    day.mia.authorize(PIN)
    till.says("authorized")
    till.capture(payment, "200")
    day.sold["held"], day.by_method[HELD] = payment, 20_000

    till.ring_up("Egg tart")
    till.charge()
    till.page.locator("#cancel").click()
    till.says("canceled")


def a_dispute_is_lost(day: Day, transfer: str) -> None:
    """The customer complains on the phone, the shop answers, the operator decides."""
    day.mia.complain(transfer, "5", "The tea was cold.")
    till = day.till.open("/disputes")
    till.locator("#disputes .row").first.click()
    till.fill("#words", "It left the counter hot.")
    till.locator("#send").click()
    expect(till.locator("#dispute")).to_have_attribute("data-state", "answered")
    day.desk.sign_in()
    day.desk.decide_for_the_payer("The picture shows black tea.")
    expect(till.locator("#dispute")).to_have_attribute("data-state", "lost")
    expect(day.mia.page.locator("#view")).to_have_attribute("data-state", "lost")


def the_drawer_is_counted(day: Day) -> None:
    """Cash-up, and the Z report: what the ledger moved at this till, and what the shop sold for it."""
    till, books = day.till, day.books
    till.open("/shift")
    till.sheet("Cash out", amount="12.34", reason="milk")
    expect(till.page.locator("#shift")).to_contain_text("¥187.66")
    till.sheet("Close the shift", counted="187")
    expect(till.page.locator("#shift h1")).to_have_text("Z report 1")
    report, [at_the_counter] = figures(till.page), [999]
    here = books.taken - at_the_counter
    assert report["Payments · 10"] == here == sum(day.by_method.values())
    assert report["Refunds · 2"] == -books.refunded
    assert report["Net takings"] == here - books.refunded
    methods = {label.partition(" · ")[0]: amount for label, amount in report.items()}
    assert {name: methods[name] for name in day.by_method} == day.by_method
    assert (report["Tips"], report["Discounts"]) == (280, 300)
    assert report["Goods, discount taken off"] + report["Tips"] == here, "whatever was taken was taken for something"
    taxes = cells(till.page.locator("table:has(caption)"))
    assert sum(minor(gross) for gross, _ in taxes.values()) == report["Goods, discount taken off"]
    assert sum(minor(tax) for _, tax in taxes.values()) == report["Tax in the prices"]
    assert [minor(text) for text in cells(till.page.locator("table").last)["May · 10"]] == [here, 280, -books.refunded]
    expect(till.page.locator("#shift")).to_contain_text("1 payments, ¥9.99 (printed code, programs, revoked tills)")
    drawer = [report[label] for label in ("Cash at the start", "Taken out", "Must be there", "Counted", "Difference")]
    assert drawer == [20_000, -1_234, 18_766, 18_700, -66]


def the_sales_and_their_receipts_agree(day: Day) -> None:
    """The list's sums, and each payment's own receipt."""
    books, page = day.books, day.till.open("/sales")
    sums = page.locator("#sums").inner_text()
    assert [minor(found) for found in re.findall(r"¥[\d,.]+", sums)] == [books.taken, books.refunded + books.made_good]
    assert set(day.sold.values()) < set(books.payments)
    for payment, amount in books.payments.items():
        receipt = figures_at(page, "/" + links.path(payment, load_secret(day.services.config)))
        paid = [value for label, value in receipt.items() if label.startswith("Paid by")]
        assert paid == [amount], payment


def the_insight_agrees(day: Day) -> None:
    books, page = day.books, day.till.open("/insight?period=week")
    shown = figures(page)
    assert shown["Taken"] == books.taken
    assert (shown["Refunds (2)"], shown["Tips (1)"]) == (-books.refunded, 280)
    assert shown["Left after refunds"] == books.taken - books.refunded
    payers = cells(page.locator("#payers table"))
    assert [count for count, _ in payers.values()] == ["2", "0"]
    assert sum(minor(amount) for _, amount in payers.values()) == books.taken
    steps = {step.strip(): number for step, (_, number) in cells(page.locator("#steps table")).items()}
    assert steps == {"Code shown": "11", "Scanned": "10", "Paid": "10"}


def the_money_is_paid_out(day: Day) -> None:
    """Before the cut-off, on its way, and at the bank: the money's page, the batch, the console."""
    books, page = day.books, day.till.open("/money")
    assert minor(page.locator("#where .figure").inner_text()) == books.balance("shop") == books.taken - books.refunded
    expected = figures(page.locator("#coming"))
    day.desk.cut_off()
    books = day.books
    [fee], [clawback], [payout] = (books.moved("shop", to) for to in ("fees", "disputes", "payout"))
    assert clawback == books.made_good
    assert payout == books.taken - books.refunded - fee - clawback == expected["Would be paid out"]
    day.till.open("/money")
    where = figures(page.locator("#where"))
    assert (where["On its way to your bank"], books.balance("payout"), books.balance("shop")) == (payout, payout, 0)
    page.locator("#batches a").first.click()
    expect(page.locator("#batch")).to_be_visible()
    batch = figures(page.locator("#batch"))
    parts = [batch[label] for label in ("Sales (11)", "Refunds (2)", "Lost disputes (1)", "Fee", "Paid out")]
    assert parts == [books.taken, -books.refunded, -clawback, fee, payout]
    lines = [minor(text) for text in page.locator("#lines .end > .money").all_inner_texts()]
    assert sorted(lines) == sorted([*books.payments.values(), *(-each for each in books.moved("shop", "user")), -500])
    day.desk.hear_from_the_bank()
    day.till.open(page.url.removeprefix(day.services.merchant))
    expect(page.locator("#batch")).to_contain_text(re.compile("Arrived.*Sales, ledger and file agree", re.DOTALL))
    assert day.books.moved("payout", "bank") == [payout]
    day.till.open("/money").locator("#months a").first.click()
    expect(page.locator("article.paper")).to_be_visible()
    month = figures(page)
    parts = [month[label] for label in ("Sales (11)", "Refunds (2)", "Fees (1)", "Lost disputes (1)", "Payouts (1)")]
    assert parts == [books.taken, -books.refunded, -fee, -clawback, -payout]
    assert (month["Balance before"], month["Balance at the end"]) == (0, 0)
    day.desk.open("/ledger")
    expect(day.desk.page.locator(".trial")).to_contain_text("Even")
    books = day.books
    assert figures(day.desk.page.locator(".trial"))["Assets"] == -books.balance("bank") - books.balance("disputes")
