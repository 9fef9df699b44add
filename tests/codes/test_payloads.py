"""What a code may say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codes import payloads
from shared.codes.cbor import Value
from shared.codes.refusals import BadField, MalformedCode, UnknownField, UnknownType
from shared.identity import wording
from tests.codes.samples import ADA, JTI, NOW_S, anything, few, request


def order(**changes: object) -> payloads.Order:
    fields: dict[str, Any] = {
        "amount_minor": 1, "currency": 156, "issued_at_s": NOW_S, "ttl_s": 120, "jti": JTI, "payee": "bo", "kind": 1,
    }  # fmt: skip
    return payloads.Order(**{**fields, **changes})


def receipt(**changes: object) -> payloads.Receipt:
    fields: dict[str, Any] = {
        "handle": "ada", "amount_minor": 1, "currency": 156, "issued_at_s": NOW_S, "payee": "bo", "seq": 1,
        "transfer": bytes(16),
    }  # fmt: skip
    return payloads.Receipt(**{**fields, **changes})


def card(**changes: object) -> payloads.ContactCard:
    fields: dict[str, Any] = {
        "handle": "ada", "issued_at_s": NOW_S, "display_name": "Ada", "public_key": ADA.public_key.raw
    }  # fmt: skip
    return payloads.ContactCard(**{**fields, **changes})


@few
@given(anything(ADA.public_key.raw))
def test_a_payload_comes_back_from_its_fields(payload: payloads.AnyPayload) -> None:
    assert payloads.from_fields(payload.code_type, payloads.to_fields(payload)) == payload


@pytest.mark.parametrize(
    ("make", "field", "value"),
    [
        (request, "handle", ""), (request, "handle", "a" * 33), (request, "handle", "Ada"),
        (request, "handle", "ada\n"),
        (request, "handle", "аda"), (request, "handle", None), (request, "handle", b"ada"), (request, "handle", 7),
        (request, "amount_minor", 0), (request, "amount_minor", -1), (request, "amount_minor", 10**12 + 1),
        (request, "amount_minor", True), (request, "amount_minor", 12.5), (request, "amount_minor", "1"),
        (request, "currency", 0), (request, "currency", 1000), (request, "currency", False),
        (request, "issued_at_s", -1), (request, "issued_at_s", 253_402_300_800), (request, "issued_at_s", None),
        (request, "ttl_s", 0), (request, "ttl_s", 2_592_001), (request, "jti", bytes(7)), (request, "jti", "01234567"),
        (request, "memo", ""), (request, "memo", " x"), (request, "memo", "m" * 65), (request, "memo", "午" * 22),
        (order, "ttl_s", 121), (order, "kind", 0), (order, "kind", 17), (order, "kind", True), (order, "kind", "pay"),
        (order, "payee", "Bo"), (order, "subject", bytes(9)),
        (receipt, "seq", 0), (receipt, "seq", 2**53), (receipt, "transfer", bytes(15)),
        (receipt, "checkpoint_size", 5), (receipt, "checkpoint_root", bytes(32)),
        (card, "public_key", bytes(31)), (card, "display_name", "n" * 41), (card, "display_name", "a\u202eb"),
    ],
)  # fmt: skip
def test_a_value_that_no_code_may_carry_is_refused(make: Callable[..., object], field: str, value: object) -> None:
    with pytest.raises(BadField) as refused:
        make(**{field: value})

    assert refused.value.params["field"] in (field, "checkpoint_root")


def test_a_payment_request_lives_no_longer_than_a_quarter_of_an_hour() -> None:
    payloads.PaymentRequest("tea", 1, 156, NOW_S, 900, JTI)
    with pytest.raises(BadField):
        payloads.PaymentRequest("tea", 1, 156, NOW_S, 901, JTI)


def test_a_payer_code_lives_two_minutes_and_has_a_cap() -> None:
    payloads.PayerCode(156, NOW_S, 120, JTI, 0, 1)
    for ttl_s, counter, cap_minor in ((121, 0, 1), (120, -1, 1), (120, 0, 0), (120, 0, 10**12 + 1), (120, 2**53, 1)):
        with pytest.raises(BadField):
            payloads.PayerCode(156, NOW_S, ttl_s, JTI, counter, cap_minor)


@pytest.mark.parametrize("type_", [0, 8, 9, 255])
def test_a_kind_of_code_that_is_not_known_is_refused(type_: int) -> None:
    with pytest.raises(UnknownType):
        payloads.from_fields(type_, payloads.to_fields(request()))


def test_an_unknown_field_is_refused_when_positive_and_ignored_when_negative() -> None:
    fields: dict[int, Value] = payloads.to_fields(request())

    assert payloads.from_fields(2, fields | {-9: "later"}) == request()
    with pytest.raises(UnknownField):
        payloads.from_fields(2, fields | {40: 1})
    with pytest.raises(UnknownField):
        payloads.from_fields(2, fields | {12: 1})


@pytest.mark.parametrize("number", [1, 3, 6, 7, 8])
def test_a_body_without_a_required_field_is_malformed(number: int) -> None:
    fields = payloads.to_fields(request())
    del fields[number]

    with pytest.raises(MalformedCode):
        payloads.from_fields(2, fields)


@pytest.mark.parametrize(
    "text",
    ["café", "午饭 🍜", "Привет", "مرحبا", "नमस्ते", "x", "a b", "❤\ufe0f", "\U0001fae8", "١٢"],
)
def test_visible_text_of_any_script_is_fit(text: str) -> None:
    assert wording.is_fit(text, 64)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a ", " a", "a\nb", "a\tb", "a\x00b", "a\x7fb", "a\u0085b", "a\u00a0b", "a\u00adb", "a\u200bb",
        "a\u200db", "a\u200eb", "a\u202eb", "a\u2066b", "a\u2028b", "a\u2800b", "a\u3000b", "a\u3164b", "a\u115fb",
        "a\ue000b", "a\ufeffb", "a\ufffeb", "a\U000e0041b", "a\U000e0100b", "cafe\u0301", "a\ud800b", "\u2126",
    ],
)  # fmt: skip
def test_text_with_anything_invisible_or_not_normalised_is_not_fit(text: str) -> None:
    assert not wording.is_fit(text, 64)


@few
@given(st.text(max_size=80), st.integers(1, 64))
def test_fitting_gives_fit_text_or_none(text: str, max_bytes: int) -> None:
    fitted = wording.fitted(text, max_bytes)

    assert fitted == "" or wording.is_fit(fitted, max_bytes)


@few
@given(st.text(max_size=20))
def test_fitting_leaves_fit_text_alone(text: str) -> None:
    if wording.is_fit(text, 64):
        assert wording.fitted(text, 64) == text


def test_fitting_cuts_between_characters() -> None:
    assert wording.fitted("小波的茶馆", 8) == "小波"
    assert wording.fitted("Tea\nand\u3000cake\u200b", 40) == "Tea and cake"
