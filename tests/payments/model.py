"""The scheme once more, as small as it can be: purses, intents and orders in dicts, one order after the other.

What the real one is held against. Amounts are minor units, times whole seconds from the sequence's start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

DONE, AGAIN = "done", "done before"
"""The two answers that are no refusal; every other one is the code of a refusal."""

LATE_S, INTENT_S, ORDER_S, HOLD_S = 60, 300, 120, 7 * 86_400
SIDES = {
    "pay": ("user", "shop"), "hold": ("user", "shop"), "send": ("user", "user"),
    "capture": ("shop", "user"), "void": ("shop", "user"), "refund": ("shop", "user"),
}  # fmt: skip
"""By kind of order: who signs it, and who stands on the other side."""


@dataclass(frozen=True)
class Order:
    """An order as it is signed. `name` is its one-time number; `intent` or `request` is what it acts on."""

    name: str
    signer: str
    kind: str
    payee: str
    amount: int
    issued: int
    intent: str | None = None
    request: str | None = None

    @property
    def wants(self) -> set[str | None]:
        """What two orders of one batch cannot both have in one turn."""
        return {f"{self.signer} {self.name}", self.intent or self.request} - {None}


@dataclass
class Intent:
    """A payment intent. `payer` from its authorization on."""

    shop: str
    amount: int
    is_manual: bool
    made: int
    state: str = "requires_payment"
    payer: str | None = None
    held_at: int = 0
    captured: int = 0
    refunded: int = 0
    is_counter_sale: bool = False


@dataclass
class Code:
    """A payer code that somebody's phone showed; `spent_for` is the intent that it was taken for."""

    owner: str
    counter: int
    cap: int
    made: int
    spent_for: str | None = None


@dataclass
class Request:
    """Somebody asks for money, of anybody; `amount` 0 leaves it to the payer."""

    payee: str
    amount: int
    made: int
    lives_s: int
    is_spent: bool = False


@dataclass
class PaymentsModel:
    """Everybody's spendable money, and what was asked, ordered and held."""

    kinds: dict[str, str]
    purses: dict[str, int]
    now: int = 0
    held: dict[str, int] = field(default_factory=dict)
    """Per person: what is set aside, and not to be spent."""
    frozen: set[str] = field(default_factory=set)
    intents: dict[str, Intent] = field(default_factory=dict)
    requests: dict[str, Request] = field(default_factory=dict)
    orders: dict[tuple[str, str], Order] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    """Per person: what goes without being asked."""
    counters: dict[str, int] = field(default_factory=dict)
    """Per person: the counter of the last code that was taken."""

    def state(self, name: str) -> str:
        """An intent's state as everybody sees it, also before the sweeper came."""
        intent = self.intents[name]
        if intent.state in ("requires_payment", "requires_confirmation") and self.now > intent.made + INTENT_S + LATE_S:
            return "expired"
        if intent.state == "authorized" and self.now >= intent.held_at + HOLD_S:
            return "expired"
        return intent.state

    def execute_many(self, orders: Sequence[Order]) -> list[str]:
        """What becomes of each. Those that want the same take turns; each turn goes from the first to the last."""
        answers: dict[int, str] = {}
        while len(answers) < len(orders):
            claimed: set[str | None] = set()
            for index, order in enumerate(orders):
                if index not in answers:
                    if claimed.isdisjoint(order.wants):
                        answers[index] = self.execute(order)
                    claimed |= order.wants
        return [answers[index] for index in range(len(orders))]

    def execute(self, order: Order) -> str:
        """Carry an order out, or say why not."""
        if not self._fits_its_request(order):
            return "request_mismatch"
        known = self.orders.get((order.signer, order.name))
        if known is not None:
            return AGAIN if known == order else "idempotency_conflict"
        why = self._why_not_these_two(order) or self._why_not_this(order)
        if why is None:
            self._move(order)
            self.orders[(order.signer, order.name)] = order
        return why or DONE

    def present(self, name: str, code: Code) -> str:
        """Charge an intent to a code: the state that the intent is in afterwards, or why not."""
        intent = self.intents[name]
        if intent.amount > code.cap:
            return "amount_above_cap"
        if self.is_taken(code) and code.spent_for == name:
            return self.state(name)
        why = self._why_not_this_code(intent, code) or self._why_not_charged(name)
        if why is not None:
            return why
        if intent.amount > self.limits.get(code.owner, 0):
            intent.state = "requires_confirmation"
        elif self.purses[code.owner] < intent.amount:
            return "payer_insufficient_funds"
        else:
            self.purses[code.owner] -= intent.amount
            if intent.is_manual:
                intent.state, intent.held_at = "authorized", self.now
                self.held[code.owner] = self.held.get(code.owner, 0) + intent.amount
            else:
                intent.state, intent.captured = "captured", intent.amount
                self.purses[intent.shop] += intent.amount
        intent.payer, code.spent_for = code.owner, name
        self.counters[code.owner] = code.counter
        return intent.state

    def decline(self, name: str, who: str) -> str:
        """Say no to what waits for this person."""
        intent, state = self.intents[name], self.state(name)
        if intent.payer != who:
            return "unknown_intent"
        if state in ("requires_confirmation", "declined"):
            intent.state = "declined"
            return DONE
        return {"captured": "already_paid", "canceled": "intent_canceled"}.get(state, "intent_closed")

    def is_taken(self, code: Code) -> bool:
        """Whether a code was taken before."""
        return code.spent_for is not None

    def _why_not_this_code(self, intent: Intent, code: Code) -> str | None:
        if {intent.shop, code.owner} & self.frozen:
            return "party_frozen"
        if self.is_taken(code):
            return "code_spent"
        if self.now > code.made + ORDER_S + LATE_S:
            return "code_expired"
        return "counter_went_back" if code.counter <= self.counters.get(code.owner, -1) else None

    def _why_not_charged(self, name: str) -> str | None:
        state = self.state(name)
        told = {"captured": "already_paid", "authorized": "already_paid", "canceled": "intent_canceled"}
        told |= {"requires_confirmation": "awaits_confirmation"}
        return None if state == "requires_payment" else told.get(state, "intent_closed")

    def cancel(self, name: str) -> str:
        """Withdraw an intent that nobody has paid."""
        state = self.state(name)
        if state in ("requires_payment", "requires_confirmation", "canceled"):
            self.intents[name].state = "canceled"
            return DONE
        return "already_paid" if state == "captured" else "intent_closed"

    def expire_due(self) -> set[str]:
        """Make visible what the clock has decided, and give held money back; which intents."""
        due = {name for name, intent in self.intents.items() if self.state(name) != intent.state}
        for name in due:
            if self.intents[name].state == "authorized":
                self._release(name)
            self.intents[name].state = "expired"
        return due

    def _fits_its_request(self, order: Order) -> bool:
        asked = self.requests[order.request] if order.request and order.kind == "send" else None
        return asked is None or (asked.payee == order.payee and asked.amount in (0, order.amount))

    def _why_not_these_two(self, order: Order) -> str | None:
        if self.now > order.issued + ORDER_S + LATE_S:
            return "code_expired"
        if order.payee not in self.kinds:
            return "unknown_party"
        if order.signer == order.payee:
            return "paid_to_self"
        if {order.signer, order.payee} & self.frozen:
            return "party_frozen"
        if order.request and order.kind == "send":
            asked = self.requests[order.request]
            if self.now > asked.made + asked.lives_s + LATE_S:
                return "code_expired"
            if asked.is_spent:
                return "request_already_paid"
        signer, other = SIDES[order.kind]
        if self.kinds[order.signer] != signer:
            return "signer_may_not"
        return "wrong_payee" if self.kinds[order.payee] != other else None

    def _why_not_this(self, order: Order) -> str | None:
        if order.kind in ("pay", "hold"):
            why = self._why_not_payable(order)
        elif order.kind in ("capture", "void", "refund"):
            why = self._why_not_by_shop(order)
        else:
            why = None
        if why is None and order.kind not in ("capture", "void") and self.purses[order.signer] < order.amount:
            return "insufficient_funds"
        return why

    def _why_not_payable(self, order: Order) -> str | None:
        if order.intent is None and order.kind == "pay":
            return None
        intent = self.intents.get(order.intent or "")
        if intent is None or intent.shop != order.payee or intent.is_counter_sale:
            return "unknown_intent"
        state = self.state(order.intent or "")
        if state == "requires_confirmation" and intent.payer != order.signer:
            return "awaits_confirmation"
        if state not in ("requires_payment", "requires_confirmation"):
            told = {"expired": "code_expired", "canceled": "intent_canceled", "voided": "intent_closed"}
            return (told | {"declined": "intent_closed"}).get(state, "already_paid")
        if intent.is_manual != (order.kind == "hold"):
            return "wrong_order_kind"
        return "amount_mismatch" if intent.amount != order.amount else None

    def _why_not_by_shop(self, order: Order) -> str | None:
        intent = self.intents.get(order.intent or "")
        if intent is None or intent.shop != order.signer:
            return "unknown_intent"
        if self.state(order.intent or "") != ("captured" if order.kind == "refund" else "authorized"):
            return "intent_closed"
        if order.kind == "refund" and order.amount > intent.captured - intent.refunded:
            return "refund_exceeds_captured"
        if order.kind != "refund" and order.amount > intent.amount:
            return "capture_exceeds_authorized"
        if order.kind == "void" and order.amount != intent.amount:
            return "amount_mismatch"
        return "amount_mismatch" if intent.payer != order.payee else None

    def _move(self, order: Order) -> None:
        if order.kind == "pay" and order.intent is None:
            sale = Intent(order.payee, order.amount, False, self.now, is_counter_sale=True)
            self.intents[f"sale {order.name}"] = sale
        else:
            sale = self.intents.get(order.intent or "") or Intent("", 0, False, 0)
        if order.kind in ("capture", "void"):
            self._release(order.intent or "")
        if order.kind == "hold":
            self.purses[order.signer] -= order.amount
            self.held[order.signer] = self.held.get(order.signer, 0) + order.amount
            sale.state, sale.payer, sale.held_at = "authorized", order.signer, order.issued
        elif order.kind == "void":
            sale.state = "voided"
        else:
            is_capture = order.kind == "capture"
            debited, credited = (order.payee, order.signer) if is_capture else (order.signer, order.payee)
            self.purses[debited] -= order.amount
            self.purses[credited] += order.amount
        if order.kind in ("pay", "capture"):
            sale.state, sale.captured = "captured", order.amount
            sale.payer = order.signer if order.kind == "pay" else sale.payer
        if order.kind == "refund":
            sale.refunded += order.amount
        if order.kind == "send" and order.request:
            self.requests[order.request].is_spent = True

    def _release(self, name: str) -> None:
        """Give everything that an intent holds back to its payer."""
        intent = self.intents[name]
        payer = str(intent.payer)
        self.held[payer] -= intent.amount
        self.purses[payer] += intent.amount
