"""Money, ids, time."""
