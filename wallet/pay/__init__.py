"""Paying: orders in, outcomes out. The PIN is asked for here."""
