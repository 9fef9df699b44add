"""A process that pays without end, to be killed: several people at once, on a store of its own.

Each acknowledged order goes into a pipe when the store has answered it, and not before. What stands in a pipe outlives
its writer, so the one who killed it can read what had been promised by then.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

from shared import faults
from shared.db.store import Store
from tests.crash import load
from tests.crash.load import Pair
from tests.world import World

THREADS = 4

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.crash.payer"])  # the dear imports happen once, not for every process


@dataclass(frozen=True)
class Acknowledged:
    """An order that was answered: its frame, and the transfer that it caused."""

    frame: bytes
    transfer_id: str


def killed(url: str, name: str, *, fault: str = "", after: int | None = None) -> list[Acknowledged]:
    """Have a process pay on the database until SIGKILL ends it; everything that it was acknowledged.

    It dies at the `fault` point (`store.committed=kill@3`, counted from the first payment), or by our hand when it has
    told of `after` acknowledged orders.
    """
    reading, writing = _context.Pipe(duplex=False)
    process = _context.Process(target=_pay, args=(url, name, fault, writing), daemon=True)
    process.start()
    writing.close()
    told: list[Acknowledged] = []
    with reading:
        while (message := _next(reading)) is not None:
            told.append(Acknowledged(message[message.index(b" ") + 1 :], message[: message.index(b" ")].decode()))
            if len(told) == after and process.pid:
                os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL, f"it was not killed, it ended with {process.exitcode}"
    return told


def _next(reading: Connection) -> bytes | None:
    try:
        return reading.recv_bytes()
    except EOFError:
        return None


def _pay(url: str, name: str, fault: str, writing: Connection) -> None:
    world = World(Store(url))
    pairs = [Pair.enter(world, f"{name}-{number}") for number in range(THREADS)]
    turn = threading.Lock()

    def done(frame: bytes, transfer_id: str) -> None:
        with turn:
            writing.send_bytes(transfer_id.encode() + b" " + frame)

    faults.load(fault)
    load.together([lambda pair=pair: load.pay(pair, done, rounds=itertools.count()) for pair in pairs])  # type: ignore[misc]
