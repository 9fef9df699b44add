"""A process that pays and seals without end, to be killed: several people at once, on a store of its own.

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
from functools import partial
from multiprocessing.connection import Connection

from shared import faults
from shared.config import Config
from shared.db.store import Store
from shared.payments import sealing
from tests.crash import load
from tests.crash.load import Pair
from tests.world import SECRET, World

THREADS = 4
LOG_PAGES = 100
"""The log is carried back into the file every few commits, so that some die in the middle of that."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.crash.payer"])  # the dear imports happen once, not for every process


@dataclass(frozen=True)
class Acknowledged:
    """An order that was answered: its frame, and the transfer that it caused."""

    frame: bytes
    transfer_id: str


def killed(
    config: Config, name: str, *, fault: str = "", after: int | None = None, is_hasty: bool = False
) -> list[Acknowledged]:
    """Have a process pay on the installation's database until SIGKILL ends it; everything that it was acknowledged.

    It dies at the `fault` point (`store.committed=kill@3`, counted from the first payment), or by our hand when it has
    told of `after` acknowledged orders. A hasty one tells of each order before it gives it: the control.
    """
    reading, writing = _context.Pipe(duplex=False)
    process = _context.Process(target=_pay, args=(config, name, fault, is_hasty, writing), daemon=True)
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


def _pay(config: Config, name: str, fault: str, is_hasty: bool, writing: Connection) -> None:
    world = World(Store(config.database_url, log_pages=LOG_PAGES))
    pairs = [Pair.enter(world, f"{name}-{number}") for number in range(THREADS)]
    turn = threading.Lock()

    def done(frame: bytes, transfer_id: str) -> None:
        with turn:
            writing.send_bytes(transfer_id.encode() + b" " + frame)

    def seal() -> None:
        for _ in itertools.count():
            sealing.seal_due(world.store, config=config, secret=SECRET)
            threading.Event().wait(0.02)

    faults.load(fault)
    load.together(
        [seal, *(partial(load.pay, pair, done, rounds=itertools.count(), is_hasty=is_hasty) for pair in pairs)]
    )
