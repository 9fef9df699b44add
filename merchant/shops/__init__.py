"""Shops: who they are, and their keys."""
