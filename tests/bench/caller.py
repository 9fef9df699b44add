"""One process of several that pay on one ledger: `python -m tests.bench.caller URL PEOPLE THREADS SECONDS SEED TURN`.

Takes the processor of its turn, says `ready`, waits for a line, pays for so long, and prints its measure as JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from shared import one_processor
from shared.db.store import Store
from tests.bench import books
from tests.bench.measure import together


def main(url: str, people: str, threads: str, seconds: str, seed: str, turn: str) -> None:
    one_processor.stay(int(turn))
    book, store = books.Book(url, int(people)), Store(url)
    print("ready", flush=True)
    sys.stdin.readline()
    measure = together(
        lambda numbers: store.run(books.pay, new=books.new_transfer(*book.pair(numbers))),
        threads=int(threads),
        seconds=float(seconds),
        seed=int(seed) * 2 + int(turn),
    )
    store.close()
    print(json.dumps(asdict(measure)))


if __name__ == "__main__":
    main(*sys.argv[1:])
