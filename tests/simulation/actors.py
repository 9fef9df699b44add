"""People with phones, shops with tills, and the operator's chores: each lives for a few deeds that chance picks."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Any

from merchant import sweeper
from shared import ids
from shared.codes import cbor, payloads, seal
from shared.codes import frame as frames
from shared.db.store import Store
from shared.payments import intents, sealing
from shared.payments.intents import PaymentIntent
from shared.payments.states import IntentState
from shared.settlement import actions as settlement
from shared.settlement import files, payouts
from shared.web.caller import NoAnswer, Refused
from tests.simulation.clockwork import Clockwork
from tests.simulation.deeds import DONE, UNKNOWN, Deed, Memory
from tests.simulation.network import Network, Wire
from tests.simulation.place import LARGEST, PEOPLE, POINTS, SHOPS, Died, Place

AMOUNTS = (1, 250, 4_000, 4_000, 9_999, 9_999, LARGEST, LARGEST, LARGEST + 1)
HOUR_S, KEY_KEPT_S = 3_600, 86_400
SHORT_S, LONG_S = (1, 1, 2, 5), (5, 20, 20, 60, 60, 200, 400, 8 * 86_400)
"""Between two deeds. Orders live three minutes, codes six, holds seven days."""


@dataclass
class Street:
    """What everybody can see and do things with."""

    place: Place
    clockwork: Clockwork
    network: Network
    memory: Memory
    shown: list[tuple[str, str]] = field(default_factory=list)
    """Codes to scan: what each is, and its text."""
    intents: dict[str, str] = field(default_factory=dict)
    """By id: the name that the trace knows it by."""

    def any(self, things: Any) -> Any:
        """One of these, by chance."""
        return self.clockwork.random.choice(things)

    def pause(self, seconds: tuple[int, ...] = SHORT_S) -> None:
        """Let a life wait before its next deed."""
        self.clockwork.sleep(self.any(seconds))


class Person:
    """Somebody with a phone, who pays, sends, asks, and sometimes taps twice."""

    def __init__(self, street: Street, name: str) -> None:
        self._street = street
        self.name = name
        self.phone = street.place.phone(name, Wire(street.network, name, street.place.wallet))
        self.phone.offset_ms = 0  # it was told the time when it joined

    def live(self, deeds: int) -> None:
        """Do so many things."""
        self._street.pause()
        for _ in range(deeds):
            self._street.any((self._buys, self._buys, self._buys, self._buys, self._sends, self._asks, self._repeats))()
            self._street.pause(self._street.any((SHORT_S, LONG_S)))

    def _buys(self) -> None:
        """Scan a code that is shown somewhere, or the one on a counter."""
        codes = self._street.shown[-3:]
        if not codes or self._street.clockwork.random.random() < 0.15:
            codes = list(self._street.place.counters.items())
        what, text = self._street.any(codes)
        amount = self._street.any(AMOUNTS)
        try:
            scanned = self.phone.scan(text)
        except (Refused, NoAnswer) as trouble:
            self._street.clockwork.note(self.name, f"scans {what}: {getattr(trouble, 'code', '')}")
            return
        kind = "send" if scanned["kind"] == "peer_request" else "pay"
        if scanned.get("capture_method") == "manual":
            kind = "hold"
        subject = bytes.fromhex(scanned["subject"]) if scanned.get("subject") else None
        self._order(kind, scanned["payee"]["handle"], scanned["amount_minor"] or amount, what, text, subject)

    def _sends(self) -> None:
        other = self._street.any([name for name in PEOPLE if name != self.name])
        self._order("send", self._street.place.people[other].handle, self._street.any(AMOUNTS), other)

    def _asks(self) -> None:
        """Show a request for money, sealed by the phone itself."""
        asked = payloads.PeerRequest(
            handle=self.phone.handle,
            currency=156,
            issued_at_s=self._street.clockwork.now_ms // 1000,
            ttl_s=600,
            jti=secrets.token_bytes(8),
            amount_minor=self._street.any(AMOUNTS),
        )
        frame = seal.seal(asked, self.phone.key, self.phone.realm)
        what = f"request {len(self._street.shown)} of {self.name}"
        self._street.shown.append((what, frames.code_text(self._street.place.config.wallet_url, frame)))

    def _repeats(self) -> None:
        mine = [deed for deed in self._street.memory.deeds if deed.who == self.name]
        if mine:
            self._street.memory.ask(self._street.any(mine))

    def _order(
        self, kind: str, payee: str, amount: int, about: str, presented: str | None = None, subject: bytes | None = None
    ) -> None:
        order = self.phone.order(kind, payee, amount, "CNY", subject=subject)
        pause = self._street.clockwork.sleep
        ask = lambda: self.phone.send_order(self.again(order), presented=presented, pause=pause)  # noqa: E731
        self._street.memory.begin(Deed(self.name, kind, amount, ask, about=about, transfer=transfer_of(order)))

    def again(self, order: str) -> str:
        """What is sent when an order is sent, for the first time or again: that very order."""
        return order


class Shop:
    """A shop with a till: charges, looks, and then captures, voids, cancels or gives back."""

    def __init__(self, street: Street, name: str) -> None:
        self._street = street
        self.name = name
        self.till = street.place.till(name, Wire(street.network, name, street.place.merchant))

    def live(self, deeds: int) -> None:
        """Charge, and go on with its sales so many times."""
        self._charges()
        for _ in range(deeds):
            self._street.pause(LONG_S)
            self._street.any((self._charges, *[self._goes_on] * 5))()

    def _charges(self) -> None:
        amount, method = self._street.any(AMOUNTS), self._street.any(("automatic", "manual"))
        key = self.new_key()
        ask = lambda: self.till.charge(amount, key=key, capture_method=method)  # noqa: E731
        self.shows(self._begin(Deed(self.name, f"charge {method}", amount, ask)))

    def _begin(self, deed: Deed) -> Deed:
        """Ask for something; what is not answered is asked for each hour while its key is kept, until it is known."""
        self._street.memory.begin(deed)
        if deed.verdict == UNKNOWN:
            self._street.clockwork.live(lambda: self._insist(deed))
        return deed

    def _insist(self, deed: Deed) -> None:
        while deed.verdict == UNKNOWN and self._is_fresh(deed):
            self._street.clockwork.sleep(HOUR_S)
            self._ask_again(deed)

    def _ask_again(self, deed: Deed) -> None:
        self._street.memory.ask(deed)
        if deed.what.startswith("charge"):
            self.shows(deed)

    def _is_fresh(self, deed: Deed) -> bool:
        """Whether the key under which it was asked for is still kept in an hour."""
        return self._street.clockwork.now_ms - deed.begun_at < (KEY_KEPT_S - HOUR_S) * 1000

    def shows(self, deed: Deed) -> None:
        """Show the code of a charge that was answered."""
        if deed.verdict == DONE and deed.answer["id"] not in self._street.intents:
            name = f"intent {len(self._street.intents)} of {self.name}"
            self._street.intents[deed.answer["id"]] = name
            self._street.shown.append((name, deed.answer["code"]))

    def new_key(self) -> str | None:
        """The Idempotency-Key under which one thing is asked for, again and again."""
        return str(uuid.uuid4())

    def _goes_on(self) -> None:
        """Look at one of its sales, and do what comes next; or ask again for something it asked for."""
        memory = self._street.memory
        charges = memory.of(self.name, "charge automatic", "charge manual")
        if not charges or self._street.clockwork.random.random() < 0.1:
            fresh = [deed for deed in memory.deeds if deed.who == self.name and self._is_fresh(deed)]
            if fresh:
                self._ask_again(self._street.any(fresh))
            return
        id = self._street.any(charges).answer["id"]
        sale = self._sale(id)
        left = sale.captured_minor - sale.refunded_minor
        part = self._street.any((None, 1, max(1, left // 2), sale.amount_minor + 1))
        nexts = {IntentState.REQUIRES_PAYMENT: ("cancel", "capture", ""),
                 IntentState.AUTHORIZED: ("capture", "capture", "void"),
                 IntentState.CAPTURED: ("refund", "refund", "refund", "void")}  # fmt: skip
        what = self._street.any(nexts.get(sale.state, ("", "", "refund")))
        if what:
            self._order(what, id, part)

    def _sale(self, id: str) -> PaymentIntent:
        """A sale as the till's page shows it, which hears of every change."""
        store = self._street.place.merchant.store
        return store.read(intents.by_id, id=id).as_of(self._street.clockwork.now_ms)

    def _order(self, what: str, id: str, part: int | None) -> None:
        key, till = self.new_key(), self.till
        asks = {
            "cancel": lambda: till.cancel(id, key=key),
            "capture": lambda: till.capture(id, part, key=key),
            "void": lambda: till.void(id, key=key),
            "refund": lambda: till.refund(id, part, key=key),
        }
        self._begin(Deed(self.name, what, part or 0, asks[what], about=self._street.intents[id]))


class Operator:
    """What is done behind the services: expiring, sealing, settling; it may die in the middle, too."""

    def __init__(self, street: Street) -> None:
        self._street = street
        self._place = street.place

    def live(self, chores: int) -> None:
        """Do so many chores."""
        for _ in range(chores):
            self._street.pause(LONG_S)
            self.do(self._street.any(("sweep", "seal", "settle", "settle")))

    def do(self, chore: str) -> None:
        """Do one chore, now and then to the death."""
        works = {"sweep": sweeper.sweep, "seal": self._seal, "settle": self._settle}
        chance, fate = self._street.clockwork.random, None
        if chance.randrange(100) < 2 * self._street.network.weather.deadly:
            fate = chance.choice(POINTS), chance.randint(1, 3)
        try:
            self._place.merchant.chore(works[chore], fate)
        except Died as death:
            self._street.clockwork.note("operator", f"{chore}: died at {death}")
        else:
            self._street.clockwork.note("operator", f"{chore}: done")

    def _seal(self, store: Store) -> None:
        sealing.seal_due(store, config=self._place.config, secret=self._place.secret)

    def _settle(self, store: Store) -> None:
        """Settle, write the files, and hear from the bank about the payouts."""
        done = settlement.settle(store, cutoff_at=None, secret=self._place.secret)
        assert not done.refused, done.refused
        files.write_missing(store, self._place.settlements)
        for batch in sorted(done.batches, key=lambda batch: SHOPS.index(self._shop(batch.shop_id))):
            self._street.clockwork.note(
                "operator", f"batch of {self._shop(batch.shop_id)}: {batch.gross_minor} - {batch.refunds_minor}"
                f" - {batch.fee_minor} = {batch.net_minor}, {batch.state}",
            )  # fmt: skip
            if batch.state == "in_transit":
                if self._street.any((True, False)):
                    store.run(payouts.mark_paid, batch_id=batch.id, secret=self._place.secret)
                else:
                    store.run(payouts.mark_returned, batch_id=batch.id, reason="closed", secret=self._place.secret)

    def _shop(self, id: str) -> str:
        return next(name for name, shop in self._place.shops.items() if shop == id)


def order_in(text: str) -> payloads.Order:
    """What a signed order says."""
    parts = frames.split(frames.frame_of_text(text))
    said = payloads.from_fields(parts.type, cbor.decode(parts.body))
    assert isinstance(said, payloads.Order)
    return said


def transfer_of(text: str) -> str:
    """The id of the transfer that a signed order means."""
    said, kid = order_in(text), frames.split(frames.frame_of_text(text)).kid
    return ids.derived_id("trf", said.issued_at_s * 1000, kid, said.jti)
