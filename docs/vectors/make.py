"""Makes `sm1.json`, the test vectors of the code format: `python docs/vectors/make.py`. The result is always the same.

The invalid ones are built by hand below the level at which our own code would refuse, and sealed properly, so that an
implementation fails them only by checking too little.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from cryptography.hazmat.primitives import serialization  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # noqa: E402

from shared.codes import cbor, digits, frame, payloads, seal  # noqa: E402
from shared.codes.payloads import OrderKind  # noqa: E402
from shared.identity import keys  # noqa: E402
from shared.identity.signing import PrivateKey  # noqa: E402

REALM = "vectors.example"
BASE_URL = "https://pay.example.test"
NOW_S = 1_795_255_200
JTI = bytes.fromhex("0102030405060708")
ROOT = bytes(range(32))
TRANSFER = bytes(range(16, 32))


def private_key(algorithm: str, seed: int) -> PrivateKey:
    """A key from a small number: for vectors only."""
    key: Any
    if algorithm == "Ed25519":
        key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    else:
        key = ec.derive_private_key(int.from_bytes(bytes([seed]) * 32, "big"), ec.SECP256R1())
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return PrivateKey.from_bytes(der)


KEYS: dict[str, tuple[PrivateKey, str | None, frozenset[int] | None, int | None]] = {
    "ada": (private_key("Ed25519", 1), "ada", keys.DEVICE_MAY_SEAL, None),
    "bo": (private_key("P-256", 2), "bo", keys.DEVICE_MAY_SEAL, None),
    "tea-house": (private_key("Ed25519", 3), "tea-house", keys.TERMINAL_MAY_SEAL, None),
    "tea-house-old": (private_key("P-256", 4), "tea-house", keys.TERMINAL_MAY_SEAL, None),
    "operator": (private_key("Ed25519", 5), "operator", keys.OPERATOR_MAY_SEAL, None),
    "ada-lost": (private_key("Ed25519", 6), "ada", keys.DEVICE_MAY_SEAL, (NOW_S - 3600) * 1000),
    "nobody": (private_key("Ed25519", 7), None, None, None),
}


def statements() -> Iterator[tuple[str, str, payloads.AnyPayload]]:
    """Name, sealing key and payload of every valid vector."""
    for who, name in (("ada", "Ada Lovelace"), ("bo", "小波")):
        raw = KEYS[who][0].public_key.raw
        yield f"contact card of {who}", who, payloads.ContactCard(who, NOW_S - 90_000, name, raw)
        yield f"peer request by {who}", who, payloads.PeerRequest(who, 156, NOW_S, 86_400, JTI, 2550, "午饭 🍜")
        yield f"open peer request by {who}", who, payloads.PeerRequest(who, 156, NOW_S, 30 * 86_400, JTI)
        yield f"payer code of {who}", who, payloads.PayerCode(156, NOW_S, 120, JTI, NOW_S * 1000, 200_000)
        for kind in OrderKind:
            memo, subject = ("Thanks", None) if kind is OrderKind.SEND else (None, JTI)
            order = payloads.Order(1250, 156, NOW_S, 120, JTI, "tea-house", kind, subject, memo)
            yield f"order {kind.name.lower()} by {who}", who, order
    for who in ("tea-house", "tea-house-old"):
        yield f"shop code by {who}", who, payloads.ShopCode("tea-house", 156, NOW_S - 90_000, "till-1")
        yield f"bare shop code by {who}", who, payloads.ShopCode("tea-house", 392, NOW_S - 90_000)
        request = payloads.PaymentRequest("tea-house", 1250, 156, NOW_S, 900, JTI, "A-17", "Two teas", "till-1")
        yield f"payment request by {who}", who, request
    first = payloads.PayerCode(156, NOW_S, 1, JTI, 0, 1)
    yield "payer code with the least of everything", "ada", first
    utmost = payloads.PayerCode(999, NOW_S, 120, JTI, 2**53 - 1, 10**12)
    yield "payer code with the most of everything", "bo", utmost
    largest = payloads.PaymentRequest("tea-house", 10**12, 156, NOW_S, 900, JTI)
    yield "payment request of the largest amount", "tea-house", largest
    plain = payloads.Receipt("ada", 1250, 156, NOW_S, "tea-house", 1, TRANSFER)
    yield "receipt", "operator", plain
    head = payloads.Receipt("ada", 1250, 156, NOW_S, "tea-house", 70_000, TRANSFER, 69_632, ROOT)
    yield "receipt with the chain's head", "operator", head


def named(payload: payloads.AnyPayload) -> dict[str, Any]:
    """A payload's fields by name; bytes in hex."""
    fields = payloads.to_fields(payload).items()
    return {payloads.FIELD_NAMES[key]: value.hex() if isinstance(value, bytes) else value for key, value in fields}


def signed(who: str, type_: int, body: bytes, realm: str = REALM, kid: bytes | None = None) -> bytes:
    """A frame around any bytes at all, with a good signature."""
    key = KEYS[who][0]
    unsigned = bytes([1, type_]) + (kid or key.public_key.kid) + body
    return unsigned + key.sign(seal.to_be_signed(realm, unsigned))


GOOD: dict[int, cbor.Value] = {1: "tea-house", 2: 1250, 3: 156, 6: NOW_S, 7: 900, 8: JTI}


def bad_frames() -> Iterator[tuple[str, str, bytes]]:
    """Name, expected error and frame of what is refused for its envelope, its key or its time."""
    good = signed("tea-house", 4, cbor.encode(GOOD))
    ada: dict[int, cbor.Value] = {1: "ada", 3: 156, 6: NOW_S, 7: 3600, 8: JTI}
    payer: dict[int, cbor.Value] = {3: 156, 6: NOW_S, 7: 120, 8: JTI, 11: 7, 12: 200_000}
    card: dict[int, cbor.Value] = {1: "ada", 6: NOW_S, 9: "Ada", 10: KEYS["ada"][0].public_key.raw}
    yield "74 bytes", "malformed_code", good[:74]
    yield "241 bytes", "code_too_long", good + bytes(241 - len(good))
    yield "version 2", "unknown_version", b"\x02" + good[1:]
    yield "version 0", "unknown_version", b"\x00" + good[1:]
    for type_ in (0, 8, 255):
        yield f"type {type_}", "unknown_type", signed("tea-house", type_, cbor.encode(GOOD))
    yield "a key that nobody registered", "unknown_key", signed("nobody", 2, cbor.encode(ada))
    yield "a key given up an hour ago", "revoked_key", signed("ada-lost", 2, cbor.encode(ada))
    yield (
        "a lost phone's card",
        "revoked_key",
        signed("ada-lost", 1, cbor.encode(card | {10: KEYS["ada-lost"][0].public_key.raw})),
    )
    yield "one bit of the amount changed", "bad_seal", good.replace(b"\x19\x04\xe2", b"\x19\x04\xe3")
    yield "one bit of the signature changed", "bad_seal", good[:-1] + bytes([good[-1] ^ 1])
    yield "another installation's realm", "bad_seal", signed("tea-house", 4, cbor.encode(GOOD), "other.example")
    yield (
        "another key's signature",
        "bad_seal",
        signed("ada", 4, cbor.encode(GOOD), kid=KEYS["tea-house"][0].public_key.kid),
    )
    yield "zeros for a signature", "bad_seal", good[:-64] + bytes(64)
    yield "zeros for a P-256 signature", "bad_seal", signed("tea-house-old", 4, cbor.encode(GOOD))[:-64] + bytes(64)
    yield "a bad seal over a bad body", "bad_seal", good[:10] + b"\xff" * 20 + good[-64:]
    yield "a phone's key on a payment request", "key_may_not_seal", signed("ada", 4, cbor.encode(GOOD | {1: "ada"}))
    yield (
        "a till's key on a receipt",
        "key_may_not_seal",
        signed("tea-house", 7, cbor.encode({1: "ada", 2: 1, 3: 156, 6: NOW_S, 14: "bo", 17: 1, 18: TRANSFER})),
    )
    yield "a till's key on a payer code", "key_may_not_seal", signed("tea-house", 5, cbor.encode(payer))
    yield "a payer code with a name", "unknown_field", signed("ada", 5, cbor.encode(payer | {1: "ada"}))
    yield "a payer code for too long", "malformed_code", signed("ada", 5, cbor.encode(payer | {7: 121}))
    yield "a payer code with a cap of 0", "malformed_code", signed("ada", 5, cbor.encode({**payer, 12: 0}))
    for key, name in ((8, "one-time number"), (11, "counter"), (12, "cap")):
        short = {number: value for number, value in payer.items() if number != key}
        yield f"a payer code without its {name}", "malformed_code", signed("ada", 5, cbor.encode(short))
    yield "a payer code with a counter below 0", "malformed_code", signed("ada", 5, cbor.encode(payer | {11: -1}))
    late = payer | {6: NOW_S - 181}
    yield "a payer code a second after its grace", "code_expired", signed("ada", 5, cbor.encode(late))
    yield "the operator's key on a peer request", "key_may_not_seal", signed("operator", 2, cbor.encode(ada))
    yield "a second after its grace", "code_expired", signed("tea-house", 4, cbor.encode(GOOD | {6: NOW_S - 961}))
    yield (
        "a second too early",
        "code_not_yet_valid",
        signed("tea-house", 4, cbor.encode(GOOD | {6: NOW_S + 301})),
    )
    yield "somebody else's handle", "wrong_signer", signed("ada", 2, cbor.encode(ada | {1: "bo"}))
    yield (
        "a card with another's key",
        "wrong_signer",
        signed("ada", 1, cbor.encode(card | {10: KEYS["bo"][0].public_key.raw})),
    )
    stranger = card | {10: KEYS["nobody"][0].public_key.raw}
    yield (
        "a card under a kid that is not its key's",
        "wrong_signer",
        signed("nobody", 1, cbor.encode(stranger), kid=JTI),
    )
    yield "a card with no key on the curve", "malformed_code", signed("ada", 1, cbor.encode(card | {10: b"\x02" * 32}))
    yield "a card with a small-order key", "malformed_code", signed("ada", 1, cbor.encode(card | {10: bytes(32)}))


def bad_bodies() -> Iterator[tuple[str, str, bytes]]:
    """Name, expected error and body of a payment request that is sealed well and says what none may say."""
    good = cbor.encode(GOOD)
    yield "an unknown field", "unknown_field", cbor.encode(GOOD | {23: 1})
    yield "a field of another type", "unknown_field", cbor.encode(GOOD | {9: "Tea House"})
    for key in GOOD:
        missing = cbor.encode({number: value for number, value in GOOD.items() if number != key})
        yield f"without field {key}", "malformed_code", missing
    changes: dict[str, dict[int, cbor.Value]] = {
        "amount 0": {2: 0}, "amount -1": {2: -1}, "amount 10^12 + 1": {2: 10**12 + 1}, "amount as text": {2: "1250"},
        "currency 1000": {3: 1000}, "ttl 0": {7: 0}, "ttl 901": {7: 901}, "jti of 7 bytes": {8: JTI[:7]},
        "jti as text": {8: "01020304"}, "empty handle": {1: ""}, "handle in capitals": {1: "Tea-House"},
        "handle of 33": {1: "t" * 33}, "handle with a Cyrillic letter": {1: "tеa-house"},
        "empty memo": {5: ""}, "memo of 65 bytes": {5: "m" * 65}, "memo with a line break": {5: "two\nlines"},
        "memo that turns the reading direction": {5: "pay \u202e001"}, "memo with a zero-width space": {5: "a\u200bb"},
        "memo that is not NFC": {5: "cafe\u0301"}, "memo of blanks": {5: "  "}, "reference of 17": {4: "r" * 17},
        "a time beyond year 9999": {6: 253_402_300_800},
    }  # fmt: skip
    for name, changed in changes.items():
        yield name, "malformed_code", cbor.encode(GOOD | changed)
    yield "keys out of order", "malformed_code", good[:1] + good[12:15] + good[1:12] + good[15:]
    yield "a key twice", "malformed_code", b"\xa7" + good[1:12] + good[1:]
    yield (
        "a needlessly long integer",
        "malformed_code",
        good.replace(b"\x02\x19\x04\xe2", b"\x02\x1a\x00\x00\x04\xe2"),
    )
    yield "an open length", "malformed_code", b"\xbf" + good[1:] + b"\xff"
    yield "a byte after the end", "malformed_code", good + b"\x00"
    yield "a tag", "malformed_code", good.replace(b"\x02\x19\x04\xe2", b"\x02\xc1\x19\x04\xe2")
    yield "true for an amount", "malformed_code", good.replace(b"\x02\x19\x04\xe2", b"\x02\xf5")
    yield "a float", "malformed_code", good.replace(b"\x02\x19\x04\xe2", b"\x02\xf9\x64\xe2")
    yield "a list within", "malformed_code", good.replace(b"\x02\x19\x04\xe2", b"\x02\x81\x01")
    yield "text that is not UTF-8", "malformed_code", good.replace(b"tea", b"\xff\xfe\xfd")
    yield "a text longer than the body", "malformed_code", good.replace(b"\x01\x69", b"\x01\x77")
    yield "a list, not a map", "malformed_code", b"\x86" + good[1:]


def build() -> dict[str, Any]:
    """The whole file."""
    valid = [_valid(name, who, seal.seal(payload, KEYS[who][0], REALM), payload) for name, who, payload in statements()]
    ignored = signed("tea-house", 4, cbor.encode(GOOD | {-7: b"later"}))
    meant = payloads.PaymentRequest("tea-house", 1250, 156, NOW_S, 900, JTI)
    valid.append(_valid("an unknown negative field is ignored", "tea-house", ignored, meant))
    invalid = [_invalid(name, code, raw) for name, code, raw in bad_frames()]
    invalid += [_invalid(name, code, signed("tea-house", 4, body)) for name, code, body in bad_bodies()]
    text = valid[0]["text"]
    for name, code, bad in (
        ("nothing", "not_a_code", ""),
        ("a web page", "not_a_code", "https://example.test/q"),
        ("another path", "not_a_code", text.replace("/q#", "/p#")),
        ("another scheme", "not_a_code", text.replace("https:", "javascript:")),
        ("a query before the fragment", "not_a_code", text.replace("/q#", "/q?a=1#")),
        ("few digits", "not_a_code", "1" * 18),
        ("letters in the digits", "not_a_code", text[:-1] + "x"),
        ("Arabic digits", "not_a_code", text[:-1] + "\u0663"),
        ("701 digits", "code_too_long", "1" * 701),
        ("a lost digit", "malformed_code", text[:-1]),
        ("digits that stand for no bytes", "malformed_code", f"{BASE_URL}/q#{'9' * 187}"),
    ):
        invalid.append({"name": name, "code": code, "text": bad})
    return {"format": "SM1", "realm": REALM, "now_s": NOW_S, "keys": _keys(), "valid": valid, "invalid": invalid}


def _keys() -> dict[str, Any]:
    return {
        name: {
            "algorithm": key.public_key.algorithm.value,
            "private_pkcs8": key.to_bytes().hex(),
            "public": key.public_key.raw.hex(),
            "kid": key.public_key.kid_hex,
            "registered": None if handle is None else {
                "handle": handle, "may_seal": sorted(may_seal or ()), "revoked_at": revoked_at,
            },
        }
        for name, (key, handle, may_seal, revoked_at) in KEYS.items()
    }  # fmt: skip


def _valid(name: str, who: str, raw: bytes, payload: payloads.AnyPayload) -> dict[str, Any]:
    return {
        "name": name, "key": who, "type": int(payload.code_type), "fields": named(payload),
        "unsigned": raw[:-64].hex(), "frame": raw.hex(), "digits": digits.encode(raw),
        "text": frame.code_text(BASE_URL, raw),
    }  # fmt: skip


def _invalid(name: str, code: str, raw: bytes) -> dict[str, Any]:
    return {"name": name, "code": code, "frame": raw.hex(), "text": frame.code_text(BASE_URL, raw)}


if __name__ == "__main__":
    text = json.dumps(build(), ensure_ascii=False, indent=1)
    (HERE / "sm1.json").write_text(text + "\n", encoding="utf-8")
