"""A front for SDKs whose host is written into them: answers as that host by TLS, and passes every request on.

The host's name leads here by a line of the hosts file. The certificate is of an authority of its own, which may vouch
for that one name and is trusted by the shop's program alone.
"""

from __future__ import annotations

import http.client
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shared.web import certificates

HOST = "api.mch.weixin.qq.com"
LARGEST_BODY = 1024 * 1024
PATIENCE_S = 60
_OWN = frozenset({"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-connection"})
"""Headers that are about one connection, and are not passed on (RFC 9110, 7.6.1)."""


def tls(folder: Path) -> ssl.SSLContext:
    """What the front answers with: the host's certificate, made in `folder` with its authority where it is missing."""
    made = certificates.ensure(folder, HOST, only=(HOST,))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.chain, made.key)
    return context


class Front(ThreadingHTTPServer):
    """Listens at (address, port) by TLS, and asks the till at `till`, such as `http://localhost:5002`."""

    daemon_threads = True

    def __init__(self, at: tuple[str, int], till: str, context: ssl.SSLContext) -> None:
        super().__init__(at, _Passing)
        self.till = urlsplit(till)
        self._context = context

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread, so that a client who does not go on with TLS keeps nobody waiting."""
        request.settimeout(PATIENCE_S)
        try:
            with self._context.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)
        except (OSError, ssl.SSLError):
            return


class _Passing(BaseHTTPRequestHandler):
    """One connection: each request goes to the till as it came, its own Host included, and its answer back."""

    protocol_version = "HTTP/1.1"
    server: Front

    def _pass(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > LARGEST_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(413 if length.isdecimal() else 400)
            return
        till = self.server.till
        asked = http.client.HTTPConnection(till.hostname or "localhost", till.port or 80, timeout=PATIENCE_S)
        try:
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _OWN}
            asked.request(self.command, self.path, self.rfile.read(int(length)), headers)
            answer = asked.getresponse()
            body = answer.read()
        except OSError:
            self.send_error(502, "Saoma's till does not answer")
            return
        finally:
            asked.close()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _OWN | {"content-length"}:
                self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass

    def log_message(self, format: str, *args: Any) -> None:
        """The till's own log has it."""
