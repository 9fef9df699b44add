"""One process of several that pay on one ledger: `python -m tests.bench.caller URL PEOPLE THREADS SECONDS SEED`.

Says `ready`, waits for a line, pays for so long, and prints its measure as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from shared.db.store import Store
from tests.bench import books
from tests.bench.measure import together


def main(url: str, people: str, threads: str, seconds: str, seed: str) -> None:
    book, store = books.Book(url, int(people)), Store(url)
    print("ready", flush=True)
    sys.stdin.readline()
    measure = together(
        lambda numbers: store.run(books.pay, new=books.new_transfer(*book.pair(numbers))),
        threads=int(threads),
        seconds=float(seconds),
        seed=int(seed),
    )
    store.close()
    print(json.dumps(asdict(measure)))


if __name__ == "__main__":
    main(*sys.argv[1:])
