"""One HTTP POST to somebody who may hang, lie or lead elsewhere: ten seconds in all, no redirects, 64 kB of answer."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from merchant.callbacks import addresses
from merchant.callbacks.addresses import BadCallbackUrl, NotPublic, Target

TIMEOUT_S = 10.0
LARGEST_ANSWER = 64 * 1024
_LARGEST_READ = 256 * 1024
"""Of everything that comes back, heads included: who sends more before an answer is whole has sent none."""
_AGENT = "Saoma-Callbacks/1"
PIECES, PAUSE_S = 4, 1.0
"""How a callback that is slow on purpose trickles in."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or what went wrong (`error`); `headers` have names in lower case."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None


def post(url: str, headers: Mapping[str, str], body: bytes, *, is_sandbox: bool, pause_s: float = 0) -> Answer:
    """Send `body` to `url`; with `pause_s` in pieces, so long apart. Never raises."""
    ends_at = time.monotonic() + TIMEOUT_S + (PIECES - 1) * pause_s
    try:
        target = addresses.target(url, is_sandbox=is_sandbox)
        address = addresses.resolve(target, is_sandbox=is_sandbox)
        with _connected(target, address, ends_at) as line:
            _send(line, target, headers, body, ends_at, pause_s)
            return _answer(line, ends_at)
    except (BadCallbackUrl, NotPublic):
        return Answer(error="address_not_allowed")
    except socket.gaierror:
        return Answer(error="name_not_found")
    except TimeoutError:
        return Answer(error="timeout")
    except ssl.SSLError:
        return Answer(error="tls_failed")
    except ConnectionRefusedError:
        return Answer(error="connection_refused")
    except OSError:
        return Answer(error="connection_lost")
    except (http.client.HTTPException, ValueError):
        return Answer(error="not_http")


def _connected(target: Target, address: str, ends_at: float) -> socket.socket:
    line = socket.create_connection((address, target.port), _left(ends_at))
    if not target.is_tls:
        return line
    try:
        return _context(address).wrap_socket(line, server_hostname=target.host)
    except BaseException:
        line.close()
        raise


def _context(address: str) -> ssl.SSLContext:
    """Certificates are checked, but those of this computer and its network, which nobody signs."""
    context = ssl.create_default_context()
    if not addresses.is_public(address):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _send(
    line: socket.socket, target: Target, headers: Mapping[str, str], body: bytes, ends_at: float, pause_s: float
) -> None:
    own = {"Host": target.authority, "User-Agent": _AGENT, "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"POST {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in (own | dict(headers)).items())]
    if any("\r" in each or "\n" in each for each in lines):
        raise ValueError("a line break in a header")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    if not pause_s or not body:
        return _give(line, head + body, ends_at)
    step = -(-len(body) // PIECES)
    for start in range(0, len(body), step):
        _give(line, (b"" if start else head) + body[start : start + step], ends_at)
        time.sleep(pause_s if start + step < len(body) else 0)
    return None


def _give(line: socket.socket, content: bytes, ends_at: float) -> None:
    line.settimeout(_left(ends_at))
    line.sendall(content)


def _answer(line: socket.socket, ends_at: float) -> Answer:
    response = http.client.HTTPResponse(_Line(line, ends_at), method="POST")  # type: ignore[arg-type]
    try:
        response.begin()
        body = response.read(LARGEST_ANSWER)
        if response.length and len(body) < LARGEST_ANSWER:
            raise ConnectionError("the answer broke off")
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body)
    finally:
        response.close()


def _left(ends_at: float) -> float:
    """Seconds that are left; TimeoutError when none are."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Line:
    """A socket as http.client reads it, but with one deadline and one size for everything that comes."""

    def __init__(self, line: socket.socket, ends_at: float) -> None:
        self._line = line
        self._ends_at = ends_at

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What the answer is read from."""
        return io.BufferedReader(_Within(self._line, self._ends_at))


class _Within(io.RawIOBase):
    def __init__(self, line: socket.socket, ends_at: float) -> None:
        self._line = line
        self._ends_at = ends_at
        self._left = _LARGEST_READ

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._line.settimeout(_left(self._ends_at))
        count = self._line.recv_into(buffer, min(len(buffer), self._left) or 1)
        self._left -= count
        if self._left < 0:
            raise ValueError("more than anybody needs to say")
        return count
