"""Names: what people may be called, and what would let one pass for another."""

from __future__ import annotations

import pytest

from shared.identity import names
from shared.identity.names import BadName


@pytest.mark.parametrize(
    "name", ["Ana", "小明", "Łukasz", "О'Нил", "Zoë Müller-Lüdenscheidt", "نور", "A", "日本 太郎", "Ana 2"]
)
def test_ordinary_names_are_fine(name: str) -> None:
    assert names.check_name(name)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "a\u202eb", "a\u200bb", "\ufeffAna", "a\nb", "a\x00b", "x" * 41, "名" * 14, "Аna", "Αna", "a\u2066b",
     None, 7, ["Ana"], "a\u00adb"],
)  # fmt: skip
def test_names_that_deceive_are_refused(name: object) -> None:
    with pytest.raises(BadName):
        names.check_name(name)


def test_a_name_is_kept_composed() -> None:
    assert names.check_name("Zoe\u0308") == "Zo\u00eb"


@pytest.mark.parametrize(
    ("name", "handle"),
    [("Ana", "ana"), ("Zoë Müller", "zoe-muller"), ("小明", ""), ("  --A--  ", "a"), ("x" * 40, "x" * 20)],
)
def test_a_handle_is_made_of_plain_letters(name: str, handle: str) -> None:
    assert names.slug(name) == handle


def test_a_shop_sees_an_initial_only() -> None:
    assert [names.initial_only(name) for name in ("ana", "小明")] == ["A***", "小***"]
