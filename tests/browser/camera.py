"""A camera made of files: what a person's phone is pointed at, as Chromium's fake capture device plays it.

Chromium reads a `.y4m` file for its camera. Replacing the file changes what the *next* opening sees; overwriting it in
place, with the same size, changes what an open camera sees within a frame or two.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import qrcode
from PIL import Image, ImageFilter
from playwright.sync_api import Page

FRAME_SIZE = (1280, 720)
_WALL = (70, 80, 90)


class FakeCamera:
    """One camera, for one browser process."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.look_away()

    def look_away(self) -> None:
        """Point at a bare wall."""
        self._replace(_video(Image.new("RGB", FRAME_SIZE, _WALL)))

    def show(self, picture: Image.Image, *, scale: float = 0.8, angle: float = 0, blur: float = 0) -> None:
        """Point at `picture` before a page opens the camera."""
        self._replace(_video(scene(picture, scale=scale, angle=angle, blur=blur)))

    def show_live(self, picture: Image.Image, *, scale: float = 0.8, angle: float = 0, blur: float = 0) -> None:
        """Point at `picture` while a page has the camera open."""
        video = _video(scene(picture, scale=scale, angle=angle, blur=blur))
        assert len(video) == self.path.stat().st_size, "an open camera cannot change its resolution"
        with self.path.open("r+b") as file:
            file.write(video)

    @property
    def arguments(self) -> list[str]:
        """The browser's start arguments for this camera, with the permission given."""
        return [
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={self.path}",
        ]

    def _replace(self, video: bytes) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_bytes(video)
        os.replace(fresh, self.path)


def code_picture(text: str, module_px: int = 6) -> Image.Image:
    """A QR code of `text` with its margin."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=module_px, border=4)
    code.add_data(text)
    code.make(fit=True)
    return code.make_image().get_image().convert("RGB")


def screen_picture(page: Page, selector: str | None = None) -> Image.Image:
    """What stands on another browser's screen, so that one person can scan another's."""
    target = page.locator(selector) if selector else page
    return Image.open(io.BytesIO(target.screenshot())).convert("RGB")


def scene(picture: Image.Image, *, scale: float, angle: float, blur: float) -> Image.Image:
    """`picture` as a camera sees it: `scale` of the frame's height, turned by `angle` degrees, blurred by `blur`."""
    factor = min(FRAME_SIZE[0] / picture.width, FRAME_SIZE[1] / picture.height) * scale
    seen = picture.resize((int(picture.width * factor), int(picture.height * factor)), Image.Resampling.LANCZOS)
    seen = seen.convert("RGBA").rotate(angle, expand=True, resample=Image.Resampling.BICUBIC)
    frame = Image.new("RGB", FRAME_SIZE, _WALL)
    frame.paste(seen, ((FRAME_SIZE[0] - seen.width) // 2, (FRAME_SIZE[1] - seen.height) // 2), seen)
    return frame.filter(ImageFilter.GaussianBlur(blur)) if blur else frame


def _video(frame: Image.Image) -> bytes:
    """Two equal frames of YUV 4:2:0; the capture device plays them for ever."""
    width, height = frame.size
    luma, *chroma = frame.convert("YCbCr").split()
    half = [plane.resize((width // 2, height // 2), Image.Resampling.BILINEAR).tobytes() for plane in chroma]
    picture = b"FRAME\n" + luma.tobytes() + b"".join(half)
    return f"YUV4MPEG2 W{width} H{height} F15:1 Ip A1:1 C420jpeg\n".encode() + picture * 2
