"""Charging: storing a sealed intent, replacing one whose code ran out; and what a shop orders about a sale later."""

from __future__ import annotations

from merchant.shops.signers import Signers, own_kid
from shared import money
from shared.codes.refusals import BadField, RevokedKey
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.identity import keys, parties, wording
from shared.identity.parties import Known, PartyFrozen
from shared.payments import actions as payments
from shared.payments import effects, intents, refunds
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.payments.refunds import Refund

REFERENCE_BYTES, MEMO_BYTES, REASON_BYTES = 16, 64, 120


def drafted(
    store: Store,
    signers: Signers,
    *,
    shop: Known,
    unit: money.Currency,
    amount_minor: int,
    reference: str = "",
    memo: str = "",
    ttl_s: int = intents.USUAL_TTL_S,
    capture_method: str = intents.AUTOMATIC,
) -> PaymentIntent:
    """A sealed intent of the shop, not stored yet: sealing is dear and stays out of the writer's turn."""
    fit("reference", reference, REFERENCE_BYTES)
    fit("memo", memo, MEMO_BYTES)
    now, realm, kid = store.read(_now_realm_and_key, shop_id=shop.id)
    return intents.draft(
        shop=shop,
        signer=signers.named(shop.id, kid),
        realm=realm,
        now=now,
        amount_minor=amount_minor,
        unit=unit,
        reference=reference,
        memo=memo,
        ttl_s=ttl_s,
        capture_method=capture_method,
    )


def fit(field: str, text: str, longest: int) -> str:
    """The text, when it is empty or fit to be shown, in at most `longest` bytes; `bad_field` otherwise."""
    if text and not wording.is_fit(text, longest):
        raise BadField(field=field, limit=longest)
    return text


def charge(uow: UnitOfWork, *, intent: PaymentIntent) -> PaymentIntent:
    """Store a sealed intent, unless its shop was frozen or its key revoked since it was sealed."""
    if parties.by_id(uow, id=intent.shop_id).frozen_at:
        raise PartyFrozen()
    key = keys.find(uow, kid=intent.kid)
    if key is None or key.revoked_at is not None:
        raise RevokedKey(kid=intent.kid)
    return intents.create(uow, intent=intent)


def charge_again(uow: UnitOfWork, *, old_id: str, intent: PaymentIntent) -> PaymentIntent:
    """Store an intent in the place of an older one of the same shop, which nobody can pay any more."""
    intents.give_up(uow, intent_id=old_id, shop_id=intent.shop_id)
    return charge(uow, intent=intent)


def carry_out(uow: UnitOfWork, *, order: Prepared) -> PaymentIntent:
    """Execute what the shop orders about a sale: a capture or a void. The intent as it then stands."""
    intent: PaymentIntent | None = payments.execute(uow, order=order).intent
    assert intent is not None, "a shop's orders act on an intent"
    return intent


def give_back(uow: UnitOfWork, *, order: Prepared) -> Refund:
    """Execute a refund that the shop orders."""
    payments.execute(uow, order=order)
    return refunds.of_shop(uow, id=effects.refund_id(order), shop_id=order.signer_id)


def _now_realm_and_key(reader: Reader, *, shop_id: str) -> tuple[int, str, str | None]:
    return reader.now, outbox.realm(reader), own_kid(reader, shop_id=shop_id)
