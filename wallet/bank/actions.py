"""Topping up from the demo bank. Taking money back to it is a signed order like any payment: see wallet/pay.

The operator signs a top-up, so what somebody may ask of it has an end: so much within one day (UTC).
"""

from __future__ import annotations

from typing import Any

from shared import clock
from shared.codes.payloads import OrderKind
from shared.db.unit import Reader, UnitOfWork
from shared.errors import Conflict
from shared.ledger import chart, extracts
from shared.ledger.extracts import Pick
from shared.money import Currency
from shared.payments import actions as payments
from shared.payments.kinds import DAY_MS
from shared.payments.orders import Prepared

A_DAY_MAJOR = 5000
"""What one person may take from the bank within a day, in major units; the welcome money counts."""
_TOP_UPS = Pick(side="in", kinds=(OrderKind.TOP_UP.name.lower(),))


class TopUpLimitReached(Conflict):
    """The person has taken from the bank what there is for a day. `left_minor` may still be taken, in `currency`."""

    code = "top_up_limit_reached"


def left_today(reader: Reader, *, party_id: str, unit: Currency) -> int:
    """What the person may still take from the bank today, in minor units."""
    first = extracts.seq_at(reader, at_ms=reader.now - reader.now % DAY_MS)
    sums = extracts.sums(reader, code=chart.user_account(party_id), pick=_TOP_UPS, first_seq=first)
    a_day: int = A_DAY_MAJOR * 10**unit.exponent
    return max(0, a_day - sums.in_minor)


def top_up(uow: UnitOfWork, *, party_id: str, order: Prepared, unit: Currency) -> dict[str, Any]:
    """Carry the operator's top-up out, when there is so much left today; what it came to, for the answer."""
    left_minor = left_today(uow, party_id=party_id, unit=unit)
    if order.order.amount_minor > left_minor:
        raise TopUpLimitReached(left_minor=left_minor, currency=unit.code)
    done = payments.execute(uow, order=order)
    return {
        "transfer": done.transfer.id,
        "seq": done.transfer.seq,
        "amount_minor": done.transfer.amount_minor,
        "currency": done.transfer.currency,
        "at": clock.rfc3339(done.transfer.created_at),
    }
