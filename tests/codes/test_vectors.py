"""Our implementation against the published vectors, and the vectors against the script that makes them."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from shared.codes import digits, frame, payloads, refusals, seal
from shared.identity.keys import KeyRecord
from shared.identity.signing import PrivateKey, PublicKey

FOLDER = Path(__file__).parents[2] / "docs" / "vectors"
VECTORS: dict[str, Any] = json.loads((FOLDER / "sm1.json").read_text(encoding="utf-8"))


def find_key(kid_hex: str) -> KeyRecord | None:
    for name, key in VECTORS["keys"].items():
        known = key["registered"]
        if key["kid"] == kid_hex and known:
            public = PublicKey.from_raw(bytes.fromhex(key["public"]))
            return KeyRecord(public, known["handle"], frozenset(known["may_seal"]), known["revoked_at"], name)
    return None


def opened(text: str) -> seal.Opened:
    raw = frame.frame_of_text(text)
    return seal.open_frame(raw, realm=VECTORS["realm"], find_key=find_key, now_s=VECTORS["now_s"])


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_a_valid_vector_opens_to_its_fields(vector: dict[str, Any]) -> None:
    code = opened(vector["text"])

    fields = {
        payloads.FIELD_NAMES[number]: value.hex() if isinstance(value, bytes) else value
        for number, value in payloads.to_fields(code.payload).items()
    }
    assert code.payload.code_type == vector["type"]
    assert fields == vector["fields"]
    assert code.frame.hex() == vector["frame"]
    assert code.frame[:-64].hex() == vector["unsigned"]
    assert digits.encode(code.frame) == vector["digits"]
    assert code.kid_hex == VECTORS["keys"][vector["key"]]["kid"]


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["name"])
def test_an_invalid_vector_is_refused_for_its_reason(vector: dict[str, Any]) -> None:
    with pytest.raises(refusals.CodeRefused) as refused:
        opened(vector["text"])

    assert refused.value.code == vector["code"]


def test_no_two_vectors_are_the_same() -> None:
    texts = [vector["text"] for vector in VECTORS["valid"] + VECTORS["invalid"]]

    assert len(set(texts)) == len(texts)


def test_every_refusal_has_a_vector() -> None:
    of_the_format = [kind for kind in refusals.CodeRefused.__subclasses__() if kind.__module__ == refusals.__name__]
    reasons = {kind.code for kind in of_the_format}

    assert {vector["code"] for vector in VECTORS["invalid"]} == reasons


def test_every_kind_of_code_has_a_vector_under_every_algorithm_that_may_seal_it() -> None:
    made = {(vector["type"], VECTORS["keys"][vector["key"]]["algorithm"]) for vector in VECTORS["valid"]}

    assert made == {(type_, each) for type_ in (1, 2, 3, 4, 5, 6) for each in ("Ed25519", "P-256")} | {(7, "Ed25519")}


@pytest.mark.parametrize("key", VECTORS["keys"].values(), ids=VECTORS["keys"].keys())
def test_a_keys_id_follows_from_its_public_half(key: dict[str, Any]) -> None:
    public = PrivateKey.from_bytes(bytes.fromhex(key["private_pkcs8"])).public_key

    assert (public.raw.hex(), public.kid_hex, public.algorithm.value) == (key["public"], key["kid"], key["algorithm"])


def test_the_script_makes_exactly_this_file() -> None:
    made = runpy.run_path(str(FOLDER / "make.py"))["build"]()

    assert json.loads(json.dumps(made)) == VECTORS
