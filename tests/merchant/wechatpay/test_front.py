"""The front for SDKs with a fixed host: answers by TLS as that host, and the till behind it does the rest."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from merchant.wechatpay import front
from tests.browser import stage
from tests.merchant.shop import Shop
from tests.merchant.wechatpay.clerk import Clerk, hired
from tests.merchant.wechatpay.test_bills import morning, sold
from tests.world import Member


class ByTls:
    """A client that asks the front, by TLS, for the real host's name."""

    def __init__(self, port: int, authority: Path) -> None:
        self.context = ssl.create_default_context(cafile=str(authority))
        self.port = port

    def talk(self, sent: bytes, name: str = front.HOST) -> bytes:
        """All that comes back on one connection."""
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=20) as plain,
            self.context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            secure.sendall(sent)
            return b"".join(iter(lambda: secure.recv(65536), b""))

    def open(self, path: str, *, method: str, data: bytes, headers: dict[str, str]) -> Any:
        """As Flask's test client is asked; the status and the body."""
        head = {"Host": front.HOST, "Content-Length": str(len(data)), "Connection": "close"} | headers
        lines = [
            f"{method} {path.removeprefix('/wechatpay')} HTTP/1.1",
            *(f"{key}: {value}" for key, value in head.items()),
        ]
        answer, _, body = self.talk("\r\n".join([*lines, "", ""]).encode() + data).partition(b"\r\n\r\n")
        return Answer(int(answer.split()[1]), body)


class Answer:
    """What Flask's test client would answer, as far as it is looked at."""

    def __init__(self, status_code: int, data: bytes) -> None:
        self.status_code = status_code
        self.data = data


@pytest.fixture
def by_tls(shop: Shop, tmp_path: Path) -> Iterator[ByTls]:
    context = front.tls(tmp_path / "front")
    with stage.serving(shop.app) as till:
        serving = front.Front(("127.0.0.1", 0), till, context)
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield ByTls(serving.server_port, tmp_path / "front" / "ca.pem")
        serving.shutdown()
        serving.server_close()


def test_an_sdk_with_a_fixed_host_is_served_bills_included(shop: Shop, by_tls: ByTls, ana: Member) -> None:
    clerk = hired(shop)
    day = morning(shop)
    sold(shop, clerk, ana, "order-0001", 1250)
    shop.world.pass_time(26 * 3_600)
    fixed = Clerk(by_tls, clerk.mchid, clerk.appid, clerk.serial, clerk.key)  # type: ignore[arg-type]

    query = fixed.get(f"/v3/pay/transactions/out-trade-no/order-0001?mchid={clerk.mchid}")
    bill = fixed.get(f"/v3/bill/tradebill?bill_date={day}")

    assert (query.status_code, b'"trade_state":"SUCCESS"' in query.data) == (200, True)
    assert b'"download_url":"https://api.mch.weixin.qq.com/v3/billdownload/file?token=' in bill.data
    assert fixed.post("/v3/refund/domestic/refunds", {"out_refund_no": "x"}).status_code == 400


def test_its_authority_may_vouch_for_that_name_alone(by_tls: ByTls, tmp_path: Path) -> None:
    authority = x509.load_pem_x509_certificate((tmp_path / "front" / "ca.pem").read_bytes())

    named = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees

    assert named == [x509.DNSName(front.HOST)]
    with pytest.raises(ssl.SSLCertVerificationError):
        by_tls.talk(b"", "localhost")


def test_who_does_not_speak_tls_or_sends_too_much_holds_up_nobody(by_tls: ByTls) -> None:
    with socket.create_connection(("127.0.0.1", by_tls.port), timeout=20) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\n\r\n")
        too_much = by_tls.talk(b"POST /v3/x HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
        odd = by_tls.talk(b"POST /v3/x HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n")

    assert too_much.split()[1] == b"413"
    assert odd.split()[1] == b"400"
