"""Every refusal has its sentence, every sentence that the code asks for exists, and each is there in both languages."""

from __future__ import annotations

import importlib
import json
import re

import pytest

from shared import errors
from tests.house.plan import ROOT, files

CATALOGUES = {
    "shell": ROOT / "shared/web/locales/en.json",
    "wallet": ROOT / "wallet/locales/en.json",
    "merchant": ROOT / "merchant/locales/en.json",
    "launcher": ROOT / "shared/launcher/locales/en.json",
}
LANGUAGES = ("en", "zh")
TERMINAL = ("run.", "start.")
"""What the command line says, which speaks English only."""
SAME_IN_BOTH = {"app.name", "inspector_lane.saoma"}
ASCII_MARK = re.compile("[\u4e00-\u9fff][,;:?!(]|[,;:?!)][\u4e00-\u9fff]")
ASKED = re.compile(r"""(?:\bt|\bg\.say|\bsay|\bsentence)\(\s*["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""")

FAMILIES = (
    "foreign.", "kind.", "direction.", "request_state.", "which.", "timeline.", "status.", "sale.canceled",
    "sale.expired", "sale.declined", "launcher.ana", "launcher.li", "launcher.till", "launcher.hint_",
    "launcher.point_", "launcher.choose_", "happened.", "part.", "own.", "moved.", "deed.", "operator_phase.",
    "operator_none.", "operator_ended.", "operator_by.",
    "activity.", "activity_noun.", "role.", "report_method.", "dispute_reason.", "dispute_state.", "dispute_step.",
    "inspector_said.", "inspector_span.", "inspector_kind.", "inspector_kinds.", "inspector_in.",
    "inspector_lane.",
    "lab.outcome.", "fault.", "webhook_error.", "webhook_off.",
    "dispute_ended.", "disputes.waiting", "disputes.deciding", "disputes.ended", "dispute_next.",
)  # fmt: skip
"""Keys that are put together from what is shown: nothing asks for them by their whole name."""


def sentences(*names: str, language: str = "en") -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        found |= json.loads(CATALOGUES[name].with_stem(language).read_text(encoding="utf-8"))
    return found


def spoken(name: str, language: str) -> dict[str, str]:
    """What pages may say in a language: all but the terminal's sentences."""
    return {key: text for key, text in sentences(name, language=language).items() if not key.startswith(TERMINAL)}


def import_all() -> None:
    """So that every refusal's class is known."""
    for file in files():
        if file.path.name not in ("__main__.py", "env.py") and "versions" not in file.path.parts:
            importlib.import_module(file.module)


def source() -> str:
    """Everything of ours that may ask for a sentence."""
    found = [path for top in ("shared", "wallet", "merchant") for path in sorted((ROOT / top).rglob("*"))]
    wanted = [path for path in found if path.suffix in (".py", ".html", ".js") and "vendor" not in path.parts]
    return "".join(path.read_text(encoding="utf-8") for path in [*wanted, ROOT / "run.py"])


def test_every_refusal_has_a_sentence() -> None:
    import_all()
    told = sentences("shell", "wallet", "merchant")
    silent = [
        f"error.{code} ({kind.__module__}.{kind.__name__})"
        for code, kind in sorted(errors.all_codes().items())
        if f"error.{code}" not in told and not kind.__module__.startswith("tests")
    ]
    assert not silent, "\n" + "\n".join(silent)


def test_every_sentence_that_is_asked_for_exists() -> None:
    missing = []
    for top, names in (("shared/web", ["shell"]), ("wallet", ["shell", "wallet"]), ("merchant", ["shell", "merchant"])):
        known = sentences(*names)
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".py", ".html", ".js") and "vendor" not in path.parts:
                asked = ASKED.findall(path.read_text(encoding="utf-8"))
                missing += [f"{path.relative_to(ROOT)}: {key}" for key in asked if key not in known]
    assert not missing, "\n" + "\n".join(missing)


def test_every_sentence_is_asked_for() -> None:
    """By its whole key, by its refusal, or as one of a family whose keys are put together."""
    import_all()
    named = set(re.findall(r"""["'`](?:error\.)?([a-z_]+(?:\.[a-z0-9_]+)*)["'`]""", source()))
    named |= set(errors.all_codes())
    unasked = [
        f"{name}: {key}"
        for name in CATALOGUES
        for key in sentences(name)
        if not key.startswith(FAMILIES) and key.removeprefix("error.") not in named
    ]
    assert not unasked, "\n" + "\n".join(unasked)


def test_no_code_is_claimed_by_two_unrelated_classes() -> None:
    owners: dict[str, set[type]] = {}
    waiting: list[type[errors.DomainError]] = [errors.DomainError]
    while waiting:
        kind = waiting.pop()
        if "code" in vars(kind) and not kind.__module__.startswith("tests"):
            owners.setdefault(kind.code, set()).add(kind)
        waiting.extend(kind.__subclasses__())
    assert not {code: kinds for code, kinds in owners.items() if len(kinds) > 1}


@pytest.mark.parametrize("name", CATALOGUES)
def test_both_languages_have_the_same_sentences(name: str) -> None:
    english, chinese = (spoken(name, language) for language in LANGUAGES)
    assert {"only in en.json": english.keys() - chinese.keys(), "only in zh.json": chinese.keys() - english.keys()} == {
        "only in en.json": set(), "only in zh.json": set(),
    }  # fmt: skip


@pytest.mark.parametrize("name", CATALOGUES)
def test_a_translation_has_the_places_of_its_sentence(name: str) -> None:
    english, chinese = (spoken(name, language) for language in LANGUAGES)
    other = [key for key in english.keys() & chinese.keys() if places(english[key]) != places(chinese[key])]
    assert not other, f"other {{places}} in zh.json of {name}: {sorted(other)}"


@pytest.mark.parametrize("name", CATALOGUES)
def test_every_sentence_is_translated(name: str) -> None:
    english, chinese = (spoken(name, language) for language in LANGUAGES)
    bare = [key for key, text in {**chinese, **english}.items() if not text.strip()]
    same = [key for key, text in chinese.items() if key not in SAME_IN_BOTH and text == english.get(key)]
    assert not bare + same, f"empty or untranslated in {name}: {sorted(bare + same)}"


@pytest.mark.parametrize("name", CATALOGUES)
def test_chinese_is_written_with_chinese_punctuation(name: str) -> None:
    lists = ("welcome.manners", "welcome.animals")
    plain = [key for key, text in spoken(name, "zh").items() if key not in lists and ASCII_MARK.search(text)]
    assert not plain, f"ASCII punctuation beside Chinese in {name}: {plain}"


def places(sentence: str) -> list[str]:
    """The `{places}` of a sentence, in order of their names: a translation may turn them round."""
    return sorted(re.findall(r"\{(\w+)\}", sentence))
