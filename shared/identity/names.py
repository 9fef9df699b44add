"""Names that people choose: what may stand in one, and the plain handle made of it."""

from __future__ import annotations

import re
import unicodedata

from shared.errors import BadInput
from shared.identity import wording

LONGEST_NAME = 40
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "HEBREW", "ARABIC")
"""Scripts whose letters look alike across each other; a name may use one of them only."""


class BadName(BadInput):
    """A name that is empty, too long, mixes look-alike scripts, or hides characters nobody can see."""

    code = "bad_name"


def check_text(text: object, longest: int) -> str:
    """`text` composed (NFC) and trimmed, when it is printable and at most `longest` bytes of UTF-8; else `BadName`.

    Control, bidirectional and zero-width characters are refused: with them a name can read like another one.
    """
    if not isinstance(text, str):
        raise BadName()
    clean = unicodedata.normalize("NFC", text).strip(" ")
    if clean and not wording.is_fit(clean, longest):
        raise BadName()
    return clean


def check_name(text: object) -> str:
    """A display name: 1 to 40 bytes of printable text, its letters of one look-alike script."""
    clean = check_text(text, LONGEST_NAME)
    used = {script for char in clean if char.isalpha() for script in _SCRIPTS if _is_of(char, script)}
    if not clean or len(used) > 1:
        raise BadName()
    return clean


def slug(display_name: str) -> str:
    """ASCII letters and digits of a name, for a handle; empty when it has none."""
    plain = unicodedata.normalize("NFKD", display_name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:20].strip("-")


def initial_only(display_name: str) -> str:
    """How a payer is shown to a shop: the first character and three stars (`A***`)."""
    return display_name[:1].upper() + "***"


def _is_of(char: str, script: str) -> bool:
    return unicodedata.name(char, "").startswith(script)
