"""A person as a vCard, for the phone's own address book. Pure.

Version 3.0 (RFC 2426): every phone's address book reads it, in UTF-8, while 4.0 is still read in part by many. The
card's link is the URL: whoever opens it on a phone sees the contact card in the wallet.
"""

from __future__ import annotations

FOLD_BYTES = 75
"""Lines are folded at so many bytes of UTF-8, between characters."""


def vcard(*, handle: str, display_name: str, link: str | None, product: str) -> str:
    """The card's text: the name as it is shown, the handle as the nickname, the card's link as the address."""
    name = escaped(display_name)
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"PRODID:-//{escaped(product)}//EN",
        f"FN:{name}",
        f"N:;{name};;;",
        f"NICKNAME:{escaped(handle)}",
        *([f"URL:{link}"] if link else []),
        "END:VCARD",
    ]
    return "".join(folded(line) + "\r\n" for line in lines)


def escaped(text: str) -> str:
    """A text as a value may carry it: no line of its own, no separator."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def folded(line: str) -> str:
    """A line, folded so that no part of it is longer than `FOLD_BYTES`: the rest goes on after a blank."""
    parts, part = [], ""
    for letter in line:
        if len((part + letter).encode()) > FOLD_BYTES:
            parts.append(part)
            part = " "
        part += letter
    return "\r\n".join([*parts, part])
