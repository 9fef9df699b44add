"""Requests for money between people: sealed by the phone, or here with a key that the server holds for a browser."""

from __future__ import annotations

import secrets

from shared import money
from shared.codes import frame as frames
from shared.codes import payloads, seal
from shared.codes.payloads import PeerRequest
from shared.codes.refusals import CodeRefused
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import BadInput, NotAllowed
from shared.identity import keys, parties
from shared.ledger.posting import CurrenciesMustMatch
from shared.web.body import Body
from shared.web.sessions import Session
from wallet.pay import received

USUAL_TTL_S = payloads.DAY_S


class NotARequest(CodeRefused):
    """A genuine code, but not a request for money."""

    code = "not_a_request"


class NotYourRequest(NotAllowed):
    """The request was sealed by somebody else than the person who is signed in."""

    code = "not_your_request"


def opened(reader: Reader, *, session: Session, text: str, unit: money.Currency) -> seal.Opened:
    """The request that a phone sealed for itself, checked as whoever scans it will check it."""
    code = seal.open_frame(
        frames.frame_of_text(text),
        realm=outbox.realm(reader),
        find_key=lambda kid: keys.find(reader, kid=kid),
        now_s=reader.now // 1000,
    )
    if not isinstance(code.payload, PeerRequest):
        raise NotARequest()
    if code.sealed_by is None or code.sealed_by.party_id != session.party_id:
        raise NotYourRequest()
    if code.payload.currency != unit.numeric:
        raise CurrenciesMustMatch()
    return code


def sealed(reader: Reader, *, session: Session, given: Body, unit: money.Currency, secret: bytes) -> seal.Opened:
    """A request made here for a browser whose key the server holds: `amount_minor`, `memo`, `ttl_s`,
    `jti`, each optional.
    """
    person = parties.by_id(reader, id=session.party_id)
    amount_minor = given.optional_integer("amount_minor")
    ttl_s = given.optional_integer("ttl_s")
    if ttl_s is not None and not 0 < ttl_s <= PeerRequest.max_ttl_s:
        raise BadInput(field="ttl_s")
    signer = keys.server_signer(reader, party_id=person.id, secret=secret, kid=session.holder)
    request = PeerRequest(
        handle=person.handle,
        currency=unit.numeric,
        issued_at_s=reader.now // 1000,
        ttl_s=ttl_s or USUAL_TTL_S,
        jti=received.eight_bytes(given, "jti") if given.has("jti") else secrets.token_bytes(8),
        amount_minor=None if amount_minor is None else money.check_minor(amount_minor),
        memo=given.optional_text("memo") or None,
    )
    return seal.Opened(request, signer.public_key.kid_hex, seal.seal(request, signer, outbox.realm(reader)), None)


def expires_at(code: seal.Opened) -> int:
    """When the request's time is over, in milliseconds."""
    assert isinstance(code.payload, PeerRequest)
    return (code.payload.issued_at_s + code.payload.ttl_s) * 1000
