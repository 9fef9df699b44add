"""Signing out: whoever holds on to what they had before hears and sees nothing more."""

from __future__ import annotations

import pytest

from shared.codes import frame as frames
from shared.codes.payloads import OrderKind
from shared.codes.refusals import RevokedKey
from shared.payments import actions as payments
from tests.wallet.conftest import Phone
from tests.world import World


def test_an_open_stream_ends_with_its_session(ana: Phone, li: Phone) -> None:
    answer = ana.ask("GET", "/events", buffered=False)
    lines = iter(answer.response)
    assert b"retry" in next(lines)  # type: ignore[operator]
    ana.post("/api/session/end")
    li.post("/api/orders", {"order": li.order(OrderKind.SEND, ana.handle, 500)})
    assert next(lines, None) is None
    answer.close()


def test_the_key_of_a_phone_that_signed_out_pays_for_nobody(ana: Phone, li: Phone, world: World) -> None:
    kept = ana.order(OrderKind.SEND, li.handle, 500)
    ana.post("/api/session/end")
    with pytest.raises(RevokedKey):
        world.store.run(payments.execute, order=world.prepared(frames.frame_of_text(kept)))
    assert li.balance() == 100_000


def test_a_session_that_ended_opens_nothing(ana: Phone) -> None:
    ana.post("/api/session/end")
    for path in ("/api/me", "/api/balance", "/api/statement", "/api/contacts", "/events"):
        assert ana.ask("GET", path).status_code == 401
