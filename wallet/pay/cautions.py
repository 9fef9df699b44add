"""What a person should think of once more before paying somebody. It stops nobody: the phone asks, the person decides.

Never for verified shops, so that scanning and paying stays two taps.
"""

from __future__ import annotations

from shared.db.unit import Reader
from shared.ledger import chart
from wallet.contacts.people import Person

NEW_KEY, FIRST = "new_key", "first"


def before_paying(reader: Reader, *, viewer_id: str, payee: Person) -> str:
    """`new_key` of a contact whose key was not checked, `first` for a stranger who was never paid, or nothing."""
    if payee.has_new_key:
        return NEW_KEY
    if payee.is_me or payee.standing != "stranger":
        return ""
    paid = reader.sql.rows(
        "SELECT 1 FROM ledger_transfer WHERE debit_account = :mine AND credit_account = :theirs LIMIT 1",
        mine=chart.user_account(viewer_id),
        theirs=chart.account_of(payee.kind, payee.id),
    )
    return "" if paid else FIRST
