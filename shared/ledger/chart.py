"""The chart of accounts: which accounts there are, what their codes look like, and on which side they stand."""

from __future__ import annotations

BANK = "bank"
"""Asset: the play money that the house's bank holds for everyone. Debited by top-ups, credited by payouts."""


FEES = "fees"
"""Income: what the house has earned from shops."""


DISPUTES = "disputes"
"""Asset: what the house has given back to payers for shops that lost a dispute, and has not taken from them yet."""


def user_account(party_id: str) -> str:
    """Liability: a person's balance."""
    return f"user:{party_id}"


def shop_account(party_id: str) -> str:
    """Liability: what a shop has taken and not yet been paid out."""
    return f"shop:{party_id}"


def payout_account(party_id: str) -> str:
    """Liability: a shop's money on its way to the bank."""
    return f"payout:{party_id}"


def account_of(kind: str, party_id: str) -> str:
    """The main account of a party of this kind."""
    return shop_account(party_id) if kind == "shop" else user_account(party_id)


def is_asset(code: str) -> bool:
    """Whether the account's balance is its debits less its credits (an asset) rather than the other way round."""
    return code in (BANK, DISPUTES)
