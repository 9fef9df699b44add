"""The text around a frame, and texts of other people's codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from shared.codes import foreign, frame, seal
from shared.codes.refusals import CodeTooLong, NotACode
from tests.codes.samples import ADA, REALM, request

RAW = seal.seal(request(), ADA, REALM)
TEXT = frame.code_text("https://pay.example/", RAW)
DIGITS = TEXT.rpartition("#")[2]
FOREIGN = json.loads((Path(__file__).parent / "foreign_codes.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        TEXT, DIGITS, f"  {TEXT}\n", f"http://192.168.1.7:5001/q#{DIGITS}", f"http://localhost:5001/w/ada/q#{DIGITS}",
        f"HTTPS://PAY.EXAMPLE/q#{DIGITS}", f"https://evil.example/q#{DIGITS}", f"https://[::1]:5001/q#{DIGITS}",
    ],
)  # fmt: skip
def test_a_code_is_read_whatever_host_stands_before_it(text: str) -> None:
    assert frame.frame_of_text(text) == RAW


@pytest.mark.parametrize(
    "text",
    [
        f"ftp://pay.example/q#{DIGITS}", f"javascript:alert(1)//q#{DIGITS}", f"https://pay.example/q?x=1#{DIGITS}",
        f"https://pay.example/qq#{DIGITS}", f"https://pay.example/q/#{DIGITS}", f"https://pay.example/q#{DIGITS}#",
        f"https://pay.example/q#{DIGITS}\nx", f"/q#{DIGITS}", f"#{DIGITS}", f"https:///q#{DIGITS}", "https://pay.example/q#",
        f"https://pay.example/q#{DIGITS[:-1]}٣", f"{DIGITS} {DIGITS}", "", "\x00", "x" * 100_000, "1" * 100_000,
    ],
)  # fmt: skip
def test_a_text_of_another_shape_is_no_code(text: str) -> None:
    with pytest.raises(NotACode):
        frame.frame_of_text(text)


@pytest.mark.parametrize("row", FOREIGN, ids=lambda row: row["kind"])
def test_a_real_code_of_another_scheme_is_named_and_not_taken(row: dict[str, str]) -> None:
    with pytest.raises(NotACode) as refused:
        frame.frame_of_text(row["text"])

    assert refused.value.params == {"kind": row["kind"]}


def test_every_kind_of_foreign_code_has_an_example() -> None:
    assert {row["kind"] for row in FOREIGN} == set(foreign.KINDS)


def test_a_frame_longer_than_a_code_is_not_built() -> None:
    with pytest.raises(CodeTooLong):
        frame.unsigned_frame(2, bytes(8), bytes(167))
    assert len(frame.unsigned_frame(2, bytes(8), bytes(166))) == 240 - 64
