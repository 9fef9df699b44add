"""`run.py code`: what a code says, who sealed it, whether the seal holds, and why not."""

from __future__ import annotations

import argparse
import json
from typing import Any

from shared.codes import explain, read
from shared.config import from_environment
from shared.db import outbox
from shared.db.store import open_existing
from shared.db.unit import Reader
from shared.errors import all_codes
from shared.identity import keys
from shared.web.console import refused_as_json, sentence


@refused_as_json
def main(argv: list[str]) -> int:
    """Explain a code; 0 when it would be taken, 1 with the reasons when not."""
    parser = argparse.ArgumentParser(prog="run.py code", description="Take a code apart.")
    parser.add_argument("text", metavar="TEXT|IMAGE", help="a code's text, or the path of a picture that shows it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    store = open_existing(from_environment().database_url)
    try:
        answer = store.read(_explained, text=read.text_of(args.text))
    finally:
        store.close()
    for problem in answer["problems"]:
        problem["detail"] = sentence(all_codes()[problem["code"]](**problem["params"]))
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _print(answer)
    return 0 if answer["valid_now"] else 1


def _explained(reader: Reader, *, text: str) -> dict[str, Any]:
    return explain.explain(
        text,
        realm=outbox.realm(reader),
        find_key=lambda kid: keys.find(reader, kid=kid),
        now_s=reader.now // 1000,
    )


def _print(answer: dict[str, Any]) -> None:
    if not answer["is_code"]:
        print("Not a Saoma code.")
    else:
        print(f"{answer['kind'] or 'unknown kind'} (type {answer['type']}), {answer['bytes']} bytes")
        for name, value in (answer["says"] or {}).items():
            print(f"  {name:<14} {value}")
        by = answer["sealed_by"] or {}
        print(f"sealed by {by.get('handle') or 'nobody known here'}, key {by.get('kid')} ({by.get('algorithm')})")
        print("the seal holds" if answer["seal_holds"] else "THE SEAL DOES NOT HOLD")
    for problem in answer["problems"]:
        print(f"refused: {problem['code']}: {problem['detail']}")
    if answer["valid_now"]:
        print("it would be taken now")
