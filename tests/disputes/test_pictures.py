"""Pictures of evidence: redrawn as plain JPEGs, or refused."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from shared.disputes import pictures
from shared.disputes.pictures import BadPicture, redrawn


def picture(form: str, size: tuple[int, int] = (40, 30), **more: object) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", size, "teal").save(drawn, form, **more)
    return drawn.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_what_a_camera_or_a_screenshot_makes_is_taken(form: str) -> None:
    found = redrawn(picture(form))
    with Image.open(io.BytesIO(found.content)) as opened:
        assert (opened.format, opened.size, found.width, found.height) == ("JPEG", (40, 30), 40, 30)


def test_a_large_one_is_made_smaller_and_loses_what_else_it_held() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"  # turned by the camera, and described
    found = redrawn(picture("JPEG", (3200, 1600), exif=exif))
    assert (found.width, found.height) == (800, 1600)
    assert b"where I live" not in found.content


@pytest.mark.parametrize(
    "sent",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.4", picture("GIF"), picture("PNG")[:60],
     b"\x89PNG\r\n\x1a\n" + b"\0" * 40],
)  # fmt: skip
def test_what_is_no_picture_is_refused(sent: bytes) -> None:
    with pytest.raises(BadPicture):
        redrawn(sent)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "_MOST_PIXELS", 1000)
    with pytest.raises(BadPicture):
        redrawn(picture("PNG"))
