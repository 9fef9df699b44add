"""A process can keep itself to one processor, and what it starts with it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import pytest

from shared import one_processor

if not hasattr(os, "sched_getaffinity"):
    pytest.skip("this system lets nobody choose a processor", allow_module_level=True)

_ASK = "import os; print(sorted(os.sched_getaffinity(0)))"


def _mine() -> set[int]:
    return os.sched_getaffinity(0)


def test_who_stays_is_on_one_processor_until_the_block_ends() -> None:
    before = _mine()
    with one_processor.staying(1):
        assert len(_mine()) == 1
        assert _mine() <= before
    assert _mine() == before


def test_where_nobody_may_choose_everything_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    before = _mine()
    monkeypatch.setattr(one_processor, "_ALL", {4000})  # as if it was taken away since

    with one_processor.staying(0), one_processor.free():
        assert _mine() == before


def test_neighbours_take_different_processors_where_there_are_several() -> None:
    taken = set()
    for turn in range(5001, 5001 + len(_mine())):
        with one_processor.staying(turn):
            taken |= _mine()
    assert (len(taken) > 1) == (len(_mine()) > 1)


def test_what_is_started_meanwhile_stays_too_unless_it_is_started_free() -> None:
    found: list[set[int]] = []
    before = _mine()
    with one_processor.staying(0):
        thread = threading.Thread(target=lambda: found.append(_mine()))
        thread.start()
        thread.join()
        kept = subprocess.run([sys.executable, "-c", _ASK], check=True, capture_output=True, text=True).stdout
        with one_processor.free():
            free = subprocess.run([sys.executable, "-c", _ASK], check=True, capture_output=True, text=True).stdout
        assert found == [_mine()]
        assert kept.strip() == str(sorted(_mine()))
    assert free.strip() == str(sorted(before))
