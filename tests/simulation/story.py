"""One seed from first to last: rough weather, then quiet, then all that was told is held against the ledger."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from shared.db.unit import Reader
from shared.ledger import accounts, chart, transfers
from shared.ledger.transfers import Transfer
from shared.payments import audit, intents
from shared.payments.intents import PaymentIntent
from shared.settlement import reconcile
from tests.simulation.actors import Operator, Person, Shop, Street
from tests.simulation.clockwork import START_MS, Clockwork
from tests.simulation.deeds import DONE, REFUSED, UNKNOWN, Deed, Memory, Wrong
from tests.simulation.network import FAIR, Network
from tests.simulation.place import RICHES, Place

MOVES = frozenset({"pay", "hold", "send", "capture", "void", "refund"})
"""The deeds that leave a transfer."""


@dataclass
class Story:
    """A seed that was played: its trace, and how often what happened in it: deeds done, `refused`, `died`, `copy`."""

    trace: list[str]
    counted: Counter[str]


def play(place: Place, seed: int, *, person: type[Person] = Person, shop: type[Shop] = Shop) -> Story:
    """Play one seed on a fresh copy of the place; `Wrong` where something does not fit. Others may play the parts."""
    clockwork = Clockwork(seed)
    with clockwork.ruling():
        place.fresh()
        network = Network(clockwork)
        street = Street(place, clockwork, network, Memory(clockwork, network))
        try:
            _live(street, person, shop)
            _quiet(street)
            _look(street)
        except BaseException as error:
            error.add_note("\n".join(clockwork.trace))
            raise
    counted = Counter(deed.what if deed.verdict == DONE else deed.verdict for deed in street.memory.deeds)
    for line in clockwork.trace:
        counted.update(word for word in ("died", "copy") if word in line)
    return Story(clockwork.trace, counted)


def _live(street: Street, person: type[Person], shop: type[Shop]) -> None:
    chance = street.clockwork.random
    shops = [shop(street, name) for name in chance.choice((("tea",), ("tea",), ("tea",), ("tea", "bun")))]
    people = [person(street, name) for name in RICHES]
    operator = Operator(street)
    street.clockwork.live(lambda: operator.live(chance.choice((0, 0, 1))))
    for actor in (*shops, *people):
        street.clockwork.live(lambda actor=actor: actor.live(chance.randint(1, 3)))  # type: ignore[misc]
    street.clockwork.run()


def _quiet(street: Street) -> None:
    """In fair weather everybody asks for what they do not know, until they know; then the operator tidies up."""
    street.network.weather = FAIR
    for deed in street.memory.deeds:
        if deed.verdict == UNKNOWN:
            street.clockwork.live(lambda deed=deed: street.memory.ask(deed))  # type: ignore[misc]
    street.clockwork.run()
    operator = Operator(street)
    for chore in ("sweep", "settle", *street.any(((), (), ("seal",)))):
        operator.do(chore)


def _look(street: Street) -> None:
    """Compare all beliefs with the ledger."""
    store = street.place.wallet.store
    assert not [deed.what for deed in street.memory.deeds if deed.verdict == UNKNOWN]
    rows = store.read(_rows)
    asked = {deed.answer["id"]: deed for deed in street.memory.deeds if deed.what.startswith("charge")}
    there = store.read(_intents, since=START_MS)
    _compare_transfers(street, rows)
    sold = {id: intent for id, intent in there.items() if intent.code}
    if sold.keys() != asked.keys():
        raise Wrong(f"{len(asked)} charges were answered and {len(sold)} intents are there")
    for name in RICHES:
        _compare_purse(street, name, there)
    faults = store.read(audit.run, config=street.place.config).faults
    if faults:
        raise Wrong(f"the audit says {faults[0]}")
    differences = reconcile.run(store, folder=street.place.settlements).differences
    if differences:
        raise Wrong(f"the books say {differences[0]}")


def _compare_transfers(street: Street, rows: dict[str, Transfer]) -> None:
    """Each acknowledged deed is there once, as it was asked for; what is there was acknowledged to who asked for it."""
    moving = [deed for deed in street.memory.deeds if deed.what in MOVES]
    claimed: set[str] = set()
    for deed in moving:
        row = rows.get(_name(street, deed, rows) or "")
        if deed.verdict == REFUSED and row is not None:
            _check_afterwards(street, deed, row)
        elif deed.verdict == DONE and (row is None or row.kind != deed.what or row.id in claimed):
            raise Wrong(f"{deed.who} was told that {deed.what} {deed.amount} {deed.about} was done: {row}")
        if row is not None:
            if deed.amount and deed.what != "void" and row.amount_minor != deed.amount:
                raise Wrong(f"{deed.who} asked for {deed.what} of {deed.amount}: {row}")
            claimed.add(row.id)
    others = [row for row in rows.values() if row.kind in MOVES and row.id not in claimed]
    for row in others:
        _explain(street, row, [deed for deed in moving if deed.verdict == REFUSED and deed.what == row.kind])


def _name(street: Street, deed: Deed, rows: dict[str, Transfer]) -> str | None:
    """The id of the deed's transfer. A shop that voids is not told it: the row says what it is about."""
    if deed.what == "void" and deed.verdict == DONE:
        return next((row.id for row in rows.values() if (row.kind, row.reference) == ("void", deed.answer["id"])), None)
    return deed.transfer


def _explain(street: Street, row: Transfer, refused: list[Deed]) -> None:
    """A transfer that nobody was told of as done must be of a deed that was carried out after its refusal."""
    for deed in refused:
        if street.intents.get(row.reference) == deed.about and row.created_at >= deed.refused_at:
            _check_afterwards(street, deed, row)
            if deed.verdict == DONE:
                return
    raise Wrong(f"nobody was told of {row}")


def _check_afterwards(street: Street, deed: Deed, row: Transfer) -> None:
    """Refused, and there: only where another copy of the request came later. Whoever asks again is told so."""
    if row.created_at < deed.refused_at:
        raise Wrong(f"{deed.who} was told {deed.code} of {deed.what} {deed.amount} {deed.about}, which is there: {row}")
    street.clockwork.note(deed.who, f"{deed.what} {deed.amount} {deed.about}: a copy came after {deed.code}")
    street.clockwork.live(lambda: street.memory.ask(deed))
    street.clockwork.run()


def _compare_purse(street: Street, name: str, there: dict[str, PaymentIntent]) -> None:
    """What a person has, by what they and the others were told."""
    left, memory, place = RICHES[name], street.memory, street.place
    left -= sum(deed.amount for deed in memory.of(name, "pay", "send"))
    for deed in memory.deeds:
        if deed.what == "send" and deed.verdict == DONE and deed.answer["payee"]["handle"] == place.people[name].handle:
            left += deed.amount
    mine = {deed.answer["intent"] for deed in memory.of(name, "pay", "hold")}
    for deed in memory.of(name, "hold"):
        intent = there[deed.answer["intent"]]
        left -= {"captured": intent.captured_minor, "authorized": deed.amount}.get(intent.state.value, 0)
    for deed in memory.deeds:
        if deed.what == "refund" and deed.verdict == DONE and deed.answer["payment_intent"] in mine:
            left += deed.answer["amount_minor"]
    code = chart.user_account(place.people[name].user)
    found = place.wallet.store.read(accounts.balance, code=code).balance_minor
    if found != left:
        raise Wrong(f"{name} has {found}; by what was told it should be {left}")


def _rows(reader: Reader) -> dict[str, Transfer]:
    found = reader.sql.rows(
        f"SELECT {transfers.COLUMNS} FROM ledger_transfer WHERE created_at >= :start ORDER BY seq", start=START_MS
    )
    return {row[0]: Transfer(*row) for row in found}


def _intents(reader: Reader, *, since: int) -> dict[str, PaymentIntent]:
    found = reader.sql.rows("SELECT id FROM payments_intent WHERE created_at >= :since", since=since)
    return intents.by_ids(reader, ids=[row[0] for row in found])
