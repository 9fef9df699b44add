"""Random walks through the API: what is made, changed, paid, given back, withdrawn; each list agrees with a model."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.payments import audit
from tests.examples import IS_FULL
from tests.merchant.shop import Program, Shop
from tests.world import Member

WALKS, STEPS = (40, 60) if IS_FULL else (2, 50)


@dataclass
class Known:
    """What the model remembers of an intent."""

    id: str
    amount: int
    status: str = "requires_payment"
    refunded: int = 0
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass
class Walker:
    """Somebody who takes one step after the other, each as likely as the next, and knows what should come of it."""

    shop: Shop
    program: Program
    payer: Member
    dice: random.Random
    intents: list[Known] = field(default_factory=list)
    refunds: list[str] = field(default_factory=list)

    def step(self) -> None:
        steps = [self.create, self.repeat, self.pay, self.cancel, self.refund, self.note, self.spoil, self.page]
        self.dice.choice(steps)()

    def create(self) -> None:
        amount = self.dice.randint(1, 500)
        made = self.program.create(amount, metadata={"n": str(len(self.intents))})
        assert made.status_code == 201
        self.intents.append(Known(made.json["id"], amount, metadata={"n": str(len(self.intents))}))

    def repeat(self) -> None:
        """The same wish three times is one intent; another under its key is none."""
        key, amount = f"key-{len(self.intents)}", self.dice.randint(1, 500)
        answers = [self.program.create(amount, key) for _ in range(3)]
        assert len({answer.data for answer in answers}) == 1
        assert self.program.create(amount + 1, key).json["code"] == "idempotency_conflict"
        self.intents.append(Known(answers[0].json["id"], amount))

    def pay(self) -> None:
        if found := self.one("requires_payment"):
            self.shop.paid_by(self.payer, found.id)
            found.status = "captured"

    def cancel(self) -> None:
        if found := self.one():
            answer = self.program.ask("POST", f"/payment_intents/{found.id}/cancel")
            assert answer.status_code == (409 if found.status == "captured" else 200)
            found.status = "captured" if found.status == "captured" else "canceled"

    def refund(self) -> None:
        if found := self.one("captured"):
            amount = self.dice.randint(1, found.amount)
            answer = self.program.ask("POST", "/refunds", {"payment_intent": found.id, "amount_minor": amount})
            assert (answer.status_code == 201) is (found.refunded + amount <= found.amount)
            if answer.status_code == 201:
                found.refunded += amount
                self.refunds.append(answer.json["id"])

    def note(self) -> None:
        if found := self.one():
            name, text = self.dice.choice("abc"), self.dice.choice(["", "1", None])
            answer = self.program.ask("POST", f"/payment_intents/{found.id}", {"metadata": {name: text}})
            found.metadata = {k: v for k, v in (found.metadata | {name: text or ""}).items() if v}
            assert answer.json["metadata"] == found.metadata

    def spoil(self) -> None:
        """What no schema lets through, and what belongs to another list, changes nothing."""
        for amount in (1.0, "1", True, 10**13, -1, None, [1]):
            assert self.program.create(amount).status_code == 400
        if self.refunds:
            assert self.ask(f"/payment_intents?starting_after={self.refunds[0]}")["code"] == "bad_cursor"
            assert self.ask(f"/refunds/{self.intents[0].id}")["code"] == "unknown_refund"

    def page(self) -> None:
        """Going through both lists by pages of some size finds everything, newest first, each once."""
        size = self.dice.randint(1, 7)
        for path, expected in (("/payment_intents", [each.id for each in self.intents]), ("/refunds", self.refunds)):
            seen: list[str] = []
            while True:
                page = self.ask(f"{path}?limit={size}" + (f"&starting_after={seen[-1]}" if seen else ""))
                seen += [each["id"] for each in page["data"]]
                if not page["has_more"]:
                    break
            assert sorted(seen) == sorted(expected)
            assert len(set(seen)) == len(seen)

    def agree(self) -> None:
        """Each intent is as the model has it, alone and in its list."""
        listed = {each["id"]: each for each in self.ask("/payment_intents?limit=100")["data"]}
        for known in self.intents[-100:]:
            shown = listed[known.id]
            assert shown == self.ask(f"/payment_intents/{known.id}")
            found = (shown["status"], shown["amount_minor"], shown["amount_refunded_minor"], shown["metadata"])
            assert found == (known.status, known.amount, known.refunded, known.metadata)
        paid = [known for known in self.intents if known.status == "captured"]
        for customer in self.ask("/customers")["data"]:
            assert (customer["payments"], customer["captured_minor"], customer["refunded_minor"]) == (
                len(paid), sum(known.amount for known in paid), sum(known.refunded for known in paid),
            )  # fmt: skip

    def one(self, status: str = "") -> Known | None:
        found = [known for known in self.intents if known.status == (status or known.status)]
        return self.dice.choice(found) if found else None

    def ask(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = self.program.ask("GET", path).json
        return answer


@pytest.mark.parametrize("seed", range(WALKS))
def test_a_walk_through_the_api_agrees_with_its_model(shop: Shop, program: Program, ana: Member, seed: int) -> None:
    walker = Walker(shop, program, ana, random.Random(seed))
    for _ in range(STEPS):
        walker.step()
    walker.agree()
    assert shop.store.read(audit.run).faults == []
