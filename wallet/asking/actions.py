"""Asking a contact for money, and the ways in which that ends without a payment.

A request is a sealed code like any other; here it is sent to one person, who finds it in a list. Paying it is an
ordinary transfer that presents the code. What keeps it from being a nuisance stands in `ask`: only contacts may ask,
so often and no more, and not those who were switched off.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, insert, select, update

from shared import events, ids
from shared.codes import payloads, seal
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput, Conflict, DomainError, IdempotencyConflict, NotAllowed
from shared.identity import parties
from shared.identity.parties import Known
from shared.money import currency_by_number
from shared.payments.actions import RequestAlreadyPaid
from shared.payments.orders import Prepared
from wallet.asking import queries
from wallet.asking.models import Block, MoneyRequestRow, Preference
from wallet.asking.queries import MoneyRequest
from wallet.contacts import people

ASKED_A_DAY = 20
"""How many requests one person may send within 24 hours."""
ASKED_OF_ONE_A_DAY = 5
"""How many of them may go to the same person."""
OPEN_WITH_ONE = 3
"""How many requests to one person may wait for an answer at once."""
DAY_MS = payloads.DAY_S * 1000


class AskedOneself(BadInput):
    """Somebody asked themselves for money."""

    code = "asked_oneself"


class NotAFriend(NotAllowed):
    """Only contacts who have both said yes may ask each other for money."""

    code = "not_a_friend"


class RequestsNotTaken(NotAllowed):
    """This person takes no requests: from nobody, or not from this one. Which of the two is not told."""

    code = "requests_not_taken"


class AskedTooOften(DomainError):
    """The asker has reached what may be asked within a day, or of one person."""

    code = "asked_too_often"
    status = 429


class RequestDeclined(Conflict):
    """The request was declined: it is not to be paid any more."""

    code = "request_declined"


class RequestWithdrawn(Conflict):
    """The asker has withdrawn the request."""

    code = "request_withdrawn"


CLOSED: dict[str, type[Conflict]] = {queries.DECLINED: RequestDeclined, queries.WITHDRAWN: RequestWithdrawn}


def ask(uow: UnitOfWork, *, asker_id: str, payer: str, code: seal.Opened) -> MoneyRequest:
    """Send a sealed request to the contact `payer` (a handle). The same request again is the first one."""
    asked = code.payload
    if not isinstance(asked, payloads.PeerRequest) or asked.amount_minor is None:
        raise BadInput(field="amount_minor")
    other, asker = parties.by_handle(uow, handle=payer), parties.by_id(uow, id=asker_id)
    known = queries.by_jti(uow, asker_id=asker_id, jti=asked.jti.hex())
    if known:
        if (known.payer_id, known.amount_minor, known.memo) != (other.id, asked.amount_minor, asked.memo or ""):
            raise IdempotencyConflict()
        return known
    _check_may_ask(uow, asker, other)
    id = ids.new_id("ask", uow.now)
    unit = currency_by_number(asked.currency).code
    uow.execute(
        insert(MoneyRequestRow).values(
            id=id, asker_id=asker_id, payer_id=other.id, kid=code.kid_hex, jti=asked.jti.hex(), code=code.frame,
            amount_minor=asked.amount_minor, currency=unit, memo=asked.memo or "", state=queries.OPEN,
            created_at=uow.now, expires_at=(asked.issued_at_s + asked.ttl_s) * 1000, closed_at=None,
        )
    )  # fmt: skip
    made = queries.by_id(uow, id=id, party_id=asker_id)
    _tell(uow, "request.made", made, by=asker)
    return made


def decline(uow: UnitOfWork, *, party_id: str, id: str) -> MoneyRequest:
    """Say no to a request that somebody was sent; saying it again changes nothing."""
    found = queries.by_id(uow, id=id, party_id=party_id)
    if found.payer_id != party_id:
        raise queries.UnknownRequest()
    return _close(uow, found, queries.DECLINED, "request.declined", party_id)


def withdraw(uow: UnitOfWork, *, party_id: str, id: str) -> MoneyRequest:
    """Take one's own request back; taking it back again changes nothing."""
    found = queries.by_id(uow, id=id, party_id=party_id)
    if found.asker_id != party_id:
        raise queries.UnknownRequest()
    return _close(uow, found, queries.WITHDRAWN, "request.withdrawn", party_id)


def set_takes_requests(uow: UnitOfWork, *, party_id: str, takes: bool) -> None:
    """Take requests for money, or take none at all. Those that wait stay where they are."""
    values = {"takes_requests": int(takes), "updated_at": uow.now}
    if not uow.execute(update(Preference).where(Preference.party_id == party_id).values(values)):
        uow.execute(insert(Preference).values(party_id=party_id, **values))


def set_block(uow: UnitOfWork, *, owner_id: str, handle: str, is_blocked: bool) -> None:
    """Take no requests from one person any more, or again. They are not told."""
    other = parties.by_handle(uow, handle=handle)
    if other.kind != "user":
        raise parties.UnknownParty()
    if other.id == owner_id:
        raise AskedOneself()
    uow.execute(delete(Block).where(Block.owner_id == owner_id, Block.party_id == other.id))
    if is_blocked:
        uow.execute(insert(Block).values(owner_id=owner_id, party_id=other.id, created_at=uow.now))


def closed_by(reader: Reader, *, orders: Iterable[Prepared]) -> dict[str, DomainError]:
    """Of the orders those that answer a request which was declined or withdrawn, by order id, with the refusal."""
    answers = {
        order.id: (order.presented.sealed_by.party_id, order.presented.payload.jti.hex())
        for order in orders
        if order.presented is not None and order.presented.sealed_by is not None
        and isinstance(order.presented.payload, payloads.PeerRequest)
    }  # fmt: skip
    if not answers:
        return {}
    closed = queries.closed_among(reader, jtis=[jti for _, jti in answers.values()])
    return {id: CLOSED[closed[named]]() for id, named in answers.items() if named in closed}


def _check_may_ask(reader: Reader, asker: Known, payer: Known) -> None:
    if payer.kind != "user":
        raise parties.UnknownParty()
    if payer.id == asker.id:
        raise AskedOneself()
    if asker.frozen_at or payer.frozen_at:
        raise parties.PartyFrozen()
    if not people.are_friends(reader, one_id=asker.id, other_id=payer.id):
        raise NotAFriend(name=payer.display_name)
    takes = queries.takes_requests(reader, party_id=payer.id)
    if not takes or queries.blocks(reader, owner_id=payer.id, party_id=asker.id):
        raise RequestsNotTaken(name=payer.display_name)
    _check_not_too_often(reader, asker, payer)


def _check_not_too_often(reader: Reader, asker: Known, payer: Known) -> None:
    today = reader.all(
        select(MoneyRequestRow.payer_id).where(
            MoneyRequestRow.asker_id == asker.id, MoneyRequestRow.created_at > reader.now - DAY_MS
        )
    )
    to_one = sum(row.payer_id == payer.id for row in today)
    waiting = queries.waiting_for(reader, party_id=payer.id, asker_id=asker.id, limit=OPEN_WITH_ONE)
    if len(today) >= ASKED_A_DAY or to_one >= ASKED_OF_ONE_A_DAY or len(waiting) >= OPEN_WITH_ONE:
        raise AskedTooOften(name=payer.display_name)


def _close(uow: UnitOfWork, found: MoneyRequest, state: str, event: str, party_id: str) -> MoneyRequest:
    if found.state == queries.PAID:
        raise RequestAlreadyPaid()
    if found.state == state:
        return found
    if found.state in CLOSED:
        raise CLOSED[found.state]()
    uow.execute(
        update(MoneyRequestRow)
        .where(MoneyRequestRow.id == found.id, MoneyRequestRow.state == queries.OPEN)
        .values(state=state, closed_at=uow.now)
    )
    closed = queries.by_id(uow, id=found.id, party_id=party_id)
    _tell(uow, event, closed, by=parties.by_id(uow, id=party_id))
    return closed


def _tell(uow: UnitOfWork, name: str, request: MoneyRequest, *, by: Known) -> None:
    """Both sides hear of it."""
    uow.emit(
        name,
        [events.party_topic(request.asker_id), events.party_topic(request.payer_id)],
        request=request.id,
        by=by.display_name,
        by_handle=by.handle,
        amount_minor=request.amount_minor,
        currency=request.currency,
    )
