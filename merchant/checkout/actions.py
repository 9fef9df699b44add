"""Charging: storing a sealed intent, replacing one whose code ran out."""

from __future__ import annotations

from merchant.shops.signers import Signers
from shared import money
from shared.codes.refusals import BadField, RevokedKey
from shared.db import outbox
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.identity import keys, parties, wording
from shared.identity.parties import Known, PartyFrozen
from shared.payments import intents
from shared.payments.intents import PaymentIntent

REFERENCE_BYTES, MEMO_BYTES = 16, 64


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
) -> PaymentIntent:
    """A sealed intent of the shop, not stored yet: sealing is dear and stays out of the writer's turn."""
    for field, text, limit in (("reference", reference, REFERENCE_BYTES), ("memo", memo, MEMO_BYTES)):
        if text and not wording.is_fit(text, limit):
            raise BadField(field=field, limit=limit)
    now, realm = store.read(_now_and_realm)
    return intents.draft(
        shop=shop,
        signer=signers.of_shop(shop.id),
        realm=realm,
        now=now,
        amount_minor=amount_minor,
        unit=unit,
        reference=reference,
        memo=memo,
        ttl_s=ttl_s,
    )


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


def _now_and_realm(reader: Reader) -> tuple[int, str]:
    return reader.now, outbox.realm(reader)
