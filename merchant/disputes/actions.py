"""What a shop does about a dispute, each with its entry in the log, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from merchant.activity import log
from merchant.standing import At
from shared.db.unit import UnitOfWork
from shared.disputes import actions as disputes
from shared.disputes.pictures import Picture
from shared.disputes.queries import Dispute


def answer(uow: UnitOfWork, *, at: At, dispute_id: str, words: str, pictures: Sequence[Picture]) -> Dispute:
    """Give the shop's side of it; `at` is who stands at the till."""
    done = disputes.answer(uow, dispute_id=dispute_id, shop_id=at.shop.id, words=words, pictures=pictures)
    _note(uow, at, "dispute.answered", done, done.left_minor)
    return done


def accept(uow: UnitOfWork, *, at: At, dispute_id: str, secret: bytes) -> Dispute:
    """Say that the payer is right: they are paid at once, and the shop's next batch pays it back."""
    done = disputes.accept(uow, dispute_id=dispute_id, shop_id=at.shop.id, secret=secret)
    _note(uow, at, "dispute.accepted", done, done.paid_minor)
    return done


def _note(uow: UnitOfWork, at: At, what: str, dispute: Dispute, amount_minor: int) -> None:
    log.note(
        uow,
        shop_id=at.shop.id,
        member_id=at.member.id,
        terminal_id=at.terminal.id,
        what=what,
        subject=dispute.id,
        details={"amount_minor": amount_minor},
    )
