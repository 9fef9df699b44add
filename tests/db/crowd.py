"""One process of several that write the same database: `python -m tests.db.crowd URL NAME THREADS EACH`.

It says `ready`, waits for a line, and then pays as often as it was told, from one purse into another.
"""

from __future__ import annotations

import sys

from shared.db.store import Store
from shared.db.unit import UnitOfWork
from shared.ledger import posting
from shared.ledger.transfers import NewTransfer
from tests.db.purses import transfer
from tests.db.words import in_threads


def pay_and_tell(uow: UnitOfWork, *, new: NewTransfer) -> int:
    """Post a transfer and say so in the journal; its number."""
    row = posting.post(uow, new)
    uow.emit("word.told", ["party:x"], word=row.id, seq=row.seq)
    return row.seq


def main(url: str, name: str, threads: int, each: int) -> None:
    store = Store(url)

    def pay_often(thread: int) -> None:
        for number in range(each):
            store.run(pay_and_tell, new=transfer(f"{name}_{thread}_{number}", "rich", "shop", 1))

    print("ready", flush=True)
    sys.stdin.readline()
    in_threads([lambda n=n: pay_often(n) for n in range(threads)])  # type: ignore[misc]
    print(sum(store.batch_sizes.values()), flush=True)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
