"""Which text a code may carry: short, composed, and nothing in it that a reader cannot see.

Signed text is shown to other people before they part with money. So it may not hold line breaks, characters that turn
the reading direction, or ones that take no room: with them two different names look the same.
"""

from __future__ import annotations

import re
import unicodedata

HANDLE_BYTES = 32

_HANDLE = re.compile(r"[a-z0-9._-]{1,32}\Z", re.ASCII)
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u180f\u2800\u3164\uffa0")
"""Letters and marks by category that show nothing: joiners, fillers, selectors, the empty Braille cell."""


def is_handle(text: str) -> bool:
    """Whether this can be somebody's handle: 1 to 32 of a-z, 0-9, dot, underscore, hyphen."""
    return _HANDLE.match(text) is not None


def is_fit(text: str, max_bytes: int) -> bool:
    """Whether a code may carry this text: not blank, at most `max_bytes` of UTF-8, normalised (NFC), all visible."""
    if not text or text != text.strip(" ") or not all(map(_is_visible, text)):
        return False
    return len(text.encode("utf-8")) <= max_bytes and unicodedata.is_normalized("NFC", text)


def fitted(text: str, max_bytes: int) -> str:
    """The nearest text that is fit: every kind of space made plain, what is invisible left out, cut at a character.

    Empty when nothing remains; then leave the field out.
    """
    plain = unicodedata.normalize("NFC", "".join(" " if char.isspace() else char for char in text))
    plain = "".join(filter(_is_visible, plain))
    plain = unicodedata.normalize("NFC", plain).strip(" ")
    return plain.encode("utf-8")[:max_bytes].decode("utf-8", "ignore").rstrip(" ")


def _is_visible(char: str) -> bool:
    """By category, except that characters newer than this Python (unassigned to it) pass: a verdict must not age."""
    if char == " ":
        return True
    category, number = unicodedata.category(char), ord(char)
    if category == "Cn":
        return number & 0xFFFE != 0xFFFE and not 0xFDD0 <= number <= 0xFDEF and not 0xE0000 <= number <= 0xE0FFF
    return category[0] not in "CZ" and char not in _BLANK and not 0xE0000 <= number <= 0xE0FFF
