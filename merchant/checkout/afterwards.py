"""What a shop does about a sale once its customer has signed: capture, void, refund.

The doors of the API and those of the till's own pages ask for it alike. The order is sealed by the shop's key before
the writer's turn; under an Idempotency-Key it is carried out once, and whoever asks again gets the first answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from flask import g, request

from merchant import service
from merchant.checkout import actions, locked_answers, sales
from shared.db.once import body_hash, is_answered, once
from shared.db.unit import UnitOfWork
from shared.payments import shop_orders
from shared.payments.intents import PaymentIntent
from shared.payments.orders import Prepared
from shared.web.body import Body

Shown = dict[str, Any]
Form = Callable[[Callable[..., PaymentIntent]], Callable[..., Shown]]
"""Makes of an action on an intent one that answers with JSON: `shown`, or the API's own."""


def captured(*, shop_id: str, id: str, given: Body, form: Form | None = None) -> Shown:
    """Take what was authorized, or `amount_minor` of it; the sale as it then stands."""
    order = service.read(
        shop_orders.prepare_capture,
        secret=service.secret(),
        shop_id=shop_id,
        intent_id=sales.checked(id),
        amount_minor=given.optional_integer("amount_minor"),
        kid=service.signers().own_kid(shop_id),
    )
    return run_once(shop_id, given, (form or shown)(actions.carry_out), order=order)


def voided(*, shop_id: str, id: str, given: Body, form: Form | None = None) -> Shown:
    """Release what was authorized; the sale as it then stands."""
    order = service.read(
        shop_orders.prepare_void,
        secret=service.secret(),
        shop_id=shop_id,
        intent_id=sales.checked(id),
        kid=service.signers().own_kid(shop_id),
    )
    return run_once(shop_id, given, (form or shown)(actions.carry_out), order=order)


def refunded(*, shop_id: str, id: str, given: Body) -> Shown:
    """Give back what is left of what was captured, or `amount_minor` of it; the refund."""
    order = service.read(
        shop_orders.prepare_refund,
        secret=service.secret(),
        shop_id=shop_id,
        intent_id=sales.checked(id),
        amount_minor=given.optional_integer("amount_minor"),
        kid=service.signers().own_kid(shop_id),
        reason=actions.fit("reason", given.optional_text("reason") or "", actions.REASON_BYTES),
    )
    return run_once(shop_id, given, _give_back, order=order)


def shown(action: Callable[..., PaymentIntent]) -> Callable[..., Shown]:
    """The action, answering with the sale around its intent, as it stands when the action has run."""
    wallet_url = service.config().wallet_url

    def run(uow: UnitOfWork, **args: Any) -> Shown:
        return sales.told(uow, action(uow, **args)).as_json(wallet_url)

    return run


def run_once(shop_id: str, given: Body, action: Callable[..., Shown], /, **args: Any) -> Shown:
    """Run the action, once per Idempotency-Key of this shop and kind of caller; its answer, or the first one again.

    `g.is_repeated` says afterwards whether it was an old one.
    """
    repeats: list[None] = []
    only_once = once(
        scope_of(shop_id), _key(), fingerprint(given), action, lambda told: told, on_repeat=lambda: repeats.append(None)
    )
    answer: Shown = service.run(only_once, **args)
    g.is_repeated = bool(repeats)
    return answer


def run_once_secretly(shop_id: str, given: Body, action: Callable[..., Shown], /, **args: Any) -> Shown:
    """`run_once` for an answer that tells a secret: what is kept of it is locked."""
    secret = service.secret()
    return locked_answers.opened(run_once(shop_id, given, locked_answers.locking(action, secret), **args), secret)


def fingerprint(given: Body) -> str:
    """What tells this request from another one under the same key: where it goes and what it says, in any order."""
    return body_hash(json.dumps([request.path, given.as_dict()], sort_keys=True).encode())


def scope_of(shop_id: str) -> str:
    """Whose keys this request's is one of: those of a shop's programs, or of one of its kinds of pages."""
    return f"{'api' if request.path.startswith('/v1/') else request.blueprint}:{shop_id}"


def answered(shop_id: str, given: Body) -> Shown | None:
    """The first answer to this very request, None for one that is new: before it is judged by what may have changed."""
    key = _key()
    if key is None or not service.read(is_answered, scope=scope_of(shop_id), key=key):
        return None
    return run_once(shop_id, given, _nothing)


def _key() -> str | None:
    return request.headers.get("Idempotency-Key")


def _nothing(uow: UnitOfWork) -> Shown:
    raise AssertionError("a key that was used is not used again")


def _give_back(uow: UnitOfWork, *, order: Prepared) -> Shown:
    return sales.refund_as_json(actions.give_back(uow, order=order))
