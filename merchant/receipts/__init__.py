"""Receipts: what a shop gives its customer, by a link that nobody can guess, on paper, and as a code to be verified."""
