"""The ledger: accounts, immutable transfers, balances. Read transfers.py first."""
