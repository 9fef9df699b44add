"""Signing out: whoever holds on to what they had before hears and sees nothing more."""

from __future__ import annotations

from shared.codes.payloads import OrderKind
from tests.wallet.conftest import Phone


def test_an_open_stream_ends_with_its_session(ana: Phone, li: Phone) -> None:
    answer = ana.ask("GET", "/events", buffered=False)
    lines = iter(answer.response)
    assert b"retry" in next(lines)  # type: ignore[operator]
    ana.post("/api/session/end")
    li.post("/api/orders", {"order": li.order(OrderKind.SEND, ana.handle, 500)})
    assert next(lines, None) is None
    answer.close()


def test_a_session_that_ended_opens_nothing(ana: Phone) -> None:
    ana.post("/api/session/end")
    for path in ("/api/me", "/api/balance", "/api/statement", "/api/contacts", "/events"):
        assert ana.ask("GET", path).status_code == 401
