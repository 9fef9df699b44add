"""Receipts: the operator's signed word that a transfer was made, sealed when it is asked for.

A receipt also carries the newest head that may be shown, so that whoever keeps one holds the whole ledger to it: see
sealing.py. Under one head it is always the same bytes.
"""

from __future__ import annotations

from shared import ids, money
from shared.codes import payloads, seal
from shared.config import Config
from shared.db import outbox
from shared.db.unit import Reader
from shared.errors import Conflict
from shared.identity import keys, parties
from shared.identity.parties import Known
from shared.ledger import transfers
from shared.ledger.transfers import Phase, Transfer
from shared.payments import sealing

SOMEBODY = "-"
"""How a receipt that a shop hands out names a person: anybody may hold it, and the shop knows an initial only. No
party can have this handle."""


class NothingMoved(Conflict):
    """A hold, or the end of one, moves nothing: a receipt of it would pass for a proof of payment."""

    code = "nothing_moved"


def sides(reader: Reader, transfer: Transfer) -> tuple[Known, Known]:
    """Who was debited and who was credited, as parties; the bank is the operator."""
    operator = keys.operator_id(reader)
    owners = [_owner(code) or operator for code in (transfer.debit_account, transfer.credit_account)]
    found = parties.by_ids(reader, ids=owners)
    return found[owners[0]], found[owners[1]]


def receipt_frame(reader: Reader, *, transfer_id: str, viewer_id: str, config: Config, secret: bytes) -> bytes:
    """The sealed receipt of a transfer, for one of its two sides; to anybody else it does not exist."""
    transfer = transfers.by_id(reader, id=transfer_id)
    payer, payee = sides(reader, transfer)
    is_shops = viewer_id in {side.id for side in (payer, payee) if side.kind == "shop"}
    if viewer_id not in (payer.id, payee.id):
        raise transfers.NoSuchTransfer()
    if transfer.phase != Phase.POSTED:
        raise NothingMoved()
    head = sealing.shown_head(reader, config=config)
    statement = payloads.Receipt(
        handle=_named(payer, is_shops),
        amount_minor=transfer.amount_minor,
        currency=money.currency(transfer.currency).numeric,
        issued_at_s=transfer.created_at // 1000,
        payee=_named(payee, is_shops),
        seq=transfer.seq,
        transfer=ids.id_bytes(transfer.id),
        checkpoint_size=head.size if head else None,
        checkpoint_root=head.root if head else None,
    )
    signer = keys.server_signer(reader, party_id=keys.operator_id(reader), secret=secret)
    return seal.seal(statement, signer, outbox.realm(reader))


def _named(side: Known, is_shops: bool) -> str:
    return SOMEBODY if is_shops and side.kind == "user" else side.handle


def _owner(account: str) -> str | None:
    return account.partition(":")[2] or None
