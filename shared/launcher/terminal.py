"""What the terminal shows once everything runs: one box with the addresses, and a code for real phones."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence

import qrcode


def boxed(rows: Sequence[tuple[str, str]], footer: Sequence[str]) -> str:
    """A box of labelled values, with plain lines under them."""
    label_width = max(_width(label) for label, _ in rows)
    lines = [f"{label}{' ' * (label_width - _width(label))}   {value}" for label, value in rows]
    lines += ["", *footer]
    width = max(map(_width, lines))
    rule = "─" * (width + 4)
    body = "\n".join(f"│  {line}{' ' * (width - _width(line))}  │" for line in lines)
    return f"┌{rule}┐\n{body}\n└{rule}┘"


def code(text: str) -> str:
    """A QR code in half blocks, light on dark terminals and dark on light ones alike: its white is drawn."""
    drawing = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=2)
    drawing.add_data(text)
    out = io.StringIO()
    drawing.print_ascii(out=out, invert=True)
    return out.getvalue()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
