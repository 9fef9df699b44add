"""Faults on order: each as a shop's server sees it, asked for over the API."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from standardwebhooks import WebhookVerificationError

from merchant.callbacks import outgoing
from shared.payments.intents import GRACE_MS
from tests.merchant.callbacks.conftest import Hooked
from tests.merchant.callbacks.receiver import OK, Came, read_request
from tests.merchant.shop import open_shop
from tests.world import SECRET, Member, World

BAD: list[dict[str, object]] = [
    {"fault": "rude"},
    {"fault": "late", "times": 0},
    {"fault": "late", "times": 1.5},
    {"fault": "twice", "delay_s": 5},
    {"fault": "late", "delay_s": 0},
    {"fault": "late", "kind": "pigeon"},
    {"times": 1},
]


def order(hooked: Hooked, fault: str, times: int | None = 1, **more: object) -> None:
    extent = {} if times is None else {"times": times}
    hooked.ask("POST", "/test_faults", {"fault": fault, "kind": "webhook", **extent, **more})


def on_order(hooked: Hooked) -> dict[str, int | None]:
    return {each["fault"]: each["remaining"] for each in hooked.ask("GET", "/test_faults")["data"]}


def test_late_comes_when_its_time_has_come(hooked: Hooked) -> None:
    hooked.only("intent.created")
    order(hooked, "late", delay_s=600)
    hooked.created()
    assert hooked.send() == 0
    hooked.advance(500)
    assert hooked.send() == 0
    hooked.advance(101)
    assert hooked.send() == 1


def test_twice_comes_twice_under_one_id(hooked: Hooked) -> None:
    order(hooked, "twice")
    hooked.created()
    assert hooked.send() == 2
    first, second = hooked.receiver.came
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.verified(hooked.secret) == second.verified(hooked.secret)


def test_out_of_order_comes_after_what_happened_later(hooked: Hooked, ana: Member) -> None:
    order(hooked, "out_of_order", times=None)
    id = hooked.created()
    hooked.shop.paid_by(ana, id)
    hooked.send()
    assert [kind for kind, _ in hooked.told()] == ["intent.captured", "intent.created"]


def test_out_of_order_comes_in_the_end_also_when_nothing_follows(hooked: Hooked) -> None:
    order(hooked, "out_of_order", delay_s=30)
    hooked.created()
    assert hooked.send() == 0
    hooked.advance(31)
    assert hooked.send() == 1


def test_a_bad_signature_is_none_and_the_next_try_is_good(hooked: Hooked) -> None:
    order(hooked, "bad_signature")
    hooked.receiver.answers = [b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"]
    hooked.created()
    hooked.send()
    with pytest.raises(WebhookVerificationError):
        hooked.last().verified(hooked.secret)
    hooked.advance(6)
    hooked.send()
    hooked.last().verified(hooked.secret)


def test_dropped_never_comes_and_stands_in_the_log(hooked: Hooked) -> None:
    order(hooked, "dropped")
    hooked.created()
    assert hooked.send() == 0
    [lost] = hooked.deliveries()
    assert (lost["status"], lost["fault"], lost["attempt_count"]) == ("dropped", "dropped", 0)
    hooked.ask("POST", f"/webhook_deliveries/{lost['id']}/redeliver", {})
    assert hooked.send() == 1, "it can still be sent by hand"


def test_slow_trickles_in(hooked: Hooked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "PAUSE_S", 0.05)
    found: list[tuple[int, Came | None]] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        hooked.ask("POST", f"/webhook_endpoints/{hooked.endpoint}", {"url": url})
        order(hooked, "slow")
        hooked.created()

        def serve() -> None:
            line, _ = listening.accept()
            with line:
                pieces = Pieces(line)
                came = read_request(pieces)  # type: ignore[arg-type]
                line.sendall(OK)
                found.append((pieces.count, came))

        serving = threading.Thread(target=serve)
        serving.start()
        hooked.send()
        serving.join()
    [(count, came)] = found
    assert came is not None
    assert count >= outgoing.PIECES
    came.verified(hooked.secret)


class Pieces:
    """A connection that counts in how many pieces something came."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self.count = 0

    def recv(self, size: int) -> bytes:
        self.count += 1
        return self._line.recv(size)


def test_after_close_comes_when_the_sale_is_over(hooked: Hooked, ana: Member) -> None:
    hooked.only("intent.captured")
    order(hooked, "after_close")
    id = hooked.created(ttl_s=60)
    hooked.shop.paid_by(ana, id)
    assert hooked.send() == 0
    hooked.advance(60 + GRACE_MS / 1000 - 30)
    assert hooked.send() == 0
    hooked.advance(31)
    hooked.send()
    assert hooked.told() == [("intent.captured", id)]


def test_a_fault_is_used_up_by_so_many_callbacks(hooked: Hooked) -> None:
    order(hooked, "dropped", times=2)
    for left in ({"dropped": 1}, {}, {}):
        hooked.created()
        hooked.send()
        assert on_order(hooked) == left
    assert len(hooked.receiver.came) == 1


def test_a_fault_lasts_until_it_is_cleared(hooked: Hooked) -> None:
    order(hooked, "dropped", times=None)
    order(hooked, "twice", times=3)
    hooked.created()
    hooked.send()
    assert on_order(hooked) == {"dropped": None, "twice": 3}
    hooked.ask("POST", "/test_faults/clear", {"fault": "dropped"})
    assert on_order(hooked) == {"twice": 3}
    hooked.ask("POST", "/test_faults/clear", {})
    assert on_order(hooked) == {}
    hooked.created()
    assert hooked.send() == 1


def test_a_bad_order_is_refused(hooked: Hooked) -> None:
    for body in BAD:
        hooked.ask("POST", "/test_faults", body, 400)


def test_outside_a_sandbox_nothing_goes_wrong_on_order(
    sqlite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    program = open_shop(sqlite_world.store, tmp_path / "data", SAOMA_SANDBOX="0").program()
    assert program.ask("POST", "/test_faults", {"fault": "late"}).json["code"] == "not_a_sandbox"
