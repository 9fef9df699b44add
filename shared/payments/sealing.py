"""Sealing: the operator signs the ledger's checkpoints, the newest of them lies in the head file, and a database that
does not contain that head is refused.

The order is always the same: the checkpoint is committed, then filed, then shown. So whatever anybody was shown is in
the file, and a database that was put back to an older state cannot be served by mistake. Going back on purpose is
`accept_head`: it leaves a signed discontinuity in the database, which the audit reports for ever.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from shared import clock, ids
from shared.config import Config
from shared.db import outbox
from shared.db.engine import UnfitDatabase
from shared.db.store import Store, open_existing
from shared.db.unit import Reader
from shared.identity import keys
from shared.identity.signing import PrivateKey
from shared.ledger import checkpoints, leaf, merkle
from shared.ledger.checkpoints import BrokenChain, Checkpoint, Discontinuity
from shared.payments.head_file import DamagedHead, FiledHead, HeadFile

EVERY_S = 1.0
ACCEPT = "python3 run.py migrate --accept-head --reason WHY"
_EMPTY = (0, merkle.EMPTY_ROOT)
_log = logging.getLogger("saoma")


class HeadRefused(UnfitDatabase):
    """The database does not contain the head that was filed, or not the transfers that it sealed itself."""


def head_file(store: Store, config: Config) -> HeadFile:
    """Where this installation's head is filed."""
    return HeadFile.of(config, store.read(outbox.realm))


def open_checked(config: Config) -> Store:
    """The installation's store, for a command that writes; `UnfitDatabase` with what to do when it must not."""
    store = open_existing(config.database_url)
    try:
        guard(store, config=config)
    except BaseException:
        store.close()
        raise
    return store


def check_served(config: Config) -> None:
    """Refuse to serve a database that `guard` refuses, that is not there, or that cannot be read."""
    try:
        open_checked(config).close()
    except UnfitDatabase:
        raise
    except Exception as error:  # damage can turn any value into any other
        why = (str(error.__cause__ or error).splitlines() or [type(error).__name__])[0]
        raise UnfitDatabase(
            f"The database cannot be read ({why}). If it is not set up or not"
            " reachable yet: python3 run.py migrate. If its file is damaged: restore the newest backup."
        ) from error


def guard(store: Store, *, config: Config) -> None:
    """Refuse a database that is older than its filed head, or holds other transfers than it sealed (`HeadRefused`).

    Costs the same however long the history is: the rows below the newest checkpoint are hashed again, no more. Files
    the newest checkpoint when it was committed and not filed before the last end.
    """
    file = head_file(store, config)
    with file.alone():
        filed = file.read()
        is_back = filed is not None and store.read(check_contained, filed=filed, path=file.path)
        _file(file, store.read(outbox.realm), filed, store.read(_own_tail), is_back=is_back)


def seal_due(store: Store, *, config: Config, secret: bytes) -> bool:
    """Seal what no checkpoint covers yet, in bounded steps, and file the new head; whether there was anything."""
    file = head_file(store, config)
    with file.alone():
        filed = file.read()
        is_back = filed is not None and store.read(check_contained, filed=filed, path=file.path)
        sealed = _seal_all(store, secret)
        _file(file, store.read(outbox.realm), filed, store.read(checkpoints.latest), is_back=is_back)
    return sealed


def accept_head(store: Store, *, config: Config, secret: bytes, reason: str) -> Discontinuity | None:
    """Take the database as it is for the true one, although its filed head is another: the signed statement of that.

    For a database that was put back on purpose: after a restore, or by `migrate --accept-head`. Seals what is due,
    writes the discontinuity from the filed head to the database's own, and files the latter. None, and nothing is
    written but the file, when the database contains the filed head anyway. Call it while no service runs.
    """
    file, realm = head_file(store, config), store.read(outbox.realm)
    with file.alone():
        store.read(_own_tail)
        old, note = _filed_before(file, realm)
        _seal_all(store, secret)
        head = store.read(checkpoints.latest)
        made = None
        if old is not None and (note or not store.read(_has, size=old[0], root=old[1])):
            new = (head.size, head.root) if head else _EMPTY
            made = _signed_discontinuity(store, secret, old, new, reason + note)
            store.run(checkpoints.note_discontinuity, discontinuity=made)
        file.write(FiledHead.of(realm, head) if head else None)
    return made


def check_contained(reader: Reader, *, filed: FiledHead, path: Path) -> bool:
    """Refuse a database whose chain does not have the filed head, unless a discontinuity says that it went back: then
    True, and a smaller head may be filed.
    """
    realm = outbox.realm(reader)
    if filed.realm != realm:
        raise HeadRefused(
            f"The head file {path} belongs to the installation {filed.realm!r} and this database to {realm!r}: put the"
            f" right database back, or take this one as it is: {ACCEPT}"
        )
    if _has(reader, size=filed.size, root=filed.root):
        return False
    if any(_leads_from(reader, item, filed) for item in checkpoints.discontinuities(reader)):
        return True
    head = checkpoints.latest(reader)
    size = head.size if head else 0
    what = f"is older than its last head: {filed.size} transfers were sealed, it has sealed {size}"
    if size >= filed.size:
        what = f"is another one than its last head knows: its first {filed.size} transfers differ"
    raise HeadRefused(
        f"This database {what} (head of {clock.rfc3339(filed.created_at)} in {path}). Payments may be missing: restore"
        f" the newest backup, or, if it was put back on purpose, say so: {ACCEPT}"
    )


def shown_head(reader: Reader, *, config: Config) -> FiledHead | None:
    """The head that may be shown: the filed one, when this database has it; None before the first, or in doubt."""
    try:
        filed = HeadFile.of(config, outbox.realm(reader)).read()
    except (DamagedHead, OSError):
        return None
    if filed is None or not _has(reader, size=filed.size, root=filed.root):
        return None
    return filed


def is_signed(reader: Reader) -> Callable[[str, bytes, bytes, int], bool]:
    """How a head's signature is judged: by a key of the operator's, registered, and good at that time (ms)."""
    operator = keys.operator_id(reader)
    known = {record.kid_hex: record for record in keys.of_party(reader, party_id=operator)}

    def judge(kid: str, message: bytes, signature: bytes, at_ms: int) -> bool:
        record = known.get(kid)
        is_good = record is not None and (record.revoked_at is None or at_ms < record.revoked_at)
        return is_good and record is not None and record.public_key.verify(signature, message)

    return judge


def start(store: Store, *, config: Config, secret: bytes, patience_s: float = 0) -> threading.Event:
    """Seal once a second in a thread that ends with the process; setting the event that is returned ends it earlier.

    With `patience_s` it only steps in for transfers that have waited so long, because nobody else seals.
    """
    stop = threading.Event()
    arguments = (store, config, secret, patience_s, stop)
    threading.Thread(target=_seal_until, args=arguments, name="sealer", daemon=True).start()
    return stop


def waits_since(reader: Reader) -> int | None:
    """The time (ms) of the oldest transfer that no checkpoint seals; None when all are sealed."""
    head = checkpoints.latest(reader)
    rows = reader.sql.rows(
        "SELECT created_at FROM ledger_transfer WHERE seq > :size ORDER BY seq LIMIT 1", size=head.size if head else 0
    )
    return int(rows[0][0]) if rows else None


def _seal_until(store: Store, config: Config, secret: bytes, patience_s: float, stop: threading.Event) -> None:
    is_failing = False
    while not stop.wait(EVERY_S):
        try:
            if store.read(_is_due, patience_s=patience_s):
                seal_due(store, config=config, secret=secret)
            is_failing = False
        except Exception:  # the thread must outlive any trouble of the database
            if not is_failing:
                _log.exception("the sealer cannot seal; payments go on, and it keeps trying")
            is_failing = True


def _is_due(reader: Reader, *, patience_s: float) -> bool:
    since = waits_since(reader)
    return since is not None and reader.now - since >= patience_s * 1000


def _seal_all(store: Store, secret: bytes) -> bool:
    sealed = False
    while draft := store.read(checkpoints.draft):
        signer, realm, now = store.read(_to_sign, secret=secret)
        message = checkpoints.checkpoint_message(realm, draft.tree.size, draft.tree.root(), now)
        signature = signer.sign(message)
        kid = signer.public_key.kid_hex
        sealed |= store.run(checkpoints.seal, draft=draft, created_at=now, kid=kid, signature=signature)
    return sealed


def _signed_discontinuity(
    store: Store, secret: bytes, old: tuple[int, bytes], new: tuple[int, bytes], reason: str
) -> Discontinuity:
    signer, realm, now = store.read(_to_sign, secret=secret)
    message = checkpoints.discontinuity_message(realm, old=old, new=new, created_at=now, reason=reason)
    id, kid = ids.new_id("dis", now), signer.public_key.kid_hex
    return Discontinuity(id, *old, *new, reason, now, kid, signer.sign(message))


def _to_sign(reader: Reader, *, secret: bytes) -> tuple[PrivateKey, str, int]:
    """The operator's key, the realm, the time."""
    operator = keys.operator_id(reader)
    return keys.server_signer(reader, party_id=operator, secret=secret), outbox.realm(reader), reader.now


def _filed_before(file: HeadFile, realm: str) -> tuple[tuple[int, bytes] | None, str]:
    """The filed head, None without one; and what must be said of one that is unreadable or another installation's."""
    try:
        filed = file.read()
    except DamagedHead:
        return _EMPTY, " (the head filed before was unreadable)"
    if filed is None:
        return None, ""
    note = "" if filed.realm == realm else f" (the head filed before was that of {filed.realm})"
    return (filed.size, filed.root), note


def _file(file: HeadFile, realm: str, filed: FiledHead | None, head: Checkpoint | None, *, is_back: bool) -> None:
    """File the database's newest checkpoint when it is beyond the filed one, which it contains; or when it `is_back`
    from the filed one on purpose.
    """
    if head is not None and (filed is None or is_back or head.size > filed.size):
        file.write(FiledHead.of(realm, head))


def _leads_from(reader: Reader, item: Discontinuity, filed: FiledHead) -> bool:
    """Whether this discontinuity is genuine and goes from the filed head to one that the database has."""
    if (item.old_size, item.old_root) != (filed.size, filed.root):
        return False
    message = item.message(outbox.realm(reader))
    if not is_signed(reader)(item.kid, message, item.signature, item.created_at):
        return False
    return _has(reader, size=item.new_size, root=item.new_root)


def _has(reader: Reader, *, size: int, root: bytes) -> bool:
    """Whether the database contains this head; one whose chain is broken below it does not."""
    try:
        return checkpoints.contains(reader, size=size, root=root)
    except (BrokenChain, leaf.StrangeValue):
        return False


def _own_tail(reader: Reader) -> Checkpoint | None:
    """The newest checkpoint, when the rows that it was the first to seal are what it sealed."""
    [(last, counted)] = reader.sql.rows(
        "SELECT (SELECT coalesce(max(seq), 0) FROM ledger_transfer), transfer_seq FROM db_head WHERE id = 1"
    )
    head = checkpoints.latest(reader)
    try:
        if last != counted or (head is not None and head.size > last):
            raise BrokenChain(f"the ledger ends at transfer {last}, not at {max(counted, head.size if head else 0)}")
        if head is not None:
            checkpoints.check_tail(reader, head=head)
    except (BrokenChain, leaf.StrangeValue) as error:
        raise HeadRefused(
            f"Transfers of this database are missing or changed: {error}. Nothing may move on it: python3 run.py audit"
            " names what is wrong; then restore the newest backup."
        ) from error
    return head
