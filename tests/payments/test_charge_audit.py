"""The audit holds each charge to its payer code: whose it is, what it is good for, that it was taken once."""

from __future__ import annotations

import pytest

from shared.codes import payloads, seal
from shared.codes.payloads import OrderKind
from shared.payments import audit, intents, payer_codes
from shared.payments.intents import PaymentIntent
from tests.payments.test_audit import damage, fault_codes
from tests.world import Member, World

Charged = tuple[World, Member, Member, PaymentIntent]


@pytest.fixture
def charged(sqlite_world: World) -> Charged:
    """The tea house has charged 12.50 to a code of Ana's, and held 5.00 of another."""
    world, ana, shop = sqlite_world, sqlite_world.person("ana"), sqlite_world.shop("tea")
    world.limit(ana, 20_000)
    captured = world.present(shop, world.intent(shop, 1_250), world.payer_code(ana, cap_minor=1_250))
    world.present(shop, world.intent(shop, 500, capture_method=intents.MANUAL), world.payer_code(ana))
    assert fault_codes(world) == set()
    return world, ana, shop, captured


CODE = "(SELECT o.id FROM payments_order AS o WHERE o.transfer_id = :id)"
ALTERED = {
    "the code, payable again": (f"DELETE FROM payments_presented WHERE order_id = {CODE}", "code_mismatch"),
    "the code's number": (f"UPDATE payments_presented SET jti = 'x' WHERE order_id = {CODE}", "code_mismatch"),
    "the code's counter": (f"UPDATE payments_presented SET counter = 1 WHERE order_id = {CODE}", "code_mismatch"),
    "the code's intent": (
        "UPDATE payments_presented SET intent_id = (SELECT id FROM payments_intent WHERE transfer_id IS NULL)"
        f" WHERE order_id = {CODE}",
        "code_mismatch",
    ),
    "the code beside the order, dropped": (
        "UPDATE payments_order SET presented = NULL WHERE transfer_id = :id",
        "order_seal",
    ),
    "the code beside the order, another one": (
        "UPDATE payments_order SET presented = (SELECT presented FROM payments_order WHERE kind = 14)"
        " WHERE transfer_id = :id",
        "order_seal",
    ),
    "the intent, payable again": (
        "UPDATE payments_intent SET state = 'requires_payment', payer_id = NULL, transfer_id = NULL"
        " WHERE transfer_id = :id",
        "intent_mismatch",
    ),
    "the transfer's amount": ("UPDATE ledger_transfer SET amount_minor = 9 WHERE id = :id", "order_mismatch"),
    "the transfer's intent": ("UPDATE ledger_transfer SET reference = 'pi_x' WHERE id = :id", "order_mismatch"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_an_alteration_of_a_charge_is_caught(charged: Charged, what: str) -> None:
    world, _, _, intent = charged
    statement, code = ALTERED[what]
    damage(world, statement, id=intent.transfer_id)
    assert code in fault_codes(world)


def test_a_hold_is_told_from_a_capture_by_the_order_alone(charged: Charged) -> None:
    """A hold that was turned into a payment: the shop's order says otherwise."""
    world, _, _, _ = charged
    damage(world, "UPDATE ledger_transfer SET phase = 'posted', expires_at = NULL WHERE kind = 'charge_hold'")
    assert "order_mismatch" in fault_codes(world)


def test_a_shop_that_takes_more_than_the_cap_is_caught(charged: Charged) -> None:
    """A dishonest server, with the shop's key: it seals an order for more, to the same code, and alters the rest."""
    world, _, shop, intent = charged
    [(id, presented)] = world.store.read(
        lambda reader: reader.sql.rows(
            "SELECT id, presented FROM payments_order WHERE transfer_id = :id", id=intent.transfer_id
        )
    )
    for amount, payee, subject, why in (
        (1_251, "ana", payer_codes.subject_of(presented), "amount_above_cap"),
        (1_250, "ana", bytes(8), "code_mismatch"),
    ):
        order = payloads.Order(
            amount_minor=amount, currency=156, issued_at_s=world.now() // 1000, ttl_s=120,
            jti=bytes.fromhex(id[16:]), payee=payee, kind=OrderKind.CHARGE, subject=subject, memo=intent.id,
        )  # fmt: skip
        forged = seal.seal(order, shop.key, world.realm)
        damage(world, "UPDATE payments_order SET frame = :frame WHERE id = :id", frame=forged, id=id)
        faults = world.store.read(audit.run).faults
        assert [fault.code for fault in faults if why in fault.detail] == ["order_seal"]
