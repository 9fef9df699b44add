"""The service dies between Pay and its answer: the phone asks again under the same id and learns what happened."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.payments import audit
from tests.services import Services

JOINED = 4
"""Commits of a fresh wallet until two people have joined: the bank, two sign-ups, and the one under test."""


@pytest.mark.parametrize("point", ["store.before_commit", "store.committed"])
def test_an_order_is_carried_out_once_whether_the_service_died_before_or_after_the_commit(
    make_services: Callable[..., Services], point: str
) -> None:
    services = make_services(SAOMA_FAULTS=f"{point}=exit@{JOINED}")
    services.start("wallet")
    ana, li = services.phone("Ana"), services.phone("Li")
    order = ana.order("send", li.handle, 1250, "CNY")
    asked: list[float] = []

    def restart(seconds: float) -> None:
        """What happens between the phone's first try and its second."""
        if not asked:
            assert services.wait_for_end("wallet") != 0
            services.start("wallet", SAOMA_FAULTS="")
        asked.append(seconds)

    answer = ana.send_order(order, pause=restart)

    assert asked, "the first try must have had no answer"
    assert answer["is_replay"] == (point == "store.committed")
    assert (ana.balance()["balance_minor"], li.balance()["balance_minor"]) == (98_750, 101_250)
    assert ana.send_order(order)["transfer"] == answer["transfer"]
    store = services.store()
    try:
        assert store.read(audit.run).faults == []
    finally:
        store.close()


def test_a_phone_of_the_command_line_takes_the_unanswered_order_up_again(
    make_services: Callable[..., Services],
) -> None:
    services = make_services()
    services.start("wallet")
    li = services.phone("Li")
    assert services.run("run.py", "phone", "new", "ana").returncode == 0
    services.stop()

    lost = services.run("run.py", "phone", "send", "ana", li.handle, "12.50")
    assert (lost.returncode, '"code": "no_answer"' in lost.stdout) == (1, True), lost

    services.start("wallet")
    for _ in range(2):
        done = services.run("run.py", "phone", "send", "ana", li.handle, "12.50")
        assert done.returncode == 0, done
    assert li.balance()["balance_minor"] == 100_000 + 2 * 1250, (
        "the first repeat was the lost order, the second a new one"
    )
