"""Disputes as a payer sees them: complain about a payment, follow it, take it back. The rules: shared/disputes."""
