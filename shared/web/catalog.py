"""Every sentence that a person reads, by key and language. A second language is one more file beside `en.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from shared.errors import DomainError
from shared.web.format import money

SHELL = Path(__file__).parent / "locales"
FALLBACK = "en"


class Catalog:
    """The sentences of the shell and of one service, in every language that has a file."""

    def __init__(self, *folders: Path) -> None:
        self._folders = (SHELL, *folders)
        self._by_language = {language: self._load(language) for language in self.languages()}

    def learn(self, language: str, sentences: Mapping[str, str]) -> None:
        """Add a language that has no file, such as one that tests how pages bear long words."""
        self._by_language[language] = dict(sentences)

    def languages(self) -> list[str]:
        """The languages there are, `en` first."""
        found = {path.stem for folder in self._folders for path in folder.glob("*.json")}
        return [FALLBACK, *sorted(found - {FALLBACK})]

    def best(self, accepted: Iterable[str]) -> str:
        """The first accepted language that there is (`zh-CN` finds `zh`); English otherwise."""
        for wanted in accepted:
            language = wanted.partition("-")[0].lower()
            if language in self._by_language:
                return language
        return FALLBACK

    def keys(self, language: str = FALLBACK) -> set[str]:
        """The keys that a language has sentences for."""
        return set(self._by_language[language])

    def sentence(self, language: str, key: str, **params: object) -> str:
        """The sentence of a key with its `{places}` filled; an unknown key is a bug and raises KeyError."""
        template = self._by_language[language].get(key) or self._by_language[FALLBACK][key]
        return template.format_map(_Places(params))

    def refusal(self, language: str, error: DomainError) -> str:
        """What to tell of a refusal; a text that is no code of ours is named for what it is, where that is known."""
        foreign = f"foreign.{error.params.get('kind')}"
        if error.code == "not_a_code" and foreign in self._by_language[FALLBACK]:
            return self.sentence(language, foreign)
        key = "error." + error.code
        # A refusal without a sentence is a bug that a test finds; on the way out it must still be a refusal.
        known = key if key in self._by_language[FALLBACK] else "error.refused"
        return self.sentence(language, known, **error.params, **_amounts(error.params, language))

    def _load(self, language: str) -> dict[str, str]:
        sentences: dict[str, str] = {}
        for folder in self._folders:
            path = folder / f"{language}.json"
            if path.exists():
                sentences.update(json.loads(path.read_text(encoding="utf-8")))
        return sentences


def _amounts(params: Mapping[str, Any], language: str) -> dict[str, str]:
    """A refusal's amounts as people read them: `left` for `left_minor`, where it says in which `currency`."""
    if "currency" not in params:
        return {}
    minor = {name: value for name, value in params.items() if name.endswith("_minor")}
    return {name.removesuffix("_minor"): money(value, params["currency"], language) for name, value in minor.items()}


class _Places(dict[str, object]):
    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


@lru_cache
def shell_catalog() -> Catalog:
    """The shell's own sentences, for command lines that have no service."""
    return Catalog()
