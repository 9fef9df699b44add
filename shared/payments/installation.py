"""What must be there before any money can move: the operator with its key, the bank and the fees accounts."""

from __future__ import annotations

from sqlalchemy import select

from shared import money
from shared.codes.payloads import OrderKind
from shared.db.engine import UnfitDatabase
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.identity import keys, parties, signing
from shared.identity.models import Party
from shared.identity.signing import PrivateKey
from shared.ledger import accounts, chart
from shared.payments import orders
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentClosed

OPERATOR_HANDLE = "saoma"
OPERATOR_NAME = "Saoma"


def ensure(store: Store, *, currency: money.Currency, secret: bytes) -> None:
    """Set the operator and the bank up, once. `UnfitDatabase` when the bank is there and keeps another currency."""
    if not store.read(_has_all):
        private = PrivateKey.generate()
        store.run(_install, currency=currency.code, private=private, locked=signing.lock(private, secret))
    kept = store.read(accounts.balance, code=chart.BANK).currency
    if kept != currency.code:
        raise UnfitDatabase(f"This database keeps {kept}, not {currency.code} (SAOMA_CURRENCY): use another database.")


def prepare_top_up(
    reader: Reader, *, secret: bytes, payee: str, amount_minor: int, unit: money.Currency, memo: str | None = None
) -> orders.Prepared:
    """A top-up of `payee` (a handle) from the bank, signed by the operator; to be executed like any order."""
    return _prepared(reader, secret, OrderKind.TOP_UP, payee, amount_minor, unit, memo)


def prepare_for_batch(
    reader: Reader,
    *,
    secret: bytes,
    kind: OrderKind,
    payee: str,
    amount_minor: int,
    unit: money.Currency,
    batch_id: str,
) -> orders.Prepared:
    """What a settlement batch moves for the shop `payee`, signed by the operator: fee, payout, paid out, returned."""
    return _prepared(reader, secret, kind, payee, amount_minor, unit, batch_id)


def prepare_make_good(reader: Reader, *, secret: bytes, intent: PaymentIntent, amount_minor: int) -> orders.Prepared:
    """What the payer of a captured intent gets back from the house, signed by the operator: the shop owes it then."""
    if intent.payer_id is None:
        raise IntentClosed(state=intent.state.value)
    payer, unit = parties.by_id(reader, id=intent.payer_id).handle, money.currency(intent.currency)
    kind, subject = OrderKind.MAKE_GOOD, bytes.fromhex(intent.jti)
    return _prepared(reader, secret, kind, payer, amount_minor, unit, intent.id, subject)


def _prepared(
    reader: Reader,
    secret: bytes,
    kind: OrderKind,
    payee: str,
    amount_minor: int,
    unit: money.Currency,
    memo: str | None,
    subject: bytes | None = None,
) -> orders.Prepared:
    operator = keys.operator_id(reader)
    order = orders.server_order(
        reader.now, kind=kind, payee=payee, amount_minor=amount_minor, unit=unit, memo=memo, subject=subject
    )
    signer = keys.server_signer(reader, party_id=operator, secret=secret)
    return orders.sealed(reader, order=order, signer_id=operator, signer=signer)


def _is_there(reader: Reader) -> bool:
    return reader.first(select(Party.id).where(Party.kind == "operator")) is not None


def _has_all(reader: Reader) -> bool:
    return _is_there(reader) and chart.FEES in accounts.balances(reader, codes=[chart.FEES])


def _install(uow: UnitOfWork, *, currency: str, private: PrivateKey, locked: bytes) -> None:
    if _is_there(uow):
        kept = accounts.balance(uow, code=chart.BANK).currency
        accounts.open_account(uow, code=chart.FEES, currency=kept, owner_id=keys.operator_id(uow))
        return
    operator = parties.create_party(
        uow, kind="operator", handle=OPERATOR_HANDLE, display_name=OPERATOR_NAME, is_verified=True
    )
    keys.enroll(
        uow,
        party_id=operator.id,
        public_key=private.public_key,
        may_seal=keys.OPERATOR_MAY_SEAL,
        locked_private=locked,
    )
    accounts.open_account(uow, code=chart.BANK, currency=currency, owner_id=operator.id, may_overdraw=True)
    accounts.open_account(uow, code=chart.FEES, currency=currency, owner_id=operator.id)
