"""Balance, statement and receipts: mine in full, nobody else's at all; and the news of them as they happen."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from shared import ids
from shared.codes.payloads import OrderKind
from tests.wallet.conftest import Phone, refused
from tests.world import World


def send(phone: Phone, payee: str, amount_minor: int, **more: object) -> str:
    done = phone.post("/api/orders", {"order": phone.order(OrderKind.SEND, payee, amount_minor, **more)})
    return str(done["transfer"])


def test_both_sides_see_one_transfer_each_from_its_own_end(ana: Phone, li: Phone) -> None:
    ana.post("/api/contacts", {"card": li.card()})
    ana.ask("PATCH", "/api/contacts/li", {"alias": "Lili"})
    transfer = send(ana, "li", 500, memo="Lunch")

    paid, received = (phone.get("/api/statement")["rows"][0] for phone in (ana, li))

    assert (paid["transfer"], paid["direction"], paid["kind"], paid["memo"]) == (transfer, "out", "send", "Lunch")
    assert paid["counterparty"] == {"handle": "li", "display_name": "Li", "alias": "Lili", "kind": "user"}
    assert (received["transfer"], received["direction"], received["amount_minor"]) == (transfer, "in", 500)
    assert received["counterparty"]["alias"] == ""
    assert paid["seq"] == received["seq"]


def test_the_first_row_is_the_welcome_money_of_the_house(ana: Phone) -> None:
    [row] = ana.get("/api/statement")["rows"]

    assert (row["kind"], row["direction"], row["amount_minor"]) == ("top_up", "in", 100_000)
    assert row["counterparty"]["kind"] == "operator"


def test_a_payment_carries_what_the_shop_wrote_and_an_answered_request_what_was_asked_for(
    ana: Phone, li: Phone, world: World
) -> None:
    shop, request = world.shop("tea"), li.request(300, memo="Half of the taxi")
    intent = world.intent(shop, 1250, memo="2 Tea")
    ana.post("/api/orders", {"order": ana.order(OrderKind.PAY, "tea", 1250, subject=bytes.fromhex(intent.jti))})
    subject = bytes.fromhex(ana.post("/api/scan", {"text": request})["subject"])
    ana.post("/api/orders", {"order": ana.order(OrderKind.SEND, "li", 300, subject=subject), "presented": request})

    assert [row["memo"] for row in ana.get("/api/statement")["rows"]] == ["Half of the taxi", "2 Tea", "Welcome"]


def test_the_statement_comes_in_pages_that_join_without_gap(ana: Phone, li: Phone) -> None:
    sent = [send(ana, "li", amount) for amount in range(1, 8)]
    seen, before = [], ""
    while True:
        page = ana.get(f"/api/statement?limit=3{before}")
        assert len(page["rows"]) <= 3
        seen += [row["transfer"] for row in page["rows"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"

    assert seen[:-1] == sent[::-1]
    assert len(seen) == 8


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "limit=-1", "limit=", "before=0", "before=1.5", "before=%D9%A3",
        f"before={'9' * 30}",
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_is_bad_input(ana: Phone, query: str) -> None:
    refused(ana.ask("GET", f"/api/statement?{query}"), "bad_input", 400)


def test_a_receipt_is_for_the_two_sides_and_always_the_same(ana: Phone, li: Phone, join: Callable[..., Phone]) -> None:
    transfer = send(ana, "li", 500)

    first, again, theirs = (phone.get(f"/api/receipts/{transfer}") for phone in (ana, ana, li))

    assert first["code"] == again["code"] == theirs["code"]
    assert (first["payer"]["handle"], first["payee"]["handle"], first["amount_minor"]) == ("ana", "li", 500)
    assert first["svg"].startswith("<svg")
    mia = join("Mia")
    refused(mia.ask("GET", f"/api/receipts/{transfer}"), "no_such_transfer", 404)
    for unknown in (ids.new_id("trf", 0), "trf_x", "x"):
        refused(ana.ask("GET", f"/api/receipts/{unknown}"), "no_such_transfer", 404)


def test_each_hears_of_their_own_transfers_alone(ana: Phone, li: Phone, join: Callable[..., Phone]) -> None:
    mia = join("Mia")
    send(ana, "li", 500)
    send(ana, "mia", 700)

    news = events_of(li, 2)

    assert [name for name, _ in news] == ["transfer.posted", "transfer.posted"], "the welcome money and the transfer"
    assert [body["amount_minor"] for _, body in news] == [100_000, 500]
    assert news[-1][1]["payee_id"] == li.user
    assert mia.balance() == 100_700


def events_of(phone: Phone, count: int) -> list[tuple[str, dict[str, object]]]:
    """The first events of the stream from the beginning."""
    answer = phone.ask("GET", "/events?after=0", buffered=False)
    found: list[tuple[str, dict[str, object]]] = []
    try:
        for name, body in _parsed(answer.response):
            found.append((name, body))
            if len(found) == count:
                return found
    finally:
        answer.close()
    return found


def _parsed(chunks: object) -> Iterator[tuple[str, dict[str, object]]]:
    for chunk in chunks:  # type: ignore[attr-defined]
        text = chunk.decode() if isinstance(chunk, bytes) else chunk
        if "\ndata: " in text:
            name = text.partition("event: ")[2].partition("\n")[0]
            yield name, json.loads(text.partition("data: ")[2])
