"""Receivers that hang, lie, lead elsewhere, or stand where nothing may be sent."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from merchant.callbacks import addresses, outgoing
from merchant.callbacks.outgoing import LARGEST_ANSWER, Answer
from tests.merchant.callbacks.receiver import Receiver, status

BODY = b'{"type":"intent.captured"}'


def sent(url: str, *, is_sandbox: bool = True) -> Answer:
    return outgoing.post(url, {"Content-Type": "application/json"}, BODY, is_sandbox=is_sandbox)


def until_it_ends(line: socket.socket) -> None:
    """Say nothing until the other side has had enough."""
    line.recv(1)


def endless(line: socket.socket, first: bytes, more: bytes) -> None:
    """Go on for as long as anybody listens."""
    line.sendall(first)
    try:
        while True:
            line.sendall(more)
    except OSError:
        return


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "TIMEOUT_S", 0.3)


def test_an_answer_is_its_status_its_headers_and_its_body(receiver: Receiver) -> None:
    receiver.usual = status(201, "X-Mark: 7", body=b"thanks")
    found = sent(receiver.url)
    assert (found.status, found.headers["x-mark"], found.body, found.error) == (201, "7", b"thanks", None)
    [came] = receiver.came
    assert came.body == BODY
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_redirect_is_an_answer_and_is_not_followed(receiver: Receiver, make_receiver: Callable[[], Receiver]) -> None:
    elsewhere = make_receiver()
    receiver.usual = status(307, f"Location: {elsewhere.url}")
    assert sent(receiver.url).status == 307
    assert elsewhere.connections == 0


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "hang",
    [
        until_it_ends,
        lambda line: (line.sendall(b"HTTP/1.1 200 OK\r\n"), until_it_ends(line)),
        lambda line: (line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), until_it_ends(line)),
        lambda line: (line.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 3), until_it_ends(line)),
    ],
    ids=["silent", "within the head", "within the body", "always about to"],
)
def test_who_hangs_has_not_answered(receiver: Receiver, hang: Callable[[socket.socket], Any]) -> None:
    receiver.usual = hang
    assert sent(receiver.url) == Answer(error="timeout")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"220 mail.example ESMTP\r\n", "not_http"),
        (b"\x16\x03\x01\x00\x05hello", "not_http"),
        (b"", "connection_lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "connection_lost"),
        (lambda line: endless(line, b"HTTP/1.1 200 OK\r\n", b"X: y\r\n" * 100), "not_http"),
        (lambda line: endless(line, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100), "not_http"),
    ],
    ids=["mail", "binary", "nothing", "short", "endless head", "endless promises"],
)
def test_who_lies_has_not_answered(receiver: Receiver, answer: Any, error: str) -> None:
    receiver.usual = answer
    assert sent(receiver.url) == Answer(error=error)


def test_no_more_is_read_than_anybody_needs(receiver: Receiver) -> None:
    receiver.usual = lambda line: endless(line, b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 10_000)
    found = sent(receiver.url)
    assert (found.status, len(found.body)) == (200, LARGEST_ANSWER)


def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    with socket.create_server(("127.0.0.1", 0)) as left:
        port = left.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/").error == "connection_refused"
    assert sent("http://nobody.invalid/").error == "name_not_found"


def test_who_does_not_speak_tls_is_not_told(receiver: Receiver) -> None:
    assert sent(receiver.url.replace("http://", "https://")).error == "tls_failed"
    assert receiver.came == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:10.0.0.7",
     "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "2001:0:a00:1::", "fec0::1", "240.0.0.1", "nonsense"],
)  # fmt: skip
def test_an_address_of_no_public_network_is_known(address: str) -> None:
    assert not addresses.is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_a_public_address_is_known(address: str) -> None:
    assert addresses.is_public(address)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["1.1.1.1", "10.0.0.7"], ["::ffff:192.168.0.1"]])
def test_outside_a_sandbox_a_name_that_leads_inside_is_not_told(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (each, receiver.port)) for each in found]
    )
    answer = sent(f"https://shop.example:{receiver.port}/", is_sandbox=False)
    assert answer == Answer(error="address_not_allowed")
    assert receiver.connections == 0


def test_the_address_that_was_judged_is_the_one_that_is_told(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads elsewhere at the second look leads nowhere else: it is looked up once."""
    real, asked = socket.getaddrinfo, []

    def resolve(host: str, *more: Any, **named: Any) -> Any:
        if host == "shop.example":
            asked.append(host)
            assert len(asked) == 1, "looked up again"
            host = "127.0.0.1"
        return real(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert sent(f"http://shop.example:{receiver.port}/").status == 204
    assert receiver.came[0].headers["host"] == f"shop.example:{receiver.port}"
