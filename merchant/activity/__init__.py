"""The log of a shop: who did what, when, and at which till."""
