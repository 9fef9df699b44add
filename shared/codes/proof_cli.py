"""`run.py code --proof FILE`: whether a proof file proves its transfer, and whose key says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared import clock
from shared.codes import proof_file
from shared.codes.proof_file import BadProof, Verdict
from shared.config import Config
from shared.db.engine import UnfitDatabase
from shared.db.store import open_existing
from shared.db.unit import Reader
from shared.identity import keys
from shared.ledger import checkpoints
from shared.ledger.checkpoints import BrokenChain
from shared.ledger.leaf import StrangeValue

OPERATOR, GIVEN, UNKNOWN, ANOTHER = "operator", "given", "unknown", "another"
"""Whose the file's key is: this installation's operator's, the one that was given, nobody's known here; or it is not
the one that it should be.
"""


def run(config: Config, path: str, *, key: str | None, as_json: bool) -> int:
    """Judge the file; 0 when it proves its transfer by a key that is known, 1 otherwise."""
    verdict = proof_file.judged(_text(path))
    answer = _answer(config, verdict, key)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _print(answer)
    is_good = verdict.holds and answer["key_is"] in (OPERATOR, GIVEN) and answer["in_this_ledger"] is not False
    return 0 if is_good else 1


def _text(path: str) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(proof_file.LARGEST_FILE + 1)
    except (OSError, ValueError):
        raise BadProof() from None


def _answer(config: Config, verdict: Verdict, given: str | None) -> dict[str, Any]:
    transfer, mine = verdict.transfer, verdict.key
    key_is, in_ledger = _here(config, verdict) if given is None else (_against(given, verdict), None)
    return {
        "holds": verdict.holds,
        "is_sealed": verdict.is_sealed,
        "is_signed": verdict.is_signed,
        "key": mine.raw.hex(),
        "kid": mine.kid_hex,
        "key_is": key_is,
        "in_this_ledger": in_ledger,
        "realm": verdict.realm,
        "size": verdict.size,
        "root": verdict.root.hex(),
        "sealed_at": clock.rfc3339(verdict.created_at),
        "transfer": transfer._asdict() | {"created_at": clock.rfc3339(transfer.created_at)},
    }


def _against(given: str, verdict: Verdict) -> str:
    return GIVEN if given.strip().lower() == verdict.key.raw.hex() else ANOTHER


def _here(config: Config, verdict: Verdict) -> tuple[str, bool | None]:
    """Whose the key is by this installation's registry, and whether its ledger has that head; nothing without one."""
    try:
        store = open_existing(config.database_url)
    except UnfitDatabase:
        return UNKNOWN, None
    try:
        return store.read(_compared, verdict=verdict)
    finally:
        store.close()


def _compared(reader: Reader, *, verdict: Verdict) -> tuple[str, bool | None]:
    record = keys.find(reader, kid=verdict.key.kid_hex)
    if record is None or record.public_key.raw != verdict.key.raw or record.party_id != keys.operator_id(reader):
        return UNKNOWN, None
    try:
        return OPERATOR, checkpoints.contains(reader, size=verdict.size, root=verdict.root)
    except (BrokenChain, StrangeValue):
        return OPERATOR, False


def _print(answer: dict[str, Any]) -> None:
    transfer = answer["transfer"]
    print(f"proof of transfer number {transfer['seq']} of {answer['realm']}")
    for name, value in transfer.items():
        print(f"  {name:<14} {'' if value is None else value}")
    said = "is" if answer["is_sealed"] else "IS NOT"
    print(f"it {said} among the first {answer['size']} transfers, whose root is {answer['root']}")
    said = "holds" if answer["is_signed"] else "DOES NOT HOLD"
    print(f"the signature of {answer['sealed_at']} under that root {said}")
    print(f"  key {answer['key']}")
    print(
        {
            OPERATOR: "it is the key of this installation's operator",
            GIVEN: "it is the key that you gave",
            UNKNOWN: "WHOSE KEY THAT IS NOBODY HERE KNOWS: give the operator's with --key",
            ANOTHER: "THAT IS NOT THE KEY THAT YOU GAVE",
        }[answer["key_is"]]
    )
    if answer["in_this_ledger"] is not None:
        print("this ledger has that head" if answer["in_this_ledger"] else "THIS LEDGER DOES NOT HAVE THAT HEAD")
