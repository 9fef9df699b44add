"""What the codes say: one small frozen dataclass per kind of code, each of which cannot hold what a code may not say.

A payload made here and a payload read from a stranger's code pass the same checks, in the same place. Which field has
which number in the body stands in `_FIELDS`; a field without a default is required.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar

from shared.codes.cbor import Value
from shared.codes.refusals import BadField, MalformedCode, UnknownField, UnknownType
from shared.identity import wording
from shared.money import MAX_MINOR

DAY_S = 86_400
_MAX_TIME_S = 253_402_300_799  # the end of the year 9999
_MAX_INT = 2**53 - 1  # what a browser still counts exactly


class CodeType(IntEnum):
    """The kinds of code, by their number in the frame."""

    CONTACT_CARD = 1
    PEER_REQUEST = 2
    SHOP_CODE = 3
    PAYMENT_REQUEST = 4
    PAYER_CODE = 5
    ORDER = 6
    RECEIPT = 7


class OrderKind(IntEnum):
    """What an order tells the ledger to do."""

    PAY = 1
    SEND = 2
    REFUND = 3
    TOP_UP = 4
    PAYOUT = 5
    HOLD = 6
    CAPTURE = 7
    VOID = 8
    FEE = 9
    PAID_OUT = 10
    RETURNED = 11
    CHARGE = 12
    WITHDRAW = 13
    CHARGE_HOLD = 14
    MAKE_GOOD = 15
    CLAWBACK = 16


_ORDER_KINDS = {kind.value: kind for kind in OrderKind}


class Payload:
    """The statement of a code. Construction raises `BadField` for a value that a code cannot carry."""

    __slots__ = ()
    code_type: ClassVar[CodeType]
    max_ttl_s: ClassVar[int] = 0

    def __post_init__(self) -> None:
        for name, required, check in _CHECKS[type(self)]:
            value = getattr(self, name)
            if value is not None or required:
                checked = check(name, value)
                if checked is not value:
                    object.__setattr__(self, name, checked)
        if getattr(self, "ttl_s", 0) > self.max_ttl_s:
            raise BadField(field="ttl_s", limit=self.max_ttl_s)
        if (getattr(self, "checkpoint_size", None) is None) != (getattr(self, "checkpoint_root", None) is None):
            raise BadField(field="checkpoint_root")


@dataclass(frozen=True, slots=True)
class ContactCard(Payload):
    """Says "This is my key." A person's card; it carries the key that seals it and does not expire."""

    code_type: ClassVar[CodeType] = CodeType.CONTACT_CARD
    handle: str
    issued_at_s: int
    display_name: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class PeerRequest(Payload):
    """Says "Send me money", with or without an amount; from one person to another. At most 30 days."""

    code_type: ClassVar[CodeType] = CodeType.PEER_REQUEST
    max_ttl_s: ClassVar[int] = 30 * DAY_S
    handle: str
    currency: int
    issued_at_s: int
    ttl_s: int
    jti: bytes
    amount_minor: int | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class ShopCode(Payload):
    """Says "Pay this shop": the printed code on a counter. No amount, no expiry."""

    code_type: ClassVar[CodeType] = CodeType.SHOP_CODE
    handle: str
    currency: int
    issued_at_s: int
    terminal: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentRequest(Payload):
    """Says "Pay this shop this amount": one payment intent on a till. At most 15 minutes."""

    code_type: ClassVar[CodeType] = CodeType.PAYMENT_REQUEST
    max_ttl_s: ClassVar[int] = 900
    handle: str
    amount_minor: int
    currency: int
    issued_at_s: int
    ttl_s: int
    jti: bytes
    reference: str | None = None
    memo: str | None = None
    terminal: str | None = None


@dataclass(frozen=True, slots=True)
class PayerCode(Payload):
    """Says "Take up to this much from me": shown by a phone, once. Names neither person nor shop; at most 2 minutes.

    `counter` grows with each code of a key.
    """

    code_type: ClassVar[CodeType] = CodeType.PAYER_CODE
    max_ttl_s: ClassVar[int] = 120
    currency: int
    issued_at_s: int
    ttl_s: int
    jti: bytes
    counter: int
    cap_minor: int


@dataclass(frozen=True, slots=True)
class Order(Payload):
    """Says "Move this money": what whoever is debited signs. `payee` is the other side; at most 2 minutes."""

    code_type: ClassVar[CodeType] = CodeType.ORDER
    max_ttl_s: ClassVar[int] = 120
    amount_minor: int
    currency: int
    issued_at_s: int
    ttl_s: int
    jti: bytes
    payee: str
    kind: OrderKind
    subject: bytes | None = None
    memo: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt(Payload):
    """Says "This money moved": the operator's word for transfer `seq`. `handle` is the payer."""

    code_type: ClassVar[CodeType] = CodeType.RECEIPT
    handle: str
    amount_minor: int
    currency: int
    issued_at_s: int
    payee: str
    seq: int
    transfer: bytes
    checkpoint_size: int | None = None
    checkpoint_root: bytes | None = None


AnyPayload = ContactCard | PeerRequest | ShopCode | PaymentRequest | PayerCode | Order | Receipt
CLASSES: Mapping[int, type[AnyPayload]] = {
    kind.code_type: kind for kind in (ContactCard, PeerRequest, ShopCode, PaymentRequest, PayerCode, Order, Receipt)
}
_NAMES: Mapping[type[Payload], Mapping[str, bool]] = {
    kind: {field.name: field.default is MISSING for field in fields(kind)} for kind in CLASSES.values()
}
"""The fields of each payload class, each with whether it is required."""


def to_fields(payload: AnyPayload) -> dict[int, Value]:
    """The body's fields by number; what is None is not there."""
    values = {name: getattr(payload, name) for name in _NAMES[type(payload)]}
    return {_FIELDS[name][0]: value for name, value in values.items() if value is not None}


def from_fields(type_: int, body: Mapping[int, Value]) -> AnyPayload:
    """The payload of a body. A field we do not know: refused, or ignored when its number is negative."""
    kind = CLASSES.get(type_)
    if kind is None:
        raise UnknownType(type=type_)
    names = _BY_NUMBER[kind]
    values: dict[str, Any] = {}
    for key, value in body.items():
        if key in names:
            values[names[key]] = value
        elif key >= 0:
            raise UnknownField(field=key)
    for name in _REQUIRED[kind]:
        if name not in values:
            raise MalformedCode(why="a field is missing", field=name)
    try:
        return kind(**values)
    except BadField as error:
        raise MalformedCode(why="a field cannot be", field=error.params["field"]) from None


def _number(low: int, high: int) -> Callable[[str, object], object]:
    def check(name: str, value: object) -> object:
        if type(value) is not int or not low <= value <= high:
            raise BadField(field=name, limit=high)
        return value

    return check


def _raw(*sizes: int) -> Callable[[str, object], object]:
    def check(name: str, value: object) -> object:
        if type(value) is not bytes or len(value) not in sizes:
            raise BadField(field=name, limit=sizes[-1])
        return value

    return check


def _text(max_bytes: int) -> Callable[[str, object], object]:
    def check(name: str, value: object) -> object:
        if type(value) is not str or not wording.is_fit(value, max_bytes):
            raise BadField(field=name, limit=max_bytes)
        return value

    return check


def _handle(name: str, value: object) -> object:
    if type(value) is not str or not wording.is_handle(value):
        raise BadField(field=name, limit=wording.HANDLE_BYTES)
    return value


def _order_kind(name: str, value: object) -> object:
    if isinstance(value, OrderKind):
        return value
    kind = _ORDER_KINDS.get(value) if type(value) is int else None
    if kind is None:
        raise BadField(field=name, limit=max(OrderKind))
    return kind


_FIELDS: Mapping[str, tuple[int, Callable[[str, object], object]]] = {
    "handle": (1, _handle),
    "amount_minor": (2, _number(1, MAX_MINOR)),
    "currency": (3, _number(1, 999)),
    "reference": (4, _text(16)),
    "memo": (5, _text(64)),
    "issued_at_s": (6, _number(0, _MAX_TIME_S)),
    "ttl_s": (7, _number(1, 30 * DAY_S)),
    "jti": (8, _raw(8)),
    "display_name": (9, _text(40)),
    "public_key": (10, _raw(32, 33)),
    "counter": (11, _number(0, _MAX_INT)),
    "cap_minor": (12, _number(1, MAX_MINOR)),
    "terminal": (13, _text(16)),
    "payee": (14, _handle),
    "kind": (15, _order_kind),
    "subject": (16, _raw(8)),
    "seq": (17, _number(1, _MAX_INT)),
    "transfer": (18, _raw(16)),
    "checkpoint_size": (-1, _number(1, _MAX_INT)),
    "checkpoint_root": (-2, _raw(32)),
}

_CHECKS = {
    kind: [(name, required, _FIELDS[name][1]) for name, required in names.items()] for kind, names in _NAMES.items()
}
_BY_NUMBER = {kind: {_FIELDS[name][0]: name for name in names} for kind, names in _NAMES.items()}
_REQUIRED = {kind: [name for name, required in names.items() if required] for kind, names in _NAMES.items()}

FIELD_NAMES: Mapping[int, str] = {number: name for name, (number, _) in _FIELDS.items()}
"""What each number in a body means."""
