"""What the charge doors do before the writer's turn: ring the cart up, split it, seal the part that is paid next."""

from __future__ import annotations

from typing import Any

from merchant import service
from merchant.checkout import afterwards, sales
from merchant.checkout.afterwards import Shown
from merchant.register import actions, cart, queries, ringing, telling
from merchant.register.actions import Stand
from merchant.register.ringing import Bill
from merchant.register.states import BadSplit, checked_parts
from merchant.standing import At
from shared.db import outbox
from shared.db.unit import Reader, UnitOfWork
from shared.errors import BadInput
from shared.identity import wording
from shared.payments import intents
from shared.payments.intents import PaymentIntent
from shared.web.body import Body

MEMO_BYTES = 64


def charged(*, at: At, given: Body) -> Shown:
    """Make a sale of a cart; its first part's intent as the checkout page shows it. Once per Idempotency-Key."""
    given.only(*cart.FIELDS, "parts", "total_minor")
    before = afterwards.answered(at.shop.id, given)
    if before is not None:
        return before
    bill = service.read(ringing.rung_up, shop_id=at.shop.id, cart=cart.read(given))
    bill.expect(given.optional_integer("total_minor"))
    parts = _parts(given, bill)
    intent = _drafted(
        at,
        amount_minor=parts[0],
        reference=bill.cart.reference,
        memo=_memo(bill.memo, 0, len(parts)),
        capture_method=intents.MANUAL if bill.cart.is_manual else intents.AUTOMATIC,
    )
    return _once(at, given, actions.charge, bill=bill, parts=tuple(parts), intent=intent)


def charged_part(*, at: At, sale_id: str, given: Body) -> Shown:
    """Make a code for another part of a split sale; its intent as the checkout page shows it."""
    part = given.only("part").integer("part")
    sale = service.read(queries.by_id, id=sale_id, shop_id=at.shop.id)
    if not 0 <= part < len(sale.parts):
        raise BadInput(field="part")
    first = service.read(intents.by_id, id=sale.tenders[0].intent_id)
    intent = _drafted(
        at,
        amount_minor=sale.parts[part],
        reference=sale.reference,
        memo=_memo(first.memo.partition(" · ")[2], part, len(sale.parts)),
    )
    return _once(at, given, actions.charge_part, sale_id=sale.id, part=part, intent=intent)


def charged_again(*, at: At, id: str, given: Body) -> Shown:
    """Make a new code for the same sale; the old one cannot be paid any more."""
    old = service.read(sales.sale_of_shop, id=id, shop_id=at.shop.id).intent
    intent = _drafted(
        at,
        amount_minor=old.amount_minor,
        reference=old.reference,
        memo=old.memo,
        capture_method=old.capture_method,
    )
    return _once(at, given, actions.charge_again, old_id=old.id, intent=intent)


def canceled(*, at: At, id: str) -> Shown:
    """Withdraw an intent that nobody has paid."""
    intent = service.run(actions.cancel, intent_id=sales.checked(id), shop_id=at.shop.id)
    return service.read(telling.shown, id=intent.id, shop_id=at.shop.id, wallet_url=service.config().wallet_url)


def _parts(given: Body, bill: Bill) -> list[int]:
    """The parts that the page asks for; the whole when it asks for none. What is only authorized cannot be split."""
    if not given.has("parts"):
        return [bill.priced.total_minor]
    parts = given.as_dict()["parts"]
    if not isinstance(parts, list) or bill.cart.is_manual:
        raise BadSplit()
    return checked_parts(parts, bill.priced.total_minor)


def _memo(text: str, part: int, count: int) -> str:
    """What the payer reads: the goods, and which part of how many."""
    return text if count == 1 else wording.fitted(f"{part + 1}/{count} · {text}", MEMO_BYTES)


def _drafted(
    at: At, *, amount_minor: int, reference: str, memo: str, capture_method: str = intents.AUTOMATIC
) -> PaymentIntent:
    now, realm = service.read(_now_and_realm)
    return intents.draft(
        shop=at.shop,
        signer=service.signers().of_terminal(at.terminal),
        realm=realm,
        now=now,
        amount_minor=amount_minor,
        unit=service.unit(),
        reference=reference,
        memo=memo,
        capture_method=capture_method,
    )


def _once(at: At, given: Body, verb: Any, **args: Any) -> Shown:
    """Run a charging verb, once per Idempotency-Key; the intent as the checkout page shows it."""
    stand, wallet_url = Stand(at.shop.id, at.member.id, at.terminal.id), service.config().wallet_url

    def run(uow: UnitOfWork, **args: Any) -> Shown:
        intent: PaymentIntent = verb(uow, at=stand, **args)
        return telling.shown(uow, id=intent.id, shop_id=stand.shop_id, wallet_url=wallet_url)

    return afterwards.run_once(at.shop.id, given, run, **args)


def _now_and_realm(reader: Reader) -> tuple[int, str]:
    return reader.now, outbox.realm(reader)
