"""What the operator decides: the verified mark, freezing, rates, ceilings, cut-offs, what the bank says of payouts."""

from __future__ import annotations

from contextlib import suppress

from merchant.operating import deeds
from shared.config import Config
from shared.db.store import Store
from shared.db.unit import Reader, UnitOfWork
from shared.disputes import actions as disputes
from shared.disputes import queries
from shared.errors import BadInput
from shared.identity import names, parties
from shared.identity.parties import Known, UnknownParty
from shared.ledger.checkpoints import BrokenChain
from shared.payments import limits, sealing
from shared.settlement import actions as settlement
from shared.settlement import files, payouts
from shared.settlement.actions import Settled
from shared.settlement.batches import Batch
from shared.settlement.fees import Rate

LONGEST_REASON = 120


def verify(uow: UnitOfWork, *, shop_id: str, is_verified: bool) -> None:
    """Give a shop the verified mark, or take it back."""
    of_kind(uow, id=shop_id, kind="shop")
    parties.verify(uow, party_id=shop_id, is_verified=is_verified)
    deeds.note(uow, what="shop.verified" if is_verified else "shop.unverified", subject_id=shop_id)


def freeze(uow: UnitOfWork, *, party_id: str, kind: str, is_frozen: bool, reason: str) -> None:
    """Stop a shop or a person from paying and being paid, or let them again; freezing needs a reason."""
    of_kind(uow, id=party_id, kind=kind)
    why = names.check_text(reason, LONGEST_REASON)
    if is_frozen and not why:
        raise BadInput(field="reason")
    parties.freeze(uow, party_id=party_id, is_frozen=is_frozen)
    what = f"{kind}.frozen" if is_frozen else f"{kind}.unfrozen"
    deeds.note(uow, what=what, subject_id=party_id, **({"reason": why} if why else {}))


def set_rate(uow: UnitOfWork, *, shop_id: str, rate: Rate) -> None:
    """Set what a shop pays for its sales, from its next batch on."""
    of_kind(uow, id=shop_id, kind="shop")
    settlement.set_rate(uow, shop_id=shop_id, rate=rate)
    deeds.note(uow, what="rate.set", subject_id=shop_id, basis_points=rate.basis_points, fixed_minor=rate.fixed_minor)


def set_ceiling(uow: UnitOfWork, *, user_id: str, ceiling_minor: int | None) -> None:
    """Set the most that may leave a person's wallet in a day; None lifts it."""
    of_kind(uow, id=user_id, kind="user")
    limits.set_ceiling(uow, party_id=user_id, ceiling_minor=ceiling_minor)
    if ceiling_minor is None:
        deeds.note(uow, what="ceiling.lifted", subject_id=user_id)
    else:
        deeds.note(uow, what="ceiling.set", subject_id=user_id, amount_minor=ceiling_minor)


def cut_off(store: Store, *, config: Config, secret: bytes) -> Settled:
    """Settle every shop up to now, write the files and seal what moved; one deed tells of it."""
    done = settlement.settle(store, cutoff_at=None, secret=secret)
    store.run(deeds.note, what="settlement.run", batches=len(done.batches), refused=len(done.refused))
    with suppress(OSError):  # the files are written by the next cut-off, and by `run.py settle`
        files.write_missing(store, config.data_dir / files.FOLDER)
    with suppress(BrokenChain):  # which the audit names; what was settled stands
        sealing.seal_due(store, config=config, secret=secret)
    return done


def end_payout(uow: UnitOfWork, *, batch_id: str, has_arrived: bool, reason: str, secret: bytes) -> Batch:
    """Book what the bank says of a payout: it arrived, or it came back. Said again, nothing changes."""
    if has_arrived:
        batch = payouts.mark_paid(uow, batch_id=batch_id, secret=secret)
    else:
        batch = payouts.mark_returned(uow, batch_id=batch_id, reason=reason, secret=secret)
    deeds.note(
        uow, what=f"payout.{batch.state}", subject_id=batch.shop_id, batch=batch.id, amount_minor=batch.net_minor
    )
    return batch


def decide(uow: UnitOfWork, *, dispute_id: str, is_won: bool, note: str, secret: bytes) -> None:
    """End a dispute: the shop keeps the money, or the payer gets it at once. Decided again alike, nothing changes."""
    before = queries.by_id(uow, id=dispute_id)
    found = disputes.decide(uow, dispute_id=dispute_id, is_won=is_won, note=note, secret=secret)
    if before.is_undecided:
        what = "dispute.won" if is_won else "dispute.lost"
        amount = before.left_minor if is_won else found.paid_minor
        deeds.note(uow, what=what, subject_id=found.shop_id, dispute=found.id, amount_minor=amount)


def of_kind(reader: Reader, *, id: str, kind: str) -> Known:
    """A party of this kind; `unknown_party` otherwise: the operator's own row is not to be acted upon."""
    found = parties.by_id(reader, id=id)
    if found.kind != kind:
        raise UnknownParty()
    return found
