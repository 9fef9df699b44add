"""What the terminal shows, and the address that phones are told."""

from __future__ import annotations

import io
import ipaddress
import socket

from PIL import Image

from shared.codes import read
from shared.launcher import network, terminal


def test_a_box_is_straight_also_around_wide_letters() -> None:
    lines = terminal.boxed([("Wallet", "http://localhost:5001"), ("收款", "扫码")], ["Ctrl-C stops."]).splitlines()

    wide = set("收款扫码")
    widths = {len(line) + sum(letter in wide for letter in line) for line in lines}
    assert len(widths) == 1


def test_the_code_in_the_terminal_can_be_read() -> None:
    text = "https://192.168.1.50:5443"
    rows = terminal.code(text).splitlines()
    halves = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255), "\xa0": (0, 0)}
    picture = Image.new("L", (max(map(len, rows)), 2 * len(rows)))
    for y, row in enumerate(rows):
        for x, letter in enumerate(row):
            for half in (0, 1):
                picture.putpixel((x, 2 * y + half), halves[letter][half])

    large = picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST)
    out = io.BytesIO()
    large.save(out, "PNG")
    assert read.read_image(out.getvalue()) == text


def test_the_address_that_phones_are_told_is_private_or_missing() -> None:
    address = network.lan_address()

    assert address is None or ipaddress.IPv4Address(address).is_private
    assert not network.is_private("127.0.0.1")
    assert not network.is_private("8.8.8.8")
    assert network.is_private("172.20.1.1")


def test_a_computer_that_got_another_address_is_noticed() -> None:
    address = network.lan_address()

    assert network.moved_to("10.254.253.252") == address
    assert address is None or network.moved_to(address) is None


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert not network.is_free(port)
    assert network.is_free(port)
