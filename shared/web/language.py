"""Which language the pages speak: the one chosen on this device, else the first that its browser asks for and we have.

The choice is a cookie of the host, so that phone, till and launcher on one computer turn over together. A page's script
sets it (`language.js`): it decides nothing but words.
"""

from __future__ import annotations

from flask import Flask, g, request

from shared.web.catalog import Catalog

COOKIE = "saoma_lang"
NAMES = {"en": "English", "zh": "中文"}
"""What each language calls itself, which is how it is offered."""
_TAGS = {"zh": "zh-CN"}
"""What `<html lang>` says, where that is more: readers and fonts tell the scripts of Chinese apart."""


def install(app: Flask, catalog: Catalog) -> None:
    """Settle `g.language` and `g.say(key, **params)` for every request, and `language` for every template."""

    @app.before_request
    def choose() -> None:
        g.language = catalog.best([request.cookies.get(COOKIE, ""), *request.accept_languages.values()])
        g.say = lambda key, **params: catalog.sentence(g.language, key, **params)

    @app.context_processor
    def tell() -> dict[str, object]:
        language = g.get("language", "en")
        return {"language": _TAGS.get(language, language), "languages": NAMES, "chosen_language": language}
