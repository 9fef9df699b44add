"""Sealing and opening: what opens is exactly what was sealed, and everything else is refused for its own reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import payloads, refusals, seal
from shared.codes.refusals import CodeRefused
from shared.identity.keys import KeyRecord
from shared.identity.signing import Algorithm, PrivateKey
from tests.codes.samples import ADA, JTI, KEYS, NOW_S, REALM, anything, few, finder, record, request

ALL = frozenset(range(1, 9))


def opened(frame: bytes, *records: KeyRecord, realm: str = REALM, now_s: int | None = NOW_S) -> seal.Opened:
    return seal.open_frame(frame, realm=realm, find_key=finder(*records), now_s=now_s)


def refusal(frame: bytes, *records: KeyRecord, realm: str = REALM, now_s: int | None = NOW_S) -> type[CodeRefused]:
    with pytest.raises(CodeRefused) as refused:
        opened(frame, *records, realm=realm, now_s=now_s)
    return type(refused.value)


@pytest.mark.parametrize("algorithm", Algorithm)
@few
@given(data=st.data())
def test_what_was_sealed_opens(algorithm: Algorithm, data: st.DataObject) -> None:
    signer = KEYS[algorithm]
    payload = data.draw(anything(signer.public_key.raw))
    known = record(signer, getattr(payload, "handle", "ada"), ALL)

    frame = seal.seal(payload, signer, REALM)
    code = opened(frame, known, now_s=payload.issued_at_s)

    assert code == seal.Opened(payload, signer.public_key.kid_hex, frame, known)
    assert 75 <= len(frame) <= 240


@pytest.mark.parametrize("algorithm", Algorithm)
def test_no_single_bit_can_be_changed(algorithm: Algorithm) -> None:
    signer = KEYS[algorithm]
    frame = seal.seal(request(memo="Tea"), signer, REALM)
    find_key = finder(record(signer))

    for bit in range(len(frame) * 8):
        changed = bytearray(frame)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CodeRefused):
            seal.open_frame(bytes(changed), realm=REALM, find_key=find_key, now_s=NOW_S)


def test_no_single_bit_of_a_card_can_be_changed_even_where_its_key_is_unknown() -> None:
    frame = seal.seal(payloads.ContactCard("ada", NOW_S, "Ada", ADA.public_key.raw), ADA, REALM)

    for bit in range(len(frame) * 8):
        changed = bytearray(frame)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CodeRefused):
            opened(bytes(changed))


@few
@given(st.binary(max_size=260))
def test_any_bytes_at_all_are_refused_in_order(raw: bytes) -> None:
    with pytest.raises(CodeRefused):
        opened(raw, record())


def test_a_seal_holds_in_its_own_realm_only() -> None:
    frame = seal.seal(request(), ADA, "one.example")

    assert opened(frame, record(), realm="one.example").payload == request()
    assert refusal(frame, record(), realm="other.example") is refusals.BadSeal


def test_a_realm_must_have_a_name_of_at_most_255_bytes() -> None:
    for name in ("", "r" * 256):
        with pytest.raises(ValueError, match="realm"):
            seal.seal(request(), ADA, name)


def test_a_signature_does_not_serve_for_another_type_or_key() -> None:
    frame = seal.seal(request(), ADA, REALM)
    other = PrivateKey.generate()

    assert refusal(frame[:1] + b"\x04" + frame[2:], record(may_seal=ALL)) is refusals.BadSeal
    forged = frame[:2] + other.public_key.kid + frame[10:]
    assert refusal(forged, record(other)) is refusals.BadSeal


def test_a_card_opens_where_its_key_is_unknown_and_tells_so() -> None:
    card = payloads.ContactCard("ada", NOW_S, "Ada", ADA.public_key.raw)

    code = opened(seal.seal(card, ADA, REALM))

    assert code.payload == card
    assert code.sealed_by is None


def test_a_card_cannot_carry_a_key_that_is_not_its_signers() -> None:
    card = payloads.ContactCard("ada", NOW_S, "Ada", PrivateKey.generate().public_key.raw)

    with pytest.raises(refusals.WrongSigner):
        seal.seal(card, ADA, REALM)


def test_a_given_up_phones_card_is_refused() -> None:
    card = payloads.ContactCard("ada", NOW_S, "Ada", ADA.public_key.raw)

    assert refusal(seal.seal(card, ADA, REALM), record(revoked_at=1)) is refusals.RevokedKey


def test_a_code_of_an_unknown_key_is_refused() -> None:
    assert refusal(seal.seal(request(), ADA, REALM)) is refusals.UnknownKey


@pytest.mark.parametrize(
    ("revoked_at", "now_s", "is_refused"),
    [
        (NOW_S * 1000 - 1, NOW_S, True), (NOW_S * 1000, NOW_S, True), (NOW_S * 1000 + 999, NOW_S, True),
        (NOW_S * 1000 + 1000, NOW_S, False), (NOW_S * 1000 + 10**9, None, True), (None, None, False),
    ],
)  # fmt: skip
def test_a_key_counts_as_given_up_from_its_second_on(
    revoked_at: int | None, now_s: int | None, is_refused: bool
) -> None:
    frame = seal.seal(request(), ADA, REALM)
    known = record(revoked_at=revoked_at)

    if is_refused:
        assert refusal(frame, known, now_s=now_s) is refusals.RevokedKey
    else:
        assert opened(frame, known, now_s=now_s).payload == request()


def test_a_key_seals_only_what_it_is_for() -> None:
    assert refusal(seal.seal(request(), ADA, REALM), record(may_seal=frozenset({1}))) is refusals.KeyMayNotSeal


def test_a_code_that_speaks_for_another_handle_is_refused() -> None:
    assert refusal(seal.seal(request(), ADA, REALM), record(handle="bo")) is refusals.WrongSigner


def test_a_receipt_names_the_payer_and_not_its_signer() -> None:
    receipt = payloads.Receipt("ada", 1, 156, NOW_S, "bo", 1, bytes(16))

    code = opened(seal.seal(receipt, ADA, REALM), record(handle="operator", may_seal=ALL))

    assert code.payload == receipt


@pytest.mark.parametrize(
    ("at_s", "reason"),
    [
        (-301, refusals.CodeNotYetValid), (-300, None), (0, None), (3600, None), (3660, None),
        (3661, refusals.CodeExpired),
    ],
)  # fmt: skip
def test_a_code_is_good_in_its_time_and_a_little_around_it(at_s: int, reason: type[CodeRefused] | None) -> None:
    frame = seal.seal(request(), ADA, REALM)

    if reason:
        assert refusal(frame, record(), now_s=NOW_S + at_s) is reason
        assert opened(frame, record(), now_s=None).payload == request()
    else:
        assert opened(frame, record(), now_s=NOW_S + at_s).payload == request()


def test_cards_and_shop_codes_do_not_expire() -> None:
    century_s = 100 * 365 * payloads.DAY_S
    card = payloads.ContactCard("ada", NOW_S, "Ada", ADA.public_key.raw)
    shop = payloads.ShopCode("ada", 156, NOW_S)

    for payload in (card, shop):
        frame = seal.seal(payload, ADA, REALM)
        assert opened(frame, record(may_seal=ALL), now_s=NOW_S + century_s).payload == payload
        assert refusal(frame, record(may_seal=ALL), now_s=NOW_S - 301) is refusals.CodeNotYetValid


def test_texts_that_fit_one_by_one_can_be_too_long_together() -> None:
    crowded = payloads.PaymentRequest("h" * 32, 10**12, 156, NOW_S, 900, JTI, "r" * 16, "m" * 64, "t" * 16)

    with pytest.raises(refusals.CodeTooLong):
        seal.seal(crowded, ADA, REALM)


def test_the_longest_order_and_the_longest_receipt_fit() -> None:
    order = payloads.Order(10**12, 999, NOW_S, 120, JTI, "p" * 32, payloads.OrderKind.PAY, JTI, "m" * 64)
    receipt = payloads.Receipt("h" * 32, 10**12, 999, NOW_S, "p" * 32, 2**53 - 1, bytes(16), 2**53 - 1, bytes(32))

    assert len(seal.seal(order, ADA, REALM)) == 222
    assert len(seal.seal(receipt, ADA, REALM)) <= 240
