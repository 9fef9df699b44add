"""How a service is served: one granian worker with many threads, on loopback unless the LAN was asked for.

An event stream holds one thread for as long as its page is open, so there are more threads than streams are allowed.
With `SAOMA_LAN=1` a service listens twice, plain and with TLS, each in a process of its own; only the plain one does
background work. Each process stays on one processor (`one_processor.py`), unless `SAOMA_ONE_CPU=0`.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels

from shared import config as settings
from shared import one_processor
from shared.db.engine import UnfitDatabase
from shared.web import certificates, live

if TYPE_CHECKING:
    from types import FrameType

THREADS = live.MOST_STREAMS + 64
"""Requests and event streams that one listener answers at the same time; granian starts them as they are needed."""

STOP_WITHIN_S = 1
"""How long a stopping worker may finish its answers; an open event stream would otherwise hold it for ever."""

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"


@dataclass(frozen=True, slots=True)
class Listener:
    """One socket of a service; with a certificate it speaks TLS."""

    host: str
    port: int
    certificate: certificates.Certificate | None = None


def serve(
    target: str,
    host: str,
    port: int,
    *,
    threads: int = THREADS,
    certificate: certificates.Certificate | None = None,
    stays: bool = True,
) -> None:
    """Serve the app that the factory `target` (`module:function`) makes, until SIGINT or SIGTERM.

    SystemExit when its worker dies. An event stream ends at its first write after the browser has left, so a stream
    must write now and then. `stays`: on one processor; services on neighbouring ports take different ones.
    """
    _die_with_parent()
    if stays:
        one_processor.stay(port)
    Granian(
        target,
        host,
        port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=threads,
        workers_kill_timeout=STOP_WITHIN_S,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=15_000),
        ssl_cert=certificate.chain if certificate else None,
        ssl_key=certificate.key if certificate else None,
        ssl_protocol_min=SSLProtocols.tls12,
        log_level=LogLevels.error,
    ).serve()


def main(service: str, target: str, check: Callable[[settings.Config], None]) -> int:
    """Serve `wallet` or `merchant` as the environment says, when `check` finds the database fit; the exit code."""
    try:
        config = settings.from_environment()
        check(config)
        listeners = listeners_of(service, config)
    except (UnfitDatabase, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    if len(listeners) == 1:
        serve(target, listeners[0].host, listeners[0].port, stays=config.stays_on_one_cpu)
        return 0
    _die_with_parent()
    return _serve_all(target, listeners, stays=config.stays_on_one_cpu)


def listeners_of(service: str, config: settings.Config) -> list[Listener]:
    """Where a service listens: on loopback alone, or everywhere, plain and with TLS, when it is served on the LAN."""
    port, tls_port = {
        "wallet": (config.wallet_port, config.wallet_tls_port),
        "merchant": (config.merchant_port, config.merchant_tls_port),
    }[service]
    if not config.is_lan:
        return [Listener(LOOPBACK, port)]
    certificate = certificates.ensure(config.data_dir / "tls", config.public_host)
    return [Listener(EVERYWHERE, port), Listener(EVERYWHERE, tls_port, certificate)]


def does_background_work() -> bool:
    """Whether this process is the service's first listener: the one that sweeps deadlines."""
    return os.environ.get("SAOMA_BACKGROUND") != "0"


def _serve_all(target: str, listeners: list[Listener], *, stays: bool) -> int:
    """Serve each listener in a process; when one ends, or at SIGINT or SIGTERM, end them all."""
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_serve_listener, args=(target, listener, index == 0, stays))
        for index, listener in enumerate(listeners)
    ]
    signal.signal(signal.SIGTERM, _interrupt)
    for process in processes:
        process.start()
    is_asked = False
    try:
        multiprocessing.connection.wait([process.sentinel for process in processes])
    except KeyboardInterrupt:
        is_asked = True
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(STOP_WITHIN_S + 3)
        process.kill()
    return 0 if is_asked else 1


def _serve_listener(target: str, listener: Listener, is_first: bool, stays: bool) -> None:
    if not is_first:
        os.environ["SAOMA_BACKGROUND"] = "0"
    serve(target, listener.host, listener.port, certificate=listener.certificate, stays=stays)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _die_with_parent() -> None:
    """Stop when the supervisor is gone, even if it was killed: it holds the other end of the pipe `SAOMA_LIFELINE`."""
    number = os.environ.pop("SAOMA_LIFELINE", "")
    if not number:
        return

    def watch() -> None:
        os.read(int(number), 1)  # returns at end of file only: nobody writes
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()
