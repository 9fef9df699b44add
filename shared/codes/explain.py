"""Everything there is to know about a scanned text, for an engineer or a curious person: also about a code we refuse.

`seal.open_frame` stops at the first thing wrong. This goes on, shows what the code claims, and lists all that is wrong
with it. Its answer is for eyes; nothing may be done on the strength of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from shared.codes import cbor, payloads, seal
from shared.codes import frame as frames
from shared.codes.cbor import Value
from shared.codes.refusals import BadSeal, CodeRefused, KeyMayNotSeal, RevokedKey, WrongSigner
from shared.identity.keys import KeyRecord


def explain(text: str, *, realm: str, find_key: seal.FindKey, now_s: int | None) -> dict[str, Any]:
    """What the text says and whether it would be taken, as JSON-able values.

    `is_code`, `kind`, `says` (fields by name, bytes in hex), `sealed_by` (kid, handle, algorithm), `seal_holds`,
    `valid_now` (`open_frame` takes it), and `problems`: every reason against it as `{code, params}`, `open_frame`'s
    first. What could not be found out is None; a body whose seal does not hold is shown all the same.
    """
    answer: dict[str, Any] = {
        "is_code": False, "kind": None, "version": None, "type": None, "bytes": None, "frame": None,
        "says": None, "sealed_by": None, "seal_holds": False, "valid_now": False, "problems": [],
    }  # fmt: skip
    problems: list[CodeRefused] = []
    with _noting(problems):
        raw = frames.frame_of_text(text)
        answer |= {"is_code": True, "bytes": len(raw), "frame": raw.hex(), "version": raw[0] if raw else None}
        with _noting(problems):
            seal.open_frame(raw, realm=realm, find_key=find_key, now_s=now_s)
            answer["valid_now"] = True
        with _noting(problems):
            _look_inside(answer, problems, frames.split(raw), realm, find_key, now_s)
    answer["problems"] = [
        {"code": problem.code, "params": problem.params} for problem in {each.code: each for each in problems}.values()
    ]
    return answer


def _look_inside(
    answer: dict[str, Any],
    problems: list[CodeRefused],
    parts: frames.Frame,
    realm: str,
    find_key: seal.FindKey,
    now_s: int | None,
) -> None:
    answer["type"] = parts.type
    if parts.type in payloads.CLASSES:
        answer["kind"] = payloads.CodeType(parts.type).name.lower()
    record = find_key(parts.kid.hex())
    key = record.public_key if record else None
    with _noting(problems):
        fields = cbor.decode(parts.body).items()
        answer["says"] = {
            payloads.FIELD_NAMES.get(number, str(number)): _shown(number, value) for number, value in fields
        }
    with _noting(problems):
        key = key or (seal.card_key(parts) if parts.type == payloads.CodeType.CONTACT_CARD else None)
    if key:
        answer["seal_holds"] = key.verify(parts.signature, seal.to_be_signed(realm, parts.unsigned))
        problems += [] if answer["seal_holds"] else [BadSeal(kid=parts.kid.hex())]
    if record:
        problems += _against_key(parts, record, now_s)
    with _noting(problems):
        payload = payloads.from_fields(parts.type, cbor.decode(parts.body))
        if record and not seal.speaks_for_itself(payload, record):
            problems.append(WrongSigner(kid=parts.kid.hex()))
        if now_s is not None:
            seal.check_times(payload, now_s)
    answer["sealed_by"] = {
        "kid": parts.kid.hex(),
        "handle": record.handle if record else None,
        "algorithm": key.algorithm.value if key else None,
    }


def _shown(key: int, value: Value) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if payloads.FIELD_NAMES.get(key) == "kind" and value in list(payloads.OrderKind):
        return payloads.OrderKind(int(value)).name.lower()
    return value


def _against_key(parts: frames.Frame, record: KeyRecord, now_s: int | None) -> Iterator[CodeRefused]:
    if seal.is_revoked(record, now_s):
        yield RevokedKey(kid=parts.kid.hex())
    if parts.type not in record.may_seal:
        yield KeyMayNotSeal(kid=parts.kid.hex(), type=parts.type)


@contextmanager
def _noting(problems: list[CodeRefused]) -> Iterator[None]:
    try:
        yield
    except CodeRefused as problem:
        problems.append(problem)
