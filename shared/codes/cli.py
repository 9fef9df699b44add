"""`run.py code`: what a code says, who sealed it, whether the seal holds, and why not; for a receipt also whether its
transfer and its head are in this ledger's chain. With `--proof`, whether a proof file proves its transfer.
"""

from __future__ import annotations

import argparse
import json
from typing import Any

from shared import clock, ids
from shared.codes import explain, proof_cli, read
from shared.config import Config, from_environment
from shared.db import outbox
from shared.db.engine import UnfitDatabase
from shared.db.store import open_existing
from shared.db.unit import Reader
from shared.errors import all_codes
from shared.identity import keys
from shared.ledger import proofs
from shared.web.console import refused_as_json, sentence


@refused_as_json
def main(argv: list[str]) -> int:
    """Explain a code; 0 when it would be taken, 1 with the reasons when not."""
    parser = argparse.ArgumentParser(prog="run.py code", description="Take a code apart.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "text", metavar="TEXT|IMAGE", nargs="?", help="a code's text, or the path of a picture that shows it"
    )
    what.add_argument("--proof", metavar="FILE", help="check the proof of a transfer, as a receipt's page gives it")
    parser.add_argument("--key", metavar="HEX", help="with --proof: the operator's public key, as you know it")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    if args.proof is not None:
        return proof_cli.run(from_environment(), args.proof, key=args.key, as_json=args.json)
    answer = _answer(from_environment(), read.text_of(args.text))
    for problem in answer["problems"]:
        problem["detail"] = sentence(all_codes()[problem["code"]](**problem["params"]))
    if args.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        _print(answer)
    return 0 if answer["valid_now"] and (answer["chain"] or {}).get("head_holds") is not False else 1


def _answer(config: Config, text: str) -> dict[str, Any]:
    """The code explained by this installation's registry and ledger; by itself alone where there is no database."""
    try:
        store = open_existing(config.database_url)
    except UnfitDatabase as error:
        alone = explain.explain(text, realm=config.realm, find_key=lambda kid: None, now_s=None)
        return alone | {"chain": None, "without_database": str(error)}
    try:
        return store.read(_explained, text=text)
    finally:
        store.close()


def _explained(reader: Reader, *, text: str) -> dict[str, Any]:
    answer = explain.explain(
        text,
        realm=outbox.realm(reader),
        find_key=lambda kid: keys.find(reader, kid=kid),
        now_s=reader.now // 1000,
    )
    is_receipt = answer["kind"] == "receipt" and answer["seal_holds"]
    return answer | {"chain": _in_chain(reader, answer["says"]) if is_receipt else None}


def _in_chain(reader: Reader, said: dict[str, Any]) -> dict[str, Any]:
    """How a genuine receipt stands to this ledger, as JSON-able values; see `proofs.Standing`."""
    size, root = said.get("checkpoint_size"), said.get("checkpoint_root")
    found = proofs.standing(
        reader,
        seq=said["seq"],
        transfer_id=ids.id_from_bytes("trf", bytes.fromhex(said["transfer"])),
        head=(size, bytes.fromhex(root)) if size and root else None,
    )
    aside = found.set_aside
    return {
        "is_there": found.is_there,
        "sealed_under": found.sealed_under,
        "head_holds": found.head_holds,
        "set_aside": {"at": clock.rfc3339(aside.created_at), "reason": aside.reason} if aside else None,
    }


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
    if answer["chain"]:
        _print_chain(answer["chain"], answer["says"])
    for problem in answer["problems"]:
        print(f"refused: {problem['code']}: {problem['detail']}")
    if answer.get("without_database"):
        print(f"nobody's keys are known here: {answer['without_database']}")
    if answer["valid_now"]:
        print("it would be taken now")


def _print_chain(chain: dict[str, Any], said: dict[str, Any]) -> None:
    where = f"transfer number {said['seq']}"
    if not chain["is_there"]:
        print(f"THIS LEDGER HAS ANOTHER {where}, OR NONE")
    elif chain["sealed_under"]:
        print(f"{where} is in this ledger, provably sealed under checkpoint {chain['sealed_under']}")
    else:
        print(f"{where} is in this ledger, and no checkpoint that holds seals it")
    if chain["head_holds"]:
        print(
            f"the head that it carries, {said['checkpoint_size']} transfers, provably is the beginning of this ledger"
        )
    elif chain["head_holds"] is False:
        print(f"THIS LEDGER DOES NOT BEGIN WITH THE HEAD THAT IT CARRIES, {said['checkpoint_size']} transfers")
    if chain["set_aside"]:
        print(f"the operator gave that head up on {chain['set_aside']['at']}: {chain['set_aside']['reason']}")
