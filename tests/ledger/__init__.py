"""Transfers, balances and the ledger's own audit."""
