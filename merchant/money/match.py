"""Whether a batch's sales, the ledger and its settlement file agree: the three-way match, for one batch's badge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.db.store import Store
from shared.db.unit import Reader
from shared.identity.parties import Known
from shared.ids import is_id
from shared.settlement import batches, books, files, reconcile
from shared.settlement.batches import UnknownBatch
from shared.settlement.books import Difference

AGREES, NO_FILE, DIFFERS = "agrees", "no_file", "differs"


@dataclass(frozen=True, slots=True)
class Match:
    """What the match found. `no_file`: sales and ledger agree, and nobody has written the file yet."""

    state: str
    differences: Sequence[Difference] = ()


def of_batch(store: Store, *, id: str, shop: Known, data_dir: Path) -> Match:
    """Hold one batch of this shop against its sales, the ledger and its file; `unknown_batch` for another's."""
    path = data_dir / files.FOLDER / files.file_name(shop.handle, id)
    found = store.read(_in_the_books, id=id, shop_id=shop.id)
    is_filed = path.exists()
    if is_filed and not found:
        found = list(reconcile.run(store, folder=path.parent, only=[path]).differences)
    if found:
        return Match(DIFFERS, found)
    return Match(AGREES if is_filed else NO_FILE)


def _in_the_books(reader: Reader, *, id: str, shop_id: str) -> list[Difference]:
    if not is_id(id, "bat"):
        raise UnknownBatch()
    return list(books.differences_of(reader, batches.of_shop(reader, id=id, shop_id=shop_id)))
