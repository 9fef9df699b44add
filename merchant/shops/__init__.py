"""Shops: who they are, their cashiers, their goods, their keys."""
