"""Drawing and reading: what is drawn is read back, small enough for a phone; hostile pictures are refused."""

from __future__ import annotations

import contextlib
import io
import re
import struct
import zlib
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.codes import frame, payloads, read, render, seal
from tests.codes.samples import ADA, JTI, KEYS, NOW_S, REALM, anything, few, request

DAMAGED = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
"""Pillow warns of broken metadata before it gives up."""

HOST_20 = "https://pay.example-town.org"
TEXT = frame.code_text(HOST_20, seal.seal(request(), ADA, REALM))
OTHER = frame.code_text(HOST_20, seal.seal(request(amount_minor=99), ADA, REALM))


def picture_of(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def file_of(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def side_by_side(*texts: str) -> bytes:
    parts = [picture_of(render.qr_png(text)) for text in texts]
    sheet = Image.new("RGB", (sum(part.width for part in parts), max(part.height for part in parts)), "white")
    at = 0
    for part in parts:
        sheet.paste(part, (at, 0))
        at += part.width
    return file_of(sheet)


@few
@given(anything(ADA.public_key.raw), st.sampled_from([HOST_20, "http://localhost:5001", "http://10.0.0.7:5001/w/ada"]))
def test_a_drawn_code_is_read_back(payload: payloads.AnyPayload, base_url: str) -> None:
    raw = seal.seal(payload, ADA, REALM)
    text = frame.code_text(base_url, raw)

    assert read.read_image(render.qr_png(text, 4)) == text
    assert frame.frame_of_text(text) == raw


@pytest.mark.parametrize(
    "text", ["https://localhost:5000/", "hello", "小波的钱包", "0123456789", "#", "a#b", "x" * 600]
)
def test_any_other_text_can_be_drawn_too(text: str) -> None:
    assert read.read_image(render.qr_png(text)) == text


def test_a_text_beyond_any_qr_code_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        render.matrix("x" * 3000)


def test_cards_requests_and_payments_are_of_version_8_or_9_for_a_host_of_20_characters() -> None:
    assert len(HOST_20.removeprefix("https://")) == 20
    for signer in KEYS.values():
        for payload in (
            payloads.ContactCard("ada.lovelace", NOW_S, "Ada Lovelace", signer.public_key.raw),
            request(memo="lunch"),
            payloads.PaymentRequest("tea-house", 1250, 156, NOW_S, 900, JTI, "A-17", None, "till-1"),
        ):
            side = len(render.matrix(frame.code_text(HOST_20, seal.seal(payload, signer, REALM)))) - 2 * 4
            assert (side - 17) // 4 in (8, 9)


def test_the_svg_draws_the_same_modules_as_the_matrix() -> None:
    rows = render.matrix(TEXT)
    svg = ElementTree.fromstring(render.qr_svg(TEXT, 'Code of "Ada" & <Bo>'))
    background, path = svg
    painted = set()
    x = y = 0
    for move, first, second, width in re.findall(r"([Mm])(\d+) ([\d.]+)h(\d+)", path.attrib["d"]):
        x, y = (int(first), int(float(second))) if move == "M" else (x + int(first), y)
        painted |= {(x + step, y) for step in range(int(width))}
        x += int(width)

    assert painted == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}
    assert svg.attrib["viewBox"] == f"0 0 {len(rows)} {len(rows)}"
    assert svg.attrib["aria-label"] == 'Code of "Ada" & <Bo>'
    assert (svg.attrib["role"], background.attrib["fill"], path.attrib["stroke"]) == ("img", "#fff", "#000")


def test_four_modules_around_a_code_are_white() -> None:
    rows = render.matrix(TEXT)

    assert not any(any(row) for row in (*rows[:4], *rows[-4:]))
    assert not any(any((*row[:4], *row[-4:])) for row in rows)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_a_code_is_read_from_every_common_kind_of_file(kind: str) -> None:
    assert read.read_image(file_of(picture_of(render.qr_png(TEXT)), kind)) == TEXT


def test_a_code_on_a_transparent_ground_is_read() -> None:
    grey = picture_of(render.qr_png(TEXT)).convert("L")
    clear = Image.new("RGBA", grey.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=grey.point(lambda value: 255 - value))

    assert read.read_image(file_of(clear)) == TEXT


def test_a_turned_photo_is_read() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = picture_of(render.qr_png(TEXT)).rotate(33, expand=True, fillcolor="white")

    assert read.read_image(file_of(photo, "JPEG", exif=exif)) == TEXT


def test_of_several_codes_the_only_one_of_ours_is_taken() -> None:
    assert read.read_image(side_by_side("https://example.com/menu", TEXT)) == TEXT
    assert read.read_image(side_by_side(TEXT, TEXT)) == TEXT


@pytest.mark.parametrize("texts", [(TEXT, OTHER), ("https://example.com/menu", "WIFI:S:Cafe;;")])
def test_several_codes_are_not_chosen_from(texts: tuple[str, ...]) -> None:
    with pytest.raises(read.SeveralCodesInImage):
        read.read_image(side_by_side(*texts))


def test_a_picture_without_a_code_says_so() -> None:
    with pytest.raises(read.NoCodeInImage):
        read.read_image(file_of(Image.new("RGB", (300, 200), "white")))


@DAMAGED
@pytest.mark.parametrize(
    "data",
    [
        b"", b"hello", b"%PDF-1.7 ...", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n" + bytes(40),
        b"GIF89a\xff\xff", b"II*\x00\xff\xff\xff\xff", render.qr_png(TEXT)[:300], b"BM" + bytes(60),
    ],
)  # fmt: skip
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(read.NotAnImage):
        read.read_image(data)


@pytest.mark.parametrize(("width", "height"), [(10_000, 5_001), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_picture_that_would_unpack_to_gigabytes_is_refused_by_its_header(width: int, height: int) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )

    with pytest.raises(read.ImageTooLarge):
        read.read_image(bomb)


def test_a_file_of_more_than_20_megabytes_is_refused_unread() -> None:
    with pytest.raises(read.ImageTooLarge):
        read.read_image(bytes(20_000_001))


@DAMAGED
@few
@given(st.data())
def test_a_damaged_picture_gives_its_code_or_a_refusal(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]))
    raw = bytearray(file_of(picture_of(render.qr_png("x", 2)), kind))
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=6)):
        raw[at] = data.draw(st.integers(0, 255))

    with contextlib.suppress(read.NotAnImage, read.NoCodeInImage, read.ImageTooLarge):
        assert read.read_image(bytes(raw)) == "x"


@pytest.mark.parametrize("size", [(70_000, 1), (1, 70_000)])
def test_a_picture_that_is_a_mere_line_is_not_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(read.ImageTooLarge):
        read.read_image(file_of(Image.new("1", size)))


@DAMAGED
def test_a_photo_whose_notes_are_damaged_is_no_broken_page() -> None:
    """Notes of the wrong type break the library where it turns the picture upright."""
    notes = Image.Exif()
    notes[0x0112], notes[0x011A] = 6, (72, 1)
    photo = file_of(Image.new("RGB", (40, 40)), "JPEG", exif=notes)
    for place in range(20, 120):
        for value in (0, 2, 7, 255):
            with pytest.raises((read.NotAnImage, read.NoCodeInImage, read.ImageTooLarge)):
                read.read_image(photo[:place] + bytes([value]) + photo[place + 1 :])


@pytest.mark.parametrize("text", [TEXT, TEXT.partition("#")[2], "281234567890123456", "x" * 300, "x" * 5000, ""])
def test_a_text_that_is_no_files_name_is_the_code_itself(text: str) -> None:
    assert read.text_of(text) == text
