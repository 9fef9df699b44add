"""What makes a wallet safer, and (by the PIN) less safe: giving up devices, freezing, limits."""

from __future__ import annotations

from shared import events
from shared.db.unit import UnitOfWork
from shared.errors import Conflict
from shared.identity import keys, parties
from shared.payments import limits
from shared.payments.limits import Limits
from shared.web import sessions, visits
from shared.web.sessions import Session
from wallet.logins import actions as logins
from wallet.users import pins

SERVICE = "wallet"


class OwnDevice(Conflict):
    """The device to give up is the one that asks: it signs out instead."""

    code = "own_device"


def revoke(uow: UnitOfWork, *, session: Session, kid: str) -> None:
    """Give up a device of the session's person: its key is worthless and its sign-ins end, at once and for good."""
    if kid == session.holder:
        raise OwnDevice()
    keys.revoke(uow, party_id=session.party_id, kid=kid)
    sessions.end_of_holder(uow, party_id=session.party_id, holder=kid)
    logins.refuse_all(uow, party_id=session.party_id)  # it may just have said yes to another browser
    _tell(uow, "device.revoked", session.party_id, kid=kid)


def sign_out(uow: UnitOfWork, *, session: Session) -> None:
    """End the session, and the key of a phone that holds its own: whoever signs in again makes another."""
    key = keys.find(uow, kid=session.holder)
    if key and key.custody == "device" and key.revoked_at is None:
        keys.revoke(uow, party_id=session.party_id, kid=session.holder)
        sessions.end_of_holder(uow, party_id=session.party_id, holder=session.holder)
    sessions.end(uow, token_hash=session.token_hash)


def revoke_others(uow: UnitOfWork, *, session: Session) -> None:
    """Give up every device of the session's person but this one."""
    for kid in keys.good_kids(uow, party_ids=[session.party_id])[session.party_id]:
        if kid != session.holder:
            revoke(uow, session=session, kid=kid)
    logins.refuse_all(uow, party_id=session.party_id)
    visits.end_others(uow, session=session, service=SERVICE)


def freeze(uow: UnitOfWork, *, party_id: str) -> None:
    """Stop the person's own outgoing money; freezing again changes nothing."""
    parties.freeze_self(uow, party_id=party_id, is_frozen=True)
    _tell(uow, "wallet.frozen", party_id)


def lift(uow: UnitOfWork, *, party_id: str, confirmation: str | None) -> None:
    """Let the person's money go out again; where a PIN is set, only with it."""
    pins.spend(uow, party_id=party_id, confirmation=confirmation)
    parties.freeze_self(uow, party_id=party_id, is_frozen=False)
    _tell(uow, "wallet.unfrozen", party_id)


def set_limits(
    uow: UnitOfWork, *, party_id: str, no_pin_minor: int, daily_minor: int | None, confirmation: str | None
) -> Limits:
    """Set both limits in minor units. Raising one needs a PIN and its confirmation; lowering needs nothing."""
    now = limits.of(uow, party_id=party_id)
    is_daily_raised = now.daily_minor is not None and (daily_minor is None or daily_minor > now.daily_minor)
    if no_pin_minor > now.no_pin_minor or is_daily_raised:
        if not pins.limits(uow, party_ids=[party_id])[party_id][1]:
            raise pins.PinNotSet()
        pins.spend(uow, party_id=party_id, confirmation=confirmation)
    return limits.set_limits(uow, party_id=party_id, no_pin_minor=no_pin_minor, daily_minor=daily_minor)


def _tell(uow: UnitOfWork, name: str, party_id: str, **body: str) -> None:
    uow.emit(name, [events.party_topic(party_id)], **body)
