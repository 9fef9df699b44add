"""The inspector: everything that crossed the wire, taken apart; and the whole story of a payment."""
