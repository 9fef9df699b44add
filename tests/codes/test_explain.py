"""Explaining a code: everything it claims, and everything against it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.codes import explain, frame, payloads, seal
from shared.identity.keys import KeyRecord
from tests.codes.samples import ADA, JTI, NOW_S, REALM, finder, record, request
from tests.codes.test_vectors import VECTORS, find_key

BASE = "https://pay.example"


def explained(raw: bytes, *records: KeyRecord, now_s: int | None = NOW_S) -> dict[str, Any]:
    text = frame.code_text(BASE, raw)
    answer = explain.explain(text, realm=REALM, find_key=finder(*records), now_s=now_s)
    json.dumps(answer)
    return answer


def codes(answer: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in answer["problems"]]


def test_a_good_code_is_told_in_full() -> None:
    raw = seal.seal(request(memo="Tea"), ADA, REALM)

    assert explained(raw, record()) == {
        "is_code": True, "kind": "peer_request", "version": 1, "type": 2, "bytes": len(raw), "frame": raw.hex(),
        "says": {
            "handle": "ada", "amount_minor": 1250, "currency": 156, "memo": "Tea", "issued_at_s": NOW_S, "ttl_s": 3600,
            "jti": JTI.hex(),
        },
        "sealed_by": {"kid": ADA.public_key.kid_hex, "handle": "ada", "algorithm": "Ed25519"},
        "seal_holds": True, "valid_now": True, "problems": [],
    }  # fmt: skip


def test_a_forged_code_is_still_shown_and_marked() -> None:
    raw = seal.seal(request(), ADA, REALM)
    forged = raw.replace(b"\x19\x04\xe2", b"\x19\xff\xff")

    answer = explained(forged, record())

    assert answer["says"]["amount_minor"] == 65535
    assert (answer["seal_holds"], answer["valid_now"], codes(answer)) == (False, False, ["bad_seal"])


def test_everything_against_a_code_is_listed_with_the_first_reason_first() -> None:
    raw = seal.seal(request(), ADA, REALM)

    answer = explained(raw, record(handle="bo", may_seal=frozenset(), revoked_at=1), now_s=NOW_S + 9999)

    assert codes(answer) == ["revoked_key", "key_may_not_seal", "wrong_signer", "code_expired"]
    assert answer["seal_holds"] is True


def test_a_code_of_an_unknown_key_is_shown_without_a_verdict_on_its_seal() -> None:
    answer = explained(seal.seal(request(), ADA, REALM))

    assert codes(answer) == ["unknown_key"]
    assert answer["sealed_by"] == {"kid": ADA.public_key.kid_hex, "handle": None, "algorithm": None}
    assert answer["seal_holds"] is False


def test_an_order_is_told_with_its_kind_by_name() -> None:
    order = payloads.Order(1, 156, NOW_S, 120, JTI, "bo", payloads.OrderKind.TOP_UP)

    assert explained(seal.seal(order, ADA, REALM), record())["says"]["kind"] == "top_up"


def test_a_text_that_is_no_code_is_named() -> None:
    answer = explain.explain("WIFI:S:Cafe;;", realm=REALM, find_key=finder(), now_s=NOW_S)

    assert answer["is_code"] is False
    assert answer["problems"] == [{"code": "not_a_code", "params": {"kind": "wifi"}}]


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda vector: vector["name"])
def test_an_invalid_vector_is_explained_by_the_reason_it_is_refused_for(vector: dict[str, Any]) -> None:
    answer = explain.explain(vector["text"], realm=VECTORS["realm"], find_key=find_key, now_s=VECTORS["now_s"])

    assert codes(answer)[0] == vector["code"]
    assert answer["valid_now"] is False
    assert json.loads(json.dumps(answer)) == answer
