"""The one place where a statement becomes a code (`seal`) and a code becomes a statement again (`open_frame`).

Whoever gets a payload from here knows that the key named in it signed exactly these bytes, for this installation, and
was allowed to. What to *do* about it is a person's decision and `payments`' business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from shared.codes import cbor, payloads
from shared.codes.frame import Frame, split, unsigned_frame
from shared.codes.payloads import AnyPayload, CodeType, ContactCard
from shared.codes.refusals import (
    BadSeal,
    CodeExpired,
    CodeNotYetValid,
    CodeRefused,
    KeyMayNotSeal,
    MalformedCode,
    RevokedKey,
    UnknownKey,
    UnknownType,
    WrongSigner,
)
from shared.identity.keys import KeyRecord
from shared.identity.signing import SIGNATURE_BYTES, BadKey, PublicKey, Signer
from shared.identity.verifying import Claim, verify_all

EARLY_S = 300
LATE_S = 60
_PURPOSE = b"saoma-code\x00"
_SUBJECT_SEALS = frozenset({CodeType.CONTACT_CARD, CodeType.PEER_REQUEST, CodeType.SHOP_CODE, CodeType.PAYMENT_REQUEST})

Done = TypeVar("Done")
FindKey = Callable[[str], KeyRecord | None]
"""The record of a key by its `kid_hex`, or None."""


class Opened(NamedTuple):
    """A code whose seal held. `sealed_by` is None only for a contact card whose key is not registered here."""

    payload: AnyPayload
    kid_hex: str
    frame: bytes
    sealed_by: KeyRecord | None


def seal(payload: AnyPayload, signer: Signer, realm: str) -> bytes:
    """The frame that states `payload`, signed for this realm; `CodeTooLong` when its texts together are too long."""
    key = signer.public_key
    if isinstance(payload, ContactCard) and payload.public_key != key.raw:
        raise WrongSigner(kid=key.kid_hex)
    unsigned = unsigned_frame(payload.code_type, key.kid, cbor.encode(payloads.to_fields(payload)))
    return unsigned + signer.sign(to_be_signed(realm, unsigned))


def open_frame(frame: bytes, *, realm: str, find_key: FindKey, now_s: int | None) -> Opened:
    """The statement in a frame, after every check, or the `CodeRefused` that names the first one it failed.

    `now_s` is the moment as of which it is judged. None leaves the times out; a given-up key is then refused whenever
    that was. An audit passes the moment of the transfer.
    """
    [found] = open_frames([frame], realm=realm, find_key=find_key, now_s=now_s)
    if isinstance(found, CodeRefused):
        raise found
    return found


def open_frames(
    frames: Sequence[bytes], *, realm: str, find_key: FindKey, now_s: int | None
) -> list[Opened | CodeRefused]:
    """What `open_frame` says of each frame, the seals checked together."""
    sealed = [_outcome(_sealed, frame, realm, find_key, now_s) for frame in frames]
    holds = iter(verify_all([each.claim for each in sealed if isinstance(each, _Sealed)]))
    return [each if isinstance(each, CodeRefused) else _outcome(_read, each, next(holds), now_s) for each in sealed]


def to_be_signed(realm: str, unsigned: bytes) -> bytes:
    """The message under a seal: purpose, realm, frame. So no signature serves for another purpose or installation."""
    return _before(realm) + unsigned


@lru_cache(maxsize=16)
def _before(realm: str) -> bytes:
    name = realm.encode("utf-8")
    if not 1 <= len(name) <= 255:
        raise ValueError("a realm's name has 1 to 255 bytes")
    return _PURPOSE + bytes([len(name)]) + name


def check_times(payload: AnyPayload, now_s: int) -> None:
    """`CodeNotYetValid` or `CodeExpired`. Clocks may differ: 5 minutes early and 1 minute late are forgiven."""
    if now_s < payload.issued_at_s - EARLY_S:
        raise CodeNotYetValid(issued_at_s=payload.issued_at_s)
    ttl_s: int | None = getattr(payload, "ttl_s", None)
    if ttl_s is not None and now_s > payload.issued_at_s + ttl_s + LATE_S:
        raise CodeExpired(expired_at_s=payload.issued_at_s + ttl_s)


def is_revoked(record: KeyRecord, now_s: int | None) -> bool:
    """Whether the key's owner had given it up by the end of that second (None: at all)."""
    return record.revoked_at is not None and (now_s is None or record.revoked_at < (now_s + 1) * 1000)


def speaks_for_itself(payload: AnyPayload, record: KeyRecord) -> bool:
    """Whether the handle in the code is the key's own. A receipt names the payer and an order nobody: always."""
    return payload.code_type not in _SUBJECT_SEALS or getattr(payload, "handle", None) == record.handle


def card_key(parts: Frame) -> PublicKey:
    """The key that a contact card carries; `WrongSigner` unless it is the one that the frame names."""
    try:
        raw = cbor.decode(parts.body).get(10)
        key = PublicKey.from_raw(raw if isinstance(raw, bytes) else b"")
    except BadKey:
        raise MalformedCode(why="a card without a usable key", field="public_key") from None
    if key.kid != parts.kid:
        raise WrongSigner(kid=parts.kid.hex())
    return key


class _Sealed(NamedTuple):
    """A frame taken apart, before anybody looks whether its seal holds."""

    frame: bytes
    parts: Frame
    kid_hex: str
    record: KeyRecord | None
    claim: Claim


def _outcome(step: Callable[..., Done], *args: Any) -> Done | CodeRefused:
    try:
        return step(*args)
    except CodeRefused as refusal:
        return refusal


def _sealed(frame: bytes, realm: str, find_key: FindKey, now_s: int | None) -> _Sealed:
    parts = split(frame)
    if parts.type not in payloads.CLASSES:
        raise UnknownType(type=parts.type)
    kid_hex = parts.kid.hex()
    record = find_key(kid_hex)
    key = _key_of(parts, record)
    if record and is_revoked(record, now_s):
        raise RevokedKey(kid=kid_hex)
    return _Sealed(
        frame, parts, kid_hex, record, Claim(key, parts.signature, to_be_signed(realm, frame[:-SIGNATURE_BYTES]))
    )


def _read(sealed: _Sealed, holds: bool, now_s: int | None) -> Opened:
    frame, parts, kid_hex, record, _ = sealed
    if not holds:
        raise BadSeal(kid=kid_hex)
    payload = payloads.from_fields(parts.type, cbor.decode(parts.body))
    if record and parts.type not in record.may_seal:
        raise KeyMayNotSeal(kid=kid_hex, type=parts.type)
    if now_s is not None:
        check_times(payload, now_s)
    if record and not speaks_for_itself(payload, record):
        raise WrongSigner(kid=kid_hex)
    return Opened(payload, kid_hex, bytes(frame), record)


def _key_of(parts: Frame, record: KeyRecord | None) -> PublicKey:
    if parts.type == CodeType.CONTACT_CARD:
        key = card_key(parts)
        if record and record.public_key != key:
            raise WrongSigner(kid=parts.kid.hex())
        return key
    if record is None:
        raise UnknownKey(kid=parts.kid.hex())
    return record.public_key
