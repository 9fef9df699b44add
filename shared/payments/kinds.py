"""What each kind of order means: who signs it, who stands on the other side, and which account is debited for which.

The one table that the executing verbs and the audit both read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.codes.payloads import OrderKind
from shared.ledger import chart
from shared.ledger.transfers import Phase

DAY_MS = 86_400_000
HOLD_MS = 7 * DAY_MS
"""How long an authorization holds the money, counted from the order's own time."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """An order's meaning. `debit` and `credit` are accounts' names in the chart, with the place of the party in them.

    `{signer}` is the signer's id and `{other}` that of the party which the order names as its payee.
    """

    signer: str
    other: str
    debit: str
    credit: str
    phase: Phase = Phase.POSTED
    on_intent: bool = False
    """Whether it acts on a payment intent."""
    by_shop: bool = False
    """Whether it is about a payment that was made: it names its intent in the memo, and the payer as the other side.
    The shop gives it, or, where it was told to make a payment good, the operator for it.
    """
    for_batch: bool = False
    """Whether it belongs to a settlement batch, which it names in the memo."""


_USER, _SHOP = chart.user_account("{signer}"), chart.shop_account("{other}")
_TAKEN, _PAYOUT = chart.shop_account("{signer}"), chart.payout_account("{other}")
_PAYER = chart.user_account("{other}")

MEANINGS: Mapping[OrderKind, Meaning] = {
    OrderKind.PAY: Meaning("user", "shop", _USER, _SHOP, on_intent=True),
    OrderKind.SEND: Meaning("user", "user", _USER, _PAYER),
    OrderKind.REFUND: Meaning("shop", "user", _TAKEN, _PAYER, on_intent=True, by_shop=True),
    OrderKind.TOP_UP: Meaning("operator", "user", chart.BANK, _PAYER),
    OrderKind.PAYOUT: Meaning("operator", "shop", _SHOP, _PAYOUT, for_batch=True),
    OrderKind.HOLD: Meaning("user", "shop", _USER, _SHOP, Phase.PENDING, on_intent=True),
    OrderKind.CAPTURE: Meaning("shop", "user", _PAYER, _TAKEN, on_intent=True, by_shop=True),
    OrderKind.VOID: Meaning("shop", "user", _PAYER, _TAKEN, Phase.VOIDED, on_intent=True, by_shop=True),
    OrderKind.FEE: Meaning("operator", "shop", _SHOP, chart.FEES, for_batch=True),
    OrderKind.PAID_OUT: Meaning("operator", "shop", _PAYOUT, chart.BANK, for_batch=True),
    OrderKind.RETURNED: Meaning("operator", "shop", _PAYOUT, _SHOP, for_batch=True),
    OrderKind.CHARGE: Meaning("shop", "user", _PAYER, _TAKEN, on_intent=True, by_shop=True),
    OrderKind.CHARGE_HOLD: Meaning("shop", "user", _PAYER, _TAKEN, Phase.PENDING, on_intent=True, by_shop=True),
    OrderKind.WITHDRAW: Meaning("user", "operator", _USER, chart.BANK),
    OrderKind.MAKE_GOOD: Meaning("operator", "user", chart.DISPUTES, _PAYER, on_intent=True, by_shop=True),
    OrderKind.CLAWBACK: Meaning("operator", "shop", _SHOP, chart.DISPUTES, for_batch=True),
}
ENDS_A_HOLD = frozenset({OrderKind.CAPTURE, OrderKind.VOID})
CHARGES = frozenset({OrderKind.CHARGE, OrderKind.CHARGE_HOLD})
"""A shop signs, on the strength of a payer code that the debited person's own key sealed: the order comes with it."""
FROM_THE_OTHER = ENDS_A_HOLD | CHARGES
"""Whoever signs is credited, not debited."""
HOLDS = frozenset({OrderKind.HOLD, OrderKind.CHARGE_HOLD})
SPENDS = CHARGES | {OrderKind.PAY, OrderKind.SEND, OrderKind.HOLD, OrderKind.WITHDRAW}
"""What counts against a person's daily limit."""
GIVES_BACK = frozenset({OrderKind.REFUND, OrderKind.MAKE_GOOD})
"""What an intent counts as given back to its payer: never more than was captured."""
TOLD_BY_THE_BANK = frozenset({OrderKind.PAID_OUT, OrderKind.RETURNED})
"""What has happened outside already: it is booked for a frozen shop too."""
IN_THE_BATCHS_GROUP = frozenset({OrderKind.FEE, OrderKind.CLAWBACK, OrderKind.PAYOUT})
"""What is posted together as a batch is closed."""
